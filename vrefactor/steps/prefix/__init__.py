"""Step 1: every use of a virtualised global `x` becomes `V_x`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vrefactor.plan.step import SAME_OBJECTS, Step

if TYPE_CHECKING:
    from vrefactor.index.index import Index
    from vrefactor.plan.model import Plan
    from vrefactor.plan.symbols import SymbolTable


def _plan(index: Index, table: SymbolTable) -> Plan:
    from vrefactor.steps.prefix.step import plan

    return plan(index, table)


STEP = Step("1", "prefix", (SAME_OBJECTS,), _plan)
