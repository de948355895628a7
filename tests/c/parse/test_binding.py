"""Binding uses to declarations, under every condition at once."""

from __future__ import annotations

import pytest

from vrefactor.c.model import Role
from vrefactor.c.parse.binding import BoundDeclaration, bind
from vrefactor.c.preprocess.conditionals import ALWAYS, Condition

WHOLE = (0, 100)
A: Condition = frozenset({(b"A", True)})
NOT_A: Condition = frozenset({(b"A", False)})
AB: Condition = frozenset({(b"A", True), (b"B", True)})


def local(
    start: int, scope: tuple[int, int] = WHOLE, condition: Condition = ALWAYS
) -> BoundDeclaration:
    return BoundDeclaration(start, Role.LOCAL, scope, condition)


def parameter(start: int, condition: Condition = ALWAYS) -> BoundDeclaration:
    return BoundDeclaration(start, Role.PARAMETER, WHOLE, condition)


def extern(start: int, scope: tuple[int, int], condition: Condition = ALWAYS) -> BoundDeclaration:
    return BoundDeclaration(start, Role.USE, scope, condition)


#: What a use at 50, under a condition, denotes among some declarations.
CASES: dict[str, tuple[Condition, list[BoundDeclaration], Role | None]] = {
    "nothing declared": (ALWAYS, [], Role.USE),
    "local": (ALWAYS, [local(10)], Role.LOCAL),
    "declared later": (ALWAYS, [local(60)], Role.USE),
    "another scope": (ALWAYS, [local(10, (5, 40))], Role.USE),
    "the end of a scope": (ALWAYS, [local(10, (5, 50))], Role.USE),
    "the inner one": (ALWAYS, [parameter(5), local(20, (15, 90))], Role.LOCAL),
    "out of the inner one": (ALWAYS, [parameter(5), local(20, (15, 40))], Role.PARAMETER),
    "extern in an inner block": (ALWAYS, [local(5), extern(20, (15, 90))], Role.USE),
    "under a condition, used always": (ALWAYS, [local(10, condition=A)], None),
    "under a condition, used there": (A, [local(10, condition=A)], Role.LOCAL),
    "under a condition, used elsewhere": (NOT_A, [local(10, condition=A)], Role.USE),
    "under a condition, used deeper": (AB, [local(10, condition=A)], Role.LOCAL),
    "under two, used under one": (A, [local(10, condition=AB)], None),
    "under both branches": (
        ALWAYS,
        [local(10, condition=A), local(20, condition=NOT_A)],
        Role.LOCAL,
    ),
    "hidden in different ways": (
        ALWAYS,
        [parameter(5), local(20, (15, 90), condition=A)],
        Role.LOCAL,
    ),
    "extern under a condition": (ALWAYS, [local(5), extern(20, (15, 90), condition=A)], None),
    "extern under another condition": (
        NOT_A,
        [parameter(5), extern(20, (15, 90), condition=A)],
        Role.PARAMETER,
    ),
    "perhaps a local": (
        ALWAYS,
        [BoundDeclaration(10, Role.AMBIGUOUS, WHOLE, ALWAYS)],
        Role.AMBIGUOUS,
    ),
    "too many conditions": (
        ALWAYS,
        [local(at, condition=frozenset({(b"%d" % at, True)})) for at in range(9)],
        None,
    ),
}


@pytest.mark.parametrize(("condition", "declared", "role"), CASES.values(), ids=CASES)
def test_bind(condition: Condition, declared: list[BoundDeclaration], role: Role | None) -> None:
    assert bind(50, condition, declared) is role
    assert bind(50, condition, declared[::-1]) is role
