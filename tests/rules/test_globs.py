"""Globs over paths and over names."""

from __future__ import annotations

import pytest

from vrefactor.rules import name_matcher, path_matcher

PATHS = [
    ("boot", "boot/common/x.c", True),
    ("boot", "boot", True),
    ("boot/", "boot/common/x.c", True),
    ("boot/**", "boot/common/x.c", True),
    ("boot", "reboot/x.c", False),
    ("boot", "bootp.c", False),
    ("boot", "sys/boot/x.c", False),
    ("net*/sctp*", "netinet6/sctp6_usrreq.c", True),
    ("net*/sctp*", "netinet/a/sctp.c", False),
    ("**/dump.c", "a/b/dump.c", True),
    ("**/dump.c", "dump.c", True),
    ("**/dump.c", "undump.c", False),
    ("**/*dump.c", "a/undump.c", True),
    ("a/**/b.c", "a/b.c", True),
    ("a/**/b.c", "a/x/y/b.c", True),
    ("a?.c", "ab.c", True),
    ("a?.c", "a/.c", False),
    ("a.c", "abc", False),
    ("a[bc].c", "ab.c", True),
    ("a[!bc].c", "ab.c", False),
    ("a[!b].c", "a/.c", False),
    ("a[^b].c", "a^.c", True),
    ("A.c", "a.c", False),
    ("a+(b).c", "a+(b).c", True),
    ("a\nb", "a\nb", True),
]


@pytest.mark.parametrize(("glob", "path", "fits"), PATHS)
def test_a_glob_over_paths(glob: str, path: str, fits: bool) -> None:
    assert path_matcher([glob])(path) is fits


def test_one_of_several_globs_is_enough() -> None:
    matches = path_matcher(["a.c", "b"])
    assert [path for path in ("a.c", "b/x", "c") if matches(path)] == ["a.c", "b/x"]


def test_no_glob_fits_nothing() -> None:
    assert not path_matcher([])("")
    assert not name_matcher([])("x")


def test_a_glob_over_names() -> None:
    matches = name_matcher(["*_FOREACH*", "DEB"])
    names = ("TAILQ_FOREACH_SAFE", "DEB", "DEBUG", "tailq_foreach")
    assert [name for name in names if matches(name)] == ["TAILQ_FOREACH_SAFE", "DEB"]
