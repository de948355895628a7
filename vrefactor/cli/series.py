"""`vrefactor series`: the whole chain of steps as a quilt series."""

from __future__ import annotations

from pathlib import Path

import click

from vrefactor.cli import common, planning
from vrefactor.cli.series_text import PatchMade, description, readme
from vrefactor.source.diff import unified_diff
from vrefactor.source.quilt import Patch, write_series
from vrefactor.steps.registry import STEPS


@click.command()
@common.options(
    common.TREE,
    click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path),
        metavar="DIR",
        required=True,
        help="Folder of the series (made, or an earlier series of ours).",
    ),
    planning.STEP,
    planning.THROUGH,
    planning.WRAP,
    common.RULES,
    common.SUBSYSTEM,
    common.JOBS,
    common.JSON,
    common.CONTEXT,
    common.QUIET,
    common.NO_CACHE,
)
@click.pass_context
def series(
    click_context: click.Context,
    tree: Path,
    output: Path,
    step: str | None,
    through: str | None,
    wrap: bool,
    rules: str | None,
    subsystems: tuple[str, ...],
    jobs: int | None,
    json_file: Path | None,
    context: int,
    quiet: bool,
    no_cache: bool,
) -> None:
    """Write the chain of steps as a quilt series: DIR/series and DIR/NNNN-name.patch.

    All steps, or with --step only that one, or with --through those up to it.  A step that
    changes nothing makes no patch.  DIR/README says what each patch claims, and which command
    proves it.
    """
    wanted = planning.wanted_steps(step, through) if step or through else STEPS
    session = common.open_session(tree, rules, jobs, no_cache=no_cache, quiet=quiet)
    stages = planning.plan_stages(session, wanted, subsystems, wrap=wrap)
    shown = [stage for stage in stages if stage.step in wanted] if step else stages
    diffs = [unified_diff(stage.before, stage.after, context) for stage in shown]
    pairs = [(stage, diff) for stage, diff in zip(shown, diffs, strict=True) if diff]
    patches = [Patch(stage.step.name, description(stage), diff) for stage, diff in pairs]
    made = PatchMade(rules, subsystems, step, through, wrap, context)
    text = readme([stage for stage, _ in pairs], made, session.rules.vocabulary)
    write_series(output, patches, text)
    planning.finish(click_context, shown, json_file, quiet=quiet)
