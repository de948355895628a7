"""The place in a function for what must come before everything else that it does.

Behind the INIT calls, the declarations and the guards that leave early; in a module's
handler, behind the `case` of the event at which it is initialised.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from vrefactor.c.parse.functions import has_declaration
from vrefactor.c.parse.statements import Statement
from vrefactor.c.preprocess.lexer import matching
from vrefactor.edit.bodies import FunctionBody
from vrefactor.edit.openings import opening
from vrefactor.edit.registered_functions import label_of

_GUARD = re.compile(rb"if\s*(\()")
_LEAVES = re.compile(rb"\s*(?:return(?!\w)[^;{}]*;|\{[^{}]*(?<!\w)return(?!\w)[^;{}]*;\s*\})\s*\Z")
_CALL = re.compile(rb"\s*([A-Z_]\w*)\s*\([^;]*;\Z")


class NoPlace(Exception):
    """What is in the way: its offset, and the reason."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(reason)
        self.offset = offset
        self.reason = reason


@dataclass(frozen=True, slots=True)
class StatementPlace:
    """Where the lines go: the start of a line, and the indent of the lines.

    `apart` says that what stands before must be set off by an empty line, `follows` that
    code comes behind.
    """

    at: int
    indent: bytes
    apart: bool
    follows: bool


def first_place(
    body: FunctionBody, plain: bytes, leading: frozenset[bytes], assigned: frozenset[bytes]
) -> StatementPlace:
    """Return the place in a function.

    `plain` is the code of its file without directives.  `leading` are the macros whose calls
    stay in front, `assigned` the names that get their value here: nothing in front of the place
    may need one.  Raises NoPlace.
    """
    top = opening(body.file, body.function)
    if top.inline:
        raise NoPlace(body.function.open, "its body begins on the line of the brace")
    whole = replace(body, function=replace(body.function, text=plain))
    statements = whole.statements or body.statements
    if statements is None:
        raise NoPlace(body.function.open, "its body does not parse")
    last: Statement | None = None
    for statement in statements:
        text = body.file.source.code[statement.start : statement.end]
        if not (statement.declaration or _calls(text, leading) or _is_guard(text)):
            break
        if not assigned.isdisjoint(re.findall(rb"\w+", text)):
            if statement.declaration:
                raise NoPlace(
                    statement.start, "a declaration uses a value that would be set behind it"
                )
            break
        last = statement
    at = top.at if last is None else _behind(body, last)
    first = next(
        (statement for statement in statements if last is None or statement.start > last.start),
        None,
    )
    if first is not None and first.start < at:
        raise NoPlace(first.start, "it has code beside a declaration that depends on an #if")
    return _settle(body, at, top.indent, apart=last is not None)


def _calls(text: bytes, macros: frozenset[bytes]) -> bool:
    """Say whether a statement is a call of one of these macros."""
    call = _CALL.match(text)
    return call is not None and call[1] in macros


def _is_guard(text: bytes) -> bool:
    """Say whether a statement does no more than to leave the function under a condition."""
    match = _GUARD.match(text)
    closing = matching(text, match.start(1)) if match is not None else -1
    return closing >= 0 and _LEAVES.match(text, closing + 1) is not None


def _behind(body: FunctionBody, last: Statement) -> int:
    """Return the line behind a statement, and behind the `#if` that it is in."""
    at = body.lines.next(last.end - 1)
    conditionals = body.file.conditionals
    outer = len(conditionals.chain(body.function.open))
    chain = conditionals.chain(last.start)
    if len(chain) > outer:
        at = body.lines.next(conditionals.groups[chain[-outer - 1][0]].end)
    return at


def _settle(body: FunctionBody, at: int, indent: bytes, *, apart: bool) -> StatementPlace:
    """Go behind the empty line that follows, if one does."""
    data = body.file.source.data
    following = body.lines.next(at)
    if not data[at:following].strip():
        at, apart = following, False
    rest = body.file.source.code[at : body.function.close]
    return StatementPlace(at, indent, apart, bool(rest.strip()))


def place_in_case(body: FunctionBody, load: str) -> StatementPlace:
    """Return the place behind the label of an event.  Raises NoPlace."""
    function = body.function
    labels = list(label_of(load).finditer(function.text, function.open, function.close))
    if len(labels) != 1:
        raise NoPlace(function.open, f"it has {len(labels)} labels `case {load}`, not one")
    (label,) = labels
    at = body.lines.next(label.end())
    if function.text[label.end() : at].strip():
        raise NoPlace(label.start(), f"something stands behind `case {load}:` on its line")
    if has_declaration(function.text, at, function.close):
        raise NoPlace(label.start(), f"declarations stand behind `case {load}:`")
    rest = function.text[at : function.close]
    line = next((text for text in rest.split(b"\n") if text.strip()), b"")
    indent = line[: len(line) - len(line.lstrip())]
    return StatementPlace(at, indent or b"\t\t", False, True)
