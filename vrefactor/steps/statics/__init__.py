"""Step 1.5.1: file-local statics whose names collide get names of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vrefactor.steps.step import SAME_OBJECTS, Step

if TYPE_CHECKING:
    from vrefactor.edit.draft import Draft
    from vrefactor.plan.model import Plan


def _plan(draft: Draft) -> Plan:
    from vrefactor.steps.statics.step import plan

    return plan(draft)


STEP = Step("1.5.1", "statics", "Rename statics whose names collide", (SAME_OBJECTS,), _plan)
