"""Which files an `#include` means."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.index.building import index_at
from tests.source.helpers import lay_out

HEADER = b"extern int foo;\n"

#: The headers of the tree, the directive in net/a.c, and what it means.
CASES: dict[str, tuple[tuple[str, ...], str, tuple[str, ...]]] = {
    "quoted, beside": (("net/x.h", "x.h"), '"x.h"', ("net/x.h",)),
    "quoted, in a directory of the rules": (("x.h", "b/x.h"), '"x.h"', ("x.h",)),
    "quoted, relative": (("b/x.h",), '"../b/x.h"', ("b/x.h",)),
    "angled is not looked for beside": (("net/x.h", "x.h"), "<x.h>", ("x.h",)),
    "angled, by path": (("net/x.h",), "<net/x.h>", ("net/x.h",)),
    "angled, in the second directory": (("include/x.h",), "<x.h>", ("include/x.h",)),
    "the first directory wins": (("x.h", "include/x.h"), "<x.h>", ("x.h",)),
    "by its end, anywhere": (("b/sub/x.h",), "<sub/x.h>", ("b/sub/x.h",)),
    "all that fit by their end": (("b/s/x.h", "c/s/x.h"), "<s/x.h>", ("b/s/x.h", "c/s/x.h")),
    "the end is of whole names": (("b/xs/x.h",), "<s/x.h>", ()),
    "not there": (("x.h",), "<y.h>", ()),
    "with blanks": (("x.h",), "  <x.h>  /* for x */", ("x.h",)),
    "of a macro": (("x.h",), "X_H", ()),
}


@pytest.mark.parametrize(("headers", "directive", "meant"), CASES.values(), ids=CASES)
def test_resolve(
    tmp_path: Path, headers: tuple[str, ...], directive: str, meant: tuple[str, ...]
) -> None:
    source = f"#include {directive}\nint f(void) {{ return foo; }}\n".encode()
    lay_out(tmp_path / "tree", dict.fromkeys(headers, HEADER) | {"net/a.c": source})
    assert index_at(tmp_path / "tree").includes.direct("net/a.c") == meant


def test_through_a_link(tmp_path: Path) -> None:
    source = b"#include <machine/x.h>\nint f(void) { return foo; }\n"
    root = lay_out(tmp_path / "tree", {"amd64/include/x.h": HEADER, "a.c": source})
    (root / "machine").symlink_to("amd64/include")
    assert index_at(root).includes.direct("a.c") == ("amd64/include/x.h",)


def test_closure_of_a_circle(tmp_path: Path) -> None:
    files = {
        "a.h": b'#include "b.h"\nextern int foo;\n',
        "b.h": b'#include "a.h"\nextern int bar;\n',
        "a.c": b'#include "a.h"\nint *p = &foo;\n',
    }
    includes = index_at(lay_out(tmp_path / "tree", files)).includes
    assert includes.closure("a.c") == {"a.c", "a.h", "b.h"}
    assert includes.closure("b.h") == {"a.h", "b.h"}
