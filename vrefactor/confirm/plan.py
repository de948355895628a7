"""Confirming the plan of a step: what libclang says of its sites, laid beside its verdicts."""

from __future__ import annotations

from dataclasses import dataclass

from vrefactor.build.options import BuildOptions
from vrefactor.build.plans import build_plans
from vrefactor.confirm.run import Confirmation, confirm
from vrefactor.index.pool import RunOptions
from vrefactor.plan.evidence import Evident, names_of, with_evidence
from vrefactor.plan.model import Plan
from vrefactor.plan.symbols import SymbolTable
from vrefactor.rules import RuleSet
from vrefactor.source.tree import Tree


@dataclass(frozen=True, slots=True)
class ConfirmedPlan:
    """A plan whose sites say how they are known, and all that libclang said."""

    evident: Evident
    confirmation: Confirmation


def confirm_plan(
    before: Tree,
    plan: Plan,
    table: SymbolTable,
    rules: RuleSet,
    building: BuildOptions,
    options: RunOptions,
) -> ConfirmedPlan:
    """Ask libclang about the sites of a plan, in the tree before it.

    Raises what `build_plans` and `confirm` raise.
    """
    plans = build_plans(before, rules, building, assertions=True)
    names = names_of(plan, table)
    heard = confirm(before, plans, names, jobs=options.jobs, report=options.report)
    return ConfirmedPlan(with_evidence(plan, table, heard.tokens), heard)
