"""What diff, apply and series share: planning the wanted steps, and leaving."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from vrefactor.cli.common import Session, steps_named
from vrefactor.cli.json import write_json
from vrefactor.cli.summary import as_json, exit_status, print_summary
from vrefactor.errors import USAGE, VrefactorError
from vrefactor.steps.registry import Step
from vrefactor.steps.run import Stage, run_series

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


def plan_stages(
    session: Session, wanted: Sequence[Step], subsystems: tuple[str, ...], *, wrap: bool
) -> list[Stage]:
    """Plan every step up to the last wanted one, with a progress bar on a terminal."""
    with session.progress:
        return run_series(
            session.tree, session.rules, wanted, subsystems, session.options, wrap=wrap
        )


def finish(
    context: click.Context, stages: list[Stage], json_file: Path | None, *, quiet: bool
) -> None:
    """Report what was planned, and leave with the status that it means."""
    if json_file is not None:
        write_json(as_json(stages), json_file)
    if not quiet:
        for stage in stages:
            print_summary(stage)
    context.exit(exit_status([stage.plan for stage in stages]))
