"""Address-taken functions, told apart by what rules say of how they are called."""

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
    """A place where the address of a function is taken: which function, and where, in words.

    `callback` says how it is called from there, None that no rule tells.
    """

    node: Node
    path: str
    start: int
    text: str
    callback: CallbackClass | None = None
    member: str = ""
    """The member that holds it, if it is known by name."""
    variable: str = ""
    """The variable that it is assigned to, if it is one."""

    @property
    def is_made(self) -> bool:
        """Say whether a macro makes the head of the function."""
        return self.callback is not None and self.node.name in self.callback.heads

    def is_called(self, member: str) -> bool:
        """Say whether a call through a member may mean this function.

        What is held in another member, by a table that is registered, may be copied to it.
        """
        through = self.callback.through if self.callback is not None else ()
        return member in through and (self.member == member or self.member not in through)


class CallbackClasses:
    """The classes that rules know; the first one that fits counts."""

    def __init__(self, classes: Sequence[CallbackClass]) -> None:
        self._classes = classes
        self._calls = [
            (name_matcher([call.call]), name_matcher(call.first), call, callback)
            for callback in classes
            for call in callback.calls
        ]

    def of(self, taken: TakenAddress) -> CallbackClass | None:
        """Return the class of a function whose address is taken there."""
        if taken.table:
            return self._held(taken)
        if taken.through:
            return self._passed(taken)
        for callback in self._classes:
            if taken.member and taken.member in callback.assigned:
                return callback
        return None

    def _passed(self, taken: TakenAddress) -> CallbackClass | None:
        for fits, first_fits, call, callback in self._calls:
            passed = taken.argument == call.argument and fits(taken.through)
            if passed and (not call.first or first_fits(taken.first)):
                return callback
        return None

    def _held(self, taken: TakenAddress) -> CallbackClass | None:
        for callback in self._classes:
            if any(_holds(table, taken) for table in callback.tables):
                return callback
        return None

    def made(self, graph: CallGraph, nodes: Iterable[Node]) -> Iterator[AddressTaken]:
        """Yield the functions whose heads a macro makes."""
        heads = {name: callback for callback in reversed(self._classes) for name in callback.heads}
        for node in nodes:
            if node.name in heads and not node.macro:
                for body in graph.bodies(node):
                    yield AddressTaken(node, node.path, body.start, node.name, heads[node.name])


def _holds(table: CallbackTable, taken: TakenAddress) -> bool:
    if taken.through not in table.tables:
        return False
    if taken.member:
        return not table.members or taken.member in table.members
    return not table.members or taken.argument in table.positions


def addresses_taken(facts: Facts, nodes: Collection[Node]) -> list[AddressTaken]:
    """Return where the addresses of some functions of the graph are taken."""
    graph = facts.graph
    classes = CallbackClasses(facts.rules.callbacks)
    wanted = frozenset(node for node in nodes if not node.macro)
    found: list[AddressTaken] = list(classes.made(graph, wanted))
    for file in graph.address_taken({node.name for node in wanted}):
        for taken in file.taken:
            if not facts.is_absent(file.path, taken.start):
                meant = _meant(graph, file.path, taken, classes)
                found += (address for address in meant if address.node in wanted)
    return found


def _meant(
    graph: CallGraph, path: str, taken: TakenAddress, classes: CallbackClasses
) -> Iterable[AddressTaken]:
    """Return the functions that a name may mean where its address is taken."""
    callback = classes.of(taken)
    for node in graph.resolve(path, taken.name):
        yield AddressTaken(
            node, path, taken.start, _text(taken), callback, taken.member, taken.variable
        )


def _text(taken: TakenAddress) -> str:
    if taken.table:
        member = f".{taken.member}" if taken.member else f"member {taken.argument}"
        return f"{member} of {taken.through} {taken.table}"
    if taken.through:
        first = f"{taken.first}, " if taken.first.isidentifier() else ""
        return f"{taken.through}({first}…)"
    if taken.variable:
        return f"the variable {taken.variable}"
    return f".{taken.member}" if taken.member else "an assignment"
