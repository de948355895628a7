"""Initial values that a loop over all stacks has to assign, because they differ in each.

    struct head *rnh = V_heads[0];          struct head *rnh;

                                            VNET_FOREACH(vnet_iter) {
                                                    rnh = V_heads[0];
    walk(rnh);                                      walk(rnh);

From the first such declaration on all initial values move, in their order, so that nothing
is computed earlier or later than before; only constants stay.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from vrefactor.c.parse.statements import Statement
from vrefactor.c.query.locals import Local, locals_of
from vrefactor.edit.bodies import FunctionBody, Obstacle

_CONSTANT = re.compile(rb"[-+~(\s]*(?:[0-9][\w.]*|NULL|['\"][^'\"]*['\"])[)\s]*")


@dataclass(frozen=True, slots=True)
class Moves:
    """What moves: the variables, the ranges to cut out, and the assignments.

    The loop begins with the first statement from offset `behind` on, if anything moves.
    """

    names: frozenset[str] = frozenset()
    cut: tuple[tuple[int, int], ...] = ()
    assignments: tuple[bytes, ...] = ()
    behind: int = 0


def moves_of(body: FunctionBody, statements: Sequence[Statement], offsets: Sequence[int]) -> Moves:
    """Return what moves if the code at `offsets` belongs into the loop.

    Raises Obstacle at a declaration that can't do without its initial value.
    """
    leading = list(takewhile(lambda statement: statement.declaration, statements))
    holding = [
        statement
        for statement in leading
        if any(statement.start <= at < statement.end for at in offsets)
    ]
    if not holding:
        return Moves()
    moved = [
        (local, local.value)
        for local in _outermost(locals_of(body.function, body.macros) or ())
        if holding[0].start <= local.at < leading[-1].end and local.value is not None
    ]
    data = body.file.source.data
    moved = [item for item in moved if not _CONSTANT.fullmatch(data[slice(*item[1])])]
    for local, value in moved:
        _check(body, local, value, leading)
    return Moves(
        frozenset(local.name for local, _ in moved),
        tuple((local.end, value[1]) for local, value in moved),
        tuple(
            local.name.encode() + b" = " + data[slice(*value)].replace(b"\n", b"\n\t") + b";"
            for local, value in moved
        ),
        leading[-1].end,
    )


def _outermost(found: Sequence[Local]) -> list[Local]:
    """Leave out what is declared inside an initial value, in a statement expression."""
    values = [local.value for local in found if local.value is not None]
    return [local for local in found if not any(first <= local.at < end for first, end in values)]


def _check(
    body: FunctionBody, local: Local, value: tuple[int, int], statements: Sequence[Statement]
) -> None:
    code, data = body.file.source.code, body.file.source.data
    if local.fixed or code[value[0] : value[0] + 1] == b"{":
        raise Obstacle(local.at, f"{local.name} can't be declared without its initial value")
    directives = body.file.conditionals.directives
    own = next(statement for statement in statements if statement.start <= local.at < statement.end)
    cut = any(own.start <= directive.start < own.end for directive in directives)
    if cut or not body.is_whole(own):
        raise Obstacle(local.at, f"the initial value of {local.name} is under an #if")
    if data[local.end : value[0]].strip() != b"=":
        raise Obstacle(local.at, f"a comment stands before the initial value of {local.name}")
