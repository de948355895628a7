"""Calls through variables that point to functions: `(*f)(x)`, `f(x)`, `f[i](x)`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from vrefactor.c.parse.enclosing import enclosing_calls
from vrefactor.c.preprocess.blanking import live_code
from vrefactor.c.preprocess.conditionals import parse_conditionals
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.lexer import find_names, lex, words
from vrefactor.errors import VrefactorError

_CALLED = re.compile(rb"\s*(?:\[[^\[\]]*\]\s*)*(\)?)\s*\(")
_STARRED = re.compile(rb"\(\s*\*\s*\Z")
_TYPED = re.compile(rb"(?<!\w)(?!(?:return|else|do|goto|case|sizeof)\b)\w+\s*(?:\*\s*)*\Z")
"""What stands before a declarator."""
_ENDED = re.compile(rb"\s*(?:\[[^\[\]]*\]\s*)*[;,=]")
_MEMBER = re.compile(rb"(?:\.|->)\s*\Z")
_REACH = 128


class PointerUse(Struct, frozen=True, array_like=True):
    """A variable's name, where it is called or declared."""

    start: int
    name: str


class FilePointerCalls(Struct, frozen=True, array_like=True):
    """What one file says of the variables; `parameters` are those that heads declare."""

    path: str
    calls: tuple[PointerUse, ...] = ()
    declared: tuple[PointerUse, ...] = ()
    parameters: tuple[PointerUse, ...] = ()


class PointerCallsQuestion(Struct, frozen=True):
    """The question where a file calls functions through certain variables."""

    names: frozenset[bytes]

    def key(self) -> bytes:
        """Return what stands for the whole of the question."""
        return b"vrefactor.c.facts.indirect_calls.PointerCallsQuestion " + b" ".join(
            sorted(self.names)
        )

    def __call__(self, path: str, data: bytes, macros: MacroMatcher) -> FilePointerCalls:
        """Read one file; one that is no C says nothing."""
        names = self.names.intersection(words(data))
        if not names:
            return FilePointerCalls(path)
        try:
            source = lex(path, data)
            code = live_code(source, parse_conditionals(source))
        except VrefactorError:
            return FilePointerCalls(path)
        found: dict[str, list[PointerUse]] = {"calls": [], "declared": [], "parameters": []}
        for kind, pointer in _pointers(code, names):
            found[kind].append(pointer)
        return FilePointerCalls(path, **{kind: tuple(some) for kind, some in found.items()})


def _pointers(code: bytes, names: frozenset[bytes]) -> Iterator[tuple[str, PointerUse]]:
    for at, name in find_names(code, names):
        end = at + len(name)
        before = code[max(0, at - _REACH) : at]
        starred = _STARRED.search(before)
        opening = at - len(before) + starred.start() if starred else at
        typed = _TYPED.search(code, max(0, opening - _REACH), opening) is not None
        called = _CALLED.match(code, end)
        pointer = PointerUse(at, name.decode())
        if called is not None and bool(called[1]) == (starred is not None):
            if not typed and not _MEMBER.search(before):
                yield "calls", pointer
            declares = typed and starred is not None
        else:
            declares = typed and _ENDED.match(code, end) is not None
        if declares:
            inside = enclosing_calls(code, opening, opening + 1)
            yield ("parameters" if inside else "declared"), pointer
