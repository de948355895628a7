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

from vrefactor.c.parse.functions import Function
from vrefactor.c.preprocess.conditionals import Literal
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.edit.bodies import Changes, FunctionBody, Obstacle
from vrefactor.edit.container_uses import ContainerUse, File, Finder
from vrefactor.edit.draft import Draft
from vrefactor.edit.macro_reach import Carried
from vrefactor.edit.openings import Need, calls, opening, render
from vrefactor.edit.stack_arguments import Arguments
from vrefactor.generated.container_headers import Headers
from vrefactor.index.index import Index
from vrefactor.plan.model import Evidence, Plan, Refusal, Site, Skip, verdict_of
from vrefactor.plan.reasons import CommonRefusal, CommonSkip
from vrefactor.plan.symbols import SymbolTable
from vrefactor.rules.globs import path_matcher
from vrefactor.rules.types import Container, Entry
from vrefactor.source.edits import Edit
from vrefactor.steps.stubs.entry_macros import EntryMacros
from vrefactor.steps.stubs.entry_points import EntryPoint
from vrefactor.steps.stubs.reasons import StubRefusal, StubSkip

NAME = "stubs"


@dataclass
class _Work:
    """The plan while it is made."""

    index: Index
    table: SymbolTable
    arguments: Arguments
    matcher: MacroMatcher
    edits: list[Edit] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    users: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    """By file and header, the offsets of the code that needs the header."""

    @cached_property
    def view(self) -> EntryMacros:
        """What the macros do to the entry points."""
        paths = {entry.path for entry in self.index.rules.entries if entry.path in self.index.tree}
        return EntryMacros(self.index, sorted(paths))

    @property
    def containers(self) -> tuple[Container, ...]:
        """The containers of the run, in the rules' order."""
        names = {known.container.name for known in self.table.by_variable.values()}
        return tuple(
            container for container in self.index.rules.containers if container.name in names
        )


def plan(draft: Draft) -> Plan:
    """Return the plan of step 1.5.2; see the module's docstring."""
    index, table = draft.index, draft.table
    work = _Work(index, table, Arguments(index.rules), MacroMatcher(index.rules.macros))
    finder = Finder(index, table, Carried(index, table))
    entries = _entries(work)
    prefix = index.rules.prefix.header
    paths = sorted({*finder.files(), *entries} - {prefix, *(c.header for c in work.containers)})
    files = [finder.read(path, _names(entries.get(path, ()))) for path in paths]
    for file in files:
        work.arguments.note(file.source.code)
    for file in files:
        _plan_file(work, file, entries.get(file.path, ()))
    _note_wrapped(work)
    headers = Headers(index, table, NAME)
    headers.plan(work.users)
    headers.define_in_shared_files(work.edits)
    return Plan(
        NAME,
        draft.title,
        _merged([*work.edits, *headers.edits]),
        tuple(sorted(headers.new_files, key=lambda new: new.path)),
        tuple(sorted(work.sites)),
        (*work.notes, *headers.notes),
    )


def _note_wrapped(work: _Work) -> None:
    """Say which files reach variables through a wrapper of their own (`MODULE_GLOBAL(m, x)`).

    The rules give them that form because they are shared with other systems: they have no
    INIT macros there, so their functions get none.
    """
    wrappers = {
        override.form.partition("(")[0]
        for override in work.index.rules.overrides
        if "(" in override.form
    }
    for path, facts in sorted(work.index.facts.items()):
        wrapped = [
            site
            for site in facts.sites
            if site.macro is None and any(call.name in wrappers for call in site.calls)
        ]
        if wrapped:
            through = ", ".join(sorted({c.name for s in wrapped for c in s.calls} & wrappers))
            work.notes.append(f"{path}: {len(wrapped)} uses through {through} get no INIT call")


def _names(entries: Iterable[Entry]) -> set[bytes]:
    return {name.encode() for entry in entries for name in entry.functions}


def _entries(work: _Work) -> dict[str, list[Entry]]:
    """Return the entries of the chosen subsystems by file; note those that are not there."""
    rules = work.index.rules
    chosen = {container.subsystem for container in work.containers}
    paths = [
        path
        for subsystem in rules.subsystems
        if subsystem.name in chosen
        for path in subsystem.paths
    ]
    whole = len(work.containers) == len(rules.containers)
    inside = path_matcher(paths)
    found: dict[str, list[Entry]] = {}
    for entry in rules.entries:
        if not whole and not inside(entry.path):
            continue
        if entry.path in work.index.tree:
            found.setdefault(entry.path, []).append(entry)
        else:
            work.notes.append(f"{entry.path}: not in the tree: its entry points are left out")
    return found


def _plan_file(work: _Work, file: File, entries: Sequence[Entry]) -> None:
    named = {name: entry for entry in entries for name in entry.functions}
    for name in sorted(
        set(named) - {other_function.name for other_function in file.found.functions.values()}
    ):
        work.notes.append(f"{file.path}: has no function {name}, an entry point of the rules")
    _note_users(work, file)
    for at in sorted(file.found.functions):
        function = file.found.functions[at]
        uses = file.of(function)
        entry = named.get(function.name)
        if uses or entry is not None:
            _plan_function(work, file, function, uses, entry)
    for use in file.uses:
        if use.start in file.found.lost:
            _record(work, file, use.start, use.name, CommonRefusal.UNPARSED)
        elif use.start in file.found.outside:
            _record(work, file, use.start, use.name, StubSkip.FILE_SCOPE)


