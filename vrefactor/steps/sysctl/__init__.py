"""Step 1.5.3: sysctls on virtualised variables take their `SYSCTL_V_` form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vrefactor.plan.step import SAME_OBJECTS, Step

if TYPE_CHECKING:
    from vrefactor.index.index import Index
    from vrefactor.plan.model import Plan
    from vrefactor.plan.symbols import SymbolTable


def _plan(index: Index, table: SymbolTable) -> Plan:
    from vrefactor.steps.sysctl.step import plan

    return plan(index, table)


STEP = Step("1.5.3", "sysctl", (SAME_OBJECTS,), _plan)
