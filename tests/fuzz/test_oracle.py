"""The front end against an oracle: a generator that knows what each candidate denotes."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, note

from tests.fuzz.generator import files
from tests.fuzz.writer import HEAD, NAMES, Means, Writer
from tests.source.helpers import lay_out
from tests.steps.support import check_edits, check_totals, rules_for, run_step1
from vrefactor.plan.model import Verdict
from vrefactor.source.tree import Tree

RULES = rules_for(dict.fromkeys(NAMES, "net/globals.c"))
OTHERS = {
    "net/globals.c": b'#include "var.h"\nint foo, bar, tab;\n',
    "net/var.h": b"extern int foo, bar, tab;\n",
}


def allowed(means: frozenset[Means]) -> set[Verdict]:
    """Return the verdicts that are right for a token with these meanings, one a configuration."""
    if not means:
        return set(Verdict)
    if means == {Means.GLOBAL}:
        return {Verdict.REWRITTEN}
    if means == {Means.OTHER}:
        return {Verdict.SKIPPED}
    return {Verdict.REFUSED}


@given(files())
def test_verdicts_are_those_of_the_oracle(writer: Writer) -> None:
    note(writer.text.removeprefix(HEAD))
    with tempfile.TemporaryDirectory() as folder:
        tree = Tree.open(lay_out(Path(folder) / "tree", OTHERS | {"net/a.c": writer.text.encode()}))
        plan = run_step1(tree, RULES).plan
        check_edits(tree, plan)
        check_totals(tree, plan, RULES)
    for site in plan.sites:
        if site.path == "net/a.c":
            means = writer.expected[site.start]
            refused = {Verdict.REFUSED} if site.start in writer.doubtful else set()
            assert site.verdict in allowed(means) | refused, (site, means)
