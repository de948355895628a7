"""`vrefactor audit`: what is not virtualised yet, or not safely."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from vrefactor.audit.model import Audit, AuditCandidate, AuditFinding, AuditSubject, AuditVerdict
from vrefactor.audit.run import CHECKS
from vrefactor.audit.run import audit as run_audit
from vrefactor.cli.common import as_text, complain, open_session, write_json, write_output
from vrefactor.cli.options import OUTPUT, TREE, CommonOptions, common_options
from vrefactor.errors import ExitCode
from vrefactor.scan.scope import unruled

_PLURALS = {
    AuditSubject.USE: "uses",
    AuditSubject.ENTRY: "entry points",
    AuditSubject.PAIR: "SETs and RESTOREs",
    AuditSubject.LOOP: "loops over all stacks",
    AuditSubject.CALLOUT: "callouts armed",
    AuditSubject.LINK: "links into lists",
}


@click.command()
@TREE
@click.option(
    "--check",
    "checks",
    multiple=True,
    type=click.Choice(CHECKS),
    default=CHECKS,
    show_default=True,
    help="What to check (repeatable).",
)
@common_options
@OUTPUT
def audit(tree: Path, checks: tuple[str, ...], common: CommonOptions, output: Path | None) -> int:
    """Check a tree that has virtual network stacks, or the macros for them.

    context: is every use of a V_ name reached with a current stack set only?  The whole tree
    is read; with --subsystem (or a folder) only what is found there is told.
    """
    session = open_session(tree, common, unruled)
    with session.progress:
        found = run_audit(session.tree, session.rules, common.subsystems, session.options)
    if common.json_file is not None:
        write_json(as_json(found), common.json_file)
    write_output(_table(found.findings), output)
    if not common.quiet:
        _report(found)
    return int(ExitCode.FINDINGS if found.findings else ExitCode.OK)


def _table(findings: Iterable[AuditFinding]) -> bytes:
    """Return each finding as a line, with its chain below."""
    lines = (
        "\n    ".join(
            (
                f"{finding.path}:{finding.line}: {finding.kind}: {finding.name}: {finding.what}",
                *finding.chain,
            )
        )
        for finding in findings
    )
    text = "".join(f"{line}\n" for line in lines)
    return text.encode("utf-8", "surrogateescape")


def _report(found: Audit) -> None:
    """Say how many candidates of each kind there are, and what became of them."""
    click.echo(f"audit context: {found.names} names that need a stack", err=True)
    for subject, counts in _totals(found.candidates).items():
        parts = ", ".join(f"{count} {reason}" for (_, reason), count in counts.items())
        click.echo(f"  {_PLURALS[subject]}: {counts.total()}: {parts}", err=True)
    kinds = Counter(str(finding.kind) for finding in found.findings)
    parts = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    click.echo(f"  findings: {len(found.findings)}{f': {parts}' if parts else ''}", err=True)
    for note in found.notes:
        complain(f"note: {note}")


def _totals(
    candidates: Iterable[AuditCandidate],
) -> dict[AuditSubject, Counter[tuple[AuditVerdict, str]]]:
    """Count the candidates of each kind by their verdicts and reasons, fine ones first."""
    order = list(AuditVerdict)
    keys = [(candidate.subject, candidate.verdict, candidate.reason) for candidate in candidates]
    totals: dict[AuditSubject, Counter[tuple[AuditVerdict, str]]] = {
        subject: Counter() for subject in AuditSubject
    }
    for subject, verdict, reason in sorted(keys, key=lambda key: (order.index(key[1]), key[2])):
        totals[subject][verdict, reason] += 1
    return {subject: counts for subject, counts in totals.items() if counts}


def as_json(found: Audit) -> dict[str, Any]:
    """Return an audit as plain data."""
    return {
        "check": "context",
        "names": found.names,
        "totals": {
            str(subject): {str(verdict): _count(counts, verdict) for verdict in AuditVerdict}
            for subject, counts in _totals(found.candidates).items()
        },
        "findings": [_plain(finding) for finding in found.findings],
        "candidates": [_plain(candidate) for candidate in found.candidates],
        "notes": list(found.notes),
    }


def _count(counts: Counter[tuple[AuditVerdict, str]], verdict: AuditVerdict) -> int:
    return sum(count for (audit_verdict, _), count in counts.items() if audit_verdict is verdict)


def _plain(item: AuditFinding | AuditCandidate) -> dict[str, Any]:
    return {**asdict(item), "path": as_text(item.path)}
