"""Step 2.2, inline functions: those of headers that use variables go to the container's header.

    netinet/ip_var.h                       netinet/vinet.h, at its end
    static __inline u_int16_t
    ip_newid(void)                         static __inline u_int16_t
    {                                      ip_newid(void)
            return (htons(V_ip_id++));     { ...
    }

Where the header stands that defines it, the struct is not complete yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vrefactor.c.parse.functions import Function
from vrefactor.edit.container_uses import File
from vrefactor.edit.draft import Draft
from vrefactor.edit.header_places import end_of_kernel_code, set_apart
from vrefactor.edit.lines import FileLines
from vrefactor.edit.openings import directive
from vrefactor.index.index import Index
from vrefactor.plan.model import Evidence, Refusal
from vrefactor.rules.types import Container
from vrefactor.steps.containers.reasons import ContainerRefusal
from vrefactor.steps.containers.users import Users

_HEAD_END = re.compile(rb"[;}]|\n[ \t\r]*\n|^[ \t]*#[^\n]*$", re.M)


@dataclass(frozen=True, slots=True)
class InlineFunction:
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


def inline_functions(file: File, names: frozenset[str]) -> Iterator[InlineFunction]:
    """Yield the functions of a header whose bodies use one of the containers `names`."""
    for at, function in sorted(file.found.functions.items()):
        used = [
            name
            for use in file.uses
            if at in file.found.owners.get(use.start, ())
            for name in use.containers & names
        ]
        if used:
            yield InlineFunction(file, function, frozenset(used))


def move_inline_functions(
    draft: Draft, users: Users, containers: Sequence[Container]
) -> dict[str, list[str]]:
    """Move the functions; return the headers that they count on, by container.

    `users` gets the callers of what moves.  A function that uses several containers, or that
    is no `static` one, is refused: in one header the others' structs are not complete.
    """
    by_name = {container.name: container for container in containers}
    texts: dict[str, list[bytes]] = {}
    needs: dict[str, list[str]] = {}
    for inline in (
        inline for file in users.headers for inline in inline_functions(file, frozenset(by_name))
    ):
        path = inline.file.path
        if not inline.is_inline:
            continue
        if len(inline.containers) > 1:
            _say(draft, inline, ContainerRefusal.INLINE)
            continue
        (name,) = inline.containers
        if path == by_name[name].header:
            continue
        _remove(draft, inline, f"it uses variables of {name}")
        _say(draft, inline, Evidence.BOUND)
        texts.setdefault(name, []).append(inline.text)
        needs.setdefault(name, []).append(path)
        for source, at in _callers(draft.index, inline.function.name):
            users.add(source, name, at)
    for name, parts in sorted(texts.items()):
        header = by_name[name].header
        data = draft.files.read(header)
        at = end_of_kernel_code(draft.index, header, data)
        text = set_apart(data, at, b"\n".join(parts))
        draft.insert(header, at, text, "inline functions that use its variables")
    return needs


def _remove(draft: Draft, inline: InlineFunction, reason: str) -> None:
    lines = FileLines(inline.file.source)
    for start, end in (inline.lines, *inline.prototypes):
        draft.replace(inline.file.path, start, lines.with_blank(start, end), b"", reason)


def _say(draft: Draft, inline: InlineFunction, why: Refusal | Evidence) -> None:
    function = inline.function
    detail = f"inline function, uses {', '.join(sorted(inline.containers))}"
    draft.site(inline.file.path, function.name_at, function.name, why, detail)


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
