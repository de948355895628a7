"""What runs at start-up, and in which order.

Rules name the macros that register a function to run, and the functions that run what
tables hold; here the tree is searched for them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from vrefactor.c.facts.call_sites import CallsQuestion, FileScopeCall
from vrefactor.c.facts.enumerators import enumerators, evaluate
from vrefactor.c.facts.tables import StructTable
from vrefactor.c.model import MacroFact
from vrefactor.c.preprocess.blanking import without_directives
from vrefactor.c.preprocess.lexer import lex
from vrefactor.c.query.constructors import constructors
from vrefactor.index.callgraph import CallGraph, HeldFunction, IndirectCalls, Node, PlannedCall
from vrefactor.index.expansion import Expanded, Expander
from vrefactor.index.index import Index
from vrefactor.index.macros import macros_mentioning
from vrefactor.rules.startup import StartupMacro, StartupRun, StartupTable

_CAST = re.compile(r"\(\s*(?:struct\s+)?[A-Za-z_]\w*[\s*]*\)\s*(?=[\w(&])")
_NAME = re.compile(r"[(&\s]*([A-Za-z_]\w*)[)\s]*\Z")


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """When something happens at start-up.  `position` counts what one invocation makes run.

    Where the numbers are equal the order is not known; the path then decides here.
    """

    subsystem: int
    order: int
    path: str
    start: int
    position: int = 0


@dataclass(frozen=True, slots=True)
class StartupEvent:
    """Something that happens at start-up: functions run, or a variable is written.

    `nodes` are what the function's name may mean; `variable` is the first name of what is
    written; `text` says what it is; `case` is the event that the function is called for.
    """

    when: Moment
    text: str
    nodes: tuple[Node, ...] = ()
    variable: str = ""
    case: str = ""


def with_ties_reversed(events: Sequence[StartupEvent]) -> tuple[StartupEvent, ...]:
    """Return events that are in order with those of equal times the other way round."""
    found: list[StartupEvent] = []
    for _, equal in groupby(events, key=lambda root: (root.when.subsystem, root.when.order)):
        invocations = groupby(equal, key=lambda root: (root.when.path, root.when.start))
        for group in reversed([list(group) for _, group in invocations]):
            found += group
    return tuple(found)


def startup_graph(index: Index, planned: Sequence[PlannedCall] = ()) -> CallGraph:
    """Return a call graph that knows which functions run the functions of tables.

    `planned` are functions, and calls of them, that are not in the tree yet.
    """
    rules = index.rules.startup
    known = {macro.macro for macro in rules.macros}
    invoked = macros_mentioning(index.bodies[0], known)
    tags = {
        tag for startup_table in rules.tables for run in startup_table.runs for tag in run.tables
    }
    every = [startup_table for startup_table in rules.tables if startup_table.every]
    table_types = frozenset(
        tag for startup_table in every for run in startup_table.runs for tag in run.tables
    )
    graph = CallGraph(index, CallsQuestion(invoked, frozenset(tags)), table_types, tuple(planned))
    graph.load(graph.with_tables(table_types))
    for startup_table in every:
        held = tuple(
            member
            for path in sorted(graph.files)
            for table in graph.files[path].tables
            for run in startup_table.runs
            for member in _held(graph, path, table, run)
        )
        graph.connect(IndirectCalls(startup_table.function, held))
    return graph


def _held(
    graph: CallGraph, path: str, table: StructTable, run: StartupRun
) -> Iterator[HeldFunction]:
    if table.type not in run.tables:
        return
    for row in table.rows:
        for member in row.members:
            if member.member == run.member or (
                not member.member and member.position == run.position
            ):
                yield HeldFunction(path, table, run.member, member.value, member.start)
        for planned in graph.planned:
            if planned.path == path and row.open < planned.start <= row.close:
                yield HeldFunction(path, table, run.member, planned.node.name, planned.start)


@dataclass(slots=True)
class Startup:
    """Finds the events of a tree, for a graph that holds all that matters."""

    graph: CallGraph
    unknown: list[str] = field(default_factory=list)
    """The invocations whose moment can't be told: `path: text`."""
    _constructors: dict[str, frozenset[str]] = field(default_factory=dict)
    _values: dict[str, int] = field(default_factory=dict)
    _rules: dict[str, list[StartupMacro]] = field(default_factory=dict)
    _tables: dict[str, list[StartupTable]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rules = self.graph.index.rules.startup
        tree = self.graph.index.tree
        if rules.header in tree:
            self._values = enumerators(rules.header, tree.read(rules.header))
        for macro in rules.macros:
            self._rules.setdefault(macro.macro, []).append(macro)
        for table in rules.tables:
            if not table.every:
                self._tables.setdefault(table.function, []).append(table)

    def events(self, variables: Collection[str]) -> tuple[StartupEvent, ...]:
        """Return what leads to a node of the graph, or writes one of the variables, in order."""
        expander = self._expander()
        names = {node.name for node in self.graph.nodes if not node.macro}
        paths = self.graph.holding(sorted(self._leading(expander, names)))
        missing = [path for path in paths if path not in self.graph.files]
        self.graph.load(self.graph.mentioning(missing, names | set(variables)))
        found = list(self._first())
        for path in sorted(self.graph.files):
            for invocation in self.graph.files[path].invocations:
                known = expander.known(path, invocation.macro, invocation.arguments)
                for expanded in dict.fromkeys(known):
                    found += self._root(path, invocation, expanded, variables)
        return tuple(sorted(found, key=lambda root: (root.when, root.text)))

    def _first(self) -> Iterator[StartupEvent]:
        """Yield the functions that run before all that macros register.

        First of all constructors, in no known order.
        """
        for node in sorted(node for node in self.graph.nodes if self._is_constructor(node)):
            bodies = self.graph.bodies(node)
            when = Moment(-2, 0, node.path, bodies[0].start if bodies else 0)
            yield StartupEvent(when, f"constructor {node.name}()", (node,))
        for number, name in enumerate(self.graph.index.rules.startup.functions):
            for node in sorted(
                other_node for other_node in self.graph.nodes if other_node.name == name
            ):
                if not node.macro:
                    bodies = self.graph.bodies(node)
                    when = Moment(-1, number, node.path, bodies[0].start if bodies else 0)
                    yield StartupEvent(when, f"{name}()", (node,))

    def _is_constructor(self, node: Node) -> bool:
        if node.path not in self._constructors:
            data = self.graph.index.tree.read(node.path)
            found = frozenset[str]()
            if b"constructor" in data:
                found = constructors(without_directives(lex(node.path, data)))
            self._constructors[node.path] = found
        return not node.macro and node.name in self._constructors[node.path]

    def _expander(self) -> Expander:
        return Expander(self._rules, self.graph.question.invoked, self._definitions)

    def _definitions(self, name: str, path: str) -> Sequence[MacroFact]:
        calls = self.graph.files.get(path)
        own = [macro for macro in calls.macros if macro.name == name] if calls is not None else []
        return own or self.graph.index.macros.definitions(name, path)

    def _leading(self, expander: Expander, names: Collection[str]) -> Iterator[str]:
        """Yield the macros whose invocations may matter: most always run the same function."""
        for name in self.graph.question.invoked:
            definitions = self.graph.index.macros.definitions(name, "")
            if name in self._rules or not definitions:
                yield name
            for macro in definitions:
                parameters = macro.parameters or ()
                known = expander.known("", name, parameters)
                if any(self._may_matter(expanded, parameters, names) for expanded in known):
                    yield name

    def _may_matter(
        self, expanded: Expanded, parameters: Sequence[str], names: Collection[str]
    ) -> bool:
        for rule in self._rules[expanded.macro]:
            function = _bare(_argument(rule, expanded, "function"))
            if not function or function in names or function in self._tables:
                return True
            if any(parameter in function for parameter in parameters):
                return True
        return False

    def _root(
        self, path: str, invocation: FileScopeCall, expanded: Expanded, variables: Collection[str]
    ) -> Iterator[StartupEvent]:
        for rule in self._rules[expanded.macro]:
            function = _bare(_argument(rule, expanded, "function"))
            variable = _bare(_argument(rule, expanded, "variable").partition(".")[0])
            nodes = self.graph.resolve(path, function)
            runs = self._run(path, function, _bare(_argument(rule, expanded, "data")))
            if not nodes and not runs and variable not in variables:
                continue
            text = self._text(rule, expanded, function or variable, invocation)
            when = self._moment(rule, expanded, path, invocation.start)
            if when is None:
                self.unknown.append(f"{path}: {text}")
                continue
            if nodes or variable in variables:
                yield StartupEvent(when, text, nodes, variable)
            for position, (case, held) in enumerate(runs, 1):
                meant = self.graph.resolve_held(held)
                if meant:
                    through = f"{text} runs {held.value}, .{held.member} of {held.table.name}"
                    moment = replace(when, position=position)
                    yield StartupEvent(moment, through, meant, case=case)

    def _text(
        self, rule: StartupMacro, expanded: Expanded, what: str, invocation: FileScopeCall
    ) -> str:
        subsystem = rule.subsystem or _argument(rule, expanded, "subsystem")
        order = rule.order or _argument(rule, expanded, "order")
        return f"{invocation.macro} {what} ({subsystem}, {order})"

    def _moment(
        self, rule: StartupMacro, expanded: Expanded, path: str, start: int
    ) -> Moment | None:
        subsystem = evaluate(rule.subsystem or _argument(rule, expanded, "subsystem"), self._values)
        order = evaluate(rule.order or _argument(rule, expanded, "order"), self._values)
        if subsystem is None or order is None:
            return None
        return Moment(subsystem, order, path, start)

    def _run(self, path: str, function: str, data: str) -> list[tuple[str, HeldFunction]]:
        """Return what a function runs of the table that is handed to it, and for which case."""
        return [
            (run.case or "", held)
            for rule in self._tables.get(function, ())
            for run in rule.runs
            for where, table in self._meant(path, data, run)
            for held in _held(self.graph, where, table, run)
        ]

    def _meant(self, path: str, data: str, run: StartupRun) -> Iterable[tuple[str, StructTable]]:
        handed = self._named(path, data)
        if run.through is None:
            return handed
        return [
            found
            for where, table in handed
            for row in table.rows
            for member in row.members
            if member.member == run.through
            for found in self._named(where, member.value)
        ]

    def _named(self, path: str, name: str) -> list[tuple[str, StructTable]]:
        """Return the tables that a name may mean in a file: its own, or else any."""
        own = [
            (path, struct_table)
            for struct_table in self.graph.files[path].tables
            if struct_table.name == name
        ]
        if own or not name:
            return own
        return [
            (where, table)
            for where in sorted(self.graph.files)
            for table in self.graph.files[where].tables
            if table.name == name
        ]


def _argument(rule: StartupMacro, expanded: Expanded, what: str) -> str:
    """Return the argument of an invocation that is `what`, or an empty text."""
    if what not in rule.arguments:
        return ""
    at = rule.arguments.index(what)
    return expanded.arguments[at] if at < len(expanded.arguments) else ""


def _bare(text: str) -> str:
    """Return the name in an argument, without casts, `&` and parentheses; nothing if none."""
    match = _NAME.match(_CAST.sub("", text))
    return match[1] if match is not None else ""
