"""What `vrefactor verify` prints, and writes as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import click

from vrefactor.cli.json import as_text
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
_FINDINGS = (ObjectVerdict.BROKEN, ObjectVerdict.DIFFERENT)


@dataclass(frozen=True, slots=True)
class VerifyOutcome:
    """A report, with what it is about, the files that were not asked for, and the time it took.

    `lines` says which lines the coverage is about; `seconds` is the wall time of the whole
    command.
    """

    label: str
    lines: str
    report: VerifyReport
    left_out: int
    seconds: float

    @property
    def sources(self) -> tuple[int, int]:
        """How many sources were compared in some configuration, and how many there are."""
        objects = self.report.objects
        compared = {one.source for one in objects if one.verdict in _COMPARED}
        return len(compared), len({one.source for one in objects})


def print_report(outcome: VerifyOutcome, *, quiet: bool) -> None:
    """Print the findings to standard output, and then, unless `quiet`, the rest and a summary."""
    report = outcome.report
    for verdict in _FINDINGS:
        _print_capped(_finding(one) for one in report.objects if one.verdict is verdict)
    if report.codegen is not None:
        _print_codegen(report.codegen)
    if quiet:
        return
    _print_capped([f"{one.name}: not covered: {one.detail}"] for one in _not_covered(report))
    _print_capped([f"{path}: not built: {reason}"] for path, reason in report.skipped)
    _print_capped([f"{one.path}:{one.line}: not compiled"] for one in report.uncovered)
    for line in _summary(outcome):
        click.echo(_plain(line), err=True)


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


def _finding(one: ObjectReport) -> list[str]:
    if one.verdict is ObjectVerdict.BROKEN:
        return [f"{one.name}: compiles only before: {one.detail}"]
    lines = [
        f"{sign}MD5 ({one.name}) = {md5}" for sign, md5 in zip("-+", one.md5, strict=True) if md5
    ]
    return [*lines, *(f"    {reason}" for reason in one.reasons)]


def _not_covered(report: VerifyReport) -> Iterator[ObjectReport]:
    for one in report.objects:
        if one.verdict is ObjectVerdict.NOT_COVERED:
            yield one


def _print_codegen(codegen: CodegenReport) -> None:
    urgent = sorted(codegen.unproved, key=lambda one: one.cause not in URGENT)
    _print_capped(_function(one) for one in urgent)
    _print_capped([f"{one.object}: {one.name}: {one.detail}: {one.cause}"] for one in codegen.lone)
    _print_capped(
        [f"{one.object}: {one.name} is still {'defined' if one.defined else 'referred to'}"]
        for one in codegen.plain_names
    )


def _function(one: FunctionReport) -> list[str]:
    """Return what differs, the instructions side by side."""
    width = max((len(line) for line in one.before), default=0)
    sides = zip(one.before, one.after, strict=True)
    rows = [f"    {before.ljust(width)} | {after}" for before, after in sides]
    because = f"    {one.cause}" + (f": {one.evidence}" if one.evidence else "")
    return [f"{one.object}: {one.name}: {one.detail}", because, *rows]


def _summary(outcome: VerifyOutcome) -> Iterator[str]:
    report = outcome.report
    counts = report.counts
    parts = [f"{counts[verdict]} {words}" for verdict, words in _ALWAYS.items()]
    rest = [verdict for verdict in ObjectVerdict if verdict not in _ALWAYS and counts[verdict]]
    parts += [f"{counts[verdict]} {verdict}" for verdict in rest]
    yield f"{outcome.label}: {len(report.objects)} objects: {', '.join(parts)}"
    compared, sources = outcome.sources
    left_out = f"; {outcome.left_out} others left out (--all builds them)"
    yield f"  files: {compared} of {sources} compared{left_out if outcome.left_out else ''}"
    if report.coverage:
        total, missed = len(report.coverage), len(report.uncovered)
        yield f"  coverage: {total - missed} of {total} {outcome.lines} compiled, {missed} not"
    if report.codegen is not None:
        yield from _codegen_summary(report.codegen)
    compilers = report.seconds[0]
    own = outcome.seconds - compilers
    yield f"  {outcome.seconds:.1f} s: {compilers:.1f} s compilers, {own:.1f} s all else"


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
        causes = Counter(one.cause for one in codegen.lone)
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
        "sources": {"compared": compared, "all": sources, "left_out": outcome.left_out},
        "objects": [_object_json(one) for one in report.objects],
        "skipped": [{"path": as_text(path), "reason": why} for path, why in report.skipped],
        "coverage": [
            {
                "path": as_text(one.path),
                "line": one.line,
                "configurations": list(one.configurations),
            }
            for one in report.coverage
        ],
        "codegen": None if report.codegen is None else _codegen_json(report.codegen),
        "seconds": {"compilers": report.seconds[0], "all": outcome.seconds},
    }


def _object_json(one: ObjectReport) -> dict[str, Any]:
    return {
        "object": as_text(one.name),
        "source": as_text(one.source),
        "configuration": one.configuration,
        "verdict": str(one.verdict),
        "md5": list(one.md5),
        "detail": one.detail,
        "reasons": [
            {
                "cause": str(reason.cause),
                "section": reason.section,
                "symbol": reason.symbol,
                "detail": reason.detail,
            }
            for reason in one.reasons
        ],
    }


def _codegen_json(codegen: CodegenReport) -> dict[str, Any]:
    return {
        "functions": codegen.functions,
        "objects": codegen.objects,
        "compared": dict(zip(("functions", "objects"), codegen.compared, strict=True)),
        "unproved": [_function_json(one) for one in codegen.unproved],
        "only_before": [_function_json(one) for one in codegen.only_before],
        "only_after": [_function_json(one) for one in codegen.only_after],
        "causes": {cause.name.lower(): codegen.causes[cause] for cause in CodeCause},
        "plain_names": [
            {"object": as_text(one.object), "name": one.name, "defined": one.defined}
            for one in codegen.plain_names
        ],
        "unmoved": [{"instance": where, "name": name} for where, name in codegen.unmoved],
    }


def _function_json(one: FunctionReport) -> dict[str, Any]:
    return {
        "object": as_text(one.object),
        "name": one.name,
        "is_function": one.is_function,
        "detail": one.detail,
        "cause": one.cause.name.lower(),
        "evidence": one.evidence,
        "before": list(one.before),
        "after": list(one.after),
    }
