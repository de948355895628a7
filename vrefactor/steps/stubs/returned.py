"""Returned values that need the current stack: computed before it is left.

    return (send(so, m));                   error = send(so, m);
                                            CURVNET_RESTORE();
                                            return (error);

Every local is dead where its function returns, so one of the right type may hold the value
if its name is sure to mean that variable there, and nothing else may reach it.  Otherwise
the function gets a new local.  While the macros are empty an optimising compiler makes the
same code of both forms; it does not for structures, which are refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from vrefactor.c.parse.statements import Jump
from vrefactor.c.preprocess.lexer import matching, split_arguments
from vrefactor.c.preprocess.variants import choose
from vrefactor.c.query.locals import Local, locals_of, return_type
from vrefactor.edit.bodies import NAME, FunctionBody, Obstacle
from vrefactor.steps.stubs.entry_macros import EntryMacros

_RETURN = len(b"return")
_SIZE = re.compile(rb"(?<!\w)sizeof\s*(?=\()")
_CALL = re.compile(rb"[\w)\]]\s*\(")
_NEW = ("result", "value", "outcome")
_NEW_INT = ("error", *_NEW)


def depends(value: bytes, names: set[str]) -> bool:
    """Say whether a returned value may depend on the current stack.

    It may if it calls anything, be it through a pointer, or has one of the `names`.
    """
    words = {word.decode("latin-1") for word in NAME.findall(value)}
    return _CALL.search(_SIZE.sub(b"", value)) is not None or not words.isdisjoint(names)


@dataclass(frozen=True, slots=True)
class Kept:
    """The local that holds a value: its name, and the line that declares it if it is new."""

    name: bytes
    declaration: bytes = b""


def keep(body: FunctionBody, macros: EntryMacros, computed: Sequence[Jump]) -> Kept:
    """Return the local for the values of some `return`s.  Raises Obstacle if there can be none."""
    at, kind = computed[0].start, return_type(body.function, body.macros)
    if not kind or kind == "void":
        raise Obstacle(at, "the type of the returned value can't be read off the function's head")
    if kind.startswith(("struct ", "union ")) and not kind.endswith("*"):
        raise Obstacle(at, "it returns a structure: a local for that would change the code")
    words = {word.decode("latin-1") for word in NAME.findall(_code(body))}
    for local in _at_top(body, kind):
        reached = macros.reach(local.name, words, body.file.path)
        if not reached and _is_certain(body, local, computed):
            return Kept(local.name.encode())
    taken = {*words, *(parameter.name for parameter in body.function.parameters)}
    for name in _NEW_INT if kind == "int" else _NEW:
        if name not in taken and not macros.reach(name, words, body.file.path):
            space = "" if kind.endswith("*") else " "
            return Kept(name.encode(), f"{kind}{space}{name};".encode())
    raise Obstacle(at, "no name is free for a local that holds the returned value")


def _code(body: FunctionBody) -> bytes:
    """Return the code of every branch of a body."""
    return body.file.source.code[body.function.open : body.function.close]


def _at_top(body: FunctionBody, kind: str) -> list[Local]:
    """Return the variables of a type that every build declares at the top of a body."""
    tops = [
        statement
        for statement in body.statements or ()
        if statement.declaration and body.is_whole(statement)
    ]
    return [
        local
        for local in locals_of(body.function, body.macros) or ()
        if local.type == kind
        and not local.fixed
        and any(statement.start <= local.at < statement.end for statement in tops)
    ]


def _is_certain(body: FunctionBody, local: Local, computed: Sequence[Jump]) -> bool:
    """Say whether a name means this local everywhere, and only the code itself changes it."""
    name = re.escape(local.name.encode())
    changed = rb"(?<![\w.>])%s\s*(?:[-+*/%%&|^<>]*=(?!=)|\+\+|--)|(?:\+\+|--)\s*%s(?!\w)" % (
        name,
        name,
    )
    if re.search(rb"&\s*\(*\s*%s(?!\w)" % name, _code(body)):
        return False
    if any(re.search(changed, jump.target) for jump in computed):
        return False
    start, code = body.function.open, body.file.source.code
    spots = re.finditer(rb"(?<!\w)%s(?!\w)" % name, _code(body))
    for variant in choose(code, body.file.conditionals, [start + match.start() for match in spots]):
        shown = locals_of(replace(body.function, text=variant.text), body.macros)
        if shown is None or [
            other_local.at for other_local in shown if other_local.name == local.name
        ] != [local.at]:
            return False
    return True


@dataclass(frozen=True, slots=True)
class ReturnedValue:
    """What stays of a `return`: all of it from `first` to `last`, in these parentheses."""

    first: int
    last: int
    opening: bytes
    closing: bytes


def value_of(body: FunctionBody, jump: Jump) -> ReturnedValue:
    """Return where the value of a `return` is.  Raises Obstacle if it is cut by an `#if`."""
    code, data = body.file.source.code, body.file.source.data
    if any(
        jump.start < directive.start < jump.end for directive in body.file.conditionals.directives
    ):
        raise Obstacle(jump.start, "the returned value is cut by a directive")
    first = _behind_space(data, jump.start + _RETURN)
    last = jump.end - 1
    closing = matching(code, first) if code[first : first + 1] == b"(" else -1
    if closing >= 0 and not data[closing + 1 : last].strip():
        if len(split_arguments(code, first, closing)) == 1:
            return ReturnedValue(_behind_space(data, first + 1), closing, b"", b"")
    elif len(split_arguments(code, first - 1, last)) > 1:
        return ReturnedValue(first, last, b"(", b")")
    return ReturnedValue(first, last, b"", b"")


def _behind_space(data: bytes, at: int) -> int:
    text = data[at:]
    return at + len(text) - len(text.lstrip())
