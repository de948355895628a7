"""Tables at file scope: variables of a struct type, and the names in their initialisers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from vrefactor.c.preprocess.lexer import matching, split_arguments

_DESIGNATED = re.compile(rb"\s*(?:\.\s*(\w+)\s*=|(\w+)\s*:(?!:))")
_VALUE = re.compile(rb"\s*(?:\(\s*[\w\s*]+\)\s*)*&?\s*([A-Za-z_]\w*)")
_BRACE = re.compile(rb"\s*\{")


class RowMember(Struct, frozen=True, array_like=True):
    """One initialised member: its name (empty if positional), its position, what it starts with.

    `value` is the first identifier of the value, a cast or an `&` before it left out.
    """

    member: str
    position: int
    value: str
    start: int


class TableRow(Struct, frozen=True, array_like=True):
    """One initialised struct: where its braces are, and its members."""

    open: int
    close: int
    members: tuple[RowMember, ...]


class StructTable(Struct, frozen=True, array_like=True):
    """An initialised variable of a struct type, or an array of them: its rows, in order."""

    type: str
    name: str
    start: int
    rows: tuple[TableRow, ...]


class Tables:
    """Looks for tables of certain types: struct tags or typedef names; of any without `types`."""

    def __init__(self, types: Iterable[str] = ()) -> None:
        self._types = tuple(name.encode() for name in sorted(types))
        names = b"|".join(self._types) or rb"\w+"
        self._pattern = re.compile(
            rb"(?<!\w)(" + names + rb")\s+(\w+)\s*((?:\[[^\]]*\]\s*)?)=\s*\{"
        )

    def find(self, code: bytes) -> Iterator[StructTable]:
        """Yield the tables of a text without comments and directives, in order."""
        present = not self._types or any(text in code for text in self._types)
        for match in self._pattern.finditer(code) if present else ():
            opening = match.end() - 1
            closing = matching(code, opening)
            if closing < 0:
                continue
            ranges = split_arguments(code, opening, closing)
            rows = [(opening, closing)]
            if match[3]:
                rows = [row for item in ranges if (row := _row(code, *item)) is not None]
            read = tuple(TableRow(*row, tuple(_members(code, *row))) for row in rows)
            yield StructTable(match[1].decode(), match[2].decode(), match.start(2), read)


def _row(code: bytes, start: int, end: int) -> tuple[int, int] | None:
    """Return the braces of one row of an array (`[2] = { … }` has them too)."""
    opening = code.find(b"{", start, end)
    closing = matching(code, opening) if opening >= 0 else -1
    return (opening, closing) if closing >= 0 else None


def _members(code: bytes, opening: int, closing: int) -> Iterator[RowMember]:
    for position, (start, end) in enumerate(split_arguments(code, opening, closing)):
        designated = _DESIGNATED.match(code, start, end)
        name = b""
        if designated is not None:
            name = designated[1] or designated[2]
            start = designated.end()
        value = _VALUE.match(code, start, end)
        if value is not None and not _BRACE.match(code, start, end):
            yield RowMember(name.decode(), position, value[1].decode(), value.start(1))
