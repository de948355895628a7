"""Why the machine code of a function is not proved the same.

A cause rests on two kinds of evidence.  That the source means the same on both sides: the
function, and all that it may have inlined, is proved the same when it is compiled without the
optimiser (see `unoptimised`).  And what the optimiser then did otherwise: the references that
one side has and the other lacks.  Without the first there is no cause, whatever the second says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from vrefactor.verify.object.containers import Places
from vrefactor.verify.object.references import POINTED, OperandAccess, Reference
from vrefactor.verify.report import CodeCause

_MOST = 4
"""Most references of one side that the evidence names."""

Counts = Counter[Reference]


@dataclass(frozen=True, slots=True)
class Statics:
    """What the optimiser knew of the virtualised statics of an object, before they moved.

    `places` are those that are statics there; `narrowed` those that it has made smaller than
    their type: it saw every value that they take.
    """

    places: frozenset[tuple[str, int]]
    narrowed: frozenset[tuple[str, int]]


def statics(places: Places, plain: Mapping[str, int], optimised: Mapping[str, int]) -> Statics:
    """Return what is known from the sizes of an object's statics, without and with optimiser."""
    local = {name: size for name, size in plain.items() if name in places}
    smaller = {name for name, size in local.items() if optimised.get(name, size) < size}
    return Statics(
        frozenset(places[name] for name in local), frozenset(places[name] for name in smaller)
    )


@dataclass(frozen=True, slots=True)
class SourceChange:
    """The references of one function on both sides, those through a pointer by themselves."""

    before: Counts
    after: Counts
    pointed: tuple[Counts, Counts]
    statics: Statics
    instances: frozenset[str]
    own: frozenset[str]
    """The functions of the object itself, which may be inlined."""

    @classmethod
    def of(
        cls,
        sides: tuple[Counts, Counts],
        statics: Statics,
        instances: frozenset[str],
        own: frozenset[str],
    ) -> SourceChange:
        """Return the change from the references before to those after."""
        named = [
            Counter(
                {reference: count for reference, count in side.items() if reference.name != POINTED}
            )
            for side in sides
        ]
        pointed = sides[0] - named[0], sides[1] - named[1]
        return cls(named[0], named[1], pointed, statics, instances, own)

    @property
    def lost(self) -> Counts:
        """The references that are there before more often than after."""
        return self.before - self.after

    @property
    def gained(self) -> Counts:
        """The references that are there after more often than before."""
        return self.after - self.before


def optimiser_cause(change: SourceChange) -> tuple[CodeCause, str]:
    """Return what the optimiser did otherwise, and the references that show it."""
    fitting = (cause for cause, fits in _RULES if fits(change))
    return next(fitting, CodeCause.OTHERWISE), evidence(change)


def evidence(change: SourceChange) -> str:
    """Return the references of which one side has more, in words."""
    old, new = change.pointed
    lists = (
        ("only before", change.lost + (old - new)),
        ("only after", change.gained + (new - old)),
    )
    return "; ".join(f"{side}: {_listed(counts)}" for side, counts in lists if counts)


def _listed(counts: Counts) -> str:
    rows = [
        f"{reference} x{counts[reference]}" if counts[reference] > 1 else str(reference)
        for reference in sorted(counts)
    ]
    more = f", and {len(rows) - _MOST} more" if len(rows) > _MOST else ""
    return ", ".join(rows[:_MOST]) + more


def _is_narrowed(change: SourceChange) -> bool:
    """Say whether a static that was narrowed is now used in the width of its type."""
    differing = {*_places(change.lost), *_places(change.gained)}
    return bool(differing & change.statics.narrowed)


def _is_known(change: SourceChange) -> bool:
    """Say whether a static is now read that was a constant before: it never changed."""
    read = set(_places(change.gained)) & change.statics.places
    return bool(read - set(_places(change.before)))


