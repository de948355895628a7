"""Step 2.1: initial values of virtualised variables are assigned in init functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vrefactor.steps.step import Claim, Step

if TYPE_CHECKING:
    from vrefactor.edit.draft import Draft
    from vrefactor.plan.model import Plan


def _plan(draft: Draft) -> Plan:
    from vrefactor.steps.initializers.step import plan

    return plan(draft)


STEP = Step(
    "2.1",
    "initializers",
    "Assign the initial values of virtualised variables in init functions",
    (
        Claim(
            "Initial values become code, so the objects of the files that the patch touches "
            "differ; all others are the same.  After start-up every variable has the value "
            "that it had."
        ),
    ),
    _plan,
)
