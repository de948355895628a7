"""Step 1.6, a toy: a comment above each line that uses a virtualised variable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vrefactor.steps.step import SAME_OBJECTS, Step

if TYPE_CHECKING:
    from vrefactor.edit.draft import Draft
    from vrefactor.plan.model import Plan


def _plan(draft: Draft) -> Plan:
    from vrefactor.steps.toy.step import plan

    return plan(draft)


STEP = Step("1.6", "toy", "Mark each use of a virtualised variable", (SAME_OBJECTS,), _plan)
