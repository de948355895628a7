"""Binding uses to declarations within one file, under every condition at once.

A declaration that is only there under some `#if` does not simply hide what lies outside:
for each truth of the conditions that matter, a use is bound anew, and if the answers
differ the use is ambiguous.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from vrefactor.c.model import Role
from vrefactor.c.preprocess.conditionals import Condition

_MOST_LITERALS = 8


@dataclass(frozen=True, slots=True)
class BoundDeclaration:
    """A name declared in a scope: where, what it is, and under which condition."""

    start: int
    role: Role
    scope: tuple[int, int]
    condition: Condition


def bind(start: int, condition: Condition, declared: Sequence[BoundDeclaration]) -> Role | None:
    """Return the role of what a use at `start` denotes, among declarations of its name.

    `Role.USE` means that no declaration of the list hides the outer one; None that the
    answer depends on conditions that are not settled where the use stands.
    """
    inner = [
        declaration
        for declaration in declared
        if declaration.scope[0] <= start < declaration.scope[1] and declaration.start < start
    ]
    if not inner:
        return Role.USE
    inner.sort(key=lambda declaration: (declaration.scope[0], declaration.start), reverse=True)
    unsettled = sorted(
        {text for declaration in inner for text, _ in declaration.condition - condition}
    )
    if len(unsettled) > _MOST_LITERALS:
        return None
    fixed = dict(condition)
    answers = {_first(inner, truths) for truths in _assignments(unsettled, fixed)}
    if answers.isdisjoint((Role.USE, Role.AMBIGUOUS)):
        # Hidden by one thing or by another, but always hidden.
        return next(declaration.role for declaration in inner if declaration.role in answers)
    return answers.pop() if len(answers) == 1 else None


def _assignments(
    unsettled: Iterable[bytes], fixed: dict[bytes, bool]
) -> Iterable[dict[bytes, bool]]:
    free = [text for text in unsettled if text not in fixed]
    for values in product((True, False), repeat=len(free)):
        yield {**dict(zip(free, values, strict=True)), **fixed}


def _first(inner: Sequence[BoundDeclaration], truths: dict[bytes, bool]) -> Role:
    for declaration in inner:
        if all(truths.get(text, truth) == truth for text, truth in declaration.condition):
            return declaration.role
    return Role.USE
