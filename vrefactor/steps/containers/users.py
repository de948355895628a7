"""Step 2.2, the users: each source includes the headers of the containers that it uses.

Until now they came hidden in a central header.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from vrefactor.c.model import IncludeFact, Role
from vrefactor.edit.container_uses import File, Finder
from vrefactor.edit.draft import Draft
from vrefactor.edit.includes import Inclusion, missing, place_behind
from vrefactor.edit.macro_reach import MacroReach
from vrefactor.generated.sysctl_forms import forms
from vrefactor.index.index import Index
from vrefactor.plan.overrides import Overrides, wraps
from vrefactor.plan.symbols import SymbolTable
from vrefactor.rules.types import Container


@dataclass(slots=True)
class Users:
    """By source file and container, the offsets of what needs the container's header."""

    reach: MacroReach
    offsets: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    headers: list[File] = field(default_factory=list)
    """The headers of the tree whose code uses a container, in order."""

    def add(self, path: str, container: str, offset: int) -> None:
        """Note that the code at an offset needs a container's header."""
        self.offsets.setdefault(path, {}).setdefault(container, []).append(offset)

    def through(self, index: Index, path: str, container: str) -> bool:
        """Say whether a source gets a container's header by the header of a wrapper."""
        headers = {user for user, names in self.offsets.items() if container in names} - {path}
        wrappers = {header for header in headers if header.endswith(".h")}
        return bool(wrappers) and not wrappers.isdisjoint(index.includes.closure(path))


def find_users(index: Index, table: SymbolTable, containers: Sequence[Container]) -> Users:
    """Find who uses the containers, in code and in sysctls.

    Raises the errors of `lex` and `parse_conditionals`.
    """
    names = {container.name for container in containers}
    own = {index.rules.prefix.header, *(container.header for container in containers)}
    finder = Finder(index, table)
    users = Users(finder.reach)
    for path in finder.files():
        if path in own:
            continue
        file = finder.read(path)
        if path.endswith(".h"):
            users.headers.append(file)
            continue
        for use in file.uses:
            for container in sorted(use.containers & names):
                users.add(path, container, use.start)
    _add_sysctls(index, table, users, names)
    _add_wrappers(index, table, users, names)
    return users


def _add_sysctls(index: Index, table: SymbolTable, users: Users, names: set[str]) -> None:
    names_of_forms = frozenset(forms(index.rules.vocabulary).values())
    for variable, known in table.by_variable.items():
        if known.container.name not in names:
            continue
        for path, token in index.tokens.get(variable.name, ()):
            outer = token.calls[0].name if token.calls else ""
            if token.role is Role.MACRO_ARGUMENT and outer in names_of_forms:
                users.add(path, known.container.name, token.start)


def _add_wrappers(index: Index, table: SymbolTable, users: Users, names: set[str]) -> None:
    """Count the header of a wrapper (`MODULE_GLOBAL`) among the users of what it is used for."""
    overrides = Overrides(index.rules.overrides)
    for variable, known in table.by_variable.items():
        for path, token in index.tokens.get(variable.name, ()):
            override = overrides.find(path, token.function, token.name)
            if override is None or override.define is None or not wraps(override, token):
                continue
            header = override.define.header
            if known.container.name in names and header in index.tree:
                at = index.tree.read(header).rfind(override.form.partition("(")[0].encode())
                users.add(header, known.container.name, max(at, 0))


def wanted_includes(
    draft: Draft, users: Users, containers: Sequence[Container]
) -> tuple[list[Inclusion], list[Inclusion]]:
    """Return the includes that sources need, and those that they have already."""
    headers = {container.name: container.header for container in containers}
    index, prefix = draft.index, draft.index.rules.prefix.header
    there: list[Inclusion] = []
    for path, used in sorted(users.offsets.items()):
        if prefix not in index.includes.closure(path):
            _need(draft, path, prefix, (at for own in used.values() for at in own))
        for name in sorted(used, key=lambda text: headers[text]):
            if not users.through(index, path, name):
                _need(draft, path, headers[name], used[name])
                facts = draft.files.includes(path)
                known = [fact.start for fact in facts if fact.name == headers[name]]
                there += [Inclusion(path, headers[name], at) for at in known[:1]]
    return missing(draft, place_behind, by_name=True), there


def _need(draft: Draft, path: str, header: str, offsets: Iterable[int]) -> None:
    for at in offsets:
        draft.need(path, header, at)


def includers(draft: Draft, header: str) -> list[Inclusion]:
    """Return where sources of the tree include a header by name.

    Raises the errors of `lex` and `parse_conditionals`.
    """
    return [
        Inclusion(path, header, fact.start)
        for path in draft.index.tree.paths
        if path.endswith(".c") and f"<{header}>".encode() in draft.files.read(path)
        for fact in draft.files.includes(path)
        if fact.name == header and not fact.conditional
    ]


def drop_hidden(draft: Draft, containers: Iterable[Container], users: Users) -> None:
    """Take the containers' headers out of other headers.

    They came through a central one, or for an inline function.  The header of a wrapper, which
    is among the users, keeps them.
    """
    hidden = {container.header: container.name for container in containers if not container.host}
    for path, facts in sorted(draft.index.facts.items()):
        if not path.endswith(".h"):
            continue
        for include in facts.includes:
            name = hidden.get(include.name)
            if name is not None and name not in users.offsets.get(path, {}):
                _drop(draft, path, include)


def _drop(draft: Draft, path: str, include: IncludeFact) -> None:
    """Drop an include with the empty line that set it apart."""
    data = draft.files.read(path)
    start = data.rfind(b"\n", 0, include.start) + 1
    end = data.find(b"\n", include.end) + 1 or len(data)
    before = data[data.rfind(b"\n", 0, max(0, start - 1)) + 1 : start]
    following = data.find(b"\n", end) + 1 or len(data)
    if not data[end:following].strip() and not before.strip():
        end = following
    draft.replace(path, start, end, b"", "each source includes what it uses")
