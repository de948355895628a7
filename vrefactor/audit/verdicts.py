"""Every place that was judged, and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby

from vrefactor.audit.address_taken import Handing
from vrefactor.audit.entries import entry_of, name_of, start_of
from vrefactor.audit.facts import Facts
from vrefactor.audit.model import Candidate, Judged, Kind, Subject, Verdict
from vrefactor.audit.pointers import SEEN
from vrefactor.audit.search import Search

Place = tuple[str, int]
_Said = tuple[Verdict, str]

SUBJECTS = {
    Kind.ENTRY: Subject.ENTRY,
    Kind.KEPT: Subject.PAIR,
    Kind.UNSET: Subject.PAIR,
    Kind.SPLIT: Subject.PAIR,
    Kind.LOOP: Subject.LOOP,
    Kind.CALLOUT: Subject.CALLOUT,
    Kind.LINK: Subject.LINK,
}
"""What a finding of each kind is about."""


def candidates(
    search: Search, handed: Sequence[Handing], judged: Iterable[Judged]
) -> Iterator[Candidate]:
    """Yield all candidates, in no order."""
    found: dict[Subject, set[Place]] = {subject: set() for subject in Subject}
    for one in judged:
        found[SUBJECTS[one.finding.kind]].update(one.candidates)
    yield from _Uses(search, handed).candidates()
    yield from _entries(search.facts, handed, found[Subject.ENTRY])
    yield from _pairs(search.facts, found[Subject.PAIR])
    yield from _others(search.facts, found)


class _Uses:
    """Judges the uses by what leads to them."""

    def __init__(self, search: Search, handed: Sequence[Handing]) -> None:
        self._facts = search.facts
        known = {one.node for one in handed if one.way is not None}
        without = [one for one in handed if one.way is not None and not one.way.stack]
        self._without = search.uses(without)
        self._unknown = search.uses(one for one in handed if one.node not in known)

    def candidates(self) -> Iterator[Candidate]:
        """Yield the uses in the text of functions."""
        for path, context in self._facts.contexts.items():
            for use in context.uses:
                said = self._judge(path, use.start)
                line = self._facts.line(path, use.start)
                yield Candidate(path, line, Subject.USE, use.name, *said)

    def _judge(self, path: str, start: int) -> _Said:
        if self._facts.function(path, start) is None:
            return Verdict.UNKNOWN, "outside any function"
        if self._facts.is_covered(path, start):
            return Verdict.FINE, "inside a SET"
        if (path, start) in self._without:
            return Verdict.FINDING, "reached without a stack"
        if (path, start) in self._unknown:
            return Verdict.UNKNOWN, "reached from callers that are not known"
        return Verdict.FINE, "reached with a stack set only"


def _entries(
    facts: Facts, handed: Iterable[Handing], found: Collection[Place]
) -> Iterator[Candidate]:
    anything = Search(facts, ())
    for _, group in groupby(handed, key=entry_of):
        ways = list(group)
        entry = ways[0]
        path, start = entry.node.path, start_of(facts, entry)
        said = _entry(ways, is_found=(path, start) in found)
        if entry.is_made and anything.reach(entry) is None:
            continue
        name, line = name_of(facts, entry), facts.line(path, start)
        detail = "; ".join(f"{one.text}, {facts.place(one.path, one.start)}" for one in ways)
        yield Candidate(path, line, Subject.ENTRY, name, *said, detail)


def _entry(ways: Iterable[Handing], *, is_found: bool) -> _Said:
    known = [one.way for one in ways if one.way is not None]
    if is_found:
        return Verdict.FINDING, "called without a stack"
    if not known:
        return Verdict.UNKNOWN, "handed over in ways that no rule names"
    if all(one.stack for one in known):
        seen = any(one is SEEN or one.through for one in known)
        return Verdict.FINE, "judged where called" if seen else "called with a stack"
    return Verdict.ACCEPTED, "accepted by the rules"


def _pairs(facts: Facts, found: Collection[Place]) -> Iterator[Candidate]:
    for path, context in facts.contexts.items():
        places = [(one.start, one.call) for one in context.settings]
        places += [(one.start, one.call) for one in context.restores]
        for start, call in places:
            function = facts.function(path, start)
            if function is None:
                said = Verdict.UNKNOWN, "outside any function"
            elif (path, start) in found:
                said = Verdict.FINDING, "not paired on every way"
            elif function.open in context.unclear:
                said = Verdict.UNKNOWN, "in a function that does not parse"
            else:
                said = Verdict.FINE, "paired on every way"
            yield Candidate(path, facts.line(path, start), Subject.PAIR, call, *said)


def _others(facts: Facts, found: dict[Subject, set[Place]]) -> Iterator[Candidate]:
    """Yield the loops, callouts and links: there is nothing between fine and a finding."""
    for path, context in facts.contexts.items():
        places = [(Subject.LOOP, start, "") for start, _ in context.loops]
        places += [(Subject.CALLOUT, one.start, one.call) for one in context.arms]
        places += [(Subject.LINK, one.start, one.call) for one in context.links]
        for subject, start, name in places:
            wrong = (path, start) in found[subject]
            verdict, reason = _WRONG[subject] if wrong else _RIGHT[subject]
            yield Candidate(path, facts.line(path, start), subject, name, verdict, reason)


_RIGHT = {
    Subject.LOOP: (Verdict.FINE, "in no other"),
    Subject.CALLOUT: (Verdict.FINE, "with their stack, or of none"),
    Subject.LINK: (Verdict.FINE, "of no stack, or into a list of it"),
}
_WRONG = {
    Subject.LOOP: (Verdict.FINDING, "in another"),
    Subject.CALLOUT: (Verdict.FINDING, "without their stack"),
    Subject.LINK: (Verdict.FINDING, "of a stack, into a list of all"),
}
