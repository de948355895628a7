"""Step 1.5.2: headers for the containers, and the selection of a stack in every function.

A function that uses a `V_` name of a container, itself or through a macro, begins with the
container's INIT macro.  Functions that the rules name as entry points set the current
stack, or walk over all of them.  All of this expands to nothing as yet.

    int                                     int
    ip_output(struct mbuf *m)               ip_output(struct mbuf *m)
    {                                       {
                                                    INIT_VNET_INET(curvnet);
            int error;                              int error;

            V_ipstat.ips_localout++;                V_ipstat.ips_localout++;

Left alone: functions that use no `V_` name, and those that have the call.

    int
    in_cksum(struct mbuf *m)
    {
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from vrefactor.c.model import DeclKind
from vrefactor.c.parse.functions import Function
from vrefactor.c.preprocess.conditionals import Literal
from vrefactor.edit.bodies import FunctionBody, Obstacle
from vrefactor.edit.container_uses import ContainerUse, File, Finder
from vrefactor.edit.draft import Draft
from vrefactor.edit.includes import portability
from vrefactor.edit.openings import InitCall, call_lines, opening, render
from vrefactor.edit.stack_arguments import StackArguments
from vrefactor.generated.container_headers import macros_of, plan_container_headers
from vrefactor.generated.null_macros import null_heads
from vrefactor.plan.model import Evidence, Plan
from vrefactor.plan.reasons import CommonRefusal, CommonSkip
from vrefactor.rules.globs import path_matcher
from vrefactor.rules.types import Container, Entry
from vrefactor.steps.stubs.entry_macros import EntryMacros
from vrefactor.steps.stubs.entry_points import EntryPoint
from vrefactor.steps.stubs.reasons import StubRefusal, StubSkip


def plan(draft: Draft) -> Plan:
    """Return the plan of step 1.5.2; see the module's docstring."""
    selections = _Selections(draft)
    entries = _entries(draft, selections.containers)
    finder = Finder(draft.index, draft.table)
    headers = {container.header for container in selections.containers}
    prefix = draft.index.rules.prefix.header
    paths = sorted({*finder.files(), *entries} - {prefix, *headers})
    files = [finder.read(path, _names(entries.get(path, ()))) for path in paths]
    for file in files:
        selections.arguments.read(file.source.code)
    for file in files:
        selections.plan(file, entries.get(file.path, ()))
    _note_wrapped(draft)
    _define_in_shared_files(draft, paths)
    plan_container_headers(draft)
    return draft.plan()


def _entries(draft: Draft, containers: Sequence[Container]) -> dict[str, list[Entry]]:
    """Return the entries of the chosen subsystems by file; note those that are not there."""
    rules = draft.index.rules
    chosen = {container.subsystem for container in containers}
    paths = [
        path
        for subsystem in rules.subsystems
        if subsystem.name in chosen
        for path in subsystem.paths
    ]
    whole = len(containers) == len(rules.containers)
    inside = path_matcher(paths)
    found: dict[str, list[Entry]] = {}
    for entry in rules.entries:
        if not whole and not inside(entry.path):
            continue
        if entry.path in draft.index.tree:
            found.setdefault(entry.path, []).append(entry)
        else:
            draft.note(f"{entry.path}: not in the tree: its entry points are left out")
    return found


def _names(entries: Iterable[Entry]) -> set[bytes]:
    return {name.encode() for entry in entries for name in entry.functions}


def _note_wrapped(draft: Draft) -> None:
    """Say which files reach variables through a wrapper of their own (`MODULE_GLOBAL(m, x)`).

    The rules give them that form because they are shared with other systems: they have no
    INIT macros there, so their functions get none.
    """
    wrappers = {
        override.form.partition("(")[0]
        for override in draft.index.rules.overrides
        if "(" in override.form
    }
    for path, facts in sorted(draft.index.facts.items()):
        wrapped = [
            site
            for site in facts.sites
            if site.macro is None and any(call.name in wrappers for call in site.calls)
        ]
        if wrapped:
            through = ", ".join(sorted({c.name for s in wrapped for c in s.calls} & wrappers))
            draft.note(f"{path}: {len(wrapped)} uses through {through} get no INIT call")


def _define_in_shared_files(draft: Draft, paths: Iterable[str]) -> None:
    """Define what the step brings into a file, where other systems have no such macros.

    The definitions go behind those of the `V_` names that the file brings along.
    """
    rules = draft.index.rules
    heads = [
        f"{container.init}(vnet)" for container in rules.containers if macros_of(draft, container)
    ]
    heads += null_heads(draft.index.rules.vocabulary).values()
    for path in paths:
        if path not in draft.index.facts or portability(rules.portability, path) is None:
            continue
        own = [
            decl.start
            for decl in draft.index.facts[path].decls
            if decl.kind is DeclKind.MACRO and decl.name in draft.table.macros
        ]
        text = draft.texts(path)
        brought = [head for head in heads if f"{head.partition('(')[0]}(".encode() in text]
        if own and brought:
            at = draft.files.read(path).find(b"\n", max(own)) + 1
            lines = "".join(f"#define\t{head}\n" for head in brought)
            draft.insert(path, at, lines.encode(), "other systems have no such macros")


