"""One verification of a change: how both trees are built, what has moved, and the report."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from vrefactor.build.options import BuildOptions
from vrefactor.build.plans import ScopeFinder
from vrefactor.plan.symbols import selected
from vrefactor.rules import RuleSet
from vrefactor.rules.types import Symbol
from vrefactor.source.tree import Tree
from vrefactor.verify.build_dir import Builds, check_place
from vrefactor.verify.coverage import Place
from vrefactor.verify.object.containers import MovedVariables
from vrefactor.verify.report import VerifyReport
from vrefactor.verify.run import VerifyOptions, build_and_compare
from vrefactor.verify.witness import Witness


@dataclass(frozen=True, slots=True)
class Change:
    """What is verified: a tree before and after, and the rules, which may say how to build.

    `sites` are the places (path, line from 1) in the tree before that the change rewrites; None
    if that is not known: then each changed line counts.  `untouched` is the tree that the chain
    of steps starts from, if that is another one than `before`.  `claimed` are options with which
    the tree after must compile as well.
    """

    before: Tree
    after: Tree
    rules: RuleSet
    sites: tuple[Place, ...] | None = None
    untouched: Tree | None = None
    claimed: tuple[str, ...] = ()


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

    Raises `VrefactorError`: RULES_NAME for an unknown subsystem, and what `ScopeFinder` and
    `build_and_compare` raise.
    """
    before, after = change.before, change.after
    symbols = selected(change.rules, subsystems)
    if options.build_dir is not None:
        check_place(options.build_dir, [before.root, after.root])
    changed = before.differing(after)
    finder = ScopeFinder(
        change.rules, building, tuple(subsystems), everything, before.root, changed
    )
    scopes = finder.scope(before), finder.scope(after)
    claimed = [plan for name in change.claimed for plan in finder.scope(after, (name,)).plans]
    options = replace(
        options,
        sites=change.sites,
        moved=_moved(symbols) if codegen else None,
        witness=None if change.untouched is None else _witness(finder, change.untouched),
    )
    finder.check_compiler(before)
    builds = Builds(scopes[0].plans, (*scopes[1].plans, *claimed))
    report = build_and_compare(before, after, builds, options)
    return replace(report, left_out=max(scope.left_out for scope in scopes))


def _witness(finder: ScopeFinder, untouched: Tree) -> Witness:
    return Witness(untouched, finder.scope(untouched).plans)


def _moved(symbols: Sequence[Symbol]) -> MovedVariables:
    """Return the symbols as variables that have moved into the one instance of their container."""
    return MovedVariables(
        {symbol.name: (f"{symbol.container}_0", f"_{symbol.name}") for symbol in symbols},
        {symbol.name: symbol.file for symbol in symbols},
    )
