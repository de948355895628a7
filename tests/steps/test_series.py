"""Where the sites of later steps are in the tree that the first one starts from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.source.helpers import edit, new_file, open_tree
from vrefactor.plan.model import Evidence, Plan, Site, Verdict
from vrefactor.plan.reasons import CommonSkip
from vrefactor.plan.symbols import SymbolTable
from vrefactor.source.edits import Edit
from vrefactor.source.tree import Tree
from vrefactor.steps.registry import STEPS
from vrefactor.steps.series import Stage, rewritten_places

TEXT = b"a\nx b\nc x\nx\n"


def stage(before: Tree, edits: Sequence[Edit], *starts: int, path: str = "x.c") -> Stage:
    """Return a step that makes `edits` and has rewritten sites at the bytes `starts`."""
    data = before.read(path)
    sites = tuple(
        Site(path, at, data.count(b"\n", 0, at) + 1, "x", Verdict.REWRITTEN, Evidence.BOUND)
        for at in starts
    )
    plan = Plan("toy", "toy", tuple(edits), (), sites)
    return Stage(STEPS[0], plan, before, before.with_plan(edits), SymbolTable({}))


@pytest.mark.parametrize(
    ("name", "edits", "at", "line"),
    [
        ("nothing changed", [], 4, 2),
        ("a line put in before", [edit("x.c", 0, 0, b"new\n")], 6, 2),
        ("two lines put in before", [edit("x.c", 0, 0, b"one\ntwo\n")], 14, 3),
        ("a line taken out before", [edit("x.c", 0, 2, b"")], 6, 3),
        ("a change behind it", [edit("x.c", 8, 8, b"\n\n")], 2, 2),
        ("in what was put in", [edit("x.c", 2, 3, b"p\nq\nx")], 6, 2),
        ("on a line that was split", [edit("x.c", 3, 4, b"\n")], 4, 2),
    ],
)
def test_line_of_a_site_of_the_second_step(
    tmp_path: Path, name: str, edits: list[Edit], at: int, line: int
) -> None:
    first = stage(open_tree(tmp_path, {"x.c": TEXT}), edits)
    second = stage(first.after, [], at)
    assert rewritten_places([first, second]) == (("x.c", line),)


def test_a_file_that_the_first_step_makes_has_no_place(tmp_path: Path) -> None:
    before = open_tree(tmp_path, {"x.c": TEXT})
    first = stage(before, [])
    made = before.with_plan([], [new_file("new.h", b"x\n")])
    second = stage(made, [], 0, path="new.h")
    assert rewritten_places([first, second]) == ()


def test_each_place_counts_once_and_only_if_rewritten(tmp_path: Path) -> None:
    before = open_tree(tmp_path, {"x.c": b"x x\n"})
    plan = stage(before, [], 0, 2).plan
    left = Site("x.c", 0, 7, "x", Verdict.SKIPPED, CommonSkip.LOCAL)
    both = Stage(
        STEPS[0],
        Plan("toy", "toy", (), (), (*plan.sites, left)),
        before,
        before.with_plan([]),
        SymbolTable({}),
    )
    assert rewritten_places([both]) == (("x.c", 1),)
