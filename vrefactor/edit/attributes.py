"""What stands around a declarator: its attributes, and the name that the assembler shall use.

static int __used pool[4] __attribute__((aligned(64), section("net"))), last;
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from vrefactor.c.model import Range
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.lexer import Source, blank, matching, split_arguments
from vrefactor.c.query.declarations import Declaration, Declarator

_WORD = re.compile(rb"(?<!\w)[A-Za-z_]\w*")
_LIST = re.compile(rb"__attribute(?:__)?")
_ASM = re.compile(rb"asm|__asm(?:__)?")
_SPACE = re.compile(rb"\s*")


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute: its name without underscores around it, and the range of what gives it.

    The name of `asm("x")` is `asm`; that of a macro is the macro's.
    """

    name: str
    range: Range


def attributes_in(code: bytes, macros: MacroMatcher, start: int, end: int) -> Iterator[Attribute]:
    """Yield the attributes between two offsets; all of one list have the range of the list."""
    done = start
    for word in _WORD.finditer(code, start, end):
        if word.start() < done:
            continue
        listed = _LIST.fullmatch(word[0]) is not None
        if not (listed or _ASM.fullmatch(word[0]) or macros.attribute.fullmatch(word[0])):
            continue
        space = _SPACE.match(code, word.end(), end)
        opening = space.end() if space else word.end()
        called = code[opening : opening + 1] == b"("
        close = matching(code, opening) if called else -1
        done = close + 1 if 0 <= close < end else word.end()
        names = _listed(code, opening, close) if listed else [word[0]]
        for name in names:
            yield Attribute(name.decode("latin-1").strip("_"), (word.start(), done))


def _listed(code: bytes, opening: int, close: int) -> Iterator[bytes]:
    """Yield the names in `((a, b(1)))`."""
    inner = code.find(b"(", opening + 1, close)
    end = matching(code, inner) if inner >= 0 else -1
    if end >= 0:
        for first, last in split_arguments(code, inner, end):
            word = _WORD.search(code, first, last)
            if word is not None:
                yield word[0]


def attributes_behind(
    source: Source, macros: MacroMatcher, whole: Declaration, part: Declarator
) -> list[Attribute] | None:
    """Return the attributes behind a declarator; None if anything else stands there.

    Then the declaration declares more than variables, or has an attribute in front.
    """
    starts = [declarator.start for declarator in whole.declarators]
    end = min((at for at in starts if at > part.start), default=whole.end)
    found = list(attributes_in(source.code, macros, part.stop, end))
    rest = source.code[part.stop : end]
    for attribute in found:
        first, last = (offset - part.stop for offset in attribute.range)
        rest = rest[:first] + blank(rest[first:last]) + rest[last:]
    alone = not source.code[whole.specifiers[1] : starts[0]].strip()
    if not alone or rest.strip() not in (b",", b";") or _has_one_in_front(source, macros, whole):
        return None
    return found


def declarator_end(
    source: Source, macros: MacroMatcher, whole: Declaration, part: Declarator
) -> int:
    """Return the end of a declarator with its initialiser and its attributes."""
    found = attributes_behind(source, macros, whole, part) or ()
    return max((attribute.range[1] for attribute in found), default=part.stop)


def _has_one_in_front(source: Source, macros: MacroMatcher, whole: Declaration) -> bool:
    """Say whether the line that a declaration begins on, or the one above, ends in a list."""
    end = len(source.code[: whole.start].rstrip())
    start = source.code.rfind(b"\n", 0, end) + 1
    directive = source.code[start:end].lstrip().startswith(b"#")
    if directive or source.code[:start].rstrip(b"\r\n").endswith(b"\\"):
        return False
    return any(
        attribute.range[1] == end and _LIST.match(source.code, attribute.range[0])
        for attribute in attributes_in(source.code, macros, start, end)
    )
