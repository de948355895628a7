"""Step 1.5.2: headers for the containers, and the selection of a stack in every function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vrefactor.steps.step import SAME_OBJECTS, Step

if TYPE_CHECKING:
    from vrefactor.edit.draft import Draft
    from vrefactor.plan.model import Plan


def _plan(draft: Draft) -> Plan:
    from vrefactor.steps.stubs.step import plan

    return plan(draft)


STEP = Step(
    "1.5.2",
    "stubs",
    "Select a network stack in every function that uses one",
    (SAME_OBJECTS,),
    _plan,
)
