"""The one ordered tuple that registers the steps."""

from __future__ import annotations

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

    An unknown one gives none.
    """
    exact = tuple(step for step in STEPS if wanted in (step.number, step.name))
    return exact or tuple(step for step in STEPS if step.number.startswith(wanted + "."))
