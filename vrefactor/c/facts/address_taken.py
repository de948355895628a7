"""Functions whose address a file takes: as an argument of a call, or in a table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from msgspec import Struct

from vrefactor.c.facts.tables import Tables
from vrefactor.c.parse.enclosing import enclosing_calls
from vrefactor.c.preprocess.blanking import live_code
from vrefactor.c.preprocess.conditionals import parse_conditionals
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.lexer import find_names, lex, words
from vrefactor.errors import VrefactorError

_CALLED = re.compile(rb"\s*\(")
_ASSIGNED = re.compile(rb"(?:->|\.)\s*(\w+)\s*=\s*(?:\(\s*[\w\s*]+\)\s*)*&?\Z")
_STORED = re.compile(rb"(?<![\w.>])(\w+)\s*=\s*(?:\(\s*[\w\s*]+\)\s*)*&?\Z")
_POINTED = re.compile(rb"\(\s*\*\s*(\w+)\s*\)\s*\([^()]*\)\s*=\s*&?\Z")
"""A variable that is given a value, and one that is declared with it."""
_ELEMENTS = re.compile(
    rb"(?<!\w)(\w+)\s*(?:\[[^\[\]]*\]\s*)+(?:\)\s*(?:\w+\s*)?\(+[^()]*\)+\s*)?=\s*\Z"
)
"""The head of an array of such variables."""
_NO_VALUE = re.compile(rb"(?:(?<!\w)(?!return)\w+|[.*]|->)\Z")
"""What stands before a member, or before a name that is declared."""
_REACH = 128
_CALL_REACH = 4096


class TakenAddress(Struct, frozen=True, array_like=True):
    """A function's name that is not called: its address is taken.

    `through` is the innermost call that it is an argument of, with the argument's number from
    0; or the tag of the table that holds it, with the member (empty if the initialiser does
    not name it) and the member's position.  It is empty for an assignment and the like.
    """

    name: str
    start: int
    through: str = ""
    argument: int = -1
    table: str = ""
    """The table's own name."""
    member: str = ""
    """Also the member that it is assigned to."""
    first: str = ""
    """The first argument of the call, with single blanks."""
    variable: str = ""
    """What it is assigned to, if that is no member."""


class FileTakenAddresses(Struct, frozen=True, array_like=True):
    """The addresses that one file takes; none if it can't be read as C."""

    path: str
    taken: tuple[TakenAddress, ...] = ()


@dataclass(frozen=True, slots=True)
class AddressTakenQuestion:
    """The question where a file takes the address of certain functions."""

    names: frozenset[bytes]

    def key(self) -> bytes:
        """Return what stands for the whole of the question."""
        return b"vrefactor.c.facts.address_taken.AddressTakenQuestion " + b" ".join(
            sorted(self.names)
        )

    def __call__(self, path: str, data: bytes, macros: MacroMatcher) -> FileTakenAddresses:
        """Read one file; what is a member, a tag or a local of that name is not told apart."""
        names = self.names.intersection(words(data))
        if not names:
            return FileTakenAddresses(path)
        try:
            source = lex(path, data)
            code = live_code(source, parse_conditionals(source))
        except VrefactorError:
            return FileTakenAddresses(path)
        return FileTakenAddresses(path, tuple(_mentions(code, names)))


def _mentions(code: bytes, names: frozenset[bytes]) -> Iterator[TakenAddress]:
    held = {
        row_member.start: TakenAddress(
            row_member.value,
            row_member.start,
            table.type,
            row_member.position,
            table.name,
            row_member.member,
        )
        for table in Tables().find(code)
        for row in table.rows
        for row_member in row.members
    }
    for at, name in find_names(code, names):
        end = at + len(name)
        before = code[max(0, at - _REACH) : at].rstrip()
        if _CALLED.match(code, end) or _NO_VALUE.search(before):
            continue
        if at in held:
            yield held[at]
            continue
        calls = enclosing_calls(code, at, end)
        if calls:
            inner = calls[-1]
            first = _first(code, inner.name, at)
            yield TakenAddress(name.decode(), at, inner.name, inner.argument, first=first)
        else:
            member, variable = _target(before)
            variable = variable or (_array(code, at) if not member else "")
            yield TakenAddress(name.decode(), at, member=member, variable=variable)


def _target(before: bytes) -> tuple[str, str]:
    """Return the member, or else the variable, that is assigned what follows some text."""
    for pattern in (_ASSIGNED, _POINTED, _STORED):
        found = pattern.search(before)
        if found is not None:
            name = found[1].decode()
            return (name, "") if pattern is _ASSIGNED else ("", name)
    return "", ""


def _array(code: bytes, at: int) -> str:
    """Return the array whose initialiser holds an offset, if its elements are no structures."""
    floor = max(0, at - _CALL_REACH)
    opening = code.rfind(b"{", floor, at)
    if opening < 0 or code.find(b"}", opening, at) >= 0:
        return ""
    named = _ELEMENTS.search(code, max(0, opening - _REACH), opening)
    return named[1].decode() if named is not None else ""


def _first(code: bytes, call: str, at: int) -> str:
    """Return the first argument of the call of a name that holds an offset."""
    floor = max(0, at - _CALL_REACH)
    found = list(re.finditer(rb"(?<!\w)" + call.encode() + rb"\s*\(([^,()]*)", code[floor:at]))
    return b" ".join(found[-1][1].split()).decode("latin-1") if found else ""
