"""Uses of a variable that may run before its initial value is assigned.

Start-up is walked through, from the first function that runs to the last, each function
where it is called first.  What uses a variable on the way, before the function that assigns
its initial value, is a finding: it sees zero, or what it writes is lost.  What the order of
is not known, because two have equal times, is walked through both ways.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from vrefactor.c.model import Access
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.index.callgraph import CallEdge, CallGraph, Node, PlannedCall
from vrefactor.index.index import Index, Variable
from vrefactor.index.startup import Startup, StartupEvent, startup_graph, with_ties_reversed
from vrefactor.plan.model import Finding
from vrefactor.plan.symbols import SymbolTable
from vrefactor.rules.globs import name_matcher, path_matcher
from vrefactor.rules.startup import UseBeforeInit
from vrefactor.steps.initializers.variable_uses import UseFinder, VariableUse, other_cases

_VERBS = {
    Access.READ: "reads",
    Access.WRITE: "writes",
    Access.ADDRESS: "takes the address of",
}
_WHAT = {
    Access.READ: "is read before {function}() assigns its initial value",
    Access.WRITE: "is written before {function}() assigns its initial value, which overwrites it",
    Access.ADDRESS: "is used by its address before {function}() assigns its initial value",
}


@dataclass(frozen=True, slots=True)
class AssignedVariable:
    """A variable whose initial value becomes an assignment in `function` of the file `path`.

    `macro` stands for it in code (`V_x`), `name` is its own.  `zero` says that the value is
    zero: an early read sees the same.  `fetched` says that its tunables at file scope become
    fetches behind the assignment.  `called` is where the step will have the function called,
    if it makes it: a file, and an offset in a function's body or in a table's row.  `at` is
    the offset of the assignment in `path`; without, it stands behind the function's locals.
    """

    macro: str
    name: str
    variable: Variable
    path: str
    function: str
    zero: bool
    fetched: bool = False
    called: tuple[str, int] | None = None
    at: int | None = None

    @property
    def node(self) -> Node:
        """The function that assigns."""
        return Node(self.path, self.function)


@dataclass(frozen=True, slots=True)
class FoundUses:
    """What a person must look at, and what else there is to say (how much rules accept)."""

    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


_Step = tuple[Node | None, CallEdge]
"""A call on the way to a use: the caller (None for start-up itself), and what it calls."""


@dataclass(frozen=True, slots=True)
class _UseBefore:
    """A use that is met too early, and how: the root, and the calls from there."""

    use: VariableUse
    root: StartupEvent
    steps: tuple[_Step, ...]


def find_uses_before_init(
    index: Index, table: SymbolTable, assigned: Sequence[AssignedVariable]
) -> FoundUses:
    """Find every use of a variable that may run before its initial value is assigned.

    Raises what `Index.ask` raises; a file that can't be read as C is a note.
    """
    if not assigned:
        return FoundUses((), ())
    planned = {PlannedCall(known.node, *known.called) for known in assigned if known.called}
    by_place = sorted(planned, key=lambda call: (call.path, call.start, call.node))
    graph = startup_graph(index, by_place)
    variables = {known.variable for known in assigned}
    finder = UseFinder(index, table, graph, variables, MacroMatcher(index.rules.macros))
    uses = finder.uses()
    by_node: defaultdict[Node, list[VariableUse]] = defaultdict(list)
    for use in uses:
        if use.node is not None:
            by_node[use.node].append(use)
    graph.want([*by_node, *(known.node for known in assigned)])
    startup = Startup(graph)
    events = startup.events({name for known in assigned for name in (known.name, known.macro)})
    accepted: set[VariableUse] = set()
    found: dict[tuple[str, int, str], Finding] = {}
    for order in (events, with_ties_reversed(events)):
        walk = _Walk(index, graph, assigned, by_node, finder)
        for root in order:
            walk.start(root)
        report = _Report(index, table, graph, walk, finder, accepted)
        held = [use for use in uses if use.node is None]
        for finding in (*report.findings(), *report.held(held), *report.unreached()):
            found.setdefault((finding.path, finding.line, finding.name), finding)
    notes = [*_accepted(accepted), *_unknown(startup)]
    return FoundUses(tuple(sorted(found.values())), tuple(notes))


def _accepted(uses: Collection[VariableUse]) -> Iterator[str]:
    if uses:
        text = "use is" if len(uses) == 1 else "uses are"
        yield f"{len(uses)} early {text} accepted by rules"


def _unknown(startup: Startup) -> Iterator[str]:
    for text in sorted(startup.unknown):
        yield f"{text}: when it runs is not known"
    for path, error in startup.graph.unread:
        yield f"{path} can't be read, so what it calls is not known: {error}"


@dataclass(slots=True)
class _Walk:
    """One walk through the start-up: what is assigned by now, and what came too early."""

    index: Index
    graph: CallGraph
    variables: Sequence[AssignedVariable]
    uses: Mapping[Node, Sequence[VariableUse]]
    finder: UseFinder
    assigned: dict[Variable, StartupEvent] = field(default_factory=dict)
    found: list[_UseBefore] = field(default_factory=list)
    by_variable: dict[Variable, AssignedVariable] = field(default_factory=dict)
    _done: set[Node] = field(default_factory=set)
    _cutting: list[UseBeforeInit] = field(default_factory=list)
    _assigning: defaultdict[Node, list[AssignedVariable]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def __post_init__(self) -> None:
        self._cutting = [early for early in self.index.rules.uses_before_init if early.calls]
        for known in self.variables:
            self.by_variable[known.variable] = known
            self._assigning[known.node].append(known)

    def start(self, root: StartupEvent) -> None:
        """Walk through what one root makes run."""
        if root.variable:
            self._tunable(root)
        for node in root.nodes:
            self._walk(root, (None, CallEdge(0, node)))

    def _tunable(self, root: StartupEvent) -> None:
        found = self._variable(root)
        known = self.by_variable.get(found) if found is not None else None
        if known is not None and not known.fetched:
            when = root.when
            use = VariableUse(known.variable, when.path, when.start, Access.WRITE, None)
            self._meet(use, root, ())

    def _variable(self, root: StartupEvent) -> Variable | None:
        for known in self.variables:
            if root.variable == known.macro:
                return known.variable
        found = self.index.denotes(root.when.path, root.variable)
        return found if isinstance(found, Variable) else None

    def _walk(self, root: StartupEvent, first: _Step) -> None:
        steps: list[_Step] = [first]
        pending = [self._events(first[1].callee, root.case)]
        while pending:
            event = next(pending[-1], None)
            if event is None:
                pending.pop()
                steps.pop()
            elif isinstance(event, VariableUse):
                self._meet(event, root, tuple(steps))
            elif isinstance(event, AssignedVariable):
                self.assigned.setdefault(event.variable, root)
            else:
                steps.append((steps[-1][1].callee, event))
                pending.append(self._events(event.callee))

    def _meet(self, use: VariableUse, root: StartupEvent, steps: tuple[_Step, ...]) -> None:
        known = self.by_variable[use.variable]
        harmless = known.zero and use.access is Access.READ
        if use.variable not in self.assigned and not harmless:
            self.found.append(_UseBefore(use, root, steps))

    def _events(
        self, node: Node, case: str = ""
    ) -> Iterator[VariableUse | AssignedVariable | CallEdge]:
        """Yield what a function does, in the order of its text; nothing the second time."""
        if node in self._done:
            return
        self._done.add(node)
        places: list[tuple[int, int, VariableUse | AssignedVariable | CallEdge]] = []
        places += [(use.start, 1, use) for use in self.uses.get(node, ())]
        places += [(edge.start, 2, edge) for edge in self.calls(node)]
        own = self._assigning.get(node, ())
        for body in self.graph.bodies(node) if own else ():
            behind = self.finder.end_of_locals(node.path, body.open)
            places += [(behind if known.at is None else known.at, 0, known) for known in own]
        if own and not self.graph.bodies(node):
            places += [(0, 0, known) for known in own]  # the step makes it
        left_out = self._other_cases(node, case)
        for at, _, event in sorted(places, key=lambda place: place[:2]):
            if not any(start <= at < end for start, end in left_out):
                yield event

    def _other_cases(self, node: Node, case: str) -> list[tuple[int, int]]:
        """Return what a function does not do when it is called for one event."""
        if not case:
            return []
        code = self.finder.code(node.path)
        bodies = self.graph.bodies(node)
        return [
            span for calls in bodies for span in other_cases(code, calls.open, calls.close, case)
        ]

    def calls_for(self, node: Node, case: str) -> Iterator[CallEdge]:
        """Yield the calls of a function that is called for one event."""
        left_out = self._other_cases(node, case)
        for edge in self.calls(node):
            if not any(start <= edge.start < end for start, end in left_out):
                yield edge

    def calls(self, node: Node) -> Iterator[CallEdge]:
        """Yield the calls of a function, but for those that rules say lead to nothing."""
        for edge in self.graph.calls(node):
            if not any(_cuts(rule, node, edge) for rule in self._cutting):
                yield edge


@dataclass(slots=True)
class _Report:
    """Puts what was met into words, once a variable and root."""

    index: Index
    table: SymbolTable
    graph: CallGraph
    walk: _Walk
    finder: UseFinder
    accepted: set[VariableUse]

    def findings(self) -> Iterator[Finding]:
        """Yield the uses that came too early and that no rule accepts."""
        groups: dict[tuple[Variable, StartupEvent], list[_UseBefore]] = {}
        for met in self.walk.found:
            use = met.use
            if use.variable not in self.walk.assigned or self.finder.is_dead(use.path, use.start):
                continue
            if self._accepts(use, self._holder(met)):
                self.accepted.add(use)
            else:
                groups.setdefault((use.variable, met.root), []).append(met)
        for (variable, _), group in groups.items():
            yield self._finding(self.walk.by_variable[variable], group)

    def held(self, uses: Iterable[VariableUse]) -> Iterator[Finding]:
        """Yield the uses at file scope: tables that hold a variable's address."""
        for use in uses:
            known = self.walk.by_variable[use.variable]
            if self.finder.is_dead(use.path, use.start):
                continue
            if self._accepts(use, ""):
                self.accepted.add(use)
                continue
            what = "is in a static initialiser: who reads through it early sees no value"
            yield Finding(use.path, self._line(use.path, use.start), known.macro, what)

    def unreached(self) -> Iterator[Finding]:
        """Yield the functions that assign, but that nothing at start-up is seen to call."""
        missing: defaultdict[Node, list[str]] = defaultdict(list)
        for known in self.walk.variables:
            if known.variable not in self.walk.assigned:
                missing[known.node].append(known.macro)
        for node, macros in missing.items():
            bodies = self.graph.bodies(node)
            line = self._line(node.path, bodies[0].start) if bodies else 1
            names = ", ".join(sorted(macros))
            what = f"is not seen to be called at start-up: what uses {names} before is not known"
            yield Finding(node.path, line, node.name, what)

    def _accepts(self, use: VariableUse, function: str) -> bool:
        symbol = self.table.by_variable[use.variable].symbol.name
        return any(
            _fits(early, symbol, function, use.path) for early in self.index.rules.uses_before_init
        )

    def _holder(self, met: _UseBefore) -> str:
        """Return the function that holds a use, if only through a macro."""
        nodes = [step[1].callee for step in met.steps]
        return next((node.name for node in reversed(nodes) if not node.macro), "")

    def _finding(self, known: AssignedVariable, group: list[_UseBefore]) -> Finding:
        first = min(group, key=lambda met: (met.use.access is Access.ADDRESS, len(met.steps)))
        use = first.use
        line = self._line(use.path, use.start)
        what = _WHAT[use.access].format(function=known.function)
        if len(group) > 1:
            more = len(group) - 1
            what += f" (and {more} more {'use' if more == 1 else 'uses'} from there)"
        return Finding(use.path, line, known.macro, what, tuple(self._chain(known, first)))

    def _chain(self, known: AssignedVariable, met: _UseBefore) -> Iterator[str]:
        when = met.root.when
        yield f"{met.root.text}, {when.path}:{self._line(when.path, when.start)}"
        steps = met.steps
        if steps and self.walk.assigned[known.variable] is not met.root:
            steps = self._shortest(met)
        for caller, edge in steps:
            if caller is not None:
                verb = "expands" if edge.callee.macro else "calls"
                through = f" ({edge.through})" if edge.through else ""
                yield f"{verb} {edge.callee.name}{through}, {self._place(caller, edge)}"
        if met.steps:
            use = met.use
            place = f"{use.path}:{self._line(use.path, use.start)}"
            yield f"{_VERBS[use.access]} {known.macro}, {place}"

    def _shortest(self, met: _UseBefore) -> tuple[_Step, ...]:
        """Return the fewest calls that lead from a root to a use."""
        target = met.steps[-1][1].callee
        ways: dict[Node, tuple[_Step, ...]] = {}
        pending: list[Node] = []
        for node in met.root.nodes:
            ways[node] = ((None, CallEdge(0, node)),)
            pending.append(node)
        for node in pending:
            if node == target:
                return ways[node]
            case = met.root.case if node in met.root.nodes else ""
            for edge in self.walk.calls_for(node, case):
                if edge.callee not in ways:
                    ways[edge.callee] = (*ways[node], (node, edge))
                    pending.append(edge.callee)
        return met.steps

    def _place(self, caller: Node, edge: CallEdge) -> str:
        if caller.macro:
            at = self.graph.defined_at(caller)
            return f"{caller.path}:{self._line(caller.path, at)}"
        return f"{caller.path}:{self._line(caller.path, edge.start)}"

    def _line(self, path: str, offset: int) -> int:
        return self.index.tree.read(path).count(b"\n", 0, offset) + 1


def _cuts(rule: UseBeforeInit, caller: Node, edge: CallEdge) -> bool:
    called = name_matcher(rule.calls)(edge.callee.name)
    return called and name_matcher(rule.functions)(caller.name) and _is_in(rule, caller.path)


def _is_in(rule: UseBeforeInit, path: str) -> bool:
    return path_matcher([rule.path])(path)


def _fits(rule: UseBeforeInit, symbol: str, function: str, path: str) -> bool:
    named = not rule.calls and (not rule.symbols or symbol in rule.symbols)
    return named and name_matcher(rule.functions)(function) and _is_in(rule, path)
