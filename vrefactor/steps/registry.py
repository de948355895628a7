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
class Claim:
    """What is true of the trees before and after a step, and what shows it.

    `verify` are the options for `vrefactor verify BEFORE AFTER`.
    """

    text: str
    verify: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its number, its name, which is that of its module, and what it claims."""

    number: str
    name: str
    claims: tuple[Claim, ...]

    def plan(self, index: Index, table: SymbolTable) -> Plan:
        """Plan the step; its module is loaded when it is asked, not before."""
        plan: Callable[[Index, SymbolTable], Plan]
        plan = import_module(f"vrefactor.steps.{self.name}").plan
        return plan(index, table)


_SAME = (Claim("Every object file is the same as before, byte for byte, once stripped."),)

STEPS: tuple[Step, ...] = (
    Step("1", "prefix", _SAME),
    Step("1.5.1", "statics", _SAME),
    Step("1.5.2", "stubs", _SAME),
    Step("1.5.3", "sysctl", _SAME),
    Step(
        "2.1",
        "initializers",
        (
            Claim(
                "Initial values become code, so the objects of the files that the patch touches "
                "differ; all others are the same.  After start-up every variable has the value "
                "that it had."
            ),
        ),
    ),
    Step(
        "2.2",
        "containers",
        (
            Claim(
                "With the plain variables kept, every object file is the same.",
                ("--define", "VIMAGE_GLOBALS"),
            ),
            Claim(
                "Without them, every function is the same but for where its variables lie; "
                "what the compiler does otherwise with a struct is listed with its cause.",
                ("--codegen",),
            ),
        ),
    ),
)
"""Every step, in the order of the series."""


def find(wanted: str) -> tuple[Step, ...]:
    """Return the steps that a number, a name or a group of numbers (`1.5`) means.

    An unknown one gives none.
    """
    exact = tuple(step for step in STEPS if wanted in (step.number, step.name))
    return exact or tuple(step for step in STEPS if step.number.startswith(wanted + "."))
