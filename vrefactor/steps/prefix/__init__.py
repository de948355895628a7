"""Step 1: every use of a virtualised global `x` becomes `V_x`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vrefactor.steps.step import SAME_OBJECTS, Step

if TYPE_CHECKING:
    from vrefactor.edit.draft import Draft
    from vrefactor.plan.model import Plan


def _plan(draft: Draft) -> Plan:
    from vrefactor.steps.prefix.step import plan

    return plan(draft)


STEP = Step(
    "1", "prefix", "Prefix every use of a virtualised global with V_", (SAME_OBJECTS,), _plan
)
