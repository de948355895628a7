"""Functions that a file mentions without calling them: handed to a call, held in a table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from msgspec import Struct

from vrefactor.c.calling import live
from vrefactor.c.calls import enclosing_calls
from vrefactor.c.conditionals import parse_conditionals
from vrefactor.c.initialised import Tables
from vrefactor.c.lexer import find_names, lex, words
from vrefactor.c.macros import MacroMatcher
from vrefactor.errors import VrefactorError

_CALLED = re.compile(rb"\s*\(")


class Mention(Struct, frozen=True, array_like=True):
    """A function's name that is no call.

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


class FileMentions(Struct, frozen=True, array_like=True):
    """What one file mentions; nothing if it can't be read as C."""

    path: str
    mentions: tuple[Mention, ...] = ()


@dataclass(frozen=True, slots=True)
class MentionReader:
    """The question where a file mentions certain functions without calling them."""

    names: frozenset[bytes]

    def __call__(self, path: str, data: bytes, macros: MacroMatcher) -> FileMentions:
        """Read one file; what is a member, a tag or a local of that name is not told apart."""
        names = self.names.intersection(words(data))
        if not names:
            return FileMentions(path)
        try:
            source = lex(path, data)
            code = live(source.code, parse_conditionals(source))
        except VrefactorError:
            return FileMentions(path)
        return FileMentions(path, tuple(_mentions(code, names)))


def _mentions(code: bytes, names: frozenset[bytes]) -> Iterator[Mention]:
    held = {
        one.start: Mention(one.value, one.start, table.type, one.position, table.name, one.member)
        for table in Tables().find(code)
        for row in table.rows
        for one in row.members
    }
    for at, name in find_names(code, names):
        end = at + len(name)
        if _CALLED.match(code, end) or code[:at].rstrip().endswith((b".", b"->")):
            continue
        if at in held:
            yield held[at]
            continue
        calls = enclosing_calls(code, at, end)
        inner = calls[-1] if calls else None
        through, argument = (inner.name, inner.argument) if inner is not None else ("", -1)
        yield Mention(name.decode(), at, through, argument)