def _note_users(work: _Work, file: File) -> None:
    headers = {container.name: container.header for container in work.containers}
    users = work.users.setdefault(file.path, {})
    for use in file.uses:
        for name in use.containers:
            users.setdefault(headers[name], []).append(use.start)


def _plan_function(
    work: _Work, file: File, function: Function, uses: Sequence[ContainerUse], entry: Entry | None
) -> None:
    live = [use for use in uses if not use.dead]
    needs = _needs(work, file, function, live)
    for name in sorted({name for use in uses for name in use.containers}):
        if not any(name in use.containers for use in live):
            _record(work, file, function.open, function.name, CommonSkip.DEAD, name)
    missing = [need for need in needs if not _has_call(file, function, need)]
    for need in needs:
        if need not in missing:
            _record(work, file, function.open, function.name, CommonSkip.PRESENT, need.init)
    if entry is not None and _enter(work, file, function, live, entry, missing):
        return
    if missing:
        placed = _place(FunctionBody(file, function, work.matcher), missing, live, work)
        _adopt(work, file, placed, f"{function.name} uses what it selects")
        _succeed(work, file, function, missing, live)


def _place(
    body: FunctionBody, needs: list[Need], live: Sequence[ContainerUse], work: _Work
) -> Changes:
    """Lay out the calls: first thing in the body, or behind what their argument needs.

    Where a use comes before that, the argument becomes the default; `needs` is changed.
    """
    found = Changes()
    top = opening(body.file, body.function)
    early: list[Need] = []
    for number, need in enumerate(needs):
        statement = body.settled(need.argument)
        at = None if statement is None else body.next_line(statement.end - 1)
        if statement is None or at is None:
            early.append(need)
        elif top.inline or not body.is_whole(statement) or any(use.start < at for use in live):
            needs[number] = replace(need, argument=work.index.rules.stubs.argument)
            early.append(needs[number])
        else:
            found.add(*body.behind(statement, render(calls([need]), top.indent)))
    if early:
        found.add(top.at, top.render(calls(early)))
    return found


def _needs(work: _Work, file: File, function: Function, live: Sequence[ContainerUse]) -> list[Need]:
    needs: list[Need] = []
    for container in work.containers:
        uses = [use for use in live if container.name in use.containers]
        if uses:
            argument = work.arguments.of(file.path, function, container.name)
            needs.append(Need(container.init, argument, _shared(uses)))
    return needs


def _shared(uses: Sequence[ContainerUse]) -> tuple[Literal, ...]:
    """Return the literals that govern every use, in the order of the first one's."""
    common = set(uses[0].condition).intersection(*(use.condition for use in uses))
    return tuple(literal for literal in uses[0].condition if literal in common)


def _has_call(file: File, function: Function, need: Need) -> bool:
    body = file.source.code[function.open : function.close]
    return (need.init + "(").encode() in body


def _enter(
    work: _Work,
    file: File,
    function: Function,
    live: Sequence[ContainerUse],
    entry: Entry,
    needs: Sequence[Need],
) -> bool:
    """Plan an entry point; False if it has to be treated like any other function."""
    rules, uses = work.index.rules.stubs, tuple(live)
    point = EntryPoint(file, function, work.matcher, entry, rules, uses, work.view)
    if point.done:
        _record(
            work, file, function.open, function.name, CommonSkip.PRESENT, "it sets a stack already"
        )
        return False
    try:
        changes = point.plan(needs)
    except Obstacle as obstacle:
        detail = obstacle.reason
        _record(work, file, obstacle.offset, function.name, StubRefusal.ENTRY, detail)
        return False
    _adopt(work, file, changes, f"{function.name} is an entry point")
    prefix = work.index.rules.prefix.header
    work.users[file.path].setdefault(prefix, []).append(function.open)
    _record(work, file, function.open, function.name, Evidence.BOUND, f"CURVNET_SET({point.vnet})")
    _succeed(work, file, function, needs, live)
    return True


def _adopt(work: _Work, file: File, changes: Changes, reason: str) -> None:
    for (start, end), text in sorted(changes.texts.items()):
        if b"\r\n" in file.source.data[:start]:
            text = text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        work.edits.append(Edit(file.path, start, end, text, NAME, reason))


def _succeed(
    work: _Work, file: File, function: Function, needs: Sequence[Need], live: Sequence[ContainerUse]
) -> None:
    macros = work.table.macros
    names = {container.init: container.name for container in work.containers}
    for need in needs:
        mine = [use for use in live if names[need.init] in use.containers]
        direct = any(use.name in macros for use in mine)
        evidence = Evidence.BOUND if direct else Evidence.EXPANDED
        detail = need.call.decode()
        _record(work, file, function.open, function.name, evidence, detail)


def _record(
    work: _Work,
    file: File,
    at: int,
    name: str,
    reason: Skip | Refusal | Evidence,
    detail: str = "",
) -> None:
    line, verdict = file.source.line(at), verdict_of(reason)
    work.sites.append(Site(file.path, at, line, name, verdict, reason, detail))


def _merged(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Return the edits in order; insertions at one place become one, as they come."""
    merged: dict[tuple[str, int, int], Edit] = {}
    for edit in edits:
        key = (edit.path, edit.start, edit.end)
        known = merged.get(key)
        if known is None:
            merged[key] = edit
        else:
            text = known.replacement + edit.replacement
            reason = f"{known.reason}; {edit.reason}"
            merged[key] = Edit(*key, text, NAME, reason)
    return tuple(sorted(merged.values()))
