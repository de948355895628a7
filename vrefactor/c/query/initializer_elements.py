"""Initialisers in braces, taken apart into elements, and tables of structures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from vrefactor.c.preprocess.lexer import matching, split_arguments

_MEMBER = re.compile(rb"\s*\.\s*(\w+)\s*")
_INDEX = re.compile(rb"\s*(\[)")
_OLD_MEMBER = re.compile(rb"\s*(\w+)\s*:(?!:)\s*")
_ASSIGNS = re.compile(rb"\s*=(?!=)\s*")
_TABLE = re.compile(rb"(?<!\w)struct\s+(\w+)\s+\w+\s*((?:\[[^\]]*\]\s*)*)=\s*\{")


@dataclass(frozen=True, slots=True)
class Designator:
    """A member, or without one the range of the expression that is an index."""

    member: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a list in braces: its designators, and the range of its value."""

    designators: tuple[Designator, ...]
    start: int
    end: int

    @property
    def member(self) -> str:
        """The member that it is for, if that is all that designates it."""
        return self.designators[0].member if len(self.designators) == 1 else ""


def elements(code: bytes, opening: int, closing: int) -> list[Element]:
    """Return the elements between two braces; a comma at the end makes none.

    `code` has its comments and literals blanked.
    """
    found = [_element(code, start, end) for start, end in split_arguments(code, opening, closing)]
    return found[:-1] if not code[found[-1].start : found[-1].end].strip() else found


def _element(code: bytes, start: int, end: int) -> Element:
    designators, at = _designation(code, start, end)
    text = code[at:end]
    first = at + len(text) - len(text.lstrip())
    return Element(designators, first, max(first, at + len(text.rstrip())))


def _designation(code: bytes, start: int, end: int) -> tuple[tuple[Designator, ...], int]:
    """Return the designators of an element, and where its value begins."""
    old = _OLD_MEMBER.match(code, start, end)
    if old is not None:
        return (Designator(old[1].decode()),), old.end()
    found: list[Designator] = []
    at = start
    while True:
        member, index = _MEMBER.match(code, at, end), _INDEX.match(code, at, end)
        if member is not None:
            found.append(Designator(member[1].decode()))
            at = member.end()
        elif index is not None:
            closing = matching(code, index.start(1))
            if not 0 <= closing < end:
                return (), start
            found.append(Designator("", index.end(), closing))
            at = closing + 1
        else:
            break
    assigns = _ASSIGNS.match(code, at, end)
    return (tuple(found), assigns.end()) if found and assigns is not None else ((), start)


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
