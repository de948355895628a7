"""How much of a tree parses: the front end's own account, over every branch of every `#if`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from vrefactor.c.facts.parse_coverage import parse_coverage
from vrefactor.c.model import ParseCoverage
from vrefactor.index.ask import Asker
from vrefactor.index.pool import Progress, RunOptions
from vrefactor.rules.globs import path_matcher
from vrefactor.rules.types import RuleSet
from vrefactor.source.tree import Tree


@dataclass(frozen=True, slots=True)
class ParseReport:
    """The files that were parsed whole, their bytes, and those that no variant parses.

    `regions` are the places of the latter: file and 1-based line.
    """

    files: int
    bytes: int
    error_bytes: int
    regions: tuple[tuple[str, int], ...]


def parse_report(
    tree: Tree, rules: RuleSet, subsystems: Collection[str], options: RunOptions
) -> ParseReport:
    """Parse every source of the chosen subsystems (of all, if none is named), whole.

    `tree` is one on disk.  Raises VrefactorErrors for all files that can't be read as C.
    """
    paths = _in_scope(tree, rules, subsystems)
    progress = Progress(options.report, "parsing", len(paths))
    with Asker(tree, rules, options) as asker:
        found = asker.ask(paths, parse_coverage, ParseCoverage, progress=progress)
    regions = (
        (path, region.line)
        for path, own in zip(paths, found, strict=True)
        for region in own.regions
    )
    return ParseReport(
        len(paths),
        sum(coverage.parsed for coverage in found),
        sum(coverage.errors for coverage in found),
        tuple(regions),
    )


def _in_scope(tree: Tree, rules: RuleSet, subsystems: Collection[str]) -> list[str]:
    chosen = [
        subsystem
        for subsystem in rules.subsystems
        if not subsystems or subsystem.name in subsystems
    ]
    within = path_matcher([path for subsystem in chosen for path in subsystem.paths])
    excluded = path_matcher([exclude.path for exclude in rules.tree.exclude])
    sources = (path for path in tree.paths if path.endswith(tuple(rules.tree.suffixes)))
    return [path for path in sources if within(path) and not excluded(path)]
