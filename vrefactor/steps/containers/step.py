"""Step 2.2: the variables of a subsystem move into a struct.

`V_x` becomes the field `_x` of the one instance that there is as yet.  With the option for
plain variables a kernel keeps them.

    int     ip_defttl;                    struct vnet_inet {
                                                  int     _ip_defttl;
                                          };

                                          struct vnet_inet vnet_inet_0;

                                          #ifdef ...
                                          int     ip_defttl;
                                          #endif

Left alone: containers that the rules keep, variables that can't be fields (refused, with the
reason), and what moved already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from vrefactor.c.query.declarations import Declaration
from vrefactor.edit.declared import DeclaringFile, declaring_files
from vrefactor.edit.draft import Draft
from vrefactor.edit.includes import Inclusion, include, portability
from vrefactor.generated.container_struct import instance, instance_name
from vrefactor.generated.framework import plan_framework
from vrefactor.generated.registration import symbol_map
from vrefactor.plan.model import Plan
from vrefactor.plan.symbols import Virtualised
from vrefactor.rules.types import Container
from vrefactor.steps.containers.container_header import ContainerHeader, instance_place
from vrefactor.steps.containers.field_checks import FieldChecks
from vrefactor.steps.containers.fields import (
    ContainerField,
    RefusedVariable,
    fields,
    of_container,
)
from vrefactor.steps.containers.guards import Replacements, guard_blocks, guard_files
from vrefactor.steps.containers.header_functions import HeaderFunctions
from vrefactor.steps.containers.include_choice import choose_includes
from vrefactor.steps.containers.include_guards import guard_header, read_twice
from vrefactor.steps.containers.plain_uses import refused_uses
from vrefactor.steps.containers.shadowing import shadowed
from vrefactor.steps.containers.staying import plain_macros, plain_sysctls
from vrefactor.steps.containers.type_index import TypeIndex
from vrefactor.steps.containers.type_moves import TypeMoves, tag_replacements
from vrefactor.steps.containers.users import (
    Users,
    drop_hidden,
    find_users,
    includers,
    wanted_includes,
)


@dataclass(slots=True)
class _Move:
    """What the step knows while it plans: which variables move, and which stay."""

    draft: Draft
    files: list[DeclaringFile]
    containers: list[Container]
    types: TypeIndex
    fields: dict[Virtualised, ContainerField] = field(default_factory=dict)
    staying: dict[Virtualised, None] = field(default_factory=dict)
    twice: set[str] = field(default_factory=set)
    """Headers without an include guard that a source would read a second time."""
    _said: set[tuple[str, int, str]] = field(default_factory=set)

    @property
    def declarations(self) -> Iterator[tuple[str, Declaration]]:
        """All declarations of what moves, each with its file."""
        for file in self.files:
            for declared in file.declared:
                if declared.known in self.fields and declared.declaration is not None:
                    yield file.path, declared.declaration

    def refuse(self, refused: RefusedVariable) -> None:
        """Take a variable out of what moves, and say why."""
        self.fields.pop(refused.known, None)
        self.staying[refused.known] = None
        place = (refused.path, refused.offset, refused.known.variable.name)
        if place not in self._said:
            self._said.add(place)
            self.draft.site(*place, refused.reason, refused.detail)


def plan(draft: Draft) -> Plan:
    """Return the plan of step 2.2; see the module's docstring."""
    index, table = draft.index, draft.table
    files = list(declaring_files(draft.files, table))
    kept = {container.name for container in index.rules.containers if container.kept is not None}
    names = {known.container.name for known in table.by_variable.values()} - kept
    containers = [container for container in index.rules.containers if container.name in names]
    types = TypeIndex(draft.files)
    types.read_ahead(file.path for file in files)
    move = _Move(draft, files, containers, types)
    move.fields, refused = fields(FieldChecks(types, table), files, kept)
    users = find_users(index, table, containers)
    functions = HeaderFunctions.of(types, users, containers)
    for refusal in (
        *refused,
        *refused_uses(draft),
        *shadowed(draft, users.reach),
        *functions.refused(table),
    ):
        if refusal.known.container.name not in kept:
            move.refuse(refusal)
    moves = TypeMoves.of(types, move.fields)
    for refusal in moves.refused:
        move.refuse(refusal)
    _write(move, moves, functions)
    return draft.plan()


