"""Variants: branch assignments that together show every wanted byte to the parser.

A variant is the file's code with directives and unchosen branches overwritten by spaces:
every offset stays true.  Conditions are chosen consistently (one truth for one expression
throughout a variant), because code that is split over `#if` groups is split consistently.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from vrefactor.c.preprocess.blanking import blank_ranges, directive_ranges
from vrefactor.c.preprocess.conditionals import CONSTANTS, Condition, Conditionals, Group, negate

Choice = tuple[int, ...]
"""For each group the index of the chosen branch, or -1 for none of them."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One branch assignment and the text that it leaves."""

    choice: Choice
    text: bytes

    def shows(self, conditionals: Conditionals, offset: int) -> bool:
        """Say whether the byte at `offset` is in branches that this variant chose."""
        return all(self.choice[group] == branch for group, branch in conditionals.chain(offset))


class Prefer(Enum):
    """Which branch of a group to take where nothing else decides."""

    FIRST = 0
    LAST = 1
    LEAST = 2
    """None of them, or where there is an `#else` the last; whatever else is wanted."""
    MOST = 3
    """The first one, whatever else is wanted."""


def choose(
    code: bytes,
    conditionals: Conditionals,
    wanted: Sequence[int],
    prefer: Prefer = Prefer.FIRST,
) -> list[Variant]:
    """Return variants such that every offset in `wanted` is shown by at least one.

    Another preference makes another reading of the same file: for what the first one could
    not parse, and for what it may have read otherwise than under other conditions.
    """
    variants: list[Variant] = []
    uncovered = sorted(wanted, key=lambda at: (conditionals.is_dead(at), at))
    while uncovered:
        choice = _assign(conditionals, uncovered, prefer)
        variant = Variant(choice, mask(code, conditionals, choice))
        variants.append(variant)
        uncovered = [at for at in uncovered if not variant.shows(conditionals, at)]
    return variants


def cover(code: bytes, conditionals: Conditionals) -> list[Variant]:
    """Return variants that together show every line of every branch at least once."""
    wanted = [branch.start for group in conditionals.groups for branch in group.branches]
    return choose(code, conditionals, wanted or [0])


def _assign(conditionals: Conditionals, uncovered: list[int], prefer: Prefer) -> Choice:
    truths: dict[bytes, bool] = {}
    forced: dict[int, int] = {}
    if conditionals.is_dead(uncovered[0]):
        # Live code has been shown by now: this variant may show all dead branches at once.
        truths = {text: not truth for text, truth in CONSTANTS.items()}
    for index, branch in reversed(conditionals.chain(uncovered[0])):
        forced[index] = branch
        _adopt(conditionals.groups[index].branches[branch].condition, truths)
    regardless = prefer in (Prefer.LEAST, Prefer.MOST)
    wanted = {} if regardless else _branches_holding(conditionals, uncovered)
    choice: list[int] = []
    for index, group in enumerate(conditionals.groups):
        if group.parent is not None and choice[group.parent[0]] != group.parent[1]:
            choice.append(-1)
        elif index in forced:
            choice.append(forced[index])
        else:
            picked = _pick(group, truths, wanted.get(index, set()), prefer)
            choice.append(picked)
            if picked >= 0:
                _adopt(group.branches[picked].condition, truths)
            elif len(group.branches[0].condition) == 1:
                _adopt(negate(group.branches[0].condition), truths)
    return tuple(choice)


def _branches_holding(conditionals: Conditionals, offsets: Iterable[int]) -> dict[int, set[int]]:
    holding: dict[int, set[int]] = {}
    for offset in offsets:
        for group, branch in conditionals.chain(offset):
            holding.setdefault(group, set()).add(branch)
    return holding


def _pick(group: Group, truths: dict[bytes, bool], wanted: set[int], prefer: Prefer) -> int:
    """Return the branch to take: consistent ones first, and of these the wanted ones."""
    order = range(len(group.branches))
    fitting = [at for at in order if _consistent(group.branches[at].condition, truths)]
    if prefer in (Prefer.LAST, Prefer.LEAST):
        fitting.reverse()
    for at in fitting:
        if at in wanted:
            return at
    none = prefer is Prefer.LEAST and not (group.exhaustive or group.guard)
    return -1 if none or not fitting else fitting[0]


def _consistent(condition: Condition, truths: dict[bytes, bool]) -> bool:
    for text, truth in condition:
        expected = truths.get(text, CONSTANTS.get(text, truth))
        if expected != truth:
            return False
    return True


def _adopt(condition: Condition, truths: dict[bytes, bool]) -> None:
    for text, truth in condition:
        if text not in CONSTANTS:
            truths.setdefault(text, truth)


def mask(code: bytes, conditionals: Conditionals, choice: Choice) -> bytes:
    """Return `code` with directives and the branches not in `choice` blanked."""
    hidden = directive_ranges(conditionals)
    for index, group in enumerate(conditionals.groups):
        for number, branch in enumerate(group.branches):
            if choice[index] != number:
                hidden.append((branch.start, branch.end))
    return blank_ranges(code, hidden)
