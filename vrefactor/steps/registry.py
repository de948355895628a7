"""The one ordered tuple that registers the steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vrefactor.index.index import Index
from vrefactor.steps import prefix, statics, stubs, sysctl
from vrefactor.steps.plan import Plan
from vrefactor.steps.symbols import SymbolTable


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its number, its name, and the function that plans it."""

    number: str
    name: str
    plan: Callable[[Index, SymbolTable], Plan]


STEPS: tuple[Step, ...] = (
    Step("1", prefix.NAME, prefix.plan),
    Step("1.5.1", statics.NAME, statics.plan),
    Step("1.5.2", stubs.NAME, stubs.plan),
    Step("1.5.3", sysctl.NAME, sysctl.plan),
)
"""Every step, in the order of the series."""


def find(wanted: str) -> tuple[Step, ...]:
    """Return the steps that a number, a name or a group of numbers (`1.5`) means.

    An unknown one gives none.
    """
    exact = tuple(step for step in STEPS if wanted in (step.number, step.name))
    return exact or tuple(step for step in STEPS if step.number.startswith(wanted + "."))
