"""Step 1.5.3: sysctls on virtualised variables take their `SYSCTL_V_` form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vrefactor.steps.step import SAME_OBJECTS, Step

if TYPE_CHECKING:
    from vrefactor.edit.draft import Draft
    from vrefactor.plan.model import Plan


def _plan(draft: Draft) -> Plan:
    from vrefactor.steps.sysctl.step import plan

    return plan(draft)


STEP = Step(
    "1.5.3",
    "sysctl",
    "Declare sysctls on virtualised variables with {sysctl}",
    (SAME_OBJECTS,),
    _plan,
)
