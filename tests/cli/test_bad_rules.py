"""Bad rules through the command line: one clear message, the right status, no patch."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.toy import GOOD, RULES, Capture, diff
from tests.source.helpers import lay_out
from vrefactor.rules.parse import MAX_BYTES

MISTAKES = {
    "unknown key": (RULES + 'colour = "red"\n', ("vrefactor.toml",)),
    "misspelt key": (RULES.replace("accessor", "acessor"), ("vrefactor.toml:12", "accessor")),
    "wrong type": (RULES.replace('["foo"]', '"foo"'), ("vrefactor.toml:17",)),
    "no TOML": (RULES + "= 1\n", ("vrefactor.toml:18",)),
    "undefined symbol": (RULES.replace('"foo"', '"foo",\n"goo"'), ("vrefactor.toml:18", "goo")),
    "in another file": (RULES.replace("net/a.c", "net/c.c"), ("vrefactor.toml:17", "net/a.c")),
    "defined twice": (RULES.replace('"foo"', '"foo", "foo"'), ("vrefactor.toml:17", "foo")),
    "claimed twice": (
        RULES
        + RULES[RULES.index("[[container]]") :]
        .replace("vnet_net", "vnet_two")
        .replace("vnet.h", "two.h"),
        ("vrefactor.toml:", "foo"),
    ),
    "no container": (RULES.replace('header = "net/vnet.h"\n', ""), ("vrefactor.toml", "header")),
    "nested 5,000 deep": (
        RULES + "[tree]\nexclude = " + "[" * 5000 + "]" * 5000 + "\n",
        ("vrefactor.toml", "nested too deep"),
    ),
    "5,000 digits": (
        RULES + "[style]\ncolumns = " + "1" * 5000 + "\n",
        ("vrefactor.toml:19", "too many digits"),
    ),
    "20 digits": (RULES + "[style]\ncolumns = " + "1" * 20 + "\n", ("vrefactor.toml:19",)),
}


@pytest.mark.parametrize(("rules", "words"), MISTAKES.values(), ids=MISTAKES)
def test_mistaken_rules(
    tmp_path: Path, capsys: Capture, rules: str, words: tuple[str, ...]
) -> None:
    root = lay_out(tmp_path / "tree", GOOD | {"vrefactor.toml": rules.encode()})
    assert diff(root) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    assert [word for word in words if word not in err] == [], err


def _fifo(folder: Path) -> Path:
    os.mkfifo(folder / "x.toml")
    return folder


#: What is no file of rules, made in a folder; and what is said of it.
NO_RULES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a device without an end": (lambda folder: Path("/dev/zero"), "not a regular file"),
    "a FIFO": (lambda folder: _fifo(folder) / "x.toml", "not a regular file"),
    "a FIFO among the files": (_fifo, "not a regular file"),
    "an empty folder": (lambda folder: folder, "no *.toml file"),
    "a name that is too long": (lambda folder: folder / ("x" * 5000), "no such rule set"),
    "a name that is not there": (lambda folder: folder / "x", "no such rule set"),
    "a path through a file": (lambda folder: Path(__file__) / "x", "no such rule set"),
}


@pytest.mark.parametrize(("make", "words"), NO_RULES.values(), ids=NO_RULES)
def test_no_file_of_rules(
    tmp_path: Path, capsys: Capture, make: Callable[[Path], Path], words: str
) -> None:
    root = lay_out(tmp_path / "tree", GOOD)
    (tmp_path / "rules").mkdir()
    assert diff(root, "--rules", str(make(tmp_path / "rules"))) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert "Traceback" not in err


def test_rules_that_never_end(tmp_path: Path, capsys: Capture) -> None:
    with open(tmp_path / "big.toml", "wb") as file:
        file.truncate(MAX_BYTES + 1)
    root = lay_out(tmp_path / "tree", GOOD)
    assert diff(root, "--rules", str(tmp_path / "big.toml")) == 2
    assert f"more than {MAX_BYTES} bytes" in capsys.readouterr().err


@pytest.mark.parametrize("mode", [0, 0o200, 0o600])
def test_rules_are_not_readable(unprivileged: Path, capsys: Capture, mode: int) -> None:
    root = lay_out(unprivileged / "tree", GOOD)
    lay_out(unprivileged / "rules", {"a.toml": RULES.encode()})
    (unprivileged / "rules").chmod(mode)
    try:
        assert diff(root, "--rules", str(unprivileged / "rules")) == 2
    finally:
        (unprivileged / "rules").chmod(0o755)
    out, err = capsys.readouterr()
    assert out == ""
    assert "Permission denied" in err
