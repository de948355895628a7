"""Functions that need a stack and are called from where none is set."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from vrefactor.audit.chains import Step, call_text
from vrefactor.audit.facts import Facts
from vrefactor.audit.handed import Handing
from vrefactor.audit.model import Finding, Kind
from vrefactor.c.context import Use
from vrefactor.index.callgraph import Node
from vrefactor.rules.globs import name_matcher, path_matcher

_SHOWN = 6
_ARGUMENT = re.compile(rb"\w+\s*\(\s*(\w+)")


@dataclass(frozen=True, slots=True)
class _Reached:
    """An entry with the fewest calls from there to a use: they end in the function `node`."""

    entry: Handing
    others: int
    steps: tuple[Step, ...]
    node: Node
    use: Use


def entry_findings(facts: Facts, found: Iterable[Handing]) -> Iterator[Finding]:
    """Yield the functions that are called without a stack, each with a way to what needs it.

    Those that come to the same function, called in the same way, are one finding: the one
    with the fewest calls tells how, the others are listed.
    """
    groups: dict[tuple[str, Node], list[_Reached]] = {}
    for one in _reached(facts, found):
        assert one.entry.way is not None
        groups.setdefault((one.entry.way.name, one.node), []).append(one)
    for group in groups.values():
        group.sort(key=lambda one: (len(one.steps), one.entry))
        yield _finding(facts, group)


def _reached(facts: Facts, found: Iterable[Handing]) -> Iterator[_Reached]:
    search = _Search(facts)
    without = [one for one in found if one.way is not None and not one.way.stack]
    for _, group in groupby(without, key=_entry):
        first, *others = group
        way = search.reach(first)
        if way is not None:
            yield _Reached(first, len(others), *way)


def _entry(one: Handing) -> tuple[Node, int]:
    """Return what makes an entry: of functions whose heads a macro makes, each is one."""
    return one.node, one.start if _is_made(one) else -1


def _is_made(one: Handing) -> bool:
    return one.way is not None and one.node.name in one.way.heads


def _finding(facts: Facts, group: Sequence[_Reached]) -> Finding:
    first, *others = group
    entry, steps, use = first.entry, first.steps, first.use
    assert entry.way is not None
    shown = use.name if not steps else f"{use.name}, through {steps[-1][1].callee.name}"
    what = f"needs a stack ({shown}), but is called without: {entry.way.name}"
    chain = list(_chain(facts, first))
    if others:
        text = "so does" if len(others) == 1 else f"so do {len(others)} more:"
        chain.append(f"{text} {', '.join(_names(facts, others))}")
    place = _start(facts, entry)
    line = facts.line(entry.node.path, place)
    name = _name(facts, entry)
    return Finding(entry.node.path, line, Kind.ENTRY, name, what, tuple(chain))


def _names(facts: Facts, others: Sequence[_Reached]) -> Iterator[str]:
    for one in others[:_SHOWN]:
        path = one.entry.node.path
        yield f"{_name(facts, one.entry)} ({facts.place(path, _start(facts, one.entry))})"
    if len(others) > _SHOWN:
        yield "…"


def _start(facts: Facts, one: Handing) -> int:
    """Return where a function that is handed over is defined."""
    if _is_made(one):
        return one.start
    return min((body.start for body in facts.graph.bodies(one.node)), default=0)


def _name(facts: Facts, one: Handing) -> str:
    if not _is_made(one):
        return one.node.name
    match = _ARGUMENT.match(facts.index.tree.read(one.path), one.start)
    return f"{one.node.name}({match[1].decode()})" if match is not None else one.node.name


def _chain(facts: Facts, one: _Reached) -> Iterator[str]:
    entry, node, use = one.entry, one.node, one.use
    if not _is_made(entry):
        more = f" (and {one.others} more)" if one.others else ""
        yield f"handed over as {entry.text}{more}, {facts.place(entry.path, entry.start)}"
    for caller, edge in one.steps:
        yield call_text(facts, caller, edge)
    if node.macro:
        yield f"which needs a stack, {facts.place(node.path, facts.graph.defined_at(node))}"
    else:
        yield f"uses {use.name}, {facts.place(node.path, use.start)}"


class _Search:
    """Looks for the fewest calls that lead from an entry to a use."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._accepted = [
            (name_matcher(one.functions), name_matcher(one.calls), path_matcher([one.path]))
            for one in facts.rules.accepted
        ]

    def _is_accepted(self, caller: Node, callee: Node) -> bool:
        return any(
            functions(caller.name) and calls(callee.name) and within(caller.path)
            for functions, calls, within in self._accepted
        )

    def reach(self, entry: Handing) -> tuple[tuple[Step, ...], Node, Use] | None:
        """Return the calls, and the use at their end; None if nothing needs a stack."""
        inside = (entry.start, self._end(entry)) if _is_made(entry) else None
        ways: dict[Node, tuple[Step, ...]] = {entry.node: ()}
        pending = [entry.node]
        for node in pending:
            first = inside if node == entry.node else None
            use = self._use(node, first)
            if use is not None:
                return ways[node], node, use
            for edge in self._facts.graph.calls(node):
                known = edge.callee in ways or not _holds(first, edge.start)
                if not known and not self._is_accepted(node, edge.callee):
                    ways[edge.callee] = (*ways[node], (node, edge))
                    pending.append(edge.callee)
        return None

    def _end(self, entry: Handing) -> int:
        bodies = self._facts.graph.bodies(entry.node)
        return next(one.close for one in bodies if one.start == entry.start)

    def _use(self, node: Node, inside: tuple[int, int] | None) -> Use | None:
        uses = self._facts.needed.get(node, ())
        return next((one for one in uses if _holds(inside, one.start)), None)


def _holds(inside: tuple[int, int] | None, offset: int) -> bool:
    return inside is None or inside[0] <= offset < inside[1]
