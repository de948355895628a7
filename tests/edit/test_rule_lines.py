"""Whole lines that the rules want in files that are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.source.helpers import lay_out
from tests.steps.support import QUICK, rules_for
from vrefactor.edit.draft import Draft
from vrefactor.edit.rule_lines import plan_lines
from vrefactor.index.build import build_index
from vrefactor.plan.model import Finding, Plan
from vrefactor.plan.symbols import resolve, vocabulary
from vrefactor.rules import FrameworkLine
from vrefactor.source.tree import Tree

BARE = rules_for({})


def line(text: str, **where: str) -> FrameworkLine:
    return FrameworkLine(path="f.c", text=text, **where)


def done(root: Path, text: str, *rules: FrameworkLine) -> tuple[str, tuple[Finding, ...]]:
    """Plan lines of `f.c`; return what becomes of it.  Done again nothing changes."""
    tree = Tree.open(lay_out(root, {"f.c": text.encode(), "g.c": b""}))
    lines = planned(tree, rules)
    after = tree.with_plan(lines.edits)
    again = planned(after, rules)
    assert again.edits == ()
    assert again.findings == lines.findings
    return after.read("f.c").decode(), lines.findings


def planned(tree: Tree, rules: tuple[FrameworkLine, ...]) -> Plan:
    index = build_index(tree, BARE, vocabulary(BARE, BARE.symbols), QUICK)
    draft = Draft(index, resolve(index, BARE, BARE.symbols), "containers", "")
    plan_lines(draft, rules)
    return draft.plan()


FUNCTIONS = """\
int f(void)
{
	LOCK();
	UNLOCK();
}
int
g(a)
	int a;
{
	LOCK();
	UNLOCK();
}
"""
THERE = {
    "the line": ("a b\n", line("a b", after="x")),
    "with other blanks": ("\ta \t b  # c\n", line("a b", after="x")),
    "the first line that is not empty": ("a\n", line("\n\na\nb\n", after="x")),
    "its mark": ("x\nmark();\n", line("a", after="x", present="mark")),
    "in another function": (FUNCTIONS, line("LOCK();", after="x", function="f")),
}


@pytest.mark.parametrize(("text", "rule"), THERE.values(), ids=THERE.keys())
def test_it_is_there(text: str, rule: FrameworkLine, tmp_path: Path) -> None:
    assert done(tmp_path, text, rule) == (text, ())


PLACED = {
    "behind a line": ("a\nb\nc\n", line("x", after="b"), "a\nb\nx\nc\n"),
    "in front of a line": ("a\nb\nc\n", line("x", before="b"), "a\nx\nb\nc\n"),
    "behind part of a line": ("a\nb  (c)\n", line("x", after="b (c)"), "a\nb  (c)\nx\n"),
    "not behind a longer word": ("ab\na\nab\n", line("x", after="a"), "ab\na\nx\nab\n"),
    "though a longer word is there": ("ax\na\n", line("x", after="a"), "ax\na\nx\n"),
    "several lines": ("a\n", line("\nx\n\ty\n", after="a"), "a\n\nx\n\ty\n"),
    "at an end without newline": ("a\nb", line("x", after="b"), "a\nb\nx"),
    "with the file's line ends": ("a\r\nb\r\n", line("x\ny", after="a"), "a\r\nx\r\ny\r\nb\r\n"),
    "sorted, first": ("#\nk/b\nk/c\n", line("k/a", sorted="k/"), "#\nk/a\nk/b\nk/c\n"),
    "sorted, between": ("k/a\nk/c\nl\n", line("k/b", sorted="k/"), "k/a\nk/b\nk/c\nl\n"),
    "sorted, last": ("k/a\nk/b\nl\n", line("k/c", sorted="k/"), "k/a\nk/b\nk/c\nl\n"),
    "sorted, behind a continued line": (
        "k/a x \\\n\ty \\\n\tz\nl\n",
        line("k/b", sorted="k/"),
        "k/a x \\\n\ty \\\n\tz\nk/b\nl\n",
    ),
    "in a function": (
        FUNCTIONS,
        line("\tgo();", function="f", before="UNLOCK();"),
        FUNCTIONS.replace("\tUNLOCK", "\tgo();\n\tUNLOCK", 1),
    ),
    "in a function with an old head": (
        FUNCTIONS,
        line("\tgo();", function="g", after="LOCK();"),
        "\tLOCK();\n\tgo();\n".join(FUNCTIONS.rsplit("\tLOCK();\n", 1)),
    ),
}


@pytest.mark.parametrize(("text", "rule", "after"), PLACED.values(), ids=PLACED.keys())
def test_it_is_put(text: str, rule: FrameworkLine, after: str, tmp_path: Path) -> None:
    assert done(tmp_path, text, rule) == (after, ())


def test_lines_for_one_place_come_in_the_order_of_the_rules(tmp_path: Path) -> None:
    rules = (line("x", after="a"), line("w", after="a"), line("v", before="b"))
    assert done(tmp_path, "a\nb\n", *rules) == ("a\nx\nw\nv\nb\n", ())


NOWHERE = {
    "no file": (FrameworkLine(path="h.c", text="x", after="a"), 1, "is not in the tree"),
    "no line": (line("x", after="z"), 1, "no line has `z`"),
    "several lines": (line("x", after="LOCK();"), 3, "several lines have `LOCK();` (3, 10)"),
    "no line in the function": (
        line("x", before="return (0);", function="g"),
        9,
        "no line of g has `return (0);`",
    ),
    "no function": (line("x", before="LOCK();", function="h"), 1, "there is no function h"),
    "nothing to sort it into": (line("x", sorted="kern/"), 1, "no line begins with `kern/`"),
}


@pytest.mark.parametrize(("rule", "number", "why"), NOWHERE.values(), ids=NOWHERE.keys())
def test_it_has_no_place(rule: FrameworkLine, number: int, why: str, tmp_path: Path) -> None:
    text, findings = done(tmp_path, FUNCTIONS, rule)
    assert text == FUNCTIONS
    (finding,) = findings
    assert (finding.path, finding.line) == (rule.path, number)
    assert why in finding.what
    assert finding.what.endswith("put `x` in by hand")


def test_two_functions_of_the_name(tmp_path: Path) -> None:
    two = "#ifdef A\nint f(void)\n{\n\ta();\n}\n#else\nint f(int b)\n{\n\ta();\n}\n#endif\n"
    text, (finding,) = done(tmp_path, two, line("x", after="a();", function="f"))
    assert (text, finding.line) == (two, 7)
    assert "2 functions f" in finding.what
