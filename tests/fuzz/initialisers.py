"""Initialisers drawn at random: every form of section 6.7.9 of C11, crossed with every type.

    python -m tests.fuzz.initialisers FIRST COUNT

draws COUNT variables, a tree of fifty a seed from FIRST on, puts each tree through step 2.1,
compiles and runs it before and after, and prints what is wrong, what does not compile, and
what is refused, by reason.  A seed gives the same variables for ever.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.fuzz.initialiser_types import PRELUDE
from tests.fuzz.initialiser_values import VariableWriter
from tests.source.helpers import lay_out
from tests.steps.initializers.initializing import FUNCTION, HEADER, TYPES, rules
from tests.steps.initializers.running import wrong_variables
from tests.steps.planning import Planned, plan_on
from vrefactor.plan.model import Verdict
from vrefactor.source.tree import Tree
from vrefactor.steps.registry import find

BATCH = 50
"""How many variables one tree has."""


@dataclass
class Outcome:
    """What became of the variables of some seeds."""

    drawn: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    """What does not compile, with the compiler's words."""

    def add(self, other: Outcome) -> None:
        """Take in what became of others."""
        self.drawn += other.drawn
        self.refused += other.refused
        self.wrong += other.wrong
        self.broken += other.broken


def draw(seed: int, count: int = BATCH) -> tuple[list[list[str]], list[str]]:
    """Return the variables of a seed: the lines in front of each, and each itself."""
    writer = VariableWriter(Random(seed))
    leads: list[list[str]] = []
    definitions: list[str] = []
    for number in range(count):
        definitions.append(writer.variable(f"v{number}"))
        leads.append(writer.lines)
        writer.lines = []
    return leads, definitions


def plan_variables(
    root: Path, leads: Sequence[Sequence[str]], definitions: Sequence[str]
) -> Planned:
    """Put a tree of these variables through step 2.1."""
    lines = [line for lead, text in zip(leads, definitions, strict=True) for line in (*lead, text)]
    source = TYPES + PRELUDE + "\n".join(lines) + "\n" + FUNCTION % ""
    tree = Tree.open(lay_out(root, {"sys/types.h": HEADER, "net/ip.c": source.encode()}))
    names = tuple(f"v{number}" for number in range(BATCH))
    return plan_on(tree, rules(names=names), find("2.1")[0])


def check(root: Path, seed: int, count: int = BATCH) -> Outcome:
    """Draw the variables of a seed and say what becomes of them."""
    leads, definitions = draw(seed, count)
    outcome = Outcome(drawn=count)
    _check(root, seed, leads, definitions, outcome)
    return outcome


def _check(
    root: Path,
    seed: int,
    leads: Sequence[Sequence[str]],
    definitions: Sequence[str],
    outcome: Outcome,
) -> None:
    planned = plan_variables(root / "tree", leads, definitions)
    names = [site.name for site in planned.sites(Verdict.REWRITTEN)]
    texts = {re.search(r"\bv\d+\b", text)[0]: text for text in definitions}  # type: ignore[index]
    try:
        wrong = wrong_variables(planned, names)
    except AssertionError as error:
        _narrow(root, seed, leads, definitions, outcome, str(error))
        return
    outcome.wrong += [f"seed {seed}: {texts[name]}" for name in wrong]
    for site in planned.sites(Verdict.REFUSED):
        detail = re.sub(r"\b[a-zA-Z]+\d+\b", "N", site.detail)
        outcome.refused[f"{site.reason}: {detail}"] += 1
    lost = set(texts) - {site.name for site in planned.plan.sites}
    outcome.wrong += [f"seed {seed}: no verdict: {texts[name]}" for name in sorted(lost)]


def _narrow(
    root: Path,
    seed: int,
    leads: Sequence[Sequence[str]],
    definitions: Sequence[str],
    outcome: Outcome,
    error: str,
) -> None:
    """Find which of the variables do not compile."""
    if len(definitions) == 1:
        lines = "\n".join((*leads[0], definitions[0]))
        outcome.broken.append(f"seed {seed}: {lines}\n{error[:500]}")
        return
    middle = len(definitions) // 2
    for part in (slice(0, middle), slice(middle, None)):
        _check(root, seed, leads[part], definitions[part], outcome)


def main(first: int, count: int) -> Outcome:
    """Draw variables, and print what becomes of them."""
    outcome = Outcome()
    for seed in range(first, first + -(-count // BATCH)):
        with tempfile.TemporaryDirectory() as folder:
            outcome.add(check(Path(folder), seed))
    for text in (*outcome.wrong, *outcome.broken):
        print(text)
    for reason, number in outcome.refused.most_common():
        print(f"{number:6} refused: {reason}")
    print(
        f"{outcome.drawn} drawn: {len(outcome.wrong)} wrong, {len(outcome.broken)} not compiling,"
        f" {outcome.refused.total()} refused"
    )
    return outcome


if __name__ == "__main__":
    sys.exit(bool(main(int(sys.argv[1]), int(sys.argv[2])).wrong))
