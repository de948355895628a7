"""The top level of a file: function bodies, chunks, and macro invocations at file scope.

Works on the text of one variant, by brackets alone, before anything is parsed.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.lexer import matching

_BRACE = re.compile(rb"[{}]")
_INVOCATION = re.compile(rb"^[ \t]*(?:(?:static|extern)[ \t\n]+)?([A-Za-z_]\w*)[ \t]*\(", re.M)
_NEXT = re.compile(rb"\S")
_UPPER = re.compile(rb"\A_*[A-Z][A-Z0-9_]*\Z")
_LAST = re.compile(rb"\S\s*\Z")


@dataclass(frozen=True, slots=True)
class Block:
    """One pair of braces at file scope; `function` if it is (by its looks) a body."""

    open: int
    close: int
    function: bool


@dataclass(frozen=True, slots=True)
class Invocation:
    """A macro invocation at file scope, from its first byte to the `;` if it has one."""

    name: bytes
    start: int
    open: int
    close: int
    end: int


def blocks(text: bytes) -> list[Block] | None:
    """Return the brace pairs at depth 0, in order; None if the braces do not balance."""
    found: list[Block] = []
    depth = 0
    opened = 0
    for match in _BRACE.finditer(text):
        if text[match.start()] == 0x7B:
            if depth == 0:
                opened = match.start()
            depth += 1
        else:
            depth -= 1
            if depth == 0:
                found.append(Block(opened, match.start(), _is_body(text, opened)))
            elif depth < 0:
                return None
    return found if depth == 0 else None


def _is_body(text: bytes, opened: int) -> bool:
    """Say whether `{` follows a parameter list, or the last declaration of a K&R one."""
    at = opened - 1
    while at >= 0 and text[at] in b" \t\r\n\f":
        at -= 1
    return at >= 0 and text[at] in b");"


def chunk_ends(text: bytes, pairs: list[Block]) -> list[int]:
    """Return offsets at which a top-level construct has certainly ended, in order."""
    ends: list[int] = []
    for index, block in enumerate(pairs):
        if block.function:
            ends.append(block.close + 1)
            continue
        limit = pairs[index + 1].open if index + 1 < len(pairs) else len(text)
        semicolon = text.find(b";", block.close, limit)
        if semicolon >= 0:
            ends.append(semicolon + 1)
    return ends


def chunks_of(ends: list[int], wanted: list[int], size: int) -> list[tuple[int, int]]:
    """Return the merged ranges between consecutive `ends` that hold a wanted offset."""
    ranges: list[tuple[int, int]] = []
    for offset in sorted(wanted):
        at = bisect_right(ends, offset)
        start = ends[at - 1] if at else 0
        end = ends[at] if at < len(ends) else size
        if not ranges or ranges[-1] != (start, end):
            ranges.append((start, end))
    return ranges


def invocations(
    text: bytes, start: int, end: int, pairs: list[Block] | None, macros: MacroMatcher
) -> list[Invocation]:
    """Return the macro invocations at file scope in a chunk, what is in braces excluded.

    An invocation is a name and a parenthesised list that stands where a declaration may
    begin, and is followed by `;`, or by nothing that would make it a declaration's part.
    """
    found: list[Invocation] = []
    skip_to = start
    for match in _INVOCATION.finditer(text, start, end):
        if match.start() < skip_to or _is_inside(match.start(1), text, pairs):
            continue
        if macros.attribute.fullmatch(match[1]):
            continue
        if not _begins_declaration(text, match.start(), start):
            continue
        opening = match.end() - 1
        closing = matching(text, opening)
        if closing < 0 or closing >= end:
            continue
        finish = _end_of(text, match[1], closing, end, macros)
        if finish > 0:
            first = match.start() + len(match[0]) - len(match[0].lstrip())
            found.append(Invocation(match[1], first, opening, closing, finish))
            skip_to = finish
    return found


def _is_inside(offset: int, text: bytes, pairs: list[Block] | None) -> bool:
    """Say whether `offset` is in braces; where they do not balance, an indent says so."""
    if pairs is None:
        return text[offset - 1 : offset] in (b" ", b"\t")
    at = bisect_right(pairs, offset, key=lambda block: block.open) - 1
    return at >= 0 and offset < pairs[at].close


def _begins_declaration(text: bytes, at: int, floor: int) -> bool:
    last = _LAST.search(text[max(floor, at - 400) : at])
    return last is None or text[max(floor, at - 400) + last.start()] in b";})"


def _end_of(text: bytes, name: bytes, closing: int, end: int, macros: MacroMatcher) -> int:
    """Return the end of an invocation, or -1 if this is a declaration or a definition."""
    following = _NEXT.search(text, closing + 1, end)
    known = bool(macros.declaration.match(name))
    if following is None:
        return closing + 1
    char = text[following.start()]
    if char == 0x3B:
        return following.end()
    if char in b"{=,*[(":
        return -1
    on_next_line = b"\n" in text[closing : following.start()]
    return closing + 1 if on_next_line and (known or _UPPER.match(name)) else -1
