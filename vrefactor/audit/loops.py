"""Loops over all stacks that run within another one."""

from __future__ import annotations

from collections.abc import Iterator

from vrefactor.audit.facts import Facts
from vrefactor.audit.model import AuditFinding, FindingKind, JudgedPlace
from vrefactor.audit.search import Step, call_text
from vrefactor.c.query.spans import Span, span_at
from vrefactor.index.callgraph import CallGraph, Node


def loop_findings(facts: Facts) -> Iterator[JudgedPlace]:
    """Yield the loops in a loop, and the calls in a loop that lead to another."""
    loops = list(_loops(facts))
    absent = {path: context.absent for path, context in facts.contexts.items()}
    graph = facts.graph.cleared(absent)
    holders = dict(reversed(loops))
    graph.want(sorted(holders))
    for node, span in loops:
        for other in facts.contexts[node.path].loops:
            if span[0] < other[0] and other[1] <= span[1]:
                yield JudgedPlace(_nested(facts, node, span, other), ((node.path, other[0]),))
        found = _calls(graph, holders, node, span)
        if found is not None:
            yield JudgedPlace(_led(facts, span, holders, found), ((node.path, span[0]),))


def _loops(facts: Facts) -> Iterator[tuple[Node, Span]]:
    for path, context in sorted(facts.contexts.items()):
        for span in context.loops:
            function = facts.function(path, span[0])
            if function is not None:
                yield Node(path, function.name), span


def _nested(facts: Facts, node: Node, span: Span, other: Span) -> AuditFinding:
    what = f"loops over all stacks within such a loop ({facts.place(node.path, span[0])})"
    return AuditFinding(
        node.path, facts.line(node.path, other[0]), FindingKind.LOOP, node.name, what
    )


def _calls(
    graph: CallGraph, holders: dict[Node, Span], node: Node, span: Span
) -> list[Step] | None:
    """Return the fewest calls out of a loop that lead to a function with one."""
    chains: dict[Node, list[Step]] = {}
    pending: list[Node] = []
    for edge in graph.calls(node):
        if span_at((span,), edge.start) and edge.callee not in chains:
            chains[edge.callee] = [(node, edge)]
            pending.append(edge.callee)
    for other_node in pending:
        if other_node in holders:
            return chains[other_node]
        for edge in graph.calls(other_node):
            if edge.callee not in chains:
                chains[edge.callee] = [*chains[other_node], (other_node, edge)]
                pending.append(edge.callee)
    return None


def _led(facts: Facts, span: Span, holders: dict[Node, Span], steps: list[Step]) -> AuditFinding:
    node, edge = steps[0]
    last = steps[-1][1].callee
    chain = [f"loops over all stacks, {facts.place(node.path, span[0])}"]
    chain += [call_text(facts, caller, step) for caller, step in steps]
    chain.append(f"loops over all stacks, {facts.place(last.path, holders[last][0])}")
    what = f"calls {edge.callee.name} in a loop over all stacks, which leads to another"
    line = facts.line(node.path, edge.start)
    return AuditFinding(node.path, line, FindingKind.LOOP, node.name, what, tuple(chain))
