"""The one ordered tuple that registers the steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vrefactor.index.index import Index
    from vrefactor.steps.plan import Plan
    from vrefactor.steps.symbols import SymbolTable


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its number, and its name, which is that of its module."""

    number: str
    name: str

    def plan(self, index: Index, table: SymbolTable) -> Plan:
        """Plan the step; its module is loaded when it is asked, not before."""
        plan: Callable[[Index, SymbolTable], Plan]
        plan = import_module(f"vrefactor.steps.{self.name}").plan
        return plan(index, table)


STEPS: tuple[Step, ...] = (
    Step("1", "prefix"),
    Step("1.5.1", "statics"),
    Step("1.5.2", "stubs"),
    Step("1.5.3", "sysctl"),
    Step("2.1", "initializers"),
    Step("2.2", "containers"),
    Step("3", "virtualize"),
)
"""Every step, in the order of the series."""


def find(wanted: str) -> tuple[Step, ...]:
    """Return the steps that a number, a name or a group of numbers (`1.5`) means.

    An unknown one gives none.
    """
    exact = tuple(step for step in STEPS if wanted in (step.number, step.name))
    return exact or tuple(step for step in STEPS if step.number.startswith(wanted + "."))
