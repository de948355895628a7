"""A series: the fold of steps over a tree."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from vrefactor.index.build import Options, build_index
from vrefactor.rules.types import RuleSet
from vrefactor.source.tree import Tree
from vrefactor.steps.plan import Plan
from vrefactor.steps.registry import STEPS, Step
from vrefactor.steps.symbols import resolve, selected, vocabulary


@dataclass(frozen=True, slots=True)
class Stage:
    """One step done in memory: its plan, and the tree before and after it."""

    step: Step
    plan: Plan
    before: Tree
    after: Tree


def run_step(
    tree: Tree, rules: RuleSet, step: Step, subsystems: Collection[str], options: Options
) -> Stage:
    """Plan one step on `tree`.

    Raises what `selected`, `build_index` and `resolve` raise.
    """
    symbols = selected(rules, subsystems)
    index = build_index(tree, rules, vocabulary(rules, symbols), options)
    plan = step.plan(index, resolve(index, rules, symbols))
    return Stage(step, plan, tree, tree.with_plan(plan.edits, plan.new_files))


def run_series(
    tree: Tree,
    rules: RuleSet,
    last: Sequence[Step],
    subsystems: Collection[str],
    options: Options,
) -> list[Stage]:
    """Plan every step up to the last of `last`, each on the result of the one before."""
    stages: list[Stage] = []
    for step in STEPS[: STEPS.index(last[-1]) + 1]:
        before = stages[-1].after if stages else tree
        stages.append(run_step(before, rules, step, subsystems, options))
    return stages
