"""The ways in which functions are handed over, told apart by what rules say of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from vrefactor.audit.facts import Facts
from vrefactor.c.facts.address_taken import TakenAddress
from vrefactor.index.callgraph import CallGraph, Node
from vrefactor.rules.context import CallbackClass, CallbackTable
from vrefactor.rules.globs import name_matcher


@dataclass(frozen=True, slots=True, order=True)
class AddressTaken:
    """A function that is handed over: where, in words, and in which way (None: in no known)."""

    node: Node
    path: str
    start: int
    text: str
    way: CallbackClass | None = None
    member: str = ""
    """The member that holds it, if it is known by name."""
    variable: str = ""
    """The variable that it is assigned to, if it is one."""

    @property
    def is_made(self) -> bool:
        """Say whether a macro makes the head of the function."""
        return self.way is not None and self.node.name in self.way.heads

    def is_called(self, member: str) -> bool:
        """Say whether a call through a member may mean this function.

        What is held in another member, by a table that is registered, may be copied to it.
        """
        through = self.way.through if self.way is not None else ()
        return member in through and (self.member == member or self.member not in through)


class HandoverClasses:
    """The ways that rules know; the first one that fits counts."""

    def __init__(self, classes: Sequence[CallbackClass]) -> None:
        self._classes = classes
        self._calls = [
            (
                name_matcher([call.call]),
                call.argument,
                name_matcher(call.first),
                call.first,
                handed_class,
            )
            for handed_class in classes
            for call in handed_class.calls
        ]

    def of(self, mention: TakenAddress) -> CallbackClass | None:
        """Return the way in which a mention hands a function over."""
        if mention.table:
            return self._held(mention)
        if mention.through:
            return self._given(mention)
        for handed_class in self._classes:
            if mention.member and mention.member in handed_class.assigned:
                return handed_class
        return None

    def _given(self, mention: TakenAddress) -> CallbackClass | None:
        for fits, argument, first_fits, first, handed_class in self._calls:
            given = mention.argument == argument and fits(mention.through)
            if given and (not first or first_fits(mention.first)):
                return handed_class
        return None

    def _held(self, mention: TakenAddress) -> CallbackClass | None:
        for handed_class in self._classes:
            if any(_holds(table, mention) for table in handed_class.tables):
                return handed_class
        return None

    def made(self, graph: CallGraph, nodes: Iterable[Node]) -> Iterator[AddressTaken]:
        """Yield the functions whose heads a macro makes."""
        heads = {
            name: handed_class
            for handed_class in reversed(self._classes)
            for name in handed_class.heads
        }
        for node in nodes:
            if node.name in heads and not node.macro:
                for body in graph.bodies(node):
                    yield AddressTaken(node, node.path, body.start, node.name, heads[node.name])


def _holds(table: CallbackTable, mention: TakenAddress) -> bool:
    if mention.through not in table.tables:
        return False
    if mention.member:
        return not table.members or mention.member in table.members
    return not table.members or mention.argument in table.positions


def handings(facts: Facts, nodes: Collection[Node]) -> list[AddressTaken]:
    """Return where functions of the graph are handed over."""
    graph = facts.graph
    ways = HandoverClasses(facts.rules.callbacks)
    wanted = frozenset(node for node in nodes if not node.macro)
    found: list[AddressTaken] = list(ways.made(graph, wanted))
    for file in graph.address_taken({node.name for node in wanted}):
        for mention in file.taken:
            if not facts.is_absent(file.path, mention.start):
                given = _handed(graph, file.path, mention, ways)
                found += (taken for taken in given if taken.node in wanted)
    return found


def _handed(
    graph: CallGraph, path: str, mention: TakenAddress, ways: HandoverClasses
) -> Iterable[AddressTaken]:
    way = ways.of(mention)
    for node in graph.resolve(path, mention.name):
        yield AddressTaken(
            node, path, mention.start, _text(mention), way, mention.member, mention.variable
        )


def _text(mention: TakenAddress) -> str:
    if mention.table:
        member = f".{mention.member}" if mention.member else f"member {mention.argument}"
        return f"{member} of {mention.through} {mention.table}"
    if mention.through:
        first = f"{mention.first}, " if mention.first.isidentifier() else ""
        return f"{mention.through}({first}…)"
    if mention.variable:
        return f"the variable {mention.variable}"
    return f".{mention.member}" if mention.member else "an assignment"
