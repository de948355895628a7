"""`vrefactor series`: the whole chain of steps as a quilt series."""

from __future__ import annotations

from pathlib import Path

import click

from vrefactor.cli.common import open_session
from vrefactor.cli.options import (
    CONTEXT,
    TREE,
    CommonOptions,
    StepOptions,
    common_options,
    step_options,
)
from vrefactor.cli.planning import finish, plan_stages
from vrefactor.cli.series_text import PatchMade, description, readme
from vrefactor.source.diff import unified_diff
from vrefactor.source.quilt import Patch, write_series
from vrefactor.steps.registry import STEPS


@click.command()
@TREE
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    required=True,
    help="Folder of the series (made, or an earlier series of ours).",
)
@step_options
@common_options
@CONTEXT
def series(
    tree: Path, output: Path, steps: StepOptions, common: CommonOptions, context: int
) -> int:
    """Write the chain of steps as a quilt series: DIR/series and DIR/NNNN-name.patch.

    All steps, or with --step only that one, or with --through those up to it.  A step that
    changes nothing makes no patch.  DIR/README says what each patch claims, and which command
    proves it.
    """
    wanted = steps.wanted() if steps.step or steps.through else STEPS
    session = open_session(tree, common)
    stages = plan_stages(session, wanted, common.subsystems, wrap=steps.wrap)
    shown = [stage for stage in stages if stage.step in wanted] if steps.step else stages
    diffs = [unified_diff(stage.before, stage.after, context) for stage in shown]
    pairs = [(stage, diff) for stage, diff in zip(shown, diffs, strict=True) if diff]
    patches = [Patch(stage.step.name, description(stage), diff) for stage, diff in pairs]
    made = PatchMade(common.rules, common.subsystems, steps, context)
    text = readme([stage for stage, _ in pairs], made, session.rules.vocabulary)
    write_series(output, patches, text)
    return finish(shown, common)
