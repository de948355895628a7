"""Variants: branch assignments that together show every wanted byte to the parser.

A variant is the file's code with directives and unchosen branches overwritten by spaces:
every offset stays true.  Conditions are chosen consistently (one truth for one expression
throughout a variant), because code that is split over `#if` groups is split consistently.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

from vrefactor.c.preprocess.blanking import blank_ranges, directive_ranges
from vrefactor.c.preprocess.conditionals import CONSTANTS, Condition, Conditionals, Group, negate
from vrefactor.errors import SOURCE_TOO_COMPLEX

MAX_VARIANTS = 512
"""Most variants of one file that show what is wanted in it."""
MAX_BYTES = 64 << 20
"""Most bytes of these together, where they are more than FEW_VARIANTS."""
FEW_VARIANTS = 32
MAX_READINGS = 64
"""Most further variants, of each preference, that show it as something else may be there."""

_PLAIN = 8
"""So many variants are made in the plain way; few files need more."""

_Chain = Sequence[tuple[int, int]]
"""The groups around an offset, each with the branch that holds it."""

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


@dataclass(frozen=True, slots=True)
class Cuts:
    """The parts of a file that groups cut: which part each offset is in, and what cuts each.

    A part is a number.  `offsets` gives the parts of the offsets that are in some, `groups`
    those that each group cuts.
    """

    offsets: Mapping[int, Collection[int]]
    groups: Sequence[Set[int]]


def choose(
    code: bytes,
    conditionals: Conditionals,
    wanted: Iterable[int],
    prefer: Prefer = Prefer.FIRST,
) -> list[Variant]:
    """Return variants such that every offset in `wanted` is shown by at least one.

    Another preference makes another reading of the same file: for what the first one could
    not parse.  Where what else is wanted does not matter, no more than MAX_READINGS variants
    are made, and the offsets behind are left out.  Raises SOURCE_TOO_COMPLEX, with a line,
    if else more are needed than the limits above allow.
    """
    regardless = prefer in (Prefer.LEAST, Prefer.MOST)
    variants: list[Variant] = []
    most = min(MAX_VARIANTS, max(FEW_VARIANTS, MAX_BYTES // max(len(code), 1)))
    uncovered = _live_first(conditionals, wanted)
    while uncovered and not (regardless and len(variants) == MAX_READINGS):
        if len(variants) == most:
            detail = f"more than {most} variants are needed to show every branch of its #ifs"
            raise conditionals.error(SOURCE_TOO_COMPLEX, detail, uncovered[0])
        packing = _Packing(conditionals, _truths(conditionals, uncovered[0]))
        packing.accept(uncovered[0])
        others = () if regardless else uncovered[1:]
        if len(variants) >= _PLAIN:
            # What is taken for want of anything better may keep out what is wanted further down.
            for at in reversed(others) if prefer is Prefer.LAST else others:
                packing.accept(at)
        wanted = _branches_holding(conditionals, others)
        choice = _complete(conditionals, packing, prefer, wanted)
        variant = Variant(choice, mask(code, conditionals, choice))
        variants.append(variant)
        uncovered = [at for at in uncovered if not variant.shows(conditionals, at)]
    return variants


def choose_apart(
    code: bytes, conditionals: Conditionals, cuts: Cuts, prefer: Prefer
) -> tuple[list[Variant], list[int]]:
    """Return variants that show each offset with no more of what cuts its parts than need be.

    One variant is for many offsets that do not get into each other's way.  Offsets for which
    MAX_READINGS variants were not enough are returned too.
    """
    variants: list[Variant] = []
    left = _live_first(conditionals, cuts.offsets)
    while left and len(variants) < MAX_READINGS:
        packing = _Packing(conditionals, _truths(conditionals, left[0]), cuts)
        left = [at for at in left if not packing.accept(at)]
        choice = _complete(conditionals, packing, prefer)
        variants.append(Variant(choice, mask(code, conditionals, choice)))
    return variants, left


@dataclass(slots=True)
class _Packing:
    """The offsets that one variant is for: what is forced for them, and the parts they are in."""

    conditionals: Conditionals
    truths: dict[bytes, bool]
    cuts: Cuts | None = None
    empty: bool = True
    forced: dict[int, int] = field(default_factory=dict)
    cutting: Counter[int] = field(default_factory=Counter)
    """How many of the forced groups cut a part."""
    parts: set[int] = field(default_factory=set)

    def accept(self, offset: int) -> bool:
        """Take one more offset, if it gets into nobody's way and nobody into its own.

        The first one is always taken.
        """
        chain = self.conditionals.chain(offset)
        if any(self.forced.get(group, branch) != branch for group, branch in chain):
            return False
        added = [(group, branch) for group, branch in chain if group not in self.forced]
        groups = self.conditionals.groups
        conditions = [groups[group].branches[branch].condition for group, branch in added]
        if not self.empty and not all(_consistent(some, self.truths) for some in conditions):
            return False
        if self.cuts is not None and not self._cut_apart(self.cuts, chain, added, offset):
            return False
        for (group, branch), condition in reversed(list(zip(added, conditions, strict=True))):
            self.forced[group] = branch
            _adopt(condition, self.truths)
        self.empty = False
        return True

    def _cut_apart(self, cuts: Cuts, chain: _Chain, added: _Chain, offset: int) -> bool:
        """Take the parts of an offset, if its own groups alone cut them, and no other's."""
        if any(not self.parts.isdisjoint(cuts.groups[group]) for group, _ in added):
            return False
        forced = [group for group, _ in chain if group in self.forced]
        if any(
            self.cutting[part] != sum(part in cuts.groups[group] for group in forced)
            for part in cuts.offsets[offset]
        ):
            return False
        for group, _ in added:
            self.cutting.update(cuts.groups[group])
        self.parts.update(cuts.offsets[offset])
        return True


