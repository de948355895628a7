"""A whole scan: read the files in scope, link them with the tree, propose."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from vrefactor.c.model import ParseCoverage
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.errors import VrefactorError, VrefactorErrors
from vrefactor.index.build import build_index
from vrefactor.index.index import Index
from vrefactor.index.pool import RunOptions
from vrefactor.rules.types import RuleSet
from vrefactor.scan.gather import FileReport, gather
from vrefactor.scan.kinds import kind_of
from vrefactor.scan.link import Linker, own_facts, shared_names
from vrefactor.scan.model import Region, Scan, ScannedVariable, ScanRow, SourcePlace
from vrefactor.scan.natures import natures
from vrefactor.scan.propose import propose
from vrefactor.scan.scope import excluding
from vrefactor.source.scope import files_in_scope, with_folders
from vrefactor.source.tree import Tree


def scan(
    tree: Tree,
    rules: RuleSet,
    subsystems: Collection[str],
    options: RunOptions,
    *,
    leave_out: bool = False,
) -> Scan:
    """Scan the named subsystems (or folders) of a tree; all that the rules have, if none is.

    With `leave_out`, files that can't be read as C are left out, and told in the answer.
    Raises RULES_NAME for an unknown subsystem, TREE_EMPTY if it has no source, and else
    VrefactorErrors for all files that can't be read as C.
    """
    rules = with_folders(tree, rules, subsystems)
    unread: list[VrefactorError] = []
    scope = files_in_scope(tree, rules, subsystems)
    reports = gather(tree, rules, scope, options, unread if leave_out else None)
    rules = excluding(rules, unread)
    shared = _shared(tree, rules, shared_names(reports), options, unread if leave_out else None)
    index = Index(tree, {**own_facts(reports), **shared.facts}, rules, shared.bodies[0], shared.ask)
    variables = Linker(reports, index, MacroMatcher(rules.macros)).variables()
    regions = tuple(
        Region(SourcePlace(path, region.line), region.end - region.start, region.file_scope)
        for path, report in reports.items()
        for region in report.survey.coverage.regions
    )
    rows = tuple(_rows(reports, variables))
    return Scan(rows, len(reports), _total(reports), regions, tuple(unread))


def _shared(
    tree: Tree,
    rules: RuleSet,
    names: Collection[str],
    options: RunOptions,
    unread: list[VrefactorError] | None,
) -> Index:
    """Return the index of the whole tree for names that several files know."""
    try:
        return build_index(tree, rules, names, options)
    except VrefactorErrors as errors:
        if unread is None:
            raise
        unread += errors.errors
        return build_index(tree, excluding(rules, errors.errors), names, options)


def _rows(reports: Mapping[str, FileReport], variables: list[ScannedVariable]) -> list[ScanRow]:
    surveys = {path: report.survey for path, report in reports.items()}
    functions = {name for survey in surveys.values() for name in survey.functions}
    hooks = {name for survey in surveys.values() for name in survey.function_types}
    found = natures(surveys, variables)
    return [propose(variable, kind_of(variable, functions, hooks), found) for variable in variables]


def _total(reports: Mapping[str, FileReport]) -> ParseCoverage:
    coverages = [report.survey.coverage for report in reports.values()]
    return ParseCoverage(
        sum(coverage.parsed for coverage in coverages),
        sum(coverage.errors for coverage in coverages),
    )
