"""The local variables of one function body, in every block of it, and what it returns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from vrefactor.c.model import Range
from vrefactor.c.parse.declarators import DeclaredName, read_declarations
from vrefactor.c.parse.functions import TAGGED, TYPES, WORDS, Function, spell
from vrefactor.c.parse.statements import parsed_body
from vrefactor.c.preprocess.known_macros import MacroMatcher

_POINTER = re.compile(rb"([\s*]*)\w+\Z")
_NO_TYPE = frozenset(b"static extern inline __inline __inline__".split())
_UNASSIGNED = frozenset(b"static extern volatile".split())
_QUALIFIERS = frozenset((b"const", b"volatile"))
_HEAD = re.compile(rb"(?:\A|[;})\s])\s*((?:[A-Za-z_]\w*[\s*]+)+)\Z")
_REACH = 256


@dataclass(frozen=True, slots=True)
class Local:
    """A variable that a body declares: its name, and where that stands in the file.

    `type` has single blanks (`struct mbuf *`); it is empty if the declarator is more than
    asterisks and a name.  `fixed` says that its value can't be assigned later on: a constant,
    an array, what is static or volatile.  `end` is that of the declarator, `value` the range
    of its initialiser.
    """

    name: str
    at: int
    type: str
    fixed: bool
    end: int
    value: Range | None


def locals_of(function: Function, macros: MacroMatcher) -> list[Local] | None:
    """Return what the blocks of a body declare, in order; None if it does not parse."""
    body = parsed_body(function, macros)
    if body is None:
        return None
    pending, found = [body.node], []
    while pending:
        node = pending.pop()
        if node.type == "declaration":
            found.append(node)
        pending.extend(node.named_children)
    declared = read_declarations(sorted(found, key=lambda node: node.start_byte))
    return [_local(function.text, body.shift, declared_name) for declared_name in declared]


def _local(text: bytes, shift: int, declared: DeclaredName) -> Local:
    first, behind = declared.specifiers
    words = WORDS.findall(text[first + shift : behind + shift])
    start, end = declared.declarator
    stars = _POINTER.match(text[start + shift : end + shift])
    kind = spell([*words, *[b"*"] * stars[1].count(b"*")]) if stars is not None else ""
    value = (
        None
        if declared.initialiser is None
        else (declared.initialiser[0] + shift, declared.initialiser[1] + shift)
    )
    fixed = (
        declared.const or declared.array or declared.function or not _UNASSIGNED.isdisjoint(words)
    )
    return Local(declared.name, declared.start + shift, kind, fixed, end + shift, value)


def return_type(function: Function, macros: MacroMatcher) -> str:
    """Return the type of a function with single blanks; empty if its head can't be read."""
    match = _HEAD.search(function.text, max(0, function.name_at - _REACH), function.name_at)
    if match is None:
        return ""
    words = [
        word
        for word in WORDS.findall(match[1])
        if word not in _NO_TYPE and macros.attribute.fullmatch(word) is None
    ]
    stars = 0
    while words and words[-1] in (b"*", *_QUALIFIERS):
        stars += words.pop() == b"*"
    base = [word for word in words if word not in _QUALIFIERS]
    if not _is_type(base):
        return ""
    return spell([*(words if stars else base), *[b"*"] * stars])


def _is_type(base: Sequence[bytes]) -> bool:
    if b"*" in base or not base:
        return False
    tagged = len(base) == 2 and base[0] in TAGGED
    return len(base) == 1 or tagged or TYPES.issuperset(base)
