"""What diff, apply and series share: planning the wanted steps, and leaving."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vrefactor.cli.common import Session, steps_named
from vrefactor.cli.confirming import Confirmed, confirmed_json, print_confirmed
from vrefactor.cli.json import write_json
from vrefactor.cli.summary import as_json, exit_status, parse_json, print_summary
from vrefactor.errors import USAGE, ExitCode, VrefactorError
from vrefactor.steps.series import Stage, run_series
from vrefactor.steps.step import Step

if TYPE_CHECKING:
    from vrefactor.index.parse_coverage import ParseReport

STEP = click.option("--step", metavar="S", help="The step: a number or a name.")
WRAP = click.option("--wrap", is_flag=True, help="Break lines that get too long by it.")
THROUGH = click.option("--through", metavar="S", help="All steps up to S, as one.")


def wanted_steps(step: str | None, through: str | None) -> tuple[Step, ...]:
    """Return the steps asked for; raises USAGE unless exactly one of the two is given."""
    if step is not None and through is None:
        return steps_named(step)
    if through is not None and step is None:
        return steps_named(through)
    raise VrefactorError(USAGE, "give either --step S or --through S")


def account(
    session: Session, subsystems: tuple[str, ...], json_file: Path | None
) -> ParseReport | None:
    """Return how much of the chosen subsystems parses, if a JSON report is wanted."""
    if json_file is None:
        return None
    # The whole front end: most runs of `diff` find what they need in the cache.
    from vrefactor.index.parse_coverage import parse_report

    with session.progress:
        return parse_report(session.tree, session.rules, subsystems, session.options)


def plan_stages(
    session: Session, wanted: Sequence[Step], subsystems: tuple[str, ...], *, wrap: bool
) -> list[Stage]:
    """Plan every step up to the last wanted one, with a progress bar on a terminal."""
    with session.progress:
        return run_series(
            session.tree, session.rules, wanted, subsystems, session.options, wrap=wrap
        )


def finish(
    context: click.Context,
    stages: Sequence[Stage],
    json_file: Path | None,
    *,
    quiet: bool,
    confirmed: Sequence[Confirmed] = (),
    parse: ParseReport | None = None,
) -> None:
    """Report what was planned, and leave with the status that it means.

    `confirmed` are the same stages, if libclang was asked about them; `parse` says how much
    of the tree parses, for the JSON report.
    """
    if json_file is not None:
        report = _report(stages, confirmed)
        write_json(report if parse is None else {**report, "parse": parse_json(parse)}, json_file)
    if not quiet:
        for number, stage in enumerate(stages):
            print_summary(stage)
            for asked in confirmed[number : number + 1]:
                print_confirmed(asked)
    contradicted = any(other_confirmed.evident.contradictions for other_confirmed in confirmed)
    status = exit_status([stage.plan for stage in stages])
    context.exit(max(status, int(ExitCode.FINDINGS)) if contradicted else status)


def _report(stages: Sequence[Stage], confirmed: Sequence[Confirmed]) -> dict[str, Any]:
    report = as_json(stages)
    for entry, asked in zip(report["steps"], confirmed, strict=False):
        entry["confirm"] = confirmed_json(asked)
    return report
