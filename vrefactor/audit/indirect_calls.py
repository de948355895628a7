"""The calls that no name shows, as far as the tree tells them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vrefactor.audit.address_taken import AddressTaken, handings
from vrefactor.audit.facts import Facts
from vrefactor.audit.pointers import Pointers
from vrefactor.index.callgraph import CallEdge, Node


def follow(facts: Facts) -> list[AddressTaken]:
    """Return where functions are handed over, with the calls through variables, and through
    members that rules name.

    These become calls of the graph, so more functions may turn out to need a stack, and those
    may be handed over too.
    """
    found: list[AddressTaken] = []
    pointers = Pointers(facts)
    done: set[Node] = set()
    while new := facts.graph.nodes - done:
        done |= new
        found, calls = pointers.follow([*found, *handings(facts, new)])
        facts.graph.add(sorted({*_dispatched(facts, found), *calls}))
    return sorted(found, key=lambda taken: (taken.node, taken.path, taken.start))


def _dispatched(facts: Facts, found: Sequence[AddressTaken]) -> Iterator[tuple[Node, CallEdge]]:
    """Yield the calls through members, where no stack is set."""
    for path, context in sorted(facts.contexts.items()):
        for use in context.dispatches:
            function = facts.function(path, use.start)
            if function is None or facts.is_covered(path, use.start):
                continue
            for handing in found:
                if handing.is_called(use.name):
                    edge = CallEdge(use.start, handing.node, f"through .{use.name}")
                    yield Node(path, function.name), edge
