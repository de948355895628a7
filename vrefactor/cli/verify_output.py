"""What `vrefactor verify` prints, and writes as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import click

from vrefactor.cli.common import as_text
from vrefactor.verify.report import (
    URGENT,
    CodeCause,
    CodegenReport,
    FunctionReport,
    ObjectReport,
    ObjectVerdict,
    VerifyReport,
)

MOST = 20
"""Most entries of a list that are printed; the JSON file has all."""

_COMPARED = frozenset({ObjectVerdict.SAME, ObjectVerdict.DIFFERENT})
_ALWAYS = {
    ObjectVerdict.SAME: "the same",
    ObjectVerdict.DIFFERENT: "differ",
    ObjectVerdict.NOT_COVERED: "not covered",
}
_FINDINGS = (ObjectVerdict.BROKEN, ObjectVerdict.BROKEN_EARLIER, ObjectVerdict.DIFFERENT)


@dataclass(frozen=True, slots=True)
class VerifyOutcome:
    """A report, with what it is about, the files that were not asked for, and the time it took.

    `lines` says which lines the coverage is about; `seconds` is the wall time of the whole
    command.
    """

    label: str
    lines: str
    report: VerifyReport
    seconds: float

    @property
    def sources(self) -> tuple[int, int]:
        """How many sources were compared in some configuration, and how many there are."""
        objects = self.report.objects
        compared = {report.source for report in objects if report.verdict in _COMPARED}
        return len(compared), len({report.source for report in objects})


def print_report(outcome: VerifyOutcome, *, quiet: bool) -> None:
    """Print the findings to standard output, and then, unless `quiet`, the rest and a summary."""
    report = outcome.report
    for verdict in _FINDINGS:
        _print_capped(
            _finding(object_report)
            for object_report in report.objects
            if object_report.verdict is verdict
        )
    _print_capped([_broken_claim(found)] for found in report.broken_claims)
    if report.codegen is not None:
        _print_codegen(report.codegen)
    if not report.allow_uncovered:
        _print_uncovered(report)
    if quiet:
        return
    _print_capped(
        [f"{object_report.name}: not covered: {object_report.detail}"]
        for object_report in _not_covered(report)
    )
    _print_capped([f"{path}: not built: {reason}"] for path, reason in report.skipped)
    if report.allow_uncovered:
        _print_uncovered(report)
    for line in _summary(outcome):
        click.echo(_plain(line), err=True)


def _print_uncovered(report: VerifyReport) -> None:
    _print_capped([f"{site.path}:{site.line}: not compiled"] for site in report.uncovered)


def _plain(text: str) -> str:
    """Return `text` as it can be printed: odd file names come out escaped."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _print_capped(entries: Iterable[Sequence[str]]) -> None:
    """Print the first entries, each of some lines, and how many more there are."""
    left = 0
    for number, lines in enumerate(entries):
        if number >= MOST:
            left += 1
            continue
        for line in lines:
            click.echo(_plain(line))
    if left:
        click.echo(f"... and {left} more (--json FILE has them all)")


def _finding(report: ObjectReport) -> list[str]:
    if report.verdict is ObjectVerdict.BROKEN:
        return [f"{report.name}: compiles only before: {report.detail}"]
    if report.verdict is ObjectVerdict.BROKEN_EARLIER:
        return [f"{report.name}: an earlier step broke it: {report.detail}"]
    lines = [
        f"{sign}MD5 ({report.name}) = {md5}"
        for sign, md5 in zip("-+", report.md5, strict=True)
        if md5
    ]
    return [*lines, *(f"    {reason}" for reason in report.reasons)]


def _broken_claim(report: ObjectReport) -> str:
    return f"{report.source}: does not compile in {report.configuration}: {report.detail}"


def _not_covered(report: VerifyReport) -> Iterator[ObjectReport]:
    for object_report in report.objects:
        if object_report.verdict is ObjectVerdict.NOT_COVERED:
            yield object_report


def _print_codegen(codegen: CodegenReport) -> None:
    urgent = sorted(codegen.unproved, key=lambda report: report.cause not in URGENT)
    _print_capped(_function(report) for report in urgent)
    _print_capped(
        [f"{report.object}: {report.name}: {report.detail}: {report.cause}"]
        for report in codegen.lone
    )
    _print_capped(
        [
            f"{plain_name.object}: {plain_name.name} is still "
            f"{'defined' if plain_name.defined else 'referred to'}"
        ]
        for plain_name in codegen.plain_names
    )


def _function(report: FunctionReport) -> list[str]:
    """Return what differs, the instructions side by side."""
    width = max((len(line) for line in report.before), default=0)
    sides = zip(report.before, report.after, strict=True)
    rows = [f"    {before.ljust(width)} | {after}" for before, after in sides]
    because = f"    {report.cause}" + (f": {report.evidence}" if report.evidence else "")
    return [f"{report.object}: {report.name}: {report.detail}", because, *rows]


