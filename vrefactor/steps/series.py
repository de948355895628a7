"""A series: the fold of steps over a tree."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from vrefactor.edit.draft import Draft
from vrefactor.edit.wrapping import wrapped
from vrefactor.index.build import Indexer
from vrefactor.index.pool import RunOptions
from vrefactor.plan.model import Plan
from vrefactor.plan.symbols import SymbolTable, resolve, selected, vocabulary
from vrefactor.rules.types import RuleSet
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
