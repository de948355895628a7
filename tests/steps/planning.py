"""Planning one later step on a small tree, with what must hold of every such plan."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tests.source.helpers import lay_out
from tests.steps.conversions import CONVERSIONS
from tests.steps.support import PARALLEL, QUICK
from vrefactor.edit.draft import Draft
from vrefactor.index.build import build_index
from vrefactor.index.pool import RunOptions
from vrefactor.plan.model import Plan, Site, Verdict
from vrefactor.plan.symbols import resolve, vocabulary
from vrefactor.rules import RuleSet
from vrefactor.source.diff import unified_diff
from vrefactor.source.tree import Tree
from vrefactor.steps.registry import find
from vrefactor.steps.step import Step


@dataclass(frozen=True)
class Planned:
    """A plan, and the tree before and after it."""

    plan: Plan
    before: Tree
    after: Tree

    def text(self, path: str) -> str:
        return self.after.read(path).decode("latin-1")

    def sites(self, verdict: Verdict) -> list[Site]:
        return [site for site in self.plan.sites if site.verdict is verdict]


def plan_on(tree: Tree, rules: RuleSet, step: Step, options: RunOptions = QUICK) -> Planned:
    """Plan one step on a tree as it is, and check nothing."""
    index = build_index(tree, rules, vocabulary(rules, rules.symbols), options)
    table = resolve(index, rules, rules.symbols)
    plan = step.plan(Draft(index, table, step.name, step.titled(rules.vocabulary)))
    return Planned(plan, tree, tree.with_plan(plan.edits, plan.new_files))


def plan_step(root: Path, files: Mapping[str, bytes], rules: RuleSet, number: str) -> Planned:
    """Lay out `files` and plan one step on them; check that the plan is sound.

    It is the same for any number of workers, done again it does nothing, no site has two
    verdicts, edits lie apart, and git takes the patch.
    """
    tree = Tree.open(lay_out(root, files))
    (step,) = find(number)
    planned = plan_on(tree, rules, step)
    assert plan_on(tree, rules, step, PARALLEL).plan == planned.plan
    again = plan_on(planned.after, rules, step).plan
    assert (again.edits, again.new_files) == ((), ())
    places = [(site.path, site.start) for site in planned.plan.sites]
    assert len(set(places)) == len(places)
    for edit, other in pairwise(planned.plan.edits):
        assert edit.path != other.path or edit.end <= other.start
    _check_patch(tree, planned.after)
    _check_conversions(root, planned, rules, step)
    return planned


def _check_conversions(root: Path, planned: Planned, rules: RuleSet, step: Step) -> None:
    before, after = contents(planned.before), contents(planned.after)
    for kind, conversion in CONVERSIONS.items():
        files = {path: conversion.convert(data) for path, data in before.items()}
        if files == before:
            continue
        place = root.with_name(f"{root.name} {kind}")
        converted = plan_on(Tree.open(lay_out(place, files)), rules, step)
        assert contents(converted.after) == conversion.expected(before, after), kind


def contents(tree: Tree) -> dict[str, bytes]:
    """Return the files of a tree."""
    return {path: tree.read(path) for path in tree.paths}


def _check_patch(before: Tree, after: Tree) -> None:
    diff = unified_diff(before, after)
    if diff:
        command = ["git", "apply", "-p1", "--check"]
        subprocess.run(command, cwd=before.root, input=diff, check=True, capture_output=True)
