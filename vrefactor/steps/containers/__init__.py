"""Step 2.2: the variables of a subsystem move into a struct."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vrefactor.steps.step import Claim, Step

if TYPE_CHECKING:
    from vrefactor.edit.draft import Draft
    from vrefactor.plan.model import Plan


def _plan(draft: Draft) -> Plan:
    from vrefactor.steps.containers.step import plan

    return plan(draft)


STEP = Step(
    "2.2",
    "containers",
    "Move the variables of each subsystem into a struct",
    (
        Claim(
            "With the plain variables kept, every object file is the same.",
            ("--define", "{option_globals}"),
        ),
        Claim(
            "Without them, every function is the same but for where its variables lie; "
            "what the compiler does otherwise with a struct is listed with its cause.",
            ("--codegen",),
        ),
    ),
    _plan,
)