def _summary(outcome: VerifyOutcome) -> Iterator[str]:
    report = outcome.report
    counts = report.counts
    parts = [f"{counts[verdict]} {words}" for verdict, words in _ALWAYS.items()]
    rest = [verdict for verdict in ObjectVerdict if verdict not in _ALWAYS and counts[verdict]]
    parts += [f"{counts[verdict]} {verdict}" for verdict in rest]
    yield f"{outcome.label}: {len(report.objects)} objects: {', '.join(parts)}"
    compared, sources = outcome.sources
    left_out = f"; {outcome.report.left_out} others left out (--all builds them)"
    yield f"  files: {compared} of {sources} compared{left_out if outcome.report.left_out else ''}"
    if report.coverage:
        total, missed = len(report.coverage), len(report.uncovered)
        yield f"  coverage: {total - missed} of {total} {outcome.lines} compiled, {missed} not"
    yield from _claimed_summary(report)
    if report.codegen is not None:
        yield from _codegen_summary(report.codegen)
    compilers = report.seconds[0]
    own = outcome.seconds - compilers
    yield f"  {outcome.seconds:.1f} s: {compilers:.1f} s compilers, {own:.1f} s all else"


def _claimed_summary(report: VerifyReport) -> Iterator[str]:
    """Yield a line for each configuration with options that the step claims."""
    for configuration in dict.fromkeys(found.configuration for found in report.claimed):
        counts = Counter(
            found.verdict for found in report.claimed if found.configuration == configuration
        )
        compiled, broken = counts[ObjectVerdict.ADDED], counts[ObjectVerdict.BROKEN]
        neither = counts[ObjectVerdict.NOT_COVERED]
        more = f", {neither} compile without it neither" if neither else ""
        yield f"  {configuration}: {compiled} compile, {broken} do not{more}"


def _codegen_summary(codegen: CodegenReport) -> Iterator[str]:
    functions, objects = codegen.compared
    share = _percent(codegen.functions, functions)
    yield (
        f"  code: {codegen.functions} of {functions} functions ({share} %) and "
        f"{codegen.objects} of {objects} initialised objects proved the same"
    )
    if codegen.unproved:
        unproved = functions - codegen.functions, objects - codegen.objects
        yield (
            f"  not proved: {unproved[0]} functions and {unproved[1]} objects, "
            f"{codegen.causes[CodeCause.UNEXPLAINED]} of them unexplained:"
        )
        yield from _by_cause(codegen.causes)
    if codegen.lone:
        causes = Counter(report.cause for report in codegen.lone)
        unexplained = causes[CodeCause.UNEXPLAINED]
        yield f"  on one side only: {len(codegen.lone)}, of which {unexplained} unexplained:"
        yield from _by_cause(causes)
    left = len(codegen.plain_names)
    yield f"  symbol tables: {left} plain names of virtualised variables left"
    absent = Counter(instance for instance, _ in codegen.unmoved)
    if absent:
        listed = ", ".join(f"{instance} ({absent[instance]})" for instance in sorted(absent))
        yield f"  not moved, as no object names the instance: variables of {listed}"


def _percent(part: int, whole: int) -> str:
    """Return a percentage with one digit; only all of them are 100.0."""
    share = 100 * part / whole if whole else 100.0
    return f"{share if part == whole else min(share, 99.9):.1f}"


def _by_cause(causes: Counter[CodeCause]) -> Iterator[str]:
    yield from (f"    {causes[cause]} {cause}" for cause in CodeCause if causes[cause])


def as_json(outcome: VerifyOutcome) -> dict[str, Any]:
    """Return all that was found as plain data."""
    report = outcome.report
    compared, sources = outcome.sources
    return {
        "verify": outcome.label,
        "counts": {verdict.name.lower(): report.counts[verdict] for verdict in ObjectVerdict},
        "sources": {"compared": compared, "all": sources, "left_out": outcome.report.left_out},
        "objects": [_object_json(object_report) for object_report in report.objects],
        "claimed": [_object_json(object_report) for object_report in report.claimed],
        "skipped": [{"path": as_text(path), "reason": why} for path, why in report.skipped],
        "coverage": [
            {
                "path": as_text(coverage.path),
                "line": coverage.line,
                "configurations": list(coverage.configurations),
            }
            for coverage in report.coverage
        ],
        "codegen": None if report.codegen is None else _codegen_json(report.codegen),
        "seconds": {"compilers": report.seconds[0], "all": outcome.seconds},
    }


def _object_json(report: ObjectReport) -> dict[str, Any]:
    return {
        "object": as_text(report.name),
        "source": as_text(report.source),
        "configuration": report.configuration,
        "verdict": str(report.verdict),
        "md5": list(report.md5),
        "detail": report.detail,
        "reasons": [
            {
                "cause": str(reason.cause),
                "section": reason.section,
                "symbol": reason.symbol,
                "detail": reason.detail,
            }
            for reason in report.reasons
        ],
    }


def _codegen_json(codegen: CodegenReport) -> dict[str, Any]:
    return {
        "functions": codegen.functions,
        "objects": codegen.objects,
        "compared": dict(zip(("functions", "objects"), codegen.compared, strict=True)),
        "unproved": [_function_json(report) for report in codegen.unproved],
        "only_before": [_function_json(report) for report in codegen.only_before],
        "only_after": [_function_json(report) for report in codegen.only_after],
        "causes": {cause.name.lower(): codegen.causes[cause] for cause in CodeCause},
        "plain_names": [
            {
                "object": as_text(plain_name.object),
                "name": plain_name.name,
                "defined": plain_name.defined,
            }
            for plain_name in codegen.plain_names
        ],
        "unmoved": [{"instance": where, "name": name} for where, name in codegen.unmoved],
    }


def _function_json(report: FunctionReport) -> dict[str, Any]:
    return {
        "object": as_text(report.object),
        "name": report.name,
        "is_function": report.is_function,
        "detail": report.detail,
        "cause": report.cause.name.lower(),
        "evidence": report.evidence,
        "before": list(report.before),
        "after": list(report.after),
    }
