"""Step 2.1: initial values of virtualised variables are assigned in init functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vrefactor.plan.step import Claim, Step

if TYPE_CHECKING:
    from vrefactor.index.index import Index
    from vrefactor.plan.model import Plan
    from vrefactor.plan.symbols import SymbolTable


def _plan(index: Index, table: SymbolTable) -> Plan:
    from vrefactor.steps.initializers.step import plan

    return plan(index, table)


STEP = Step(
    "2.1",
    "initializers",
    (
        Claim(
            "Initial values become code, so the objects of the files that the patch touches "
            "differ; all others are the same.  After start-up every variable has the value "
            "that it had."
        ),
    ),
    _plan,
)
