"""The summary above a patch: a no-op case, then its lines."""

from __future__ import annotations

from pathlib import Path

from tests.source.helpers import edit, lay_out, new_file
from vrefactor.source.diff import unified_diff
from vrefactor.source.diffstat import diffstat
from vrefactor.source.tree import Tree


def test_an_empty_patch_has_none() -> None:
    assert diffstat(b"") == b""


def test_each_file_has_its_line(tmp_path: Path) -> None:
    tree = Tree.open(lay_out(tmp_path, {"a.c": b"x\n" * 90, "b/long.c": b"y\rz\n\xe9\n"}))
    edits = [edit("b/long.c", 0, 1, b"Y")] + [
        edit("a.c", 2 * n, 2 * n + 1, b"X") for n in range(90)
    ]
    after = tree.with_plan(edits, [new_file("c.h", b"1\n2\n")])
    assert diffstat(unified_diff(tree, after)).decode("latin-1") == (
        f" a.c      | 180 {'+' * 20}{'-' * 20}\n"
        " b/long.c |   2 +-\n"
        " c.h      |   2 +\n"
        " 3 files changed, 93 lines added, 91 removed\n"
    )


def test_one_file(tmp_path: Path) -> None:
    tree = Tree.open(lay_out(tmp_path, {"a.c": b"x\n"}))
    after = tree.with_plan([edit("a.c", 0, 2, b"")], [])
    assert diffstat(unified_diff(tree, after)) == (
        b" a.c | 1 -\n 1 file changed, 0 lines added, 1 removed\n"
    )
