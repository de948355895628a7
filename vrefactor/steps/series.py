"""A series: the fold of steps over a tree, and where its sites are in that tree."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from vrefactor.edit.draft import Draft
from vrefactor.edit.wrapping import wrapped
from vrefactor.index.build import Indexer
from vrefactor.index.pool import RunOptions
from vrefactor.plan.model import Plan, Verdict
from vrefactor.plan.symbols import SymbolTable, resolve, selected, vocabulary
from vrefactor.rules.types import RuleSet
from vrefactor.source.compose import Splice
from vrefactor.source.tree import Tree
from vrefactor.steps.registry import STEPS
from vrefactor.steps.step import Step


@dataclass(frozen=True, slots=True)
class Stage:
    """One step done in memory: its plan, the tree before and after it, and what it is about."""

    step: Step
    plan: Plan
    before: Tree
    after: Tree
    table: SymbolTable


def run_series(
    tree: Tree,
    rules: RuleSet,
    last: Sequence[Step],
    subsystems: Collection[str],
    options: RunOptions,
    *,
    wrap: bool = False,
) -> list[Stage]:
    """Plan every step up to the last of `last`, each on the result of the one before.

    With `wrap`, lines that a step pushes past the last column of the rules' style are
    broken.

    Raises what `selected`, `Indexer.index` and `resolve` raise.
    """
    symbols = selected(rules, subsystems)
    stages: list[Stage] = []
    with Indexer(tree, rules, vocabulary(rules, symbols), options) as indexer:
        for step in STEPS[: STEPS.index(last[-1]) + 1]:
            before = stages[-1].after if stages else tree
            index = indexer.index(before)
            table = resolve(index, rules, symbols)
            plan = step.plan(Draft(index, table, step.name, step.titled(rules.vocabulary)))
            if wrap:
                plan = wrapped(plan, before, rules.style)
            after = before.with_plan(plan.edits, plan.new_files)
            stages.append(Stage(step, plan, before, after, table))
    return stages


def rewritten_places(stages: Sequence[Stage]) -> tuple[tuple[str, int], ...]:
    """Return the path and line (from 1) of each rewritten site, in order, each place once.

    Sites in files that an earlier one of these steps has made are left out: the tree that the
    first starts from does not have them.
    """
    return tuple(sorted({place for stage in stages for place in _places(stages[0], stage)}))


def _places(first: Stage, stage: Stage) -> Iterator[tuple[str, int]]:
    changes = stage.before.changes_since(first.before)
    for site in stage.plan.sites:
        if site.verdict is not Verdict.REWRITTEN:
            continue
        change = changes.get(site.path)
        if change is None:
            yield site.path, site.line
        elif change.before is not None:
            start = _base_offset(change.splices, site.start)
            yield site.path, change.before.count(b"\n", 0, start) + 1


def _base_offset(splices: Sequence[Splice], offset: int) -> int:
    """Return where a byte of the later version is in the base; in new text, where that went in."""
    moved = 0
    for start, end, text in splices:
        if offset < start + moved:
            break
        if offset < start + moved + len(text):
            return start
        moved += len(text) - (end - start)
    return offset - moved
