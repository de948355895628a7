"""The registered steps are modules that plan."""

from __future__ import annotations

from importlib import import_module

import pytest

from vrefactor.errors import VrefactorError
from vrefactor.steps.registry import STEPS, find
from vrefactor.steps.step import Step


@pytest.mark.parametrize("step", STEPS, ids=[step.name for step in STEPS])
def test_a_step_is_a_module_of_its_name(step: Step) -> None:
    module = import_module(f"vrefactor.steps.{step.name}.step")
    assert step.title
    assert callable(module.plan)


def test_steps_are_in_order_and_each_once() -> None:
    numbers = [tuple(map(int, step.number.split("."))) for step in STEPS]
    assert numbers == sorted(set(numbers))
    assert len({step.name for step in STEPS}) == len(STEPS)


FOUND = {
    "1": ["prefix"],
    "prefix": ["prefix"],
    "1.5.3": ["sysctl"],
    "1.5": ["statics", "stubs", "sysctl"],
}


@pytest.mark.parametrize(("wanted", "names"), FOUND.items(), ids=FOUND.keys())
def test_found_by_number_name_or_group(wanted: str, names: list[str]) -> None:
    assert [step.name for step in find(wanted)] == names


@pytest.mark.parametrize("wanted", ["9", "prefi", ""])
def test_an_unknown_one_is_an_error_that_names_the_known_ones(wanted: str) -> None:
    with pytest.raises(VrefactorError, match=rf"no step `{wanted}`; there are: 1 \(prefix\), "):
        find(wanted)