def _is_joined(change: SourceChange) -> bool:
    """Say whether neighbouring fields are read or written at once on one side alone."""
    pairs = ((change.gained, change.lost), (change.lost, change.gained))
    return any(_spans(wide, narrow, change.instances) for wide, narrow in pairs)


def _spans(
    wide: Collection[Reference], narrow: Collection[Reference], instances: Collection[str]
) -> bool:
    for reference in wide:
        inside = {
            other.offset
            for other in narrow
            if other.name == reference.name
            and reference.offset <= other.offset
            and other.end <= reference.end
            if 0 < other.width < reference.width
        }
        if reference.name in instances and len(inside) > 1:
            return True
    return False


def _is_based(change: SourceChange) -> bool:
    """Say whether fields are reached from an address of their container on one side alone."""
    for found, missing in ((change.gained, change.lost), (change.lost, change.gained)):
        bases = {reference.name for reference in found if reference.name in change.instances}
        places = set(_places(found))
        gone = {
            reference.name
            for reference in missing
            if (reference.name, reference.offset) not in places
        }
        if bases & gone:
            return True
    return False


def _is_addressed(change: SourceChange) -> bool:
    """Say whether one side takes the address of what the other reads or writes in place."""
    for found, missing in ((change.gained, change.lost), (change.lost, change.gained)):
        addresses = {
            (reference.name, reference.offset)
            for reference in found
            if reference.access is OperandAccess.ADDRESS
        }
        if addresses & {
            (reference.name, reference.offset) for reference in missing if reference.width
        }:
            return True
    return False


def _is_inlined(change: SourceChange) -> bool:
    """Say whether one side calls a function of the object that the other does not."""
    calls = (
        {reference.name for reference in side} & change.own
        for side in (change.before, change.after)
    )
    return len({frozenset(names) for names in calls}) > 1


def _is_repeated(change: SourceChange) -> bool:
    """Say whether both sides refer to the same places in the same ways, but not as often."""
    return bool(change.lost or change.gained) and change.before.keys() == change.after.keys()


def _is_reread(change: SourceChange) -> bool:
    """Say whether no more differs than how often the fields of containers are read."""
    differing = [*change.lost, *change.gained]
    reads = all(
        reference.access is OperandAccess.LOAD and reference.name in change.instances
        for reference in differing
    )
    known = {*_places(change.before)} == {*_places(change.after)}
    return bool(differing) and reads and known


def _is_same(change: SourceChange) -> bool:
    return change.before == change.after and change.pointed[0] == change.pointed[1]


def _is_pointed(change: SourceChange) -> bool:
    """Say whether all that differs is how often memory is read that a register points to."""
    old, new = change.pointed
    reads = all(
        reference.access is OperandAccess.LOAD for reference in (*(old - new), *(new - old))
    )
    return change.before == change.after and reads and {*_places(old)} == {*_places(new)}


def _is_moved(change: SourceChange) -> bool:
    """Say whether all that differs is from where memory behind a pointer is reached."""
    return change.before == change.after


_RULES: tuple[tuple[CodeCause, Callable[[SourceChange], bool]], ...] = (
    (CodeCause.SAME_REFERENCES, _is_same),
    (CodeCause.POINTED, _is_pointed),
    (CodeCause.MOVED, _is_moved),
    (CodeCause.NARROWED, _is_narrowed),
    (CodeCause.KNOWN_VALUE, _is_known),
    (CodeCause.JOINED, _is_joined),
    (CodeCause.REREAD, _is_reread),
    (CodeCause.REPEATED, _is_repeated),
    (CodeCause.ADDRESSED, _is_addressed),
    (CodeCause.BASED, _is_based),
    (CodeCause.INLINED, _is_inlined),
)
"""The causes with what shows them, the most specific ones first."""


def _places(counts: Counts) -> Iterator[tuple[str, int]]:
    return ((reference.name, reference.offset) for reference in counts)
