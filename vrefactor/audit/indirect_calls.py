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
    return sorted(found, key=lambda one: (one.node, one.path, one.start))


def _dispatched(facts: Facts, found: Sequence[AddressTaken]) -> Iterator[tuple[Node, CallEdge]]:
    """Yield the calls through members, where no stack is set."""
    for path, context in sorted(facts.contexts.items()):
        for one in context.dispatches:
            function = facts.function(path, one.start)
            if function is None or facts.is_covered(path, one.start):
                continue
            for handing in found:
                if handing.is_called(one.name):
                    edge = CallEdge(one.start, handing.node, f"through .{one.name}")
                    yield Node(path, function.name), edge
