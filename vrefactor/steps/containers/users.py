"""Step 2.2, the users: each source includes the headers of the containers that it uses.

Until now they came hidden in a central header.  An inline function of a header that uses a
variable moves to the container's header: only there the struct is complete.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from vrefactor.c.facts.extract import include_facts
from vrefactor.c.model import IncludeFact, Role
from vrefactor.c.parse.functions import Function
from vrefactor.c.preprocess.conditionals import parse_conditionals
from vrefactor.c.preprocess.lexer import Source, lex
from vrefactor.edit.container_uses import File, Finder
from vrefactor.edit.includes import place_behind, portability
from vrefactor.edit.lines import FileLines
from vrefactor.edit.macro_reach import Carried
from vrefactor.edit.openings import directive
from vrefactor.generated.sysctl_forms import FORMS
from vrefactor.index.index import Index
from vrefactor.plan.overrides import Overrides, wraps
from vrefactor.plan.symbols import SymbolTable
from vrefactor.rules.types import Container
from vrefactor.source.edits import Edit

_HEAD_END = re.compile(rb"[;}]|\n[ \t]*\n|^[ \t]*#[^\n]*$", re.M)


@dataclass(frozen=True, slots=True)
class Inline:
    """A function that a header defines, and the headers of the containers that it uses."""

    file: File
    function: Function
    containers: frozenset[str]


@dataclass(slots=True)
class Users:
    """By source file and container, the offsets of what needs the container's header."""

    offsets: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    inlines: list[Inline] = field(default_factory=list)
    files: dict[str, File] = field(default_factory=dict)

    def add(self, path: str, container: str, offset: int) -> None:
        """Note that the code at an offset needs a container's header."""
        self.offsets.setdefault(path, {}).setdefault(container, []).append(offset)

    def through(self, index: Index, path: str, container: str) -> bool:
        """Say whether a source gets a container's header by the header of a wrapper."""
        headers = {offset for offset, names in self.offsets.items() if container in names} - {path}
        wrappers = {header for header in headers if header.endswith(".h")}
        return bool(wrappers) and not wrappers.isdisjoint(index.includes.closure(path))


def find_users(index: Index, table: SymbolTable, containers: Sequence[Container]) -> Users:
    """Find who uses the containers, in code and in sysctls.

    Raises the errors of `lex` and `parse_conditionals`.
    """
    names = {other_container.name for other_container in containers}
    headers = {
        index.rules.prefix.header,
        *(other_container.header for other_container in containers),
    }
    finder = Finder(index, table, Carried(index, table))
    users = Users()
    for path in finder.files():
        if path in headers:
            continue
        file = users.files[path] = finder.read(path)
        for use in file.uses:
            for container in sorted(use.containers & names):
                if path.endswith(".h"):
                    continue
                users.add(path, container, use.start)
        if path.endswith(".h"):
            users.inlines.extend(_inlines(file, names))
    _add_sysctls(index, table, users, names)
    _add_wrappers(index, table, users, names)
    return users


def _add_sysctls(index: Index, table: SymbolTable, users: Users, names: set[str]) -> None:
    forms = frozenset(FORMS.values())
    for variable, known in table.by_variable.items():
        if known.container.name not in names:
            continue
        for path, token in index.tokens.get(variable.name, ()):
            outer = token.calls[0].name if token.calls else ""
            if token.role is Role.MACRO_ARGUMENT and outer in forms:
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


def _inlines(file: File, names: set[str]) -> Iterable[Inline]:
    """Yield the functions of a header whose bodies use a container."""
    for at in sorted(file.found.functions):
        function = file.found.functions[at]
        used = [
            name
            for use in file.uses
            if at in file.found.owners.get(use.start, ())
            for name in use.containers & names
        ]
        if used:
            yield Inline(file, function, frozenset(used))


def inline_range(inline: Inline) -> tuple[int, int]:
    """Return the whole lines of a function of a header, with the comment above it."""
    source = inline.file.source
    lines = FileLines(source)
    start = 0
    for match in _HEAD_END.finditer(source.code, 0, inline.function.name_at):
        start = match.end()
    text = source.code[start : inline.function.name_at]
    start += len(text) - len(text.lstrip())
    return lines.above(lines.start(start)), lines.next(inline.function.close)


def prototypes(inline: Inline) -> list[tuple[int, int]]:
    """Return the lines of the header that declare a function of it before they define it."""
    source = inline.file.source
    lines = FileLines(source)
    name = re.escape(inline.function.name.encode())
    pattern = rb"^[A-Za-z_][\w \t*]*\b" + name + rb"[ \t]*\([^;{}()]*\)[ \t]*;[ \t]*$"
    found = re.finditer(pattern, source.code, re.M)
    return [
        (lines.above(lines.start(match.start())), lines.next(match.end() - 1)) for match in found
    ]


def inline_text(inline: Inline) -> bytes:
    """Return a function of a header as it stands, under the conditions that govern it there.

    A comment that only its prototype has comes along.
    """
    source = inline.file.source
    start, end = inline_range(inline)
    text = source.data[start:end]
    if not text.startswith(b"/"):
        text = b"".join(_comment(source, *place) for place in prototypes(inline)) + text
    condition = inline.file.literals(inline.function.open)
    if not condition:
        return text
    newline = FileLines(source).newline
    return directive(condition) + newline + text + b"#endif" + newline


