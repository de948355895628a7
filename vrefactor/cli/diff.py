"""`vrefactor diff`: the patch of one step, on standard output."""

from __future__ import annotations

from pathlib import Path

import click

from vrefactor.cli import common, planning
from vrefactor.source.diff import unified_diff


@click.command()
@common.options(
    common.TREE,
    planning.STEP,
    planning.THROUGH,
    planning.WRAP,
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
    click_context: click.Context,
    tree: Path,
    step: str | None,
    through: str | None,
    wrap: bool,
    rules: str | None,
    subsystems: tuple[str, ...],
    jobs: int | None,
    json_file: Path | None,
    context: int,
    output: Path | None,
    quiet: bool,
    no_cache: bool,
) -> None:
    """Print the patch of one step.

    Earlier steps that are not done yet are planned first, in memory; the patch holds the
    step alone.  With --through it holds all of them.
    """
    wanted = planning.wanted_steps(step, through)
    session = common.open_session(tree, rules, jobs, no_cache=no_cache, quiet=quiet)
    stages = planning.plan_stages(session, wanted, subsystems, wrap=wrap)
    shown = stages if through else [stage for stage in stages if stage.step in wanted]
    common.write_output(unified_diff(shown[0].before, shown[-1].after, context), output)
    planning.finish(click_context, shown, json_file, quiet=quiet)
