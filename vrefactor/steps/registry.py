"""The one ordered tuple that registers the steps."""

from __future__ import annotations

from vrefactor.errors import USAGE, VrefactorError
from vrefactor.steps import (
    containers,
    initializers,
    prefix,
    statics,
    stubs,
    sysctl,
    virtualize,
)
from vrefactor.steps.step import Step

STEPS: tuple[Step, ...] = (
    prefix.STEP,
    statics.STEP,
    stubs.STEP,
    sysctl.STEP,
    initializers.STEP,
    containers.STEP,
    virtualize.STEP,
)
"""Every step, in the order of the series."""


def find(wanted: str) -> tuple[Step, ...]:
    """Return the steps that a number, a name or a group of numbers (`1.5`) means.

    Raises USAGE, with the list of steps, for an unknown one.
    """
    exact = tuple(step for step in STEPS if wanted in (step.number, step.name))
    found = exact or tuple(step for step in STEPS if step.number.startswith(wanted + "."))
    if not found:
        known = ", ".join(f"{step.number} ({step.name})" for step in STEPS)
        raise VrefactorError(USAGE, f"no step `{wanted}`; there are: {known}")
    return found
