"""Functions that need a stack and are called from where none is set."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from vrefactor.audit.address_taken import AddressTaken
from vrefactor.audit.facts import Facts
from vrefactor.audit.model import AuditFinding, FindingKind, JudgedPlace
from vrefactor.audit.search import Search, Step, call_text
from vrefactor.audit.stack_use import StackUse
from vrefactor.index.callgraph import Node

_SHOWN = 6
_ARGUMENT = re.compile(rb"\w+\s*\(\s*(\w+)")


@dataclass(frozen=True, slots=True)
class _Reached:
    """An entry with the fewest calls from there to a use: they end in the function `node`."""

    entry: AddressTaken
    others: int
    steps: tuple[Step, ...]
    node: Node
    use: StackUse


def entry_findings(search: Search, found: Iterable[AddressTaken]) -> Iterator[JudgedPlace]:
    """Yield the functions that are called without a stack, with the calls to what needs it.

    Those that come to the same function, called in the same way, are one finding: the one
    with the fewest calls tells how, the others are listed.
    """
    groups: dict[tuple[str, Node], list[_Reached]] = {}
    for reached in _reached(search, found):
        assert reached.entry.callback is not None
        groups.setdefault((reached.entry.callback.name, reached.node), []).append(reached)
    for group in groups.values():
        group.sort(key=lambda reached: (len(reached.steps), reached.entry))
        places = (
            (reached.entry.node.path, start_of(search.facts, reached.entry)) for reached in group
        )
        yield JudgedPlace(_finding(search.facts, group), tuple(places))


def _reached(search: Search, found: Iterable[AddressTaken]) -> Iterator[_Reached]:
    without = [taken for taken in found if taken.callback is not None and not taken.callback.stack]
    for _, group in groupby(without, key=entry_of):
        first, *others = group
        found_use = search.reach(first)
        if found_use is not None:
            yield _Reached(first, len(others), *found_use)


def entry_of(taken: AddressTaken) -> tuple[Node, int]:
    """Return what makes an entry: of functions whose heads a macro makes, each is one."""
    return taken.node, taken.start if taken.is_made else -1


def _finding(facts: Facts, group: Sequence[_Reached]) -> AuditFinding:
    first, *others = group
    entry, steps, use = first.entry, first.steps, first.use
    assert entry.callback is not None
    shown = use.name if not steps else f"{use.name}, through {steps[-1][1].callee.name}"
    what = f"needs a stack ({shown}), but is called without: {entry.callback.name}"
    chain = list(_chain(facts, first))
    if others:
        text = "so does" if len(others) == 1 else f"so do {len(others)} more:"
        chain.append(f"{text} {', '.join(_names(facts, others))}")
    place = start_of(facts, entry)
    line = facts.line(entry.node.path, place)
    name = name_of(facts, entry)
    return AuditFinding(entry.node.path, line, FindingKind.ENTRY, name, what, tuple(chain))


def _names(facts: Facts, others: Sequence[_Reached]) -> Iterator[str]:
    for reached in others[:_SHOWN]:
        path = reached.entry.node.path
        place = facts.place(path, start_of(facts, reached.entry))
        yield f"{name_of(facts, reached.entry)} ({place})"
    if len(others) > _SHOWN:
        yield "…"


def start_of(facts: Facts, taken: AddressTaken) -> int:
    """Return where an address-taken function is defined."""
    if taken.is_made:
        return taken.start
    return min((body.start for body in facts.graph.bodies(taken.node)), default=0)


def name_of(facts: Facts, taken: AddressTaken) -> str:
    """Return the name of an address-taken function by which a person finds it."""
    if not taken.is_made:
        return taken.node.name
    match = _ARGUMENT.match(facts.index.tree.read(taken.path), taken.start)
    return f"{taken.node.name}({match[1].decode()})" if match is not None else taken.node.name


def _chain(facts: Facts, reached: _Reached) -> Iterator[str]:
    entry, node, use = reached.entry, reached.node, reached.use
    if not entry.is_made:
        more = f" (and {reached.others} more)" if reached.others else ""
        yield f"handed over as {entry.text}{more}, {facts.place(entry.path, entry.start)}"
    for caller, edge in reached.steps:
        yield call_text(facts, caller, edge)
    if node.macro:
        yield f"which needs a stack, {facts.place(node.path, facts.graph.defined_at(node))}"
    else:
        yield f"uses {use.name}, {facts.place(node.path, use.start)}"
