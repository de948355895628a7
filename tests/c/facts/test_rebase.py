"""Facts carried over an edit are those that a parse of the result gives, or none are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.steps.support import MACROS, QUICK
from vrefactor.c.facts.extract import WantedNames, extract
from vrefactor.c.facts.rebase import rebase
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.plan.symbols import selected, vocabulary
from vrefactor.rules import choose
from vrefactor.source.compose import Splice, apply_splices
from vrefactor.source.tree import Tree
from vrefactor.steps.registry import STEPS
from vrefactor.steps.series import run_series

MATCHER = MacroMatcher(MACROS)
NAMES = frozenset((b"x", b"V_x"))
SOURCE = b"""\
#include <a.h>
int x;
#define\tM(a)\t((a) + x)
int f(void)
{
	return (x + M(2));
}
"""
MINIKERN = Path(__file__).resolve().parents[3] / "examples" / "minikern"


def _at(text: bytes, nth: int = 0) -> int:
    at = SOURCE.index(text)
    for _ in range(nth):
        at = SOURCE.index(text, at + 1)
    return at


BODY = _at(b"\treturn")
UNSURE = {
    "a declaration renamed": [Splice(_at(b"x;"), _at(b"x;"), b"V_")],
    "another word in front": [Splice(_at(b"x + M"), _at(b"x + M"), b"W_")],
    "code removed": [Splice(_at(b" + M(2)"), _at(b" + M(2)") + 7, b"")],
    "a brace": [Splice(BODY, BODY, b"\tif (1) {\n")],
    "a define": [Splice(0, 0, b"#define\tx\ty\n")],
    "an #else": [Splice(BODY, BODY, b"#if A\n#else\n#endif\n")],
    "half an #if": [Splice(BODY, BODY, b"#if A\n")],
    "a comment": [Splice(BODY, BODY, b"\t/* */\n")],
    "a candidate": [Splice(BODY, BODY, b"\tg(x);\n")],
    "part of a line": [Splice(BODY + 1, BODY + 1, b"g();\n")],
    "the first include": [Splice(0, 0, b"#include <b.h>\n")],
}
CARRIED = {
    "nothing": [],
    "a use gets the prefix": [Splice(_at(b"x + M"), _at(b"x + M"), b"V_")],
    "a use in a macro": [Splice(_at(b"x)"), _at(b"x)"), b"V_")],
    "a statement": [Splice(BODY, BODY, b"\tg(1);\n")],
    "a statement under an #if": [Splice(BODY, BODY, b"#ifdef A\n\tg(1);\n#endif\n")],
    "an include": [Splice(_at(b"int x"), _at(b"int x"), b"#include <b.h>\n")],
    "blanks": [Splice(BODY, BODY + 1, b"\t\t")],
    "all of it": [
        Splice(_at(b"int x"), _at(b"int x"), b'#include "b.h"\n#include <c/d.h>\n'),
        Splice(_at(b"x)"), _at(b"x)"), b"V_"),
        Splice(BODY, BODY + 1, b"\tg(1);\n\n\t"),
        Splice(_at(b"x + M"), _at(b"x + M"), b"V_"),
    ],
}


@pytest.mark.parametrize("splices", UNSURE.values(), ids=UNSURE.keys())
def test_unsure(splices: list[Splice]) -> None:
    facts = extract("a.c", SOURCE, WantedNames(NAMES), MATCHER)
    assert facts is not None
    assert rebase(facts, SOURCE, splices, NAMES) is None


@pytest.mark.parametrize("splices", CARRIED.values(), ids=CARRIED.keys())
def test_carried(splices: list[Splice]) -> None:
    facts = extract("a.c", SOURCE, WantedNames(NAMES), MATCHER)
    assert facts is not None
    after = apply_splices(SOURCE, splices)
    assert rebase(facts, SOURCE, splices, NAMES) == extract(
        "a.c", after, WantedNames(NAMES), MATCHER
    )


def _changes(root: Path, rules_name: str | None) -> Iterator[tuple[bool, bool]]:
    """Yield, for each file that a step changes, whether it is carried, and carried rightly."""
    tree = Tree.open(root)
    rules = choose(tree, tree.read, rules_name, root)
    names = frozenset(name.encode() for name in vocabulary(rules, selected(rules, ())))
    matcher = MacroMatcher(rules.macros)
    for stage in run_series(tree, rules, STEPS, (), QUICK):
        for path, change in stage.after.changes_since(stage.before).items():
            if change.before is None or not path.endswith((".c", ".h")):
                continue
            facts = extract(path, change.before, WantedNames(names), matcher)
            if facts is not None:
                carried = rebase(facts, change.before, change.splices, names)
                anew = extract(path, change.after, WantedNames(names), matcher)
                yield carried is not None, carried == anew


def _check(changes: Iterator[tuple[bool, bool]], least: int) -> None:
    results = list(changes)
    assert all(right for carried, right in results if carried)
    assert sum(carried for carried, _ in results) >= least


def test_minikern() -> None:
    _check(_changes(MINIKERN, None), 20)


@pytest.mark.skipif("VREFACTOR_SYS" not in os.environ, reason="VREFACTOR_SYS names no kernel")
def test_kernel() -> None:
    _check(_changes(Path(os.environ["VREFACTOR_SYS"]), "freebsd"), 200)
