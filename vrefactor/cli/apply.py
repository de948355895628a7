"""`vrefactor apply`: a step carried out in place, all or nothing."""

from __future__ import annotations

from pathlib import Path

import click

from vrefactor.cli import common, planning
from vrefactor.source.write import recover, write_tree


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
    common.QUIET,
    common.NO_CACHE,
)
@click.pass_context
def apply(
    click_context: click.Context,
    tree: Path,
    step: str | None,
    through: str | None,
    wrap: bool,
    rules: str | None,
    subsystems: tuple[str, ...],
    jobs: int | None,
    json_file: Path | None,
    quiet: bool,
    no_cache: bool,
) -> None:
    """Carry out a step in place, all or nothing.

    Earlier steps that are not done yet are carried out with it.  If an earlier apply was
    interrupted in TREE, it is finished first.
    """
    wanted = planning.wanted_steps(step, through)
    if recover(tree):
        common.complain(f"{tree}: an interrupted apply has been finished")
    session = common.open_session(tree, rules, jobs, no_cache=no_cache, quiet=quiet)
    stages = planning.plan_stages(session, wanted, subsystems, wrap=wrap)
    write_tree(stages[-1].after)
    planning.finish(click_context, stages, json_file, quiet=quiet)
