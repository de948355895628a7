"""Every path through a function, and whatever state is tracked along them.

Read off the statements of one variant.  What happens on a path is marked by offsets: the
state at a point holds, for each path that leads there, the marks that are open on it.  What
opens a mark and what closes it is the tracker's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from tree_sitter import Node

from vrefactor.c.parse.functions import Function
from vrefactor.c.parse.statements import parsed_body
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.query.spans import Span

_MOST_PATHS = 24
_ROUNDS = 3

Path = tuple[int, ...]
PathState = frozenset[Path]


class Tracker(Protocol):
    """What is told of a walk, and says how the state changes.  Offsets are those of the file."""

    def begin(self) -> None:
        """Start a round: the jumps of the one before are known now."""

    def at(self, span: Span, state: PathState) -> None:
        """Learn the state in which a part of the function is reached."""

    def behind(self, span: Span, state: PathState) -> PathState:
        """Return the state behind a simple statement or a condition."""

    def behind_block(self, span: Span, before: PathState, after: PathState) -> PathState:
        """Return the state behind a block, for a walk through it that ends with `after`."""

    def is_certain(self, span: Span, after: PathState) -> bool:
        """Say whether a branch counts as one that always runs."""

    def loop(self, head: int, body: Span) -> None:
        """Learn of a loop: the start of its head, and its body."""

    def jump(self, at: int, opened: int, state: PathState) -> PathState:
        """Return what a `break` or `continue` brings behind the block that opens at `opened`."""

    def leave(self, at: int, state: PathState) -> None:
        """Learn of a way out of the function."""


def walk_paths(function: Function, macros: MacroMatcher, tracker: Tracker) -> bool:
    """Follow every path through a function; False if it does not parse."""
    body = parsed_body(function, macros)
    if body is None:
        return False
    _Walk(function.text, body.shift, tracker).run(body.node)
    return True


def path_state(paths: Iterable[Path]) -> PathState:
    """Return the state of some paths; of too many, those that come first count."""
    return frozenset(sorted(set(paths))[:_MOST_PATHS])


@dataclass(slots=True)
class _Walk:
    text: bytes
    shift: int
    tracker: Tracker
    _labels: dict[bytes, PathState] = field(default_factory=dict)
    _breaks: list[tuple[int, set[Path]]] = field(default_factory=list)
    _continues: list[tuple[int, set[Path]]] = field(default_factory=list)
    """Of each loop around, and switch: where its body begins, and what its jumps bring."""
    _cases: list[PathState] = field(default_factory=list)

    def run(self, body: Node) -> None:
        """Walk until no jump brings anything new to its label."""
        for _ in range(_ROUNDS):
            known = dict(self._labels)
            self.tracker.begin()
            after = self._sequence(body, frozenset({()}))
            self.tracker.leave(body.end_byte + self.shift - 1, after)
            if known == self._labels:
                break

    def _span(self, node: Node) -> Span:
        return node.start_byte + self.shift, node.end_byte + self.shift

    def _flow(self, node: Node, state: PathState) -> PathState:
        handler = _HANDLERS.get(node.type)
        if handler is not None:
            return handler(self, node, state)
        return self._simple(node, state)

    def _sequence(self, node: Node, state: PathState, skipped: Node | None = None) -> PathState:
        for child in node.named_children:
            if child != skipped and child.type != "comment":
                state = self._flow(child, state)
        return state

    def _simple(self, node: Node, state: PathState) -> PathState:
        self.tracker.at(self._span(node), state)
        return self.tracker.behind(self._span(node), state)

    def _block(self, node: Node, state: PathState) -> PathState:
        """Walk through statements that are a block of their own, within the function's."""
        after = self._flow_into(node, state)
        return self.tracker.behind_block(self._span(node), state, after) if state else after

    def _flow_into(self, node: Node, state: PathState) -> PathState:
        if node.type == "compound_statement":
            return self._sequence(node, state)
        return self._flow(node, state)

    def _if(self, node: Node, state: PathState) -> PathState:
        condition = node.child_by_field_name("condition")
        if condition is not None:
            state = self._simple(condition, state)
        consequence = node.child_by_field_name("consequence")
        alternative = node.child_by_field_name("alternative")
        then = self._block(consequence, state) if consequence is not None else state
        if alternative is None:
            certain = consequence is not None and self.tracker.is_certain(
                self._span(consequence), then
            )
            return then if certain else then | state
        other = state
        for child in alternative.named_children:
            other = self._block(child, other)
        return path_state(then | other)

    def _loop(self, node: Node, state: PathState) -> PathState:
        body = node.child_by_field_name("body")
        if body is None:
            return self._simple(node, state)
        start, end = self._span(node)
        opened, closed = self._span(body)
        head = (start, opened) if node.type != "do_statement" else (closed, end)
        self.tracker.loop(start, (opened, closed))
        before = state
        for _ in range(2):
            self.tracker.at(head, before)
            self._breaks.append((opened, set()))
            self._continues.append((opened, set()))
            after = self._block(body, before)
            rounds = after | self._continues.pop()[1]
            left = frozenset(self._breaks.pop()[1])
            before = path_state(before | rounds)
        if node.type == "do_statement" and not _is_endless(node):
            return path_state(rounds | left)
        return path_state(left if _is_endless(node) else before | left)

    def _switch(self, node: Node, state: PathState) -> PathState:
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
        return path_state(after | left if default else after | left | state)

    def _case(self, node: Node, state: PathState) -> PathState:
        if self._cases:
            state = path_state(state | self._cases[-1])
        return self._sequence(node, state, node.child_by_field_name("value"))

    def _label(self, node: Node, state: PathState) -> PathState:
        label = node.child_by_field_name("label")
        name = self._text(label) if label is not None else b""
        state = path_state(state | self._labels.get(name, frozenset()))
        return self._sequence(node, state, label)

    def _goto(self, node: Node, state: PathState) -> PathState:
        label = node.child_by_field_name("label")
        if label is not None:
            name = self._text(label)
            self._labels[name] = path_state(self._labels.get(name, frozenset()) | state)
        return frozenset()

    def _text(self, node: Node) -> bytes:
        start, end = self._span(node)
        return self.text[start:end]

    def _return(self, node: Node, state: PathState) -> PathState:
        self.tracker.at(self._span(node), state)
        self.tracker.leave(self._span(node)[0], state)
        return frozenset()

    def _break(self, node: Node, state: PathState) -> PathState:
        return self._jump(node, state, self._breaks)

    def _continue(self, node: Node, state: PathState) -> PathState:
        return self._jump(node, state, self._continues)

    def _jump(self, node: Node, state: PathState, around: list[tuple[int, set[Path]]]) -> PathState:
        if around:
            opened, found = around[-1]
            found |= self.tracker.jump(self._span(node)[0], opened, state)
        return frozenset()


def _is_endless(node: Node) -> bool:
    """Say whether a loop ends by a jump only: `for (;;)`."""
    return node.type == "for_statement" and node.child_by_field_name("condition") is None


def _is_default(node: Node) -> bool:
    return node.type == "case_statement" and node.child_by_field_name("value") is None


_HANDLERS: dict[str, Callable[[_Walk, Node, PathState], PathState]] = {
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
