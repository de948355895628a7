"""Step 3: as many network stacks as one wants, with option VIMAGE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vrefactor.plan.step import Claim, Step

if TYPE_CHECKING:
    from vrefactor.index.index import Index
    from vrefactor.plan.model import Plan
    from vrefactor.plan.symbols import SymbolTable


def _plan(index: Index, table: SymbolTable) -> Plan:
    from vrefactor.steps.virtualize.step import plan

    return plan(index, table)


STEP = Step(
    "3",
    "virtualize",
    (
        Claim(
            "Without option VIMAGE, every object file is the same.  With it there are as many "
            "network stacks as one wants, and each variable is that of the one selected."
        ),
    ),
    _plan,
)
