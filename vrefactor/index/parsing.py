"""How much of a tree parses: the front end's own account, over every branch of every `#if`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import msgspec

from vrefactor.c.facts import ParseFigures
from vrefactor.c.figures import measure
from vrefactor.c.macros import MacroMatcher
from vrefactor.errors import VrefactorError, VrefactorErrors
from vrefactor.index.build import Options
from vrefactor.index.pool import Workers, batches
from vrefactor.rules.globs import path_matcher
from vrefactor.rules.types import MacroRules, RuleSet
from vrefactor.source.tree import Tree

_decoder = msgspec.msgpack.Decoder(list[ParseFigures])


@dataclass(frozen=True, slots=True)
class ParseReport:
    """The files that were parsed whole, their bytes, and those that no variant parses.

    `regions` are the places of the latter: file and 1-based line.
    """

    files: int
    bytes: int
    error_bytes: int
    regions: tuple[tuple[str, int], ...]


class _Worker:
    """What every task of a worker needs: set once, when the worker starts."""

    tree: Tree
    macros: MacroMatcher


def _start(tree: Tree, macros: MacroRules) -> None:
    _Worker.tree = tree
    _Worker.macros = MacroMatcher(macros)


def _run(batch: Sequence[str]) -> tuple[bytes, list[VrefactorError]]:
    figures: list[ParseFigures] = []
    errors: list[VrefactorError] = []
    for path in batch:
        try:
            figures.append(measure(path, _Worker.tree.read(path), _Worker.macros))
        except VrefactorError as error:
            errors.append(error)
            figures.append(ParseFigures())
    return msgspec.msgpack.encode(figures), errors


def parse_report(
    tree: Tree, rules: RuleSet, subsystems: Collection[str], options: Options
) -> ParseReport:
    """Parse every source of the chosen subsystems (of all, if none is named), whole.

    `tree` is one on disk.  Raises VrefactorErrors for all files that can't be read as C.
    """
    paths = _in_scope(tree, rules, subsystems)
    workers = Workers(options.jobs, _start, tree, rules.macros)
    found: list[ParseFigures] = []
    errors: list[VrefactorError] = []
    try:
        runs = batches(paths, lambda path: stamp.size if (stamp := tree.stamp(path)) else 0)
        for encoded, failed in workers.map(_run, runs):
            found.extend(_decoder.decode(encoded))
            errors.extend(failed)
            options.report("parsing", len(found), len(paths))
    finally:
        workers.close()
    if errors:
        raise VrefactorErrors(sorted(errors, key=lambda error: error.path or ""))
    regions = (
        (path, one.line) for path, own in zip(paths, found, strict=True) for one in own.regions
    )
    return ParseReport(
        len(paths),
        sum(one.parsed for one in found),
        sum(one.errors for one in found),
        tuple(regions),
    )


def _in_scope(tree: Tree, rules: RuleSet, subsystems: Collection[str]) -> list[str]:
    chosen = [one for one in rules.subsystems if not subsystems or one.name in subsystems]
    within = path_matcher([path for one in chosen for path in one.paths])
    excluded = path_matcher([one.path for one in rules.tree.exclude])
    sources = (path for path in tree.paths if path.endswith(tuple(rules.tree.suffixes)))
    return [path for path in sources if within(path) and not excluded(path)]