def callers(index: Index, name: str, path: str) -> list[tuple[str, int]]:
    """Return the sources that call a function of the header `path`, each with an offset."""
    call = re.compile(rb"(?<!\w)" + name.encode() + rb"\s*\(")
    found: list[tuple[str, int]] = []
    for source in index.tree.paths:
        if not source.endswith(".c"):
            continue
        data = index.tree.read(source)
        match = call.search(data) if name.encode() in data else None
        if match is not None:
            found.append((source, match.start()))
    return found


def _comment(source: Source, start: int, end: int) -> bytes:
    """Return the comment that begins the lines of a declaration, with its line end."""
    code = source.code[start:end]
    first = start + len(code) - len(code.lstrip())
    return source.data[start : FileLines(source).start(first)]


@dataclass(frozen=True, slots=True)
class Including:
    """One `#include` that a source file needs, and where it goes."""

    path: str
    header: str
    at: int
    before: tuple[IncludeFact, ...]
    """The unconditional includes in front of that place."""


def plan_includes(
    index: Index, users: Users, containers: Sequence[Container], sources: Mapping[str, Source]
) -> tuple[list[Including], list[Including]]:
    """Return the includes that sources need, and those that they have already."""
    headers = {container.name: container.header for container in containers}
    prefix = index.rules.prefix.header
    new: list[Including] = []
    there: list[Including] = []
    for path in sorted(users.offsets):
        data = index.tree.read(path)
        facts = _includes(index, path, data, sources)
        if prefix not in index.includes.closure(path):
            everything = sorted(at for own in users.offsets[path].values() for at in own)
            new.append(
                Including(path, prefix, place_behind(path, data, facts, prefix, everything), ())
            )
        for name in sorted(users.offsets[path], key=lambda text: headers[text]):
            header = headers[name]
            if users.through(index, path, name):
                continue
            known = [include for include in facts if include.name == header]
            offsets = sorted(users.offsets[path][name])
            at = known[0].start if known else place_behind(path, data, facts, header, offsets)
            before = tuple(
                include for include in facts if include.start < at and not include.conditional
            )
            (there if known else new).append(Including(path, header, at, before))
    return new, there


def _includes(
    index: Index, path: str, data: bytes, sources: Mapping[str, Source]
) -> tuple[IncludeFact, ...]:
    if path in index.facts and path.endswith(".c"):
        return index.facts[path].includes
    source = sources.get(path) or lex(path, data)
    return include_facts(source, parse_conditionals(source))


def includers(index: Index, header: str) -> list[Including]:
    """Return the sources of the tree that include a header by name.

    Raises the errors of `lex` and `parse_conditionals`.
    """
    found: list[Including] = []
    for path in index.tree.paths:
        if not path.endswith(".c") or f"<{header}>".encode() not in index.tree.read(path):
            continue
        facts = _includes(index, path, index.tree.read(path), {})
        for include in facts:
            if include.name == header and not include.conditional:
                before = tuple(o for o in facts if o.start < include.start and not o.conditional)
                found.append(Including(path, header, include.start, before))
    return found


def include_edits(index: Index, wanted: Iterable[Including], step: str) -> list[Edit]:
    """Return the edits that write includes, in files of other systems with their own block."""
    edits: list[Edit] = []
    for including in wanted:
        text = f"#include <{including.header}>\n"
        shared = portability(index.rules.portability, including.path)
        if shared is not None:
            text = shared.render(including.header, "")
        if b"\r\n" in index.tree.read(including.path)[:4096]:
            text = text.replace("\n", "\r\n")
        reason = f"uses variables of <{including.header}>"
        edits.append(Edit(including.path, including.at, including.at, text.encode(), step, reason))
    return edits


def drop_hidden(
    index: Index, containers: Iterable[Container], users: Users, step: str
) -> list[Edit]:
    """Return the edits that take the containers' headers out of other headers.

    They came through a central one, or for an inline function.  The header of a wrapper, which
    is among the users, keeps them.
    """
    hidden = {container.header: container.name for container in containers if not container.host}
    edits: list[Edit] = []
    for path in sorted(index.facts):
        if not path.endswith(".h"):
            continue
        for include in index.facts[path].includes:
            name = hidden.get(include.name)
            if name is not None and name not in users.offsets.get(path, {}):
                edits.append(_drop(path, index.tree.read(path), include, step))
    return edits


def _drop(path: str, data: bytes, include: IncludeFact, step: str) -> Edit:
    """Return the edit that drops an include with the empty line that set it apart."""
    start = data.rfind(b"\n", 0, include.start) + 1
    end = data.find(b"\n", include.end) + 1 or len(data)
    before = data[data.rfind(b"\n", 0, max(0, start - 1)) + 1 : start]
    following = data.find(b"\n", end) + 1 or len(data)
    if not data[end:following].strip() and not before.strip():
        end = following
    return Edit(path, start, end, b"", step, "each source includes what it uses")
