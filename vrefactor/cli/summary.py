"""The summary of a plan, for people and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from vrefactor.cli.common import as_text, complain
from vrefactor.plan.model import Evidence, Finding, Plan, Site, Verdict
from vrefactor.steps.series import Stage

if TYPE_CHECKING:
    from vrefactor.index.parse_coverage import ParseReport


def print_summary(stage: Stage) -> None:
    """Print the totals of a step and every refused site to standard error."""
    plan = stage.plan
    rewritten, refused = plan.count(Verdict.REWRITTEN), plan.count(Verdict.REFUSED)
    files = len({site.path for site in plan.sites if site.verdict is not Verdict.SKIPPED})
    skipped = plan.skipped()
    click.echo(
        f"step {stage.step.number} {plan.step}: {rewritten + refused} sites in {files} files: "
        f"{rewritten} rewritten, {refused} refused; "
        f"{skipped.total()} other uses of the names skipped",
        err=True,
    )
    if skipped:
        parts = [f"{count} {reason}" for reason, count in _ordered(skipped)]
        click.echo(f"  skipped: {', '.join(parts)}", err=True)
    for site in plan.refused:
        complain(describe(site))
    for finding in plan.findings:
        complain(found(finding))
    for note in plan.notes:
        complain(f"note: {note}")


def _ordered(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def describe(site: Site) -> str:
    """Return a refused site as one line."""
    detail = f" ({site.detail})" if site.detail else ""
    return f"{site.path}:{site.line}: {site.name}: refused: {site.reason}{detail}"


def found(finding: Finding) -> str:
    """Return a finding as lines: what it is, and below it each link of its chain."""
    head = f"{finding.path}:{finding.line}: {finding.name}: finding: {finding.what}"
    return "\n    ".join((head, *finding.chain))


def as_json(stages: Sequence[Stage]) -> dict[str, Any]:
    """Return the verdicts and figures of some steps as plain data."""
    return {"steps": [_stage_json(stage) for stage in stages]}


def _stage_json(stage: Stage) -> dict[str, Any]:
    plan = stage.plan
    return {
        "step": stage.step.number,
        "name": plan.step,
        "candidates": len(plan.sites),
        "rewritten": plan.count(Verdict.REWRITTEN),
        "refused": plan.count(Verdict.REFUSED),
        "skipped": dict(_ordered(plan.skipped())),
        "sites": [_site_json(site) for site in plan.sites],
        "findings": [_finding_json(finding) for finding in plan.findings],
        "new_files": [new.path for new in plan.new_files],
        "notes": list(plan.notes),
    }


def _finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "path": as_text(finding.path),
        "line": finding.line,
        "name": finding.name,
        "what": finding.what,
        "chain": list(finding.chain),
    }


def _site_json(site: Site) -> dict[str, Any]:
    return {
        "path": as_text(site.path),
        "line": site.line,
        "offset": site.start,
        "name": site.name,
        "verdict": str(site.verdict),
        "reason": str(site.reason),
        "detail": site.detail,
        "evidence": str(site.reason) if isinstance(site.reason, Evidence) else None,
        "configurations": list(site.configurations),
    }


def parse_json(report: ParseReport) -> dict[str, Any]:
    """Return how much of a tree parses as plain data."""
    return {
        "files": report.files,
        "bytes": report.bytes,
        "error_bytes": report.error_bytes,
        "regions": [{"path": path, "line": line} for path, line in report.regions],
    }


def exit_status(plans: list[Plan]) -> int:
    """Return 1 if any site was refused or anything was found, else 0."""
    return int(any(plan.refused or plan.findings for plan in plans))
