"""The ways through a function, and on which of them a current stack is set.

Read off the statements of one variant.  A state is what may be set at one point: for each way
that leads there, the offsets of the SETs without a RESTORE so far.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from msgspec import Struct
from tree_sitter import Node

from vrefactor.c.parse.functions import Function
from vrefactor.c.parse.statements import parsed_body
from vrefactor.c.preprocess.known_macros import MacroMatcher

_MOST = 24
_ROUNDS = 3

Way = tuple[int, ...]
State = frozenset[Way]

KEPT = "kept"
UNSET = "unset"
SPLIT = "split"


@dataclass(frozen=True, slots=True)
class Words:
    """Patterns for the macros that set a stack, that restore the one before, that loop."""

    sets: re.Pattern[bytes]
    restores: re.Pattern[bytes]
    iterators: re.Pattern[bytes]


class Fault(Struct, frozen=True, array_like=True, order=True):
    """A SET and a RESTORE that do not go together.

    `kind` is KEPT (left with the stack set), UNSET (a RESTORE without SET) or SPLIT (one of
    them happens on some ways only); `start` is where, `cause` the SET or RESTORE that it is about.
    """

    start: int
    kind: str
    cause: int


@dataclass(frozen=True, slots=True)
class PathStates:
    """What one variant says of a function: ranges with and without a stack, loops, faults.

    `loops` are the bodies of loops over all stacks.
    """

    within: tuple[tuple[int, int], ...]
    without: tuple[tuple[int, int], ...]
    loops: tuple[tuple[int, int], ...]
    faults: tuple[Fault, ...]


def ways(function: Function, words: Words, macros: MacroMatcher) -> PathStates | None:
    """Follow every way through a function; None if it does not parse."""
    body = parsed_body(function, macros)
    return None if body is None else _Walk(function.text, body.shift, words).run(body.node)


@dataclass(slots=True)
class _Walk:
    text: bytes
    shift: int
    words: Words
    _seen: dict[tuple[int, int], State] = field(default_factory=dict)
    _loops: set[tuple[int, int]] = field(default_factory=set)
    _faults: set[Fault] = field(default_factory=set)
    _labels: dict[bytes, State] = field(default_factory=dict)
    _breaks: list[tuple[int, set[Way]]] = field(default_factory=list)
    _continues: list[tuple[int, set[Way]]] = field(default_factory=list)
    """Of each loop around, and switch: where its body begins, and what its jumps bring."""
    _cases: list[State] = field(default_factory=list)

    def run(self, body: Node) -> PathStates:
        """Walk until no jump brings anything new to its label."""
        start = frozenset({()})
        for _ in range(_ROUNDS):
            known = dict(self._labels)
            self._faults.clear()
            self._leave(self._sequence(body, start), body.end_byte + self.shift - 1)
            if known == self._labels:
                break
        within = [span for span, state in self._seen.items() if state and all(state)]
        without = [span for span, state in self._seen.items() if not all(state)]
        return PathStates(
            tuple(sorted(within)),
            tuple(sorted(without)),
            tuple(sorted(self._loops)),
            tuple(sorted(self._faults)),
        )

    def _span(self, node: Node) -> tuple[int, int]:
        return node.start_byte + self.shift, node.end_byte + self.shift

    def _note(self, start: int, end: int, state: State) -> None:
        self._seen[start, end] = self._seen.get((start, end), frozenset()) | state

    def _leave(self, state: State, at: int) -> None:
        for way in state:
            if way:
                self._faults.add(Fault(at, KEPT, way[-1]))

    def _flow(self, node: Node, state: State) -> State:
        handler = _HANDLERS.get(node.type)
        if handler is not None:
            return handler(self, node, state)
        return self._simple(node, state)

    def _sequence(self, node: Node, state: State) -> State:
        for child in node.named_children:
            if child.type != "comment":
                state = self._flow(child, state)
        return state

    def _simple(self, node: Node, state: State) -> State:
        start, end = self._span(node)
        self._note(start, end, state)
        return self._events(start, end, state)

    def _events(self, start: int, end: int, state: State) -> State:
        """Return the state behind the SETs and RESTOREs of a simple statement."""
        events = [
            (match.start(), True) for match in self.words.sets.finditer(self.text, start, end)
        ]
        events += [
            (match.start(), False) for match in self.words.restores.finditer(self.text, start, end)
        ]
        for at, sets in sorted(events):
            if sets:
                state = _some((*way, at) for way in state)
                continue
            if any(not way for way in state):
                self._faults.add(Fault(at, UNSET, at))
            state = _some(way[:-1] for way in state)
        return state

    def _block(self, node: Node, state: State) -> State:
        """Walk through statements that are a block of their own, within the function's."""
        if not state:
            return self._flow_into(node, state)
        start, end = self._span(node)
        after = self._flow_into(node, state)
        kept = [way for way in after if way and start <= way[-1] < end]
        lost = [way for way in after if way not in state and _is_less(way, state)]
        for way in kept:
            self._faults.add(Fault(way[-1], SPLIT, way[-1]))
        if lost:
            restores = list(self.words.restores.finditer(self.text, start, end))
            at = restores[-1].start() if restores else start
            self._faults.add(Fault(at, SPLIT, at))
            after = (after - frozenset(lost)) | state
        return after

    def _flow_into(self, node: Node, state: State) -> State:
        if node.type == "compound_statement":
            return self._sequence(node, state)
        return self._flow(node, state)

    def _if(self, node: Node, state: State) -> State:
        condition = node.child_by_field_name("condition")
        if condition is not None:
            state = self._simple(condition, state)
        consequence = node.child_by_field_name("consequence")
        alternative = node.child_by_field_name("alternative")
        then = self._block(consequence, state) if consequence is not None else state
        if alternative is None:
            return then if self._sets(consequence, then) else then | state
        other = state
        for child in alternative.named_children:
            other = self._block(child, other)
        return _some(then | other)

    def _sets(self, node: Node | None, after: State) -> bool:
        """Say whether a branch leaves a SET behind: reported, so taken as if it always ran."""
        if node is None:
            return False
        start, end = self._span(node)
        return any(way and start <= way[-1] < end for way in after)

    def _loop(self, node: Node, state: State) -> State:
        body = node.child_by_field_name("body")
        if body is None:
            return self._simple(node, state)
        start, end = self._span(node)
        opened, closed = self._span(body)
        head = (start, opened) if node.type != "do_statement" else (closed, end)
        if self.words.iterators.match(self.text, start):
            self._loops.add((opened, closed))
        before = state
        for _ in range(2):
            self._note(*head, before)
            self._breaks.append((opened, set()))
            self._continues.append((opened, set()))
            after = self._block(body, before)
            rounds = after | self._continues.pop()[1]
            left = frozenset(self._breaks.pop()[1])
            before = _some(before | rounds)
        if node.type == "do_statement" and not _is_endless(node):
            return _some(rounds | left)
        return _some(left if _is_endless(node) else before | left)

    def _switch(self, node: Node, state: State) -> State:
        condition = node.child_by_field_name("condition")
        body = node.child_by_field_name("body")
        if condition is not None:
            state = self._simple(condition, state)
        if body is None:
            return state
        self._breaks.append((self._span(body)[0], set()))
        self._cases.append(state)
        after = self._block(body, frozenset())
        self._cases.pop()
        left = frozenset(self._breaks.pop()[1])
        default = any(_is_default(child) for child in body.named_children)
        return _some(after | left if default else after | left | state)

    def _case(self, node: Node, state: State) -> State:
        if self._cases:
            state = _some(state | self._cases[-1])
        value = node.child_by_field_name("value")
        for child in node.named_children:
            if child != value and child.type != "comment":
                state = self._flow(child, state)
        return state

    def _label(self, node: Node, state: State) -> State:
        label = node.child_by_field_name("label")
        name = self._text(label) if label is not None else b""
        state = _some(state | self._labels.get(name, frozenset()))
        for child in node.named_children:
            if child != label and child.type != "comment":
                state = self._flow(child, state)
        return state

    def _goto(self, node: Node, state: State) -> State:
        label = node.child_by_field_name("label")
        if label is not None:
            name = self._text(label)
            self._labels[name] = _some(self._labels.get(name, frozenset()) | state)
        return frozenset()

    def _text(self, node: Node) -> bytes:
        start, end = self._span(node)
        return self.text[start:end]

    def _return(self, node: Node, state: State) -> State:
        start, end = self._span(node)
        self._note(start, end, state)
        self._leave(state, start)
        return frozenset()

    def _break(self, node: Node, state: State) -> State:
        return self._jump(node, state, self._breaks)

    def _continue(self, node: Node, state: State) -> State:
        return self._jump(node, state, self._continues)

    def _jump(self, node: Node, state: State, around: list[tuple[int, set[Way]]]) -> State:
        """Leave a block; a SET in it can't be undone behind it."""
        if around:
            opened, found = around[-1]
            for way in state:
                if way and way[-1] > opened:
                    self._faults.add(Fault(self._span(node)[0], KEPT, way[-1]))
                found.add(tuple(at for at in way if at < opened))
        return frozenset()


def _some(found: Iterable[Way]) -> State:
    """Return a state of these ways, of too many those that come first."""
    return frozenset(sorted(set(found))[:_MOST])


def _is_less(way: Way, state: State) -> bool:
    return any(item[: len(way)] == way and len(item) > len(way) for item in state)


def _is_endless(node: Node) -> bool:
    """Say whether a loop ends by a jump only: `for (;;)`."""
    return node.type == "for_statement" and node.child_by_field_name("condition") is None


def _is_default(node: Node) -> bool:
    return node.type == "case_statement" and node.child_by_field_name("value") is None


_HANDLERS: dict[str, Callable[[_Walk, Node, State], State]] = {
    "compound_statement": _Walk._block,
    "if_statement": _Walk._if,
    "while_statement": _Walk._loop,
    "do_statement": _Walk._loop,
    "for_statement": _Walk._loop,
    "switch_statement": _Walk._switch,
    "case_statement": _Walk._case,
    "labeled_statement": _Walk._label,
    "goto_statement": _Walk._goto,
    "return_statement": _Walk._return,
    "break_statement": _Walk._break,
    "continue_statement": _Walk._continue,
}