def _live_first(conditionals: Conditionals, offsets: Iterable[int]) -> list[int]:
    return sorted(offsets, key=lambda at: (conditionals.is_dead(at), at))


def cover(code: bytes, conditionals: Conditionals) -> list[Variant]:
    """Return variants that together show every line of every branch at least once.

    Raises SOURCE_TOO_COMPLEX as `choose`.
    """
    wanted = [branch.start for group in conditionals.groups for branch in group.branches]
    return choose(code, conditionals, wanted or [0])


def _truths(conditionals: Conditionals, first: int) -> dict[bytes, bool]:
    """Return what is to hold before anything else in a variant that is for `first`."""
    if conditionals.is_dead(first):
        # Live code has been shown by now: this variant may show all dead branches at once.
        return {text: not truth for text, truth in CONSTANTS.items()}
    return {}


def _complete(
    conditionals: Conditionals,
    packing: _Packing,
    prefer: Prefer,
    wanted: Mapping[int, set[int]] = MappingProxyType({}),
) -> Choice:
    """Return a choice for all groups: forced branches, else wanted ones, else preferred ones."""
    choice: list[int] = []
    forced, truths = packing.forced, packing.truths
    for index, group in enumerate(conditionals.groups):
        if group.parent is not None and choice[group.parent[0]] != group.parent[1]:
            choice.append(-1)
        elif index in forced:
            choice.append(forced[index])
        else:
            picked = _pick(group, truths, prefer, wanted.get(index, ()))
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


def _pick(group: Group, truths: dict[bytes, bool], prefer: Prefer, wanted: Collection[int]) -> int:
    """Return the branch to take: consistent ones first, and of these the wanted ones."""
    order: Iterable[int] = range(len(group.branches))
    if prefer in (Prefer.LAST, Prefer.LEAST):
        order = reversed(range(len(group.branches)))
    fitting = [at for at in order if _consistent(group.branches[at].condition, truths)]
    for at in fitting if wanted else ():
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
