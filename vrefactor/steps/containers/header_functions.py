"""Step 2.2, functions of headers: inline ones that use variables go to the container's header.

    netinet/ip_var.h                       netinet/vinet.h, at its end
    static __inline u_int16_t
    ip_newid(void)                         static __inline u_int16_t
    {                                      ip_newid(void)
            return (htons(V_ip_id++));     { ...
    }

Where the header stands that defines it, the struct is not complete yet.  So a function that
can't move keeps the variables that it uses where they are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from vrefactor.c.parse.functions import Function
from vrefactor.edit.container_uses import File
from vrefactor.edit.draft import Draft
from vrefactor.edit.header_places import end_of_kernel_code, set_apart
from vrefactor.edit.lines import FileLines
from vrefactor.edit.openings import directive
from vrefactor.index.index import Index
from vrefactor.plan.model import Evidence
from vrefactor.plan.symbols import SymbolTable, Virtualised
from vrefactor.rules.types import Container
from vrefactor.steps.containers.fields import RefusedVariable
from vrefactor.steps.containers.reasons import ContainerRefusal
from vrefactor.steps.containers.type_index import TypeIndex
from vrefactor.steps.containers.users import Users

_HEAD_END = re.compile(rb"[;}]|\n[ \t\r]*\n|^[ \t]*#[^\n]*$", re.M)


@dataclass(frozen=True, slots=True, eq=False)
class HeaderFunction:
    """A function that a header defines, and the names of the containers that it uses."""

    file: File
    function: Function
    containers: frozenset[str]

    @property
    def lines(self) -> tuple[int, int]:
        """The range of its lines, with the comment above it."""
        source = self.file.source
        lines = FileLines(source)
        start = 0
        for match in _HEAD_END.finditer(source.code, 0, self.function.name_at):
            start = match.end()
        text = source.code[start : self.function.name_at]
        start += len(text) - len(text.lstrip())
        return lines.above(lines.start(start)), lines.next(self.function.close)

    @property
    def prototypes(self) -> list[tuple[int, int]]:
        """The lines of the header that declare it before they define it."""
        source = self.file.source
        lines = FileLines(source)
        name = re.escape(self.function.name.encode())
        pattern = rb"^[A-Za-z_][\w \t*]*\b" + name + rb"[ \t]*\([^;{}()]*\)[ \t]*;[ \t\r]*$"
        found = re.finditer(pattern, source.code, re.M)
        return [
            (lines.above(lines.start(match.start())), lines.next(match.end() - 1))
            for match in found
        ]

    @property
    def is_inline(self) -> bool:
        """Whether it says `inline`, in any spelling."""
        start, _ = self.lines
        return b"inline" in self.file.source.code[start : self.function.name_at]

    @property
    def text(self) -> bytes:
        """Its lines, under the conditions that govern them.

        A comment that only its prototype has comes along.
        """
        source = self.file.source
        start, end = self.lines
        text = source.data[start:end]
        if not text.startswith(b"/"):
            text = b"".join(self._comment(*place) for place in self.prototypes) + text
        condition = self.file.literals(self.function.open)
        return directive(condition) + b"\n" + text + b"#endif\n" if condition else text

    def _comment(self, start: int, end: int) -> bytes:
        """Return the comment that begins the lines of a declaration, with its line end."""
        source = self.file.source
        code = source.code[start:end]
        first = start + len(code) - len(code.lstrip())
        return source.data[start : FileLines(source).start(first)]


@dataclass(slots=True)
class HeaderFunctions:
    """The functions of headers whose bodies use containers, and which of them can't move."""

    users: Users
    containers: Mapping[str, Container]
    found: list[HeaderFunction] = field(default_factory=list)
    fixed: dict[HeaderFunction, str] = field(default_factory=dict)
    """Those that can't move, each with the reason."""

    @classmethod
    def of(cls, types: TypeIndex, users: Users, containers: Sequence[Container]) -> HeaderFunctions:
        """Find the functions; `users` are those of the containers."""
        functions = cls(users, {container.name: container for container in containers})
        functions.found = [
            HeaderFunction(file, function, used)
            for file in users.headers
            for at, function in sorted(file.found.functions.items())
            if (used := functions._used(file, at))
        ]
        for function in functions.found:
            reason = functions._obstacle(types, function)
            if reason is not None:
                functions.fixed[function] = reason
        return functions

    def _used(self, file: File, at: int) -> frozenset[str]:
        uses = (use for use in file.uses if at in file.found.owners.get(use.start, ()))
        return frozenset(name for use in uses for name in use.containers & self.containers.keys())

    def _obstacle(self, types: TypeIndex, function: HeaderFunction) -> str | None:
        """Return why a function can't move, if it can't."""
        if len(function.containers) > 1:
            return f"it uses {', '.join(sorted(function.containers))}"
        if not function.is_inline:
            return "it is not inline"
        (name,) = function.containers
        sources = {path for path, used in self.users.offsets.items() if name in used}
        sources.update(path for path, _ in _callers(types.index, function.function.name))
        if not any(function.file.path in types.closure(path) for path in sorted(sources)):
            return "no source is sure to include its header"
        return None

    def refused(self, table: SymbolTable) -> Iterator[RefusedVariable]:
        """Yield the variables that functions use which can't move."""
        for function, reason in self.fixed.items():
            path = function.file.path
            detail = f"{function.function.name}() in {path}: {reason}"
            for macro, at in self._reached(function).items():
                yield RefusedVariable(
                    table.macros[macro], path, at, ContainerRefusal.INLINE, detail
                )

    def _reached(self, function: HeaderFunction) -> dict[str, int]:
        """Return the `V_` names that a function's body reaches, each with a place."""
        file, found = function.file, dict[str, int]()
        for use in file.uses:
            if function.function.open in file.found.owners.get(use.start, ()):
                for macro in sorted(self.users.reach.reached(use.name, file.path)):
                    found.setdefault(macro, use.start)
        return found

    def move(self, draft: Draft, moving: Collection[Virtualised]) -> dict[str, list[str]]:
        """Move those that use a variable that moves; return the headers that they count on.

        These are given by container.  The users get the callers of what moves, and the
        headers of what stays.
        """
        macros = {known.macro for known in moving}
        texts: dict[str, list[bytes]] = {}
        needs: dict[str, list[str]] = {}
        for function in self.found:
            path = function.file.path
            if function in self.fixed or macros.isdisjoint(self._reached(function)):
                for name in function.containers:
                    self.users.add(path, name, function.function.open)
                continue
            (name,) = function.containers
            _remove(draft, function, f"it uses variables of {name}")
            texts.setdefault(name, []).append(function.text)
            needs.setdefault(name, []).append(path)
            for source, at in _callers(draft.index, function.function.name):
                self.users.add(source, name, at)
        for name, parts in sorted(texts.items()):
            header = self.containers[name].header
            data = draft.files.read(header)
            at = end_of_kernel_code(draft.index, header, data)
            text = set_apart(data, at, b"\n".join(parts))
            draft.insert(header, at, text, "inline functions that use its variables")
        return needs


def _remove(draft: Draft, function: HeaderFunction, reason: str) -> None:
    path, at, name = function.file.path, function.function.name_at, function.function.name
    lines = FileLines(function.file.source)
    for start, end in (function.lines, *function.prototypes):
        draft.replace(path, start, lines.with_blank(start, end), b"", reason)
    detail = f"inline function, uses {', '.join(sorted(function.containers))}"
    draft.site(path, at, name, Evidence.BOUND, detail)


def _callers(index: Index, name: str) -> list[tuple[str, int]]:
    """Return the sources that call a function of a header, each with an offset."""
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
