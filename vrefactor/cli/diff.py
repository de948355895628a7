"""`vrefactor diff`: the patch of one step, on standard output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vrefactor.build.options import BuildOptions
from vrefactor.cli.common import Session, open_session, write_output
from vrefactor.cli.options import (
    CONTEXT,
    OUTPUT,
    TREE,
    CommonOptions,
    StepOptions,
    common_options,
    confirm_build_options,
    gathered,
    step_options,
)
from vrefactor.cli.planning import finish, plan_stages
from vrefactor.errors import USAGE, VrefactorError
from vrefactor.source.diff import unified_diff
from vrefactor.steps.series import Stage

if TYPE_CHECKING:
    from vrefactor.confirm.plan import ConfirmedPlan


@dataclass(frozen=True, slots=True)
class PatchOptions:
    """How the patch looks, and where it goes."""

    context: int
    output: Path | None


@click.command()
@TREE
@step_options
@click.option("--confirm", is_flag=True, help="Ask libclang about every site; it may contradict.")
@confirm_build_options
@common_options
@gathered(PatchOptions, "patch", CONTEXT, OUTPUT)
def diff(
    tree: Path,
    steps: StepOptions,
    confirm: bool,
    building: BuildOptions,
    common: CommonOptions,
    patch: PatchOptions,
) -> int:
    """Print the patch of one step.

    Earlier steps that are not done yet are planned first, in memory; the patch holds the
    step alone.  With --through it holds all of them.

    With --confirm, libclang parses what the tree's build compiles, and says of every site
    whether it is the variable; where it says otherwise, both opinions are printed.
    """
    wanted = steps.wanted()
    if building != BuildOptions() and not confirm:
        detail = "what says how to build (--kernconf, --cc and the like) needs --confirm"
        raise VrefactorError(USAGE, detail)
    session = open_session(tree, common)
    stages = plan_stages(session, wanted, common.subsystems, wrap=steps.wrap)
    shown = stages if steps.through else [stage for stage in stages if stage.step in wanted]
    confirmed = _confirm(session, shown, building) if confirm else []
    write_output(unified_diff(shown[0].before, shown[-1].after, patch.context), patch.output)
    parse = None
    if common.json_file is not None:
        # The whole front end: most runs find what they need in the cache.
        from vrefactor.index.parse_coverage import parse_report

        with session.progress:
            parse = parse_report(session.tree, session.rules, common.subsystems, session.options)
    evident = [
        replace(stage, plan=heard.evident.plan)
        for stage, heard in zip(shown, confirmed, strict=False)
    ]
    return finish(evident or shown, common, confirmed, parse)


def _confirm(
    session: Session, stages: Sequence[Stage], building: BuildOptions
) -> list[ConfirmedPlan]:
    """Ask libclang about the sites of each stage, in the tree before it."""
    from vrefactor.confirm.plan import confirm_plan  # loads libclang, which few runs need

    with session.progress:
        return [
            confirm_plan(
                stage.before, stage.plan, stage.table, session.rules, building, session.options
            )
            for stage in stages
        ]
