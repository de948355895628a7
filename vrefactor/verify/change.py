"""One verification of a change: how both trees are built, what has moved, and the report."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from vrefactor.build.options import BuildOptions
from vrefactor.build.plans import scopes
from vrefactor.plan.symbols import selected
from vrefactor.rules import RuleSet
from vrefactor.rules.types import Symbol
from vrefactor.source.tree import Tree
from vrefactor.verify.build_dir import Builds, check_place
from vrefactor.verify.coverage import Place
from vrefactor.verify.object.containers import MovedVariables
from vrefactor.verify.report import VerifyReport
from vrefactor.verify.run import VerifyOptions, build_and_compare


@dataclass(frozen=True, slots=True)
class Change:
    """What is verified: a tree before and after, and the rules, which may say how to build.

    `sites` are the places (path, line from 1) in the tree before that the change rewrites; None
    if that is not known: then each changed line counts.
    """

    before: Tree
    after: Tree
    rules: RuleSet
    sites: tuple[Place, ...] | None = None


def verify_change(
    change: Change,
    building: BuildOptions,
    options: VerifyOptions,
    subsystems: Collection[str] = (),
    *,
    everything: bool = False,
    codegen: bool = False,
) -> VerifyReport:
    """Build a tree before and after a change, and compare what comes out; neither is written to.

    Of a kernel, the files of `subsystems` and those that the change touches are built; with
    `everything`, all files.  With `codegen`, the variables of the subsystems have moved into
    their containers, and machine code is compared function by function.

    Raises `VrefactorError`: RULES_NAME for an unknown subsystem, and what `scopes` and
    `build_and_compare` raise.
    """
    symbols = selected(change.rules, subsystems)
    trees = (change.before, change.after)
    if options.build_dir is not None:
        check_place(options.build_dir, [tree.root for tree in trees])
    before, after = scopes(trees, change.rules, building, subsystems, everything=everything)
    moved = _moved(symbols) if codegen else None
    options = replace(options, sites=change.sites, moved=moved)
    report = build_and_compare(*trees, Builds(before.plans, after.plans), options)
    return replace(report, left_out=max(before.left_out, after.left_out))


def _moved(symbols: Sequence[Symbol]) -> MovedVariables:
    """Return the symbols as variables that have moved into the one instance of their container."""
    return MovedVariables(
        {symbol.name: (f"{symbol.container}_0", f"_{symbol.name}") for symbol in symbols},
        {symbol.name: symbol.file for symbol in symbols},
    )
