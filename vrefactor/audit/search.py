"""The calls that lead from a function to what needs a stack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vrefactor.audit.address_taken import AddressTaken
from vrefactor.audit.facts import Facts
from vrefactor.audit.stack_use import StackUse
from vrefactor.c.query.spans import Span, span_at
from vrefactor.index.callgraph import CallEdge, Node
from vrefactor.rules.context import Accepted
from vrefactor.rules.globs import name_matcher, path_matcher

Step = tuple[Node, CallEdge]
"""A call on the way to something: the caller, and what it calls."""


class Search:
    """Follows calls, but for those that are accepted."""

    def __init__(self, facts: Facts, accepted: Iterable[Accepted]) -> None:
        self.facts = facts
        self._accepted = [
            (
                name_matcher(rule.functions),
                name_matcher(rule.calls),
                path_matcher([rule.path]),
            )
            for rule in accepted
        ]

    def reach(self, entry: AddressTaken) -> tuple[tuple[Step, ...], Node, StackUse] | None:
        """Return the fewest calls, and the use at their end; None if nothing needs a stack."""
        chains: dict[Node, tuple[Step, ...]] = {entry.node: ()}
        pending = [entry.node]
        for node in pending:
            inside = self._inside(entry) if node == entry.node else None
            for use in self._uses(node, inside):
                return chains[node], node, use
            for edge in self._calls(node, inside):
                if edge.callee not in chains:
                    chains[edge.callee] = (*chains[node], (node, edge))
                    pending.append(edge.callee)
        return None

    def uses(self, entries: Iterable[AddressTaken]) -> frozenset[tuple[str, int]]:
        """Return all uses to which calls lead: their files and offsets."""
        found: set[tuple[str, int]] = set()
        done: set[tuple[Node, Span | None]] = set()
        pending: list[tuple[Node, Span | None]] = [
            (taken.node, self._inside(taken)) for taken in entries
        ]
        while pending:
            item = pending.pop()
            if item not in done:
                done.add(item)
                found.update((item[0].path, use.start) for use in self._uses(*item))
                pending += ((edge.callee, None) for edge in self._calls(*item))
        return frozenset(found)

    def _calls(self, node: Node, inside: Span | None) -> Iterator[CallEdge]:
        for edge in self.facts.graph.calls(node):
            if _holds(inside, edge.start) and not self._is_accepted(node, edge.callee):
                yield edge

    def _is_accepted(self, caller: Node, callee: Node) -> bool:
        return any(
            functions(caller.name) and calls(callee.name) and matches(caller.path)
            for functions, calls, matches in self._accepted
        )

    def _inside(self, entry: AddressTaken) -> Span | None:
        """Return the range of a function that shares its node with others, of the same head."""
        if not entry.is_made:
            return None
        bodies = self.facts.graph.bodies(entry.node)
        return entry.start, next(calls.close for calls in bodies if calls.start == entry.start)

    def _uses(self, node: Node, inside: Span | None) -> Iterator[StackUse]:
        for use in self.facts.needed.get(node, ()):
            if _holds(inside, use.start):
                yield use


def _holds(inside: Span | None, offset: int) -> bool:
    return inside is None or span_at((inside,), offset) is not None


def call_text(facts: Facts, caller: Node, edge: CallEdge) -> str:
    """Return one call of a chain in words, with its place."""
    verb = "expands" if edge.callee.macro else "calls"
    at = facts.graph.defined_at(caller) if caller.macro else edge.start
    through = f" ({edge.through})" if edge.through else ""
    return f"{verb} {edge.callee.name}{through}, {facts.place(edge.path or caller.path, at)}"
