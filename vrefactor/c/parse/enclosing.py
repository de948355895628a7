"""The calls around a token, read off the brackets of its statement.

Lexical on purpose: a macro call that the grammar can't take has been rewritten before the
parse, but which macro stands around a token, and as which argument, must not be lost.
"""

from __future__ import annotations

import re

from vrefactor.c.model import EnclosingCall

_PUNCTUATION = re.compile(rb"[(),{}\[\]]")
_CALLEE = re.compile(rb"([A-Za-z_]\w*)\s*\Z")
_NOT_CALLS = frozenset(
    (b"if", b"while", b"for", b"switch", b"return", b"sizeof", b"defined", b"case")
)
_REACH = 4096


def enclosing_calls(text: bytes, start: int, end: int) -> tuple[EnclosingCall, ...]:
    """Return the calls whose argument lists hold the token, outermost first."""
    floor = max(text.rfind(b";", 0, start) + 1, start - _REACH, 0)
    stack: list[tuple[int, int]] = []
    for match in _PUNCTUATION.finditer(text, floor, start):
        char = match.group()
        if char == b"(":
            stack.append((match.start(), 0))
        elif char in b"[{":
            stack.append((-1, 0))
        elif char == b",":
            if stack:
                stack[-1] = (stack[-1][0], stack[-1][1] + 1)
        elif stack:
            stack.pop()
    first = text[floor:start].rstrip()[-1:] in (b"(", b",")
    last = text[end : end + 256].lstrip()[:1] in (b")", b",")
    inner = len(stack) - 1
    return tuple(
        EnclosingCall(callee, argument, index == inner and first, index == inner and last)
        for index, (opening, argument) in enumerate(stack)
        if opening >= 0 and (callee := _callee(text, floor, opening))
    )


def _callee(text: bytes, floor: int, opening: int) -> str:
    match = _CALLEE.search(text[max(floor, opening - 80) : opening])
    if match is None or match[1] in _NOT_CALLS:
        return ""
    return match[1].decode("ascii", "replace")
