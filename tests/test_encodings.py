"""A tree in another encoding gives the plain result in that encoding, step by step.

Each golden tree is converted: to lines that end in CR and LF, to files without a newline at
their ends, and from UTF-8 to Latin-1, for which all comments get a letter that differs.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

from tests.source.helpers import lay_out
from tests.steps.conversions import CONVERSIONS, Rewrite
from tests.steps.planning import Planned, contents, plan_on
from tests.test_golden import CASES, rules_of, tree_of
from vrefactor.errors import VrefactorError
from vrefactor.rules import RuleSet, load
from vrefactor.source.tree import Tree
from vrefactor.steps.registry import STEPS
from vrefactor.steps.step import Step

Plans = Callable[[str, Rewrite], list[tuple[Step, Planned]]]


@cache
def rules(case: str) -> RuleSet:
    return load(rules_of(case))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Plans:
    """The plans of a case on its tree made ready by a conversion, up to what can't be planned."""

    @cache
    def run(case: str, prepare: Rewrite) -> list[tuple[Step, Planned]]:
        files = {
            path.relative_to(tree_of(case)).as_posix(): path.read_bytes()
            for path in tree_of(case).rglob("*")
            if path.is_file()
        }
        ready = {
            path: prepare(data) if path.endswith((".c", ".h")) else data
            for path, data in files.items()
        }
        root = lay_out(tmp_path_factory.mktemp("plain"), ready)
        tree, found = Tree.open(root), list[tuple[Step, Planned]]()
        with suppress(VrefactorError):
            for step in STEPS:
                found.append((step, plan_on(tree, rules(case), step)))
                tree = found[-1][1].after
        return found

    return run


def test_there_is_a_tree_for_every_step(plain: Plans) -> None:
    assert [step for step, _ in plain("minikern", bytes)] == list(STEPS)


@pytest.mark.parametrize("kind", CONVERSIONS)
@pytest.mark.parametrize("case", CASES)
def test_the_result_is_the_plain_one_converted(
    case: str, kind: str, plain: Plans, tmp_path: Path
) -> None:
    conversion = CONVERSIONS[kind]
    wrong: list[str] = []
    for step, planned in plain(case, conversion.prepare):
        before = contents(planned.before)
        root = tmp_path / step.number
        tree = Tree.open(
            lay_out(root, {path: conversion.convert(data) for path, data in before.items()})
        )
        found = contents(plan_on(tree, rules(case), step).after)
        expected = conversion.expected(before, contents(planned.after))
        wrong += [
            f"{step.number} {path}"
            for path in sorted(found.keys() | expected.keys())
            if found.get(path) != expected.get(path)
        ]
    assert not wrong
