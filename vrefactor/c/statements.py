"""The statements of one function body, at its outermost level, and the ways out of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vrefactor.c.functions import Function
from vrefactor.c.macros import MacroMatcher
from vrefactor.c.normalise import normalise
from vrefactor.c.syntax import Syntax

_HEAD = b"void z(void)"
_JUMP = re.compile(rb"(?<!\w)(return|goto)(?!\w)\s*([^;]*);")
_LABEL = re.compile(rb"(?:^|(?<=[;{}]))\s*([A-Za-z_]\w*)\s*:(?!:)", re.M)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement or declaration: its byte range in the file."""

    start: int
    end: int
    declaration: bool


@dataclass(frozen=True, slots=True)
class Jump:
    """A `return` or a `goto`: its range, what stands behind the keyword.

    `bare` says that it is the whole body of an `if`, `else` or loop, without braces; `after`
    is the end of the token before it.
    """

    start: int
    end: int
    target: bytes
    goto: bool
    bare: bool
    after: int


def statements(function: Function, macros: MacroMatcher) -> list[Statement] | None:
    """Return the outermost statements of a body; None if it does not parse."""
    body = function.text[function.open : function.close + 1]
    syntax = Syntax(normalise(_HEAD + body, macros))
    top = syntax.top_level()
    inner = top[0].child_by_field_name("body") if len(top) == 1 else None
    if inner is None or top[0].has_error:
        return None
    shift = function.open - len(_HEAD)
    return [
        Statement(node.start_byte + shift, node.end_byte + shift, node.type == "declaration")
        for node in inner.named_children
        if node.type != "comment"
    ]


def jumps(function: Function) -> list[Jump]:
    """Return every `return` and `goto` that the function's variant shows, in order."""
    found: list[Jump] = []
    for match in _JUMP.finditer(function.text, function.open, function.close):
        before = function.text[function.open : match.start()].rstrip()
        bare = before[-1:] not in (b"{", b"}", b";", b":")
        after = function.open + len(before)
        is_goto = match[1] == b"goto"
        found.append(Jump(match.start(), match.end(), match[2].strip(), is_goto, bare, after))
    return found


def labels(function: Function) -> dict[bytes, int]:
    """Return the labels of a function, each with its offset."""
    return {
        match[1]: match.start(1)
        for match in _LABEL.finditer(function.text, function.open + 1, function.close)
        if match[1] != b"default"
    }
