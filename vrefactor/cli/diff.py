"""`vrefactor diff`: the patch of one step, on standard output."""

from __future__ import annotations

from pathlib import Path

import click

from vrefactor.cli import building, common, confirming, planning
from vrefactor.source.diff import unified_diff


@click.command()
@common.options(
    common.TREE,
    planning.STEP,
    planning.THROUGH,
    planning.WRAP,
    confirming.CONFIRM,
    building.COMPILE_COMMANDS,
    building.KERNCONF,
    building.ARCH,
    building.ALSO,
    building.CC,
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
    confirm: bool,
    compile_commands: Path | None,
    kernconfs: tuple[str, ...],
    arch: str,
    also: tuple[str, ...],
    cc: str | None,
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

    With --confirm, libclang parses what the tree's build compiles, and says of every site
    whether it is the variable; where it says otherwise, both opinions are printed.
    """
    wanted = planning.wanted_steps(step, through)
    how = building.Building(compile_commands, kernconfs, arch, cc, also)
    if not confirm:
        how.check_unused()
    session = common.open_session(tree, rules, jobs, no_cache=no_cache, quiet=quiet)
    stages = planning.plan_stages(session, wanted, subsystems, wrap=wrap)
    shown = stages if through else [stage for stage in stages if stage.step in wanted]
    confirmed = confirming.confirm_stages(session, shown, how) if confirm else []
    common.write_output(unified_diff(shown[0].before, shown[-1].after, context), output)
    parse = planning.account(session, subsystems, json_file)
    stages = [other_confirmed.stage for other_confirmed in confirmed] or shown
    planning.finish(click_context, stages, json_file, quiet=quiet, confirmed=confirmed, parse=parse)
