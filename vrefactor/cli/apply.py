"""`vrefactor apply`: a step carried out in place, all or nothing."""

from __future__ import annotations

from pathlib import Path

import click

from vrefactor.cli.common import complain, open_session
from vrefactor.cli.options import (
    TREE,
    CommonOptions,
    StepOptions,
    common_options,
    step_options,
)
from vrefactor.cli.planning import finish, plan_stages
from vrefactor.source.write import recover, write_tree


@click.command()
@TREE
@step_options
@common_options
def apply(tree: Path, steps: StepOptions, common: CommonOptions) -> int:
    """Carry out a step in place, all or nothing.

    Earlier steps that are not done yet are carried out with it.  If an earlier apply was
    interrupted in TREE, it is finished first.
    """
    wanted = steps.wanted()
    if recover(tree):
        complain(f"{tree}: an interrupted apply has been finished")
    session = open_session(tree, common)
    stages = plan_stages(session, wanted, common.subsystems, wrap=steps.wrap)
    write_tree(stages[-1].after)
    return finish(stages, common)
