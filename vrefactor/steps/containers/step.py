"""Step 2.2: the variables of a subsystem move into a struct.

`V_x` becomes the field `_x` of the one instance that there is as yet.  With the option
VIMAGE_GLOBALS a kernel keeps the plain variables.

    netinet/vinet.h                       netinet/ip_input.c
    struct vnet_inet {                    #ifndef VIMAGE
            int     _ip_defttl;           #ifndef VIMAGE_GLOBALS
    };                                    struct vnet_inet vnet_inet_0;
    #define VNET_INET(sym) \\              #endif
        VSYM(vnet_inet, sym)              #endif
                                          #ifdef VIMAGE_GLOBALS
                                          int     ip_defttl;
                                          #endif

Left alone: containers that the rules keep, variables that can't be fields (refused, with the
reason), and what moved already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from vrefactor.c.preprocess.lexer import Source, lex
from vrefactor.edit.declared import DeclaringFile, declaring_files
from vrefactor.edit.draft import Draft
from vrefactor.edit.includes import portability
from vrefactor.edit.rule_lines import functions_named
from vrefactor.generated.framework import framework
from vrefactor.generated.framework_text import symbol_map
from vrefactor.index.index import Index
from vrefactor.plan.model import Evidence, Plan, Refusal, Site, Verdict
from vrefactor.plan.symbols import SymbolTable, Virtualised
from vrefactor.rules.types import Container
from vrefactor.source.edits import Edit, NewFile
from vrefactor.steps.containers.fields import ContainerField, Unfit, fields, of_container
from vrefactor.steps.containers.guards import guard, guard_in_blocks
from vrefactor.steps.containers.include_once import guard_edits, unguarded
from vrefactor.steps.containers.inline_moves import move_inlines
from vrefactor.steps.containers.plain_uses import PlainUse, obstacles
from vrefactor.steps.containers.reasons import ContainerRefusal
from vrefactor.steps.containers.struct import (
    ContainerHeader,
    instance,
    instance_place,
)
from vrefactor.steps.containers.sysctl_back import plain_sysctls
from vrefactor.steps.containers.type_headers import HeaderBook
from vrefactor.steps.containers.types import Types
from vrefactor.steps.containers.users import (
    Including,
    Users,
    drop_hidden,
    find_users,
    include_edits,
    includers,
    plan_includes,
)

NAME = "containers"


@dataclass(slots=True)
class _Work:
    """The plan while it is made."""

    index: Index
    table: SymbolTable
    files: list[DeclaringFile]
    containers: list[Container]
    found: dict[Virtualised, ContainerField]
    edits: list[Edit] = field(default_factory=list)
    new_files: list[NewFile] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    staying: list[Virtualised] = field(default_factory=list)
    twice: set[str] = field(default_factory=set)
    """Headers without an include guard that a source would read a second time."""


def plan(draft: Draft) -> Plan:
    """Return the plan of step 2.2; see the module's docstring."""
    index, table = draft.index, draft.table
    files = list(declaring_files(index, table))
    kept = frozenset(
        container.name for container in index.rules.containers if container.kept is not None
    )
    names = {known.container.name for known in table.by_variable.values()} - kept
    containers = [container for container in index.rules.containers if container.name in names]
    book = HeaderBook(index)
    book.read_ahead(file.path for file in files)
    found, unfit = fields(book, files, kept)
    work = _Work(index, table, files, containers, found)
    for other_unfit in unfit:
        _refuse(work, other_unfit)
    _plain(work, kept)
    types = Types.of(book, work.found)
    for other_unfit in types.unfit:
        _refuse(work, other_unfit)
    _move(work, types)
    same = framework(index, table, containers, NAME)
    return Plan(
        NAME,
        draft.title,
        merged([*work.edits, *same.edits]),
        tuple(sorted([*work.new_files, *same.new_files], key=lambda new: new.path)),
        tuple(sorted(work.sites)),
        (*work.notes, *same.notes),
        findings=same.findings,
    )


def _refuse(work: _Work, unfit: Unfit) -> None:
    """Take a variable out of what moves, and say why."""
    work.found.pop(unfit.known, None)
    if unfit.known not in work.staying:
        work.staying.append(unfit.known)
    name = unfit.known.variable.name
    site = Site(
        unfit.path, unfit.offset, unfit.line, name, Verdict.REFUSED, unfit.reason, unfit.detail
    )
    work.sites.append(site)


def _plain(work: _Work, kept: frozenset[str]) -> None:
    """Refuse the variables that are used by their plain names; mend the uses that can be."""
    there = obstacles(work.index, work.table, NAME)
    blocked = {plain.known for plain in there.plain}
    for plain in there.plain:
        if plain.known.container.name not in kept:
            _refuse(work, _unfit(plain))
    for plain in there.mended:
        token = plain.judged.token
        if plain.known not in blocked:
            verdict, reason = Verdict.REWRITTEN, Evidence.EXPANDED
            detail = f"{token.calls[-1].name}() pastes the prefix"
            site = Site(
                plain.judged.path, token.start, token.line, token.name, verdict, reason, detail
            )
            work.sites.append(site)
    work.edits.extend(there.edits)


def _unfit(plain: PlainUse) -> Unfit:
    token = plain.judged.token
    detail = str(plain.judged.answer) if isinstance(plain.judged.answer, Refusal) else ""
    return Unfit(
        plain.known, plain.judged.path, token.start, token.line, ContainerRefusal.PLAIN, detail
    )


