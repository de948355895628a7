"""Chains of calls, in words."""

from __future__ import annotations

from vrefactor.audit.facts import Facts
from vrefactor.index.callgraph import CallEdge, Node

Step = tuple[Node, CallEdge]
"""A call on the way to something: the caller, and what it calls."""


def call_text(facts: Facts, caller: Node, edge: CallEdge) -> str:
    """Return one call of a chain in words, with its place."""
    verb = "expands" if edge.callee.macro else "calls"
    at = facts.graph.defined_at(caller) if caller.macro else edge.start
    through = f" ({edge.through})" if edge.through else ""
    return f"{verb} {edge.callee.name}{through}, {facts.place(edge.path or caller.path, at)}"