def _write(move: _Move, moves: TypeMoves, functions: HeaderFunctions) -> None:
    draft, containers, users = move.draft, move.containers, functions.users
    needs = functions.move(draft, move.fields)
    moves.write(draft)
    homes = {container.name: _home(move, container) for container in containers}
    retagged = tag_replacements(move.types, move.declarations)
    moved = moves.replacements(move.declarations)
    _add_definers(move, users, moves, homes, retagged)
    new, there = wanted_includes(draft, users, containers)
    include(draft, new)
    drop_hidden(draft, containers, users)
    for container in containers:
        own = [include for include in (*new, *there) if include.header == container.header]
        _write_header(move, moves, container, own, needs.get(container.name, ()))
        _write_instance(move, container, homes[container.name])
    guard_files(draft, move.files, move.fields, retagged, moved)
    guard_blocks(draft, move.fields)
    plain_sysctls(draft, move.staying)
    plan_framework(draft, containers)
    for path in sorted(move.twice):
        guard_header(draft, path)


def _add_definers(
    move: _Move,
    users: Users,
    moves: TypeMoves,
    homes: Mapping[str, str | None],
    retagged: Replacements,
) -> None:
    """Count those who define an instance, or whose types moved, among the users."""
    for name, home in homes.items():
        if home is not None:
            users.add(home, name, len(move.draft.files.read(home)))
    for known, member in move.fields.items():
        start = member.declaration.start
        if (member.path, start) in retagged or moves.leaves(member.path):
            users.add(member.path, known.container.name, start)


def _write_header(
    move: _Move,
    moves: TypeMoves,
    container: Container,
    users: Sequence[Inclusion],
    needs: Iterable[str],
) -> None:
    """Write a container's header; `needs` are headers that functions in it count on."""
    plain_macros(move.draft, container, move.staying)
    header = ContainerHeader.open(move.draft, container)
    groups = of_container(container, move.fields)
    lacking = header.lacking(groups)
    if not lacking:
        return
    # Of a header that has more in it, any source may be a user.
    known = includers(move.draft, container.header) if container.host else users
    given, sources = _given(move.draft, known), [include.path for include in users]
    own = [member for group in groups for member in group]
    choice = choose_includes(move.types, container.header, given, own, moves.wanted, sources)
    for path in needs:
        choice.choose(path)
    move.twice |= set(read_twice(move.types, container.header, choice.chosen, sources))
    header.include(choice.grouped(), choice.heads)
    header.add_fields(lacking)


def _given(draft: Draft, users: Sequence[Inclusion]) -> list[str]:
    """Return the headers that every source includes before a container's header.

    Files of other systems have conditions around all includes: they do not count.
    """
    shared: set[str] | None = None
    for user in users:
        if user.path.endswith(".h") or portability(draft.index.rules.portability, user.path):
            continue
        seen: set[str] = set()
        for fact in draft.files.includes(user.path):
            if fact.start < user.at and not fact.conditional:
                resolve = draft.index.includes.resolve
                seen.update(resolve(user.path, fact.name, angled=fact.angled))
        shared = seen if shared is None else shared & seen
    return sorted(shared or ())


def _home(move: _Move, container: Container) -> str | None:
    """Return the file that defines a container's instance."""
    if container.instance is not None:
        return container.instance
    groups = of_container(container, move.fields)
    paths = dict.fromkeys(group[0].known.symbol.file for group in groups)
    for path in paths if container.init_function else ():
        if move.draft.files.functions(path, str(container.init_function)):
            return path
    return next(iter(paths), None)


def _write_instance(move: _Move, container: Container, home: str | None) -> None:
    if home is None:
        return
    source, conditionals = move.draft.files.open(home)
    if instance_name(container) in source.code:
        return
    names = {known.variable.name for known in move.fields if known.container == container}
    text = b"\n" + instance(container, move.draft.index.rules.vocabulary)
    table = symbol_map(move.draft.index.rules.vocabulary, container, names)
    text += b"\n" + table if table else b""
    at = instance_place(source, conditionals)
    move.draft.insert(home, at, text, f"the instance of {container.name}")
