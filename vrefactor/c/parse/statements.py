"""The statements of one function body, at its outermost level, and the ways out of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tree_sitter import Node

from vrefactor.c.parse.functions import Function
from vrefactor.c.parse.syntax import Syntax
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.normalise import normalise

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
    is the end of the token before it.  `enclosed` says that it stands inside parentheses: in
    the argument of a macro.
    """

    start: int
    end: int
    target: bytes
    goto: bool
    bare: bool
    after: int
    enclosed: bool


def statements(function: Function, macros: MacroMatcher) -> list[Statement] | None:
    """Return the outermost statements of a body; None if it does not parse."""
    body = parsed_body(function, macros)
    if body is None:
        return None
    shift = body.shift
    return [
        Statement(node.start_byte + shift, node.end_byte + shift, node.type == "declaration")
        for node in body.node.named_children
        if node.type != "comment"
    ]


@dataclass(frozen=True, slots=True)
class ParsedBody:
    """The block of a function; `shift` added to an offset in it gives that in the file."""

    node: Node
    shift: int


def parsed_body(function: Function, macros: MacroMatcher) -> ParsedBody | None:
    """Return the parsed body of a function; None if it does not parse."""
    body = function.text[function.open : function.close + 1]
    top = Syntax(normalise(_HEAD + body, macros)).top_level()
    inner = top[0].child_by_field_name("body") if len(top) == 1 else None
    if inner is None or top[0].has_error:
        return None
    return ParsedBody(inner, function.open - len(_HEAD))


def jumps(function: Function) -> list[Jump]:
    """Return every `return` and `goto` that the function's variant shows, in order."""
    found: list[Jump] = []
    for match in _JUMP.finditer(function.text, function.open, function.close):
        before = function.text[function.open : match.start()].rstrip()
        enclosed = before.count(b"(") > before.count(b")")
        bare = before[-1:] not in (b"{", b"}", b";", b":")
        after = function.open + len(before)
        is_goto = match[1] == b"goto"
        target = match[2].strip()
        found.append(Jump(match.start(), match.end(), target, is_goto, bare, after, enclosed))
    return found


def labels(function: Function) -> dict[bytes, int]:
    """Return the labels of a function, each with its offset."""
    return {
        match[1]: match.start(1)
        for match in _LABEL.finditer(function.text, function.open + 1, function.close)
        if match[1] != b"default"
    }
