"""Every place that was judged, and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby

from vrefactor.audit.address_taken import AddressTaken
from vrefactor.audit.entries import entry_of, name_of, start_of
from vrefactor.audit.facts import Facts
from vrefactor.audit.indirect_calls import SEEN
from vrefactor.audit.model import (
    AuditCandidate,
    AuditSubject,
    AuditVerdict,
    FindingKind,
    JudgedPlace,
)
from vrefactor.audit.search import Search

Place = tuple[str, int]
_Said = tuple[AuditVerdict, str]

SUBJECTS = {
    FindingKind.ENTRY: AuditSubject.ENTRY,
    FindingKind.KEPT: AuditSubject.PAIR,
    FindingKind.UNSET: AuditSubject.PAIR,
    FindingKind.SPLIT: AuditSubject.PAIR,
    FindingKind.LOOP: AuditSubject.LOOP,
    FindingKind.CALLOUT: AuditSubject.CALLOUT,
    FindingKind.LINK: AuditSubject.LINK,
}
"""What a finding of each kind is about."""


def candidates(
    search: Search, addresses: Sequence[AddressTaken], judged: Iterable[JudgedPlace]
) -> Iterator[AuditCandidate]:
    """Yield all candidates, in no order."""
    found: dict[AuditSubject, set[Place]] = {subject: set() for subject in AuditSubject}
    for judged_place in judged:
        found[SUBJECTS[judged_place.finding.kind]].update(judged_place.candidates)
    yield from _Uses(search, addresses).candidates()
    yield from _entries(search.facts, addresses, found[AuditSubject.ENTRY])
    yield from _pairs(search.facts, found[AuditSubject.PAIR])
    yield from _others(search.facts, found)


class _Uses:
    """Judges the uses by what leads to them."""

    def __init__(self, search: Search, addresses: Sequence[AddressTaken]) -> None:
        self._facts = search.facts
        known = {taken.node for taken in addresses if taken.callback is not None}
        without = [
            taken for taken in addresses if taken.callback is not None and not taken.callback.stack
        ]
        self._without = search.uses(without)
        self._unknown = search.uses(taken for taken in addresses if taken.node not in known)

    def candidates(self) -> Iterator[AuditCandidate]:
        """Yield the uses in the text of functions."""
        for path, context in self._facts.contexts.items():
            for use in context.uses:
                said = self._judge(path, use.start)
                line = self._facts.line(path, use.start)
                yield AuditCandidate(path, line, AuditSubject.USE, use.name, *said)

    def _judge(self, path: str, start: int) -> _Said:
        if self._facts.function(path, start) is None:
            return AuditVerdict.UNKNOWN, "outside any function"
        if self._facts.is_covered(path, start):
            return AuditVerdict.FINE, "inside a SET"
        if (path, start) in self._without:
            return AuditVerdict.FINDING, "reached without a stack"
        if (path, start) in self._unknown:
            return AuditVerdict.UNKNOWN, "reached from callers that are not known"
        return AuditVerdict.FINE, "reached with a stack set only"


def _entries(
    facts: Facts, addresses: Iterable[AddressTaken], found: Collection[Place]
) -> Iterator[AuditCandidate]:
    anything = Search(facts, ())
    for _, group in groupby(addresses, key=entry_of):
        places = list(group)
        entry = places[0]
        path, start = entry.node.path, start_of(facts, entry)
        said = _entry(places, is_found=(path, start) in found)
        if entry.is_made and anything.reach(entry) is None:
            continue
        name, line = name_of(facts, entry), facts.line(path, start)
        detail = "; ".join(
            f"{taken.text}, {facts.place(taken.path, taken.start)}" for taken in places
        )
        yield AuditCandidate(path, line, AuditSubject.ENTRY, name, *said, detail)


def _entry(places: Iterable[AddressTaken], *, is_found: bool) -> _Said:
    known = [taken.callback for taken in places if taken.callback is not None]
    if is_found:
        return AuditVerdict.FINDING, "called without a stack"
    if not known:
        return AuditVerdict.UNKNOWN, "handed over in ways that no rule names"
    if all(callback.stack for callback in known):
        seen = any(callback is SEEN or callback.through for callback in known)
        return AuditVerdict.FINE, "judged where called" if seen else "called with a stack"
    return AuditVerdict.ACCEPTED, "accepted by the rules"


def _pairs(facts: Facts, found: Collection[Place]) -> Iterator[AuditCandidate]:
    for path, context in facts.contexts.items():
        for call in (*context.settings, *context.restores):
            start = call.start
            function = facts.function(path, start)
            if function is None:
                said = AuditVerdict.UNKNOWN, "outside any function"
            elif (path, start) in found:
                said = AuditVerdict.FINDING, "not paired on every way"
            elif function.open in context.unclear:
                said = AuditVerdict.UNKNOWN, "in a function that does not parse"
            else:
                said = AuditVerdict.FINE, "paired on every way"
            yield AuditCandidate(path, facts.line(path, start), AuditSubject.PAIR, call.name, *said)


def _others(facts: Facts, found: dict[AuditSubject, set[Place]]) -> Iterator[AuditCandidate]:
    """Yield the loops, callouts and links: there is nothing between fine and a finding."""
    for path, context in facts.contexts.items():
        places = [(AuditSubject.LOOP, start, "") for start, _ in context.loops]
        places += [(AuditSubject.CALLOUT, call.start, call.name) for call in context.arms]
        places += [(AuditSubject.LINK, call.start, call.name) for call in context.links]
        for subject, start, name in places:
            wrong = (path, start) in found[subject]
            verdict, reason = _WRONG[subject] if wrong else _RIGHT[subject]
            yield AuditCandidate(path, facts.line(path, start), subject, name, verdict, reason)


_RIGHT = {
    AuditSubject.LOOP: (AuditVerdict.FINE, "in no other"),
    AuditSubject.CALLOUT: (AuditVerdict.FINE, "with their stack, or of none"),
    AuditSubject.LINK: (AuditVerdict.FINE, "of no stack, or into a list of it"),
}
_WRONG = {
    AuditSubject.LOOP: (AuditVerdict.FINDING, "in another"),
    AuditSubject.CALLOUT: (AuditVerdict.FINDING, "without their stack"),
    AuditSubject.LINK: (AuditVerdict.FINDING, "of a stack, into a list of all"),
}