def _move(work: _Work, types: Types) -> None:
    users = find_users(work.index, work.table, work.containers)
    inlines = move_inlines(work.index, users, work.containers, NAME)
    work.edits += inlines.edits
    work.sites += inlines.sites
    edits, new_files = types.moves(NAME)
    work.edits += edits
    work.new_files += new_files
    sources = {file.path: file.source for file in work.files}
    homes = {
        other_container.name: _home(work, other_container) for other_container in work.containers
    }
    _add_definers(work, users, types, homes)
    new, there = plan_includes(work.index, users, work.containers, sources)
    work.edits += include_edits(work.index, new, NAME)
    work.edits += drop_hidden(work.index, work.containers, users, NAME)
    for container in work.containers:
        own = [including for including in (*new, *there) if including.header == container.header]
        _container(work, types, container, own, inlines.needs.get(container.name, ()))
        _instance(work, container, homes[container.name])
    _guard(work, types, sources)
    _guard_headers(work, types.book)


def _add_definers(work: _Work, users: Users, types: Types, homes: Mapping[str, str | None]) -> None:
    """Count those who define an instance, or whose types moved, among the users."""
    for name, home in homes.items():
        if home is not None:
            users.add(home, name, len(work.index.tree.read(home)))
    retagged = types.retagged(work.files, work.found)
    for known, found in work.found.items():
        mover = types.movers.get(found.path)
        if (found.path, found.declaration.start) in retagged or (mover is not None and mover.units):
            users.add(found.path, known.container.name, found.declaration.start)


def _container(
    work: _Work,
    types: Types,
    container: Container,
    users: Sequence[Including],
    needs: Iterable[str],
) -> None:
    groups = list(of_container(container, work.found))
    header = ContainerHeader.open(work.index, container, NAME)
    fields = [field for _, own in groups for field in own]
    work.edits += header.plain(work.staying, work.table)
    if not header.lacking(groups):
        return
    given = _given(work, _all_users(work, container, users))
    sources = [including.path for including in users]
    chooser = types.chooser(container.header, given, fields, sources)
    for path in needs:
        chooser.choose(path)
    work.twice |= set(unguarded(types.book, container.header, chooser.chosen, sources))
    work.edits += header.include(types.grouped(chooser, work.index), chooser.heads)
    work.edits += header.struct(groups)


def _all_users(
    work: _Work, container: Container, users: Sequence[Including]
) -> Sequence[Including]:
    """Return who includes a container's header: of one that has more in it, any source may."""
    return includers(work.index, container.header) if container.host else users


def _given(work: _Work, users: Sequence[Including]) -> list[str]:
    """Return the headers that every source includes before a container's header.

    Files of other systems have conditions around all includes: they do not count.
    """
    shared: set[str] | None = None
    for including in users:
        if including.path.endswith(".h") or portability(
            work.index.rules.portability, including.path
        ):
            continue
        seen: set[str] = set()
        for fact in including.before:
            resolve = work.index.includes.resolve
            seen.update(resolve(including.path, fact.name, angled=fact.angled))
        shared = seen if shared is None else shared & seen
    return sorted(shared or ())


def _home(work: _Work, container: Container) -> str | None:
    """Return the file that defines a container's instance."""
    if container.instance is not None:
        return container.instance
    paths = dict.fromkeys(path for path, _ in of_container(container, work.found))
    sources = {file.path: file.source for file in work.files}
    for path in paths if container.init_function else ():
        if path in sources and functions_named(sources[path], str(container.init_function)):
            return path
    return next(iter(paths), None)


def _instance(work: _Work, container: Container, home: str | None) -> None:
    if home is None:
        return
    data = work.index.tree.read(home)
    source = lex(home, data)
    name = f"{container.name}_0".encode()
    if name in source.code:
        return
    names = {known.variable.name for known in work.found if known.container == container}
    text = ("\n" + instance(container.name)).encode()
    table = symbol_map(container, names)
    text += b"\n" + table if table else b""
    at = instance_place(source)
    work.edits.append(Edit(home, at, at, text, NAME, f"the instance of {container.name}"))


def _guard(work: _Work, types: Types, sources: Mapping[str, Source]) -> None:
    retagged = types.retagged(work.files, work.found)
    result = guard(NAME, work.index.rules, work.files, work.found, retagged)
    guard_in_blocks(result, work.index, work.found, sources)
    work.edits += result.edits
    work.sites += result.sites
    work.edits += plain_sysctls(work.index, work.staying, NAME)


def _guard_headers(work: _Work, book: HeaderBook) -> None:
    """Put the include guards around all other edits."""
    for path in sorted(work.twice):
        opening, closing = guard_edits(book, path, NAME)
        work.edits = [opening, *work.edits, closing]
        work.notes.append(f"{path}: gets an include guard, being included twice from now on")


def merged(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Return the edits in order; insertions at one place become one, in the order they came."""
    found: dict[tuple[str, int, int], Edit] = {}
    for edit in edits:
        key = (edit.path, edit.start, edit.end)
        known = found.get(key)
        if known is None:
            found[key] = edit
        elif edit.start == edit.end:
            text = known.replacement + edit.replacement
            found[key] = Edit(*key, text, edit.step, f"{known.reason}; {edit.reason}")
    return tuple(sorted(found.values()))
