"""`vrefactor diff`: the patch of one step, on standard output."""

from __future__ import annotations

from pathlib import Path

import click

from vrefactor.cli import common
from vrefactor.cli.json import write_json
from vrefactor.cli.summary import as_json, exit_status, print_summary
from vrefactor.errors import USAGE, VrefactorError
from vrefactor.source.diff import unified_diff
from vrefactor.steps.run import Stage, run_series


@click.command()
@common.options(
    common.TREE,
    click.option("--step", metavar="S", help="The step whose patch is wanted."),
    click.option("--through", metavar="S", help="One patch of all steps through S."),
    common.RULES,
    common.SUBSYSTEM,
    common.JOBS,
    common.JSON,
    common.CONTEXT,
    common.OUTPUT,
    common.QUIET,
    common.NO_CACHE,
)
@click.pass_context
def diff(
    context_: click.Context,
    tree: Path,
    step: str | None,
    through: str | None,
    rules: str | None,
    subsystems: tuple[str, ...],
    jobs: int | None,
    json_file: Path | None,
    context: int,
    output: Path | None,
    quiet: bool,
    no_cache: bool,
) -> None:
    """Print the patch of one step."""
    if (step is None) == (through is None):
        raise VrefactorError(USAGE, "give either --step S or --through S")
    wanted = common.steps_named(step or through or "")
    session = common.open_session(tree, rules, jobs, no_cache=no_cache, quiet=quiet)
    with session.progress:
        stages = run_series(session.tree, session.rules, wanted, subsystems, session.options)
    shown = stages if through else [stage for stage in stages if stage.step in wanted]
    common.write_output(unified_diff(shown[0].before, shown[-1].after, context), output)
    finish(context_, shown, json_file, quiet=quiet)


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