@dataclass
class _Selections:
    """Plans the selection of a stack in the functions of a tree."""

    draft: Draft
    arguments: StackArguments = field(init=False)

    def __post_init__(self) -> None:
        self.arguments = StackArguments(self.draft.index.rules)

    @cached_property
    def view(self) -> EntryMacros:
        """What the macros do to the entry points."""
        index = self.draft.index
        paths = {entry.path for entry in index.rules.entries if entry.path in index.tree}
        return EntryMacros(index, sorted(paths))

    @cached_property
    def containers(self) -> tuple[Container, ...]:
        """The containers of the run, in the rules' order."""
        names = {known.container.name for known in self.draft.table.by_variable.values()}
        every = self.draft.index.rules.containers
        return tuple(container for container in every if container.name in names)

    def plan(self, file: File, entries: Sequence[Entry]) -> None:
        """Plan the functions of one file."""
        named = {name: entry for entry in entries for name in entry.functions}
        defined = {function.name for function in file.found.functions.values()}
        for name in sorted(named.keys() - defined):
            self.draft.note(f"{file.path}: has no function {name}, an entry point of the rules")
        headers = {container.name: container.header for container in self.containers}
        for use in file.uses:
            for name in use.containers:
                self.draft.need(file.path, headers[name], use.start)
        for at in sorted(file.found.functions):
            function = file.found.functions[at]
            uses = file.of(function)
            entry = named.get(function.name)
            if uses or entry is not None:
                self._plan_function(file, function, uses, entry)
        for use in file.uses:
            if use.start in file.found.lost:
                self.draft.site(file.path, use.start, use.name, CommonRefusal.UNPARSED)
            elif use.start in file.found.outside:
                self.draft.site(file.path, use.start, use.name, StubSkip.FILE_SCOPE)

    def _plan_function(
        self, file: File, function: Function, uses: Sequence[ContainerUse], entry: Entry | None
    ) -> None:
        draft, live = self.draft, [use for use in uses if not use.dead]
        calls = self._calls(file, function, live)
        for name in sorted({name for use in uses for name in use.containers}):
            if not any(name in use.containers for use in live):
                draft.site(file.path, function.open, function.name, CommonSkip.DEAD, name)
        missing = [call for call in calls if not _has_call(file, function, call)]
        for call in calls:
            if call not in missing:
                draft.site(file.path, function.open, function.name, CommonSkip.PRESENT, call.macro)
        if entry is not None and self._enter(file, function, live, entry, missing):
            return
        if missing:
            self._place(FunctionBody(file, function, draft.macros), missing, live)
            self._succeed(file, function, missing, live)

    def _calls(
        self, file: File, function: Function, live: Sequence[ContainerUse]
    ) -> list[InitCall]:
        calls: list[InitCall] = []
        for container in self.containers:
            uses = [use for use in live if container.name in use.containers]
            if uses:
                argument = self.arguments.of(file.path, function, container.name)
                calls.append(InitCall(container.init, argument, _shared(uses)))
        return calls

    def _place(
        self, body: FunctionBody, calls: list[InitCall], live: Sequence[ContainerUse]
    ) -> None:
        """Write the calls: first thing in the body, or behind what their argument needs.

        Where a use comes before that, the argument becomes the default; `calls` is changed.
        """
        path, reason = body.file.path, f"{body.function.name} uses what it selects"
        top = opening(body.file, body.function)
        first: list[InitCall] = []
        for number, call in enumerate(calls):
            statement = body.settled(call.argument)
            at = None if statement is None else body.lines.next(statement.end - 1)
            if statement is None or at is None:
                first.append(call)
            elif top.inline or not body.is_whole(statement) or any(use.start < at for use in live):
                argument = self.draft.index.rules.stubs.argument
                calls[number] = replace(call, argument=argument)
                first.append(calls[number])
            else:
                place, text = body.behind(statement, render(call_lines([call]), top.indent))
                self.draft.insert(path, place, text, reason)
        if first:
            self.draft.insert(path, top.at, top.render(call_lines(first)), reason)

    def _enter(
        self,
        file: File,
        function: Function,
        live: Sequence[ContainerUse],
        entry: Entry,
        calls: Sequence[InitCall],
    ) -> bool:
        """Plan an entry point; False if it has to be treated like any other function."""
        draft, name = self.draft, function.name
        point = EntryPoint(file, function, draft.macros, draft, entry, tuple(live), self.view)
        if point.done:
            detail = "it sets a stack already"
            draft.site(file.path, function.open, name, CommonSkip.PRESENT, detail)
            return False
        try:
            point.plan(calls)
        except Obstacle as obstacle:
            draft.site(file.path, obstacle.offset, name, StubRefusal.ENTRY, obstacle.reason)
            return False
        draft.need(file.path, draft.index.rules.prefix.header, function.open)
        detail = f"{point.words.set}({point.vnet})"
        draft.site(file.path, function.open, name, Evidence.BOUND, detail)
        self._succeed(file, function, calls, live)
        return True

    def _succeed(
        self,
        file: File,
        function: Function,
        calls: Sequence[InitCall],
        live: Sequence[ContainerUse],
    ) -> None:
        names = {container.init: container.name for container in self.containers}
        for call in calls:
            mine = [use for use in live if names[call.macro] in use.containers]
            direct = any(use.name in self.draft.table.macros for use in mine)
            evidence = Evidence.BOUND if direct else Evidence.EXPANDED
            detail = call.statement.decode()
            self.draft.site(file.path, function.open, function.name, evidence, detail)


def _shared(uses: Sequence[ContainerUse]) -> tuple[Literal, ...]:
    """Return the literals that govern every use, in the order of the first one's."""
    common = set(uses[0].condition).intersection(*(use.condition for use in uses))
    return tuple(literal for literal in uses[0].condition if literal in common)


def _has_call(file: File, function: Function, call: InitCall) -> bool:
    body = file.source.code[function.open : function.close]
    return (call.macro + "(").encode() in body
