"""On which paths through a function a current stack is set.

The marks of a path are the offsets of the SETs without a RESTORE so far.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from msgspec import Struct

from vrefactor.audit.model import FindingKind
from vrefactor.c.parse.functions import Function
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.query.paths import Path, PathState, path_state, walk_paths
from vrefactor.c.query.spans import Span


@dataclass(frozen=True, slots=True)
class StackPatterns:
    """Patterns for the macros that set a stack, that restore the one before, that loop."""

    sets: re.Pattern[bytes]
    restores: re.Pattern[bytes]
    iterators: re.Pattern[bytes]


class Fault(Struct, frozen=True, array_like=True, order=True):
    """A SET and a RESTORE that do not go together.

    `kind` is KEPT, UNSET or SPLIT; `start` is where, `cause` the SET or RESTORE that it is about.
    """

    start: int
    kind: FindingKind
    cause: int


@dataclass(slots=True)
class StackPaths:
    """What one variant says of a function.

    `loops` are the bodies of loops over all stacks.
    """

    text: bytes
    patterns: StackPatterns
    loops: set[Span] = field(default_factory=set)
    faults: set[Fault] = field(default_factory=set)
    _seen: dict[Span, PathState] = field(default_factory=dict)

    def within(self) -> set[Span]:
        """Return the ranges that are reached with a stack on every path."""
        return {span for span, state in self._seen.items() if state and all(state)}

    def without(self) -> set[Span]:
        """Return the ranges that some path reaches without a stack."""
        return {span for span, state in self._seen.items() if not all(state)}

    def begin(self) -> None:
        """Forget the faults of a round in which not all jumps were known."""
        self.faults.clear()

    def at(self, span: Span, state: PathState) -> None:
        """Learn the state in which a part of the function is reached."""
        self._seen[span] = self._seen.get(span, frozenset()) | state

    def behind(self, span: Span, state: PathState) -> PathState:
        """Return the state behind the SETs and RESTOREs of a simple statement."""
        events = [(match.start(), True) for match in self.patterns.sets.finditer(self.text, *span)]
        events += [
            (match.start(), False) for match in self.patterns.restores.finditer(self.text, *span)
        ]
        for at, sets in sorted(events):
            if sets:
                state = path_state((*path, at) for path in state)
                continue
            if any(not path for path in state):
                self.faults.add(Fault(at, FindingKind.UNSET, at))
            state = path_state(path[:-1] for path in state)
        return state

    def behind_block(self, span: Span, before: PathState, after: PathState) -> PathState:
        """Return the state behind a block; a SET and its RESTORE belong into one."""
        lost = [path for path in after if path not in before and _is_less(path, before)]
        for path in _set_within(span, after):
            self.faults.add(Fault(path[-1], FindingKind.SPLIT, path[-1]))
        if not lost:
            return after
        restores = list(self.patterns.restores.finditer(self.text, *span))
        at = restores[-1].start() if restores else span[0]
        self.faults.add(Fault(at, FindingKind.SPLIT, at))
        return (after - frozenset(lost)) | before

    def is_certain(self, span: Span, after: PathState) -> bool:
        """Say whether a branch leaves a SET behind: reported, so taken as if it always ran."""
        return bool(_set_within(span, after))

    def loop(self, head: int, body: Span) -> None:
        """Learn of a loop, which may be one over all stacks."""
        if self.patterns.iterators.match(self.text, head):
            self.loops.add(body)

    def jump(self, at: int, opened: int, state: PathState) -> PathState:
        """Leave a block; a SET in it can't be undone behind it."""
        for path in state:
            if path and path[-1] > opened:
                self.faults.add(Fault(at, FindingKind.KEPT, path[-1]))
        return frozenset(tuple(mark for mark in path if mark < opened) for path in state)

    def leave(self, at: int, state: PathState) -> None:
        """Learn of a way out of the function, where no stack may be set."""
        for path in state:
            if path:
                self.faults.add(Fault(at, FindingKind.KEPT, path[-1]))


def stack_paths(
    function: Function, patterns: StackPatterns, macros: MacroMatcher
) -> StackPaths | None:
    """Follow every path through a function; None if it does not parse."""
    found = StackPaths(function.text, patterns)
    return found if walk_paths(function, macros, found) else None


def _set_within(span: Span, state: PathState) -> list[Path]:
    """Return the paths whose last SET is in a range."""
    return [path for path in state if path and span[0] <= path[-1] < span[1]]


def _is_less(path: Path, state: PathState) -> bool:
    return any(other[: len(path)] == path and len(other) > len(path) for other in state)
