"""The calls that no name shows, as far as the tree tells them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from vrefactor.audit.address_taken import AddressTaken, CallbackClasses, addresses_taken
from vrefactor.audit.facts import Facts
from vrefactor.c.facts.address_taken import TakenAddress
from vrefactor.c.facts.call_sites import FunctionCalls
from vrefactor.c.facts.indirect_calls import FilePointerCalls, PointerCallsQuestion, PointerUse
from vrefactor.index.callgraph import CallEdge, Node
from vrefactor.rules.context import CallbackClass

SEEN = CallbackClass(name="variable", stack=True)
"""The class of what is called through a variable: each such call is judged by itself."""


def follow(facts: Facts) -> list[AddressTaken]:
    """Return where addresses of functions are taken; add the calls through them to the graph.

    Those are the calls through variables, and through members that rules name.  By them more
    functions may turn out to need a stack, and the addresses of those count too.
    """
    found: list[AddressTaken] = []
    pointers = _Pointers(facts)
    done: set[Node] = set()
    while new := facts.graph.nodes - done:
        done |= new
        found, calls = pointers.follow([*found, *addresses_taken(facts, new)])
        facts.graph.add(sorted({*_dispatched(facts, found), *calls}))
    return sorted(found, key=lambda taken: (taken.node, taken.path, taken.start))


def _dispatched(facts: Facts, found: Sequence[AddressTaken]) -> Iterator[tuple[Node, CallEdge]]:
    """Yield the calls through members, where no stack is set."""
    for path, context in sorted(facts.contexts.items()):
        for use in context.dispatches:
            function = facts.function(path, use.start)
            if function is None or facts.is_covered(path, use.start):
                continue
            for taken in found:
                if taken.is_called(use.name):
                    edge = CallEdge(use.start, taken.node, f"through .{use.name}")
                    yield Node(path, function.name), edge


@dataclass(slots=True)
class _Pointers:
    """Knows the calls through variables that functions are assigned to.

    A variable is one of the whole tree if some file declares it at file scope, or if it is a
    stack's; else it is one of the function that declares it, or of the file where it
    is initialised.
    """

    facts: Facts
    _files: dict[str, list[FilePointerCalls]] = field(default_factory=dict)
    _addresses: dict[str, list[tuple[str, TakenAddress]]] = field(default_factory=dict)
    _classes: CallbackClasses = field(init=False)

    def __post_init__(self) -> None:
        self._classes = CallbackClasses(self.facts.rules.callbacks)

    def follow(
        self, found: Sequence[AddressTaken]
    ) -> tuple[list[AddressTaken], set[tuple[Node, CallEdge]]]:
        """Return the addresses, with a class for what is seen to be called, and the calls."""
        self._ask({taken.variable for taken in found if taken.variable})
        told: list[AddressTaken] = []
        calls: set[tuple[Node, CallEdge]] = set()
        for taken in found:
            if not taken.variable or taken.callback not in (None, SEEN):
                told.append(taken)
                continue
            edges = set(self._calls(taken))
            calls |= {(node, edge) for node, edge, counts in edges if counts}
            passed = [
                replace(taken, callback=callback, text=text)
                for callback, text in self._passed(taken)
            ]
            told += passed or [replace(taken, callback=SEEN) if edges else taken]
        return told, calls

    def _passed(self, taken: AddressTaken) -> Iterator[tuple[CallbackClass, str]]:
        """Yield the classes as which the function that fills a variable of its own passes it on."""
        owner = self.facts.function(taken.path, taken.start)
        for path, address in self._addresses[taken.variable]:
            if (
                path == taken.path
                and owner is not None
                and owner.open < address.start < owner.close
            ):
                callback = self._classes.of(address)
                if callback is not None:
                    yield callback, f"{taken.variable} of {address.through}(…)"

    def _ask(self, names: Collection[str]) -> None:
        new = sorted(set(names) - self._files.keys())
        if not new:
            return
        self._files.update({name: [] for name in new})
        reader = PointerCallsQuestion(frozenset(name.encode() for name in new))
        graph = self.facts.graph
        for file in graph.index.ask(graph.paths, reader, FilePointerCalls, reader.key()):
            for name in {pointer.name for pointer in (*file.calls, *file.declared)}:
                self._files[name].append(file)
        self._addresses.update({name: [] for name in new})
        for taking in graph.address_taken(new):
            for address in taking.taken:
                self._addresses[address.name].append((taking.path, address))

    def _calls(self, taken: AddressTaken) -> Iterator[tuple[Node, CallEdge, bool]]:
        """Yield the calls that may mean a function, and whether no stack is set there."""
        owner = self.facts.function(taken.path, taken.start)
        files = self._files[taken.variable]
        inside = owner is not None and self._is_own(files, taken.path, owner, taken.variable)
        shared = taken.variable in self.facts.names
        shared = shared or any(self._is_shared(file, taken.variable) for file in files)
        if not inside and not shared:
            files = [file for file in files if file.path == taken.path and owner is None]
        for file in files:
            for call in _named(file.calls, taken.variable):
                function = self.facts.function(file.path, call.start)
                if function is None or self.facts.is_absent(file.path, call.start):
                    continue
                own = self._is_own([file], file.path, function, taken.variable)
                if (own and function == owner) if inside else not own:
                    counts = not self.facts.is_covered(file.path, call.start)
                    edge = CallEdge(call.start, taken.node, f"through {taken.variable}")
                    yield Node(file.path, function.name), edge, counts

    def _is_own(
        self, files: Sequence[FilePointerCalls], path: str, function: FunctionCalls, name: str
    ) -> bool:
        """Say whether a function declares a variable, or has a parameter of that name."""
        return any(
            function.start < pointer.start < function.close
            for file in files
            if file.path == path
            for pointer in _named((*file.declared, *file.parameters), name)
        )

    def _is_shared(self, file: FilePointerCalls, name: str) -> bool:
        """Say whether a file declares a variable at file scope."""
        declared = _named(file.declared, name)
        return any(self.facts.function(file.path, pointer.start) is None for pointer in declared)


def _named(pointers: Sequence[PointerUse], name: str) -> list[PointerUse]:
    return [pointer for pointer in pointers if pointer.name == name]
