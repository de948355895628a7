"""The facts of an audit: the call graph of what needs a stack, and what each file does with it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from vrefactor.audit.stack_use import ContextQuestion, FileContext, StackMacros, StackUse, names_of
from vrefactor.c.facts.call_sites import CallsQuestion, FunctionCalls
from vrefactor.c.query.spans import span_at, union
from vrefactor.index.callgraph import CallGraph, Node
from vrefactor.index.index import Index
from vrefactor.rules.context import ContextRules


@dataclass(slots=True)
class Facts:
    """What the tree says; `contexts` are the files that say anything, by path.

    `needed` are the uses without a stack, by function; `graph` holds what leads to them.
    """

    index: Index
    contexts: Mapping[str, FileContext]
    names: frozenset[str]
    graph: CallGraph
    needed: dict[Node, list[StackUse]] = field(default_factory=dict)
    _starts: dict[str, list[int]] = field(default_factory=dict)
    _lines: dict[str, list[int]] = field(default_factory=dict)
    """Of each file, the offsets of the ends of its lines."""

    @property
    def rules(self) -> ContextRules:
        """What the rules say of the current stack."""
        return self.index.rules.context

    def function(self, path: str, offset: int) -> FunctionCalls | None:
        """Return the function whose body holds an offset, or None at file scope."""
        self.graph.load([path])
        functions = self.graph.files[path].functions
        if path not in self._starts:
            self._starts[path] = [calls.open for calls in functions]
        at = bisect_right(self._starts[path], offset) - 1
        found = functions[at] if at >= 0 else None
        return found if found is not None and offset < found.close else None

    def line(self, path: str, offset: int) -> int:
        """Return the 1-based line of an offset."""
        if path not in self._lines:
            text = self.index.tree.read(path)
            self._lines[path] = [match.start() for match in re.finditer(rb"\n", text)]
        return bisect_left(self._lines[path], offset) + 1

    def place(self, path: str, offset: int) -> str:
        """Return `path:line` of an offset."""
        return f"{path}:{self.line(path, offset)}"

    def is_covered(self, path: str, offset: int) -> bool:
        """Say whether a stack is set at an offset, by its own function, on every path there."""
        context = self.contexts.get(path)
        return context is not None and span_at(context.covered, offset) is not None

    def is_absent(self, path: str, offset: int) -> bool:
        """Say whether an offset is left out where the tree has stacks at all."""
        context = self.contexts.get(path)
        return context is not None and span_at(context.absent, offset) is not None


def gather(index: Index) -> Facts:
    """Read every file, and grow the graph of what needs a stack from its caller."""
    prefix = index.rules.prefix.prefix
    macros = (
        (macro.name, macro.parameters, macro.body)
        for path, file_facts in index.facts.items()
        if path.endswith(".h")
        for macro in file_facts.macros
    )
    names = names_of(macros, index.rules.context, prefix)
    graph = CallGraph(index, CallsQuestion())
    question = ContextQuestion(index.rules.context, StackMacros.of(index.rules), names, prefix)
    answers = index.ask(graph.paths, question, FileContext, question.key())
    contexts = {
        context.path: context for context in answers if context != FileContext(context.path)
    }
    graph.ignored = {
        path: union(context.covered, context.absent) for path, context in contexts.items()
    }
    own = {name for context in contexts.values() for name in context.names}
    facts = Facts(index, contexts, names | own, graph)
    graph.load(path for path, context in contexts.items() if context.uses)
    for node, use in _needing(facts):
        facts.needed.setdefault(node, []).append(use)
    graph.want(sorted(facts.needed))
    return facts


def _needing(facts: Facts) -> Iterator[tuple[Node, StackUse]]:
    for path, context in sorted(facts.contexts.items()):
        for use in context.uses:
            function = facts.function(path, use.start)
            if function is not None and not facts.is_covered(path, use.start):
                yield Node(path, function.name), use
        for name in context.macros:
            node = Node(path, name, True)
            yield node, StackUse(-1, name)
