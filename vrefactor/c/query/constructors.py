"""Functions that run before `main`: those with the attribute `constructor`."""

from __future__ import annotations

import re

from vrefactor.c.preprocess.lexer import matching

_ATTRIBUTE = re.compile(rb"(?<!\w)__attribute(?:__)?\s*(\()")
_CONSTRUCTOR = re.compile(rb"(?<!\w)(?:__)?constructor(?:__)?(?!\w)")
_BREAK = re.compile(rb"[;{}]")
_FUNCTION = re.compile(rb"([A-Za-z_]\w*)\s*\(")


def constructors(code: bytes) -> frozenset[str]:
    """Return the names of the functions that a file declares or defines as constructors.

    `code` has comments, literals and directives blanked.
    """
    if b"constructor" not in code:
        return frozenset()
    found: set[str] = set()
    for match in _ATTRIBUTE.finditer(code):
        closing = matching(code, match.start(1))
        if closing < 0 or _CONSTRUCTOR.search(code, match.end(), closing) is None:
            continue
        start = max(code.rfind(mark, 0, match.start()) for mark in (b";", b"{", b"}")) + 1
        stop = _BREAK.search(code, closing)
        head = _without_attributes(code[start : len(code) if stop is None else stop.start()])
        name = _FUNCTION.search(head)
        if name is not None:
            found.add(name[1].decode())
    return frozenset(found)


def _without_attributes(head: bytes) -> bytes:
    while (match := _ATTRIBUTE.search(head)) is not None:
        closing = matching(head, match.start(1))
        if closing < 0:
            break
        head = head[: match.start()] + head[closing + 1 :]
    return head
