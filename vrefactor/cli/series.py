"""`vrefactor series`: the whole chain of steps as a quilt series."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from vrefactor.cli import common, planning
from vrefactor.source.diff import unified_diff
from vrefactor.source.quilt import Patch, write_series
from vrefactor.steps.plan import Verdict
from vrefactor.steps.registry import STEPS
from vrefactor.steps.run import Stage


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
    changes nothing makes no patch.
    """
    wanted = planning.wanted_steps(step, through) if step or through else STEPS
    session = common.open_session(tree, rules, jobs, no_cache=no_cache, quiet=quiet)
    stages = planning.plan_stages(session, wanted, subsystems, wrap=wrap)
    shown = [stage for stage in stages if stage.step in wanted] if step else stages
    write_series(output, _patches(shown, context))
    planning.finish(click_context, shown, json_file, quiet=quiet)


def _patches(stages: list[Stage], context: int) -> Iterator[Patch]:
    for stage in stages:
        diff = unified_diff(stage.before, stage.after, context)
        if diff:
            yield Patch(stage.step.name, _description(stage), diff)


def _description(stage: Stage) -> str:
    rewritten = stage.plan.count(Verdict.REWRITTEN)
    refused = stage.plan.count(Verdict.REFUSED)
    lines = [
        f"{stage.plan.title}",
        "",
        f"Step {stage.step.number} ({stage.step.name}): {rewritten} sites rewritten.",
        f"Reproduce it with: vrefactor diff TREE --step {stage.step.number}",
    ]
    if refused:
        lines.append(f"{refused} sites were refused, and need a person:")
        lines += [f"  {one.path}:{one.line} {one.name}: {one.reason}" for one in stage.plan.refused]
    return "\n".join(lines) + "\n"
