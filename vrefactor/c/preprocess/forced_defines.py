"""Variants of a file in which some names are always defined.

Of what is split over `#if`, they show every branch with as little and with as much else as
goes together: a SET under one condition and its RESTORE under another do not pass for a pair.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from vrefactor.c.preprocess.conditionals import CONSTANTS, Condition, Conditionals, Group, negate
from vrefactor.c.preprocess.variants import Choice, Variant, mask

_MOST = 40

Truths = dict[bytes, bool]


def variants_with_defines(
    code: bytes, conditionals: Conditionals, wanted: Sequence[int], defined: Collection[str]
) -> Iterator[Variant]:
    """Yield variants that show the `wanted` offsets, or of very many the first of them.

    In all of them the names in `defined` are defined; what they hide is shown by none.
    """
    pins = {f"defined({name})".encode(): True for name in defined}
    done: set[Choice] = set()
    for truths in _truths(conditionals, wanted, pins):
        for many in (True, False):
            choice = _choose(conditionals, dict(truths), pins, many=many)
            if choice not in done:
                done.add(choice)
                yield Variant(choice, mask(code, conditionals, choice))


def hidden_branches(
    conditionals: Conditionals, defined: Collection[str]
) -> tuple[tuple[int, int], ...]:
    """Return the branches that none of `variants_with_defines` shows, outermost, in order."""
    pins = {f"defined({name})".encode(): True for name in defined}
    found: list[tuple[int, int]] = []
    for group in conditionals.groups:
        for branch in group.branches:
            inner = bool(found) and branch.end <= found[-1][1]
            if not inner and not _agrees(branch.condition, pins):
                found.append((branch.start, branch.end))
    return tuple(found)


def _truths(
    conditionals: Conditionals, wanted: Sequence[int], pins: Mapping[bytes, bool]
) -> Iterator[Truths]:
    """Yield what is to hold: the pins alone, and with what holds at each wanted offset."""
    yield dict(pins)
    conditions = dict.fromkeys(conditionals.condition(at) for at in wanted)
    for condition in list(conditions)[:_MOST]:
        if condition and _agrees(condition, pins):
            yield {**pins, **dict(condition)}


def _choose(
    conditionals: Conditionals, truths: Truths, pins: Mapping[bytes, bool], *, many: bool
) -> Choice:
    choice: list[int] = []
    for group in conditionals.groups:
        if group.parent is not None and choice[group.parent[0]] != group.parent[1]:
            choice.append(-1)
            continue
        picked = _pick(group, truths, pins, many=many)
        choice.append(picked)
        condition = group.branches[max(picked, 0)].condition
        for text, truth in condition if picked >= 0 else _without(condition):
            truths.setdefault(text, truth)
    return tuple(choice)


def _pick(group: Group, truths: Truths, pins: Mapping[bytes, bool], *, many: bool) -> int:
    """Return the branch that must be there, else one that may be, or as little as may be."""
    order = range(len(group.branches))
    for at in order:
        if _holds(group.branches[at].condition, truths):
            return at
    fitting = [at for at in order if _agrees(group.branches[at].condition, truths)]
    pinned = [at for at in fitting if not pins.keys().isdisjoint(_texts(group, at))]
    if pinned or (many and fitting):
        return (pinned or fitting)[0]
    if group.guard or (group.exhaustive and fitting):
        return fitting[-1] if fitting else -1
    return -1


def _texts(group: Group, branch: int) -> set[bytes]:
    return {text for text, _ in group.branches[branch].condition}


def _holds(condition: Condition, truths: Truths) -> bool:
    return all(truths.get(text, CONSTANTS.get(text)) == truth for text, truth in condition)


def _agrees(condition: Condition, truths: Mapping[bytes, bool]) -> bool:
    return all(truths.get(text, CONSTANTS.get(text, truth)) == truth for text, truth in condition)


def _without(condition: Condition) -> Condition:
    return negate(condition) if len(condition) == 1 else frozenset()
