"""What stands behind a declarator: its attributes, and the name that the assembler shall use.

    static int pool[4] __aligned(64) __attribute__((section("net"))), last;
                       ^trailer                                     ^
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from vrefactor.c.model import Range
from vrefactor.c.preprocess.lexer import Source, matching, split_arguments
from vrefactor.c.query.declarations import Declaration, Declarator

_WORD = re.compile(rb"\s*([A-Za-z_]\w*)\s*")
_SPECIFIER = re.compile(rb"__attribute(?:__)?")
_IN_FRONT = re.compile(rb"(?<!\w)__attribute(?:__)?\s*\(\(.*\)\)\Z", re.S)


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute, by its name without underscores around it, and its range.

    The name of `asm("x")` is `asm`; that of a macro is the macro's.
    """

    name: str
    range: Range


def attributes(source: Source, whole: Declaration, part: Declarator) -> list[Attribute] | None:
    """Return the attributes behind a declarator; None if anything else stands there.

    Then the declaration declares more than variables, or has an attribute in front.
    """
    others = [declarator.start for declarator in whole.declarators]
    if source.code[whole.specifiers[1] : others[0]].strip():
        return None
    end = min((at for at in others if at > part.start), default=whole.end)
    gap = source.code[part.stop : end].rstrip()
    if not gap.endswith((b",", b";")) or _IN_FRONT.search(_before(source, whole.start)):
        return None
    return _read(source, part.stop, part.stop + len(gap) - 1)


def _before(source: Source, start: int) -> bytes:
    """Return the code in front of a declaration, from the end of what stands before it."""
    at = max(source.code.rfind(mark, 0, start) for mark in (b";", b"}", b"\n#")) + 1
    return source.code[at:start].rstrip()


def _read(source: Source, start: int, end: int) -> list[Attribute] | None:
    found: list[Attribute] = []
    while source.code[start:end].strip():
        word = _WORD.match(source.code, start, end)
        if word is None:
            return None
        after = word.end()
        if source.code[after : after + 1] == b"(":
            close = matching(source.code, after)
            if not after < close < end:
                return None
            after = close + 1
        if _SPECIFIER.fullmatch(word[1]):
            found += _listed(source, word.end(), (start, after))
        else:
            name = word[1].decode("latin-1").strip("_")
            found.append(Attribute(name, (word.start(1), after)))
        start = after
    return found


def _listed(source: Source, opening: int, whole: Range) -> Iterator[Attribute]:
    """Yield the attributes of `__attribute__((a, b(1)))`, all with the range of the list."""
    inner = source.code.find(b"(", opening + 1)
    close = matching(source.code, inner) if inner >= 0 else -1
    if close < 0:
        return
    for start, end in split_arguments(source.code, inner, close):
        word = _WORD.match(source.code, start, end)
        if word is not None:
            yield Attribute(word[1].decode("latin-1").strip("_"), whole)
