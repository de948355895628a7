"""The call graph of a tree, as far as it leads to functions that matter.

A whole kernel has millions of calls; those that lead to a few hundred functions are few.  So
the graph grows backwards: from what is wanted to its callers, and to their callers.  What a
file calls is read once, on all processors, and only of the files that hold a wanted name
before a parenthesis.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter, itemgetter

from vrefactor.c.facts.address_taken import AddressTakenQuestion, FileTakenAddresses
from vrefactor.c.facts.call_sites import (
    CalledNamesQuestion,
    CallsQuestion,
    FileCalls,
    FunctionCalls,
)
from vrefactor.c.model import MacroFact
from vrefactor.index.index import Index
from vrefactor.index.macros import macros_mentioning
from vrefactor.index.nodes import CallEdge, HeldFunction, IndirectCalls, Node, PlannedCall
from vrefactor.index.questions import WordsQuestion
from vrefactor.rules.globs import path_matcher

__all__ = ["CallEdge", "CallGraph", "HeldFunction", "IndirectCalls", "Node", "PlannedCall"]

_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass(slots=True)
class CallGraph:
    """The part of a tree's call graph that leads to what was wanted so far.

    Calls are over-approximated: a name stands for the static of the caller's file, else for
    each external function, each macro in view, and each inline function of a header in view
    that has this name.
    """

    index: Index
    question: CallsQuestion
    table_types: frozenset[str] = frozenset()
    """Struct tags and typedef names: `with_tables` tells which files hold tables of them."""
    planned: tuple[PlannedCall, ...] = ()
    ignored: Mapping[str, Sequence[tuple[int, int]]] = field(default_factory=dict)
    """Ranges of files, in order, whose calls are left out."""
    files: dict[str, FileCalls] = field(default_factory=dict)
    """What was read so far."""
    nodes: set[Node] = field(default_factory=set)
    """What leads to something wanted, or is."""
    _by_name: defaultdict[str, list[Node]] = field(default_factory=lambda: defaultdict(list))
    _indirect: list[IndirectCalls] = field(default_factory=list)
    _added: defaultdict[Node, list[CallEdge]] = field(default_factory=lambda: defaultdict(list))
    _views: dict[str, frozenset[str]] = field(default_factory=dict)
    _edges: dict[Node, tuple[CallEdge, ...]] = field(default_factory=dict)
    _bodies: dict[Node, tuple[FunctionCalls, ...]] = field(default_factory=dict)
    _names: dict[str, frozenset[bytes]] = field(default_factory=dict)
    _meetings: dict[tuple[Node, Node], bool] = field(default_factory=dict)
    _macro_words: dict[str, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self._names:
            return
        rules = self.index.rules.tree
        excluded = path_matcher([exclude.path for exclude in rules.exclude])
        paths = [p for p in self.index.tree.paths if p.endswith(rules.suffixes) and not excluded(p)]
        question = CalledNamesQuestion(self.table_types)
        answers = self.index.ask(paths, question, bytes, question.key())
        for path, answer in zip(paths, answers, strict=True):
            self._names[path] = frozenset(answer.split())

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that the graph is of, sorted."""
        return tuple(self._names)

    @property
    def unread(self) -> tuple[tuple[str, str], ...]:
        """The files that can't be read as C, each with the reason: what they call is unknown."""
        return tuple(
            (path, calls.error) for path, calls in sorted(self.files.items()) if calls.error
        )

    def cleared(self, ignored: Mapping[str, Sequence[tuple[int, int]]]) -> CallGraph:
        """Return a graph of the same files in which nothing is wanted yet."""
        return replace(
            self,
            ignored=ignored,
            nodes=set(),
            _by_name=defaultdict(list),
            _indirect=[],
            _added=defaultdict(list),
            _edges={},
        )

    def holding(self, names: Collection[str]) -> list[str]:
        """Return the files in which one of the names stands before a parenthesis, sorted."""
        wanted = frozenset(name.encode() for name in names)
        return [path for path, found in self._names.items() if not wanted.isdisjoint(found)]

    def with_tables(self, tags: Iterable[str]) -> list[str]:
        """Return the files that may hold a table of one of `table_types`, sorted."""
        return self.holding([f"={tag}" for tag in tags])

    def mentioning(self, paths: Sequence[str], names: Iterable[str]) -> list[str]:
        """Return those of the files that hold one of the names, anywhere."""
        question = WordsQuestion(frozenset(name.encode() for name in names))
        answers = self.index.ask(paths, question, bool, b"")
        return [path for path, answer in zip(paths, answers, strict=True) if answer]

    def address_taken(self, names: Collection[str]) -> list[FileTakenAddresses]:
        """Return where the tree takes the address of one of these functions.

        In the order of the files, those that take none left out.
        """
        question = AddressTakenQuestion(frozenset(name.encode() for name in names))
        answers = self.index.ask(list(self._names), question, FileTakenAddresses, question.key())
        return [answer for answer in answers if answer.taken]

    def load(self, paths: Iterable[str]) -> None:
        """Read what these files call."""
        missing = [path for path in dict.fromkeys(paths) if path not in self.files]
        if not missing:
            return
        key = b"vrefactor.c.facts.call_sites.CallsQuestion " + self.question.key()
        for calls in self.index.ask(missing, self.question, FileCalls, key):
            self.files[calls.path] = calls
            words = {word for macro in calls.macros for word in _words(macro.body)}
            self._macro_words[calls.path] = frozenset(words)

    def connect(self, indirect: IndirectCalls) -> None:
        """Take calls that no name shows into account, from now on."""
        self._indirect.append(indirect)

    def add(self, calls: Iterable[tuple[Node, CallEdge]]) -> None:
        """Take calls into account that are known from elsewhere: who makes each, and what it is."""
        found = list(calls)
        for caller, edge in found:
            if edge not in self._added[caller]:
                self._added[caller].append(edge)
        self.want(sorted({caller for caller, _ in found}))

    def function_at(self, path: str, offset: int) -> Node | None:
        """Return the function whose body holds an offset of a file, or None at file scope."""
        self.load([path])
        for calls in self.files[path].functions:
            if calls.open < offset < calls.close:
                return Node(path, calls.name)
        return None

    def want(self, wanted: Iterable[Node]) -> None:
        """Grow the graph until it holds all that leads to the functions and macros `wanted`."""
        pending = {node for node in wanted if node not in self.nodes}
        self.load(sorted({node.path for node in pending if not node.path.endswith(".h")}))
        while pending:
            self.nodes |= pending
            for node in sorted(pending):
                self._by_name[node.name].append(node)
            pending = set(self._callers(pending)) - self.nodes
        self._edges.clear()

    def _callers(self, callees: Collection[Node]) -> Iterator[Node]:
        own = {node.name for node in callees if self._is_internal(node)}
        names = {node.name for node in callees if not self._is_internal(node)}
        paths = set(self.holding(names)) if names else set()
        paths |= {node.path for node in callees}
        self.load(sorted(paths))
        yield from self._expanding(names | own)
        for path in sorted(paths):
            for function in self.files[path].functions:
                for name in (names | own) & function.calls.keys():
                    called = any(node in callees for node in self.resolve(path, name))
                    if called and any(True for _ in self._counted(path, function.calls[name])):
                        yield Node(path, function.name)
                        break
        yield from self._indirect_callers(callees)
        for planned in self.planned:
            caller = self.function_at(planned.path, planned.start)
            if planned.node in callees and caller is not None:
                yield caller

    def _counted(self, path: str, offsets: Iterable[int]) -> Iterator[int]:
        """Yield the offsets of calls that are not to be left out."""
        ranges = self.ignored.get(path, ())
        for at in offsets:
            index = bisect_right(ranges, at, key=itemgetter(0)) - 1
            if index < 0 or at >= ranges[index][1]:
                yield at

    def _is_internal(self, node: Node) -> bool:
        """Say whether only the file itself sees a function or a macro."""
        if node.path.endswith(".h"):
            return False
        if any(planned.node == node for planned in self.planned):
            return False
        return node.macro or all(calls.static for calls in self.bodies(node))

    def _expanding(self, names: Collection[str]) -> Iterator[Node]:
        """Yield the macros whose bodies mention one of the names."""
        headers = self.index.bodies[0]
        for path, macro, name in headers.mentioning(headers.words.intersection(names)):
            node = Node(path, macro.name, True)
            if macro.name != name and self._named(node, name):
                yield node
        for path, words in self._macro_words.items():
            if not words.isdisjoint(names):
                for macro in self.files[path].macros:
                    found = set(_words(macro.body)) & set(names)
                    if any(self.resolve(path, name) for name in found):
                        yield Node(path, macro.name, True)

    def _indirect_callers(self, callees: Collection[Node]) -> Iterator[Node]:
        for indirect in self._indirect:
            if any(node in callees for held in indirect.held for node in self.resolve_held(held)):
                for path in self.holding([indirect.caller]):
                    self.load([path])
                    if any(each.name == indirect.caller for each in self.files[path].functions):
                        yield Node(path, indirect.caller)

    def resolve_held(self, held: HeldFunction) -> tuple[Node, ...]:
        """Return the wanted functions that a name in a table may mean."""
        return self.resolve(held.path, held.value)

    def resolve(self, path: str, name: str) -> tuple[Node, ...]:
        """Return the wanted functions and macros that `name` may mean in a file, sorted."""
        found = self._by_name.get(name)
        if not found:
            return ()
        own = tuple(node for node in found if node.path == path)
        if own or self._defines(path, name):
            return own
        return tuple(sorted(node for node in found if self._sees(path, node)))

    def _defines(self, path: str, name: str) -> bool:
        calls = self.files.get(path)
        if calls is None:
            return False
        functions = any(each.name == name for each in calls.functions)
        return functions or any(each.name == name for each in calls.macros)

    def _own(self, path: str) -> tuple[FunctionCalls, ...]:
        calls = self.files.get(path)
        return calls.functions if calls is not None else ()

    def _sees(self, path: str, node: Node) -> bool:
        if node.path.endswith(".h"):
            return node.path in self.view(path)
        return not node.macro and not self._is_internal(node)

    def view(self, path: str) -> frozenset[str]:
        """Return what is in view of a file by its includes."""
        if path in self.index.facts or path not in self.files:
            return self.index.includes.closure(path)
        if path not in self._views:
            view = {path}
            for include in self.files[path].includes:
                for header in self.index.includes.resolve(
                    path, include.name, angled=include.angled
                ):
                    view |= self.index.includes.closure(header)
            self._views[path] = frozenset(view)
        return self._views[path]

    def bodies(self, node: Node) -> tuple[FunctionCalls, ...]:
        """Return the definitions of a function; a macro has none."""
        if node not in self._bodies:
            found = () if node.macro else self._own(node.path)
            self._bodies[node] = tuple(calls for calls in found if calls.name == node.name)
        return self._bodies[node]

    def calls(self, node: Node) -> tuple[CallEdge, ...]:
        """Return the calls of a function or macro that lead to something wanted, in order."""
        if node not in self._edges:
            found = self._macro_calls(node) if node.macro else self._function_calls(node)
            edges = {edge for edge in found if edge.callee != node}
            self._edges[node] = tuple(sorted(edges, key=attrgetter("start", "callee", "path")))
        return self._edges[node]

    def _function_calls(self, node: Node) -> Iterator[CallEdge]:
        last = 0
        for function in self.bodies(node):
            last = max(last, function.close)
            for name in function.calls.keys() & self._by_name.keys():
                for callee in self.resolve(node.path, name):
                    counted = self._counted(node.path, function.calls[name])
                    yield from (CallEdge(at, callee) for at in counted)
            for planned in self.planned:
                if planned.path == node.path and function.open < planned.start < function.close:
                    yield CallEdge(planned.start, planned.node)
        yield from self._added.get(node, ())
        for indirect in self._indirect:
            if indirect.caller == node.name:
                for held in indirect.held:
                    through = f".{held.member} of {held.table.name}"
                    for callee in self.resolve_held(held):
                        yield CallEdge(last, callee, through, held.path)

    def _macro_calls(self, node: Node) -> Iterator[CallEdge]:
        """Yield what the definitions of a macro mention, in the order of their words."""
        for macro in self._definitions(node):
            for at, word in enumerate(_words(macro.body)):
                if word != node.name and word in self._by_name:
                    yield from (CallEdge(at, callee) for callee in self._named(node, word))

    def defined_at(self, macro: Node) -> int:
        """Return the offset of a macro's first definition in its file."""
        return min((macro_fact.start for macro_fact in self._definitions(macro)), default=0)

    def _definitions(self, node: Node) -> list[MacroFact]:
        if node.path.endswith(".h"):
            facts = self.index.facts.get(node.path)
            macros = facts.macros if facts is not None else ()
        else:
            macros = self.files[node.path].macros
        return [macro for macro in macros if macro.name == node.name]

    def _named(self, macro: Node, name: str) -> tuple[Node, ...]:
        """Return what a name in the body of a macro may mean.

        A header's macro is expanded in view of more than the header itself includes.
        """
        if not macro.path.endswith(".h"):
            return self.resolve(macro.path, name)
        found = [node for node in self._by_name[name] if not self._is_internal(node)]
        if self.index.macros.is_in_view(name, macro.path):
            view = self.index.includes.closure(macro.path)
            return tuple(node for node in found if node.macro and node.path in view)
        return tuple(node for node in found if not node.macro or self._meet(macro, node))

    def _meet(self, macro: Node, other: Node) -> bool:
        """Say whether a file that expands a header's macro sees another one, of another header.

        If it has a macro of that name itself, that is meant.
        """
        key = (macro, other)
        if key not in self._meetings:
            paths = self.holding(macros_mentioning(self.index.bodies[0], [macro.name]))
            self.load(paths)
            self._meetings[key] = any(
                {macro.path, other.path} <= self.view(path) and not self._defines(path, other.name)
                for path in paths
                if not path.endswith(".h")
            )
        return self._meetings[key]


def _words(body: str) -> list[str]:
    return _WORD.findall(body)
