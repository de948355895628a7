"""`vrefactor audit`: what is not virtualised yet, or not safely."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from vrefactor.audit.model import Audit, Finding, Unknown
from vrefactor.audit.run import CHECKS
from vrefactor.audit.run import audit as run_audit
from vrefactor.cli import common
from vrefactor.cli.json import write_json
from vrefactor.errors import ExitCode
from vrefactor.scan.scope import unruled


@click.command()
@common.options(
    common.TREE,
    click.option(
        "--check",
        "checks",
        multiple=True,
        type=click.Choice(CHECKS),
        default=CHECKS,
        show_default=True,
        help="What to check (repeatable).",
    ),
    common.RULES,
    common.SUBSYSTEM,
    common.JOBS,
    common.JSON,
    common.OUTPUT,
    common.QUIET,
    common.NO_CACHE,
)
@click.pass_context
def audit(
    context: click.Context,
    tree: Path,
    checks: tuple[str, ...],
    rules: str | None,
    subsystems: tuple[str, ...],
    jobs: int | None,
    json_file: Path | None,
    output: Path | None,
    quiet: bool,
    no_cache: bool,
) -> None:
    """Check a tree that has virtual network stacks, or the macros for them.

    context: is every use of a V_ name reached with a current stack set only?  The whole tree
    is read; with --subsystem (or a folder) only what is found there is told.
    """
    session = common.open_session(
        tree, rules, jobs, no_cache=no_cache, quiet=quiet, unruled=unruled
    )
    with session.progress:
        found = run_audit(session.tree, session.rules, subsystems, session.options)
    if json_file is not None:
        write_json(as_json(found), json_file)
    common.write_output(_table(found.findings), output)
    if not quiet:
        _report(found)
    context.exit(ExitCode.FINDINGS if found.findings else ExitCode.OK)


def _table(findings: Iterable[Finding]) -> bytes:
    """Return each finding as a line, with its chain below."""
    lines = (
        "\n    ".join((f"{one.path}:{one.line}: {one.kind}: {one.name}: {one.what}", *one.chain))
        for one in findings
    )
    text = "".join(f"{line}\n" for line in lines)
    return text.encode("utf-8", "surrogateescape")


def _report(found: Audit) -> None:
    kinds = Counter(str(one.kind) for one in found.findings)
    parts = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    click.echo(
        f"audit context: {found.uses} uses of {found.names} names, {found.entries} entry points: "
        f"{len(found.findings)} findings{f': {parts}' if parts else ''}",
        err=True,
    )
    if found.unknown:
        count = len({(one.path, one.name) for one in found.unknown})
        click.echo(
            f"  {count} more functions are handed over in ways that no rule names (see --json)",
            err=True,
        )
    for note in found.notes:
        common.complain(f"note: {note}")


def as_json(found: Audit) -> dict[str, Any]:
    """Return an audit as plain data."""
    return {
        "check": "context",
        "names": found.names,
        "uses": found.uses,
        "entries": found.entries,
        "findings": [_plain(one) for one in found.findings],
        "unknown": [_plain(one) for one in found.unknown],
        "notes": list(found.notes),
    }


def _plain(one: Finding | Unknown) -> dict[str, Any]:
    path = one.path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return {**asdict(one), "path": path}
