"""Initialisers in braces, taken apart into elements, and tables of structures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from vrefactor.c.preprocess.lexer import matching, split_arguments

_MEMBER = re.compile(rb"\s*(?:\.\s*(\w+)\s*=(?!=)|(\w+)\s*:(?!:))\s*")
_INDEX = re.compile(rb"\s*\[([^\]]*)\]\s*=(?!=)\s*")
_TABLE = re.compile(rb"(?<!\w)struct\s+(\w+)\s+\w+\s*((?:\[[^\]]*\]\s*)*)=\s*\{")


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a list in braces: its designator, and the range of its value.

    `member` and `index` are as designated, the latter as it is spelt.
    """

    member: str
    index: bytes
    start: int
    end: int


def elements(code: bytes, opening: int, closing: int) -> list[Element]:
    """Return the elements between two braces; a comma at the end makes none.

    `code` has its comments and literals blanked.
    """
    found = [_element(code, start, end) for start, end in split_arguments(code, opening, closing)]
    return found[:-1] if not code[found[-1].start : found[-1].end].strip() else found


def _element(code: bytes, start: int, end: int) -> Element:
    member = _MEMBER.match(code, start, end)
    index = _INDEX.match(code, start, end)
    at = (member or index).end() if member or index else start  # type: ignore[union-attr]
    text = code[at:end]
    first = at + len(text) - len(text.lstrip())
    return Element(
        (member[1] or member[2]).decode() if member else "",
        index[1].strip() if index else b"",
        first,
        max(first, at + len(text.rstrip())),
    )


@dataclass(frozen=True, slots=True)
class TableEntry:
    """One structure of a table: the range of its braces, and its elements."""

    tag: str
    open: int
    close: int
    elements: tuple[Element, ...]
    table: int
    """Where the definition of the table begins."""


def table_entries(code: bytes, tags: frozenset[bytes]) -> Iterator[TableEntry]:
    """Yield the structures of the tables with one of these tags that a file defines.

    `code` has comments, literals and directives blanked.
    """
    for match in _TABLE.finditer(code):
        opening = match.end() - 1
        closing = matching(code, opening) if match[1] in tags else -1
        if closing < 0:
            continue
        own = elements(code, opening, closing)
        nested = [element for element in own if code[element.start : element.start + 1] == b"{"]
        if not match[2]:
            yield TableEntry(match[1].decode(), opening, closing, tuple(own), match.start())
        for element in nested if match[2] else ():
            inner = tuple(elements(code, element.start, element.end - 1))
            yield TableEntry(
                match[1].decode(), element.start, element.end - 1, inner, match.start()
            )
