"""Step 3: as many network stacks as one wants, with option VIMAGE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vrefactor.steps.step import Claim, Step

if TYPE_CHECKING:
    from vrefactor.edit.draft import Draft
    from vrefactor.plan.model import Plan


def _plan(draft: Draft) -> Plan:
    from vrefactor.steps.virtualize.step import plan

    return plan(draft)


STEP = Step(
    "3",
    "virtualize",
    "Make every network stack one of many",
    (
        Claim(
            "Without option {option}, every object file is the same.  With it there are as many "
            "network stacks as one wants, and each variable is that of the one selected.",
            options=("{option}",),
        ),
    ),
    _plan,
)
