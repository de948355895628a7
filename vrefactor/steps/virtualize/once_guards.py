"""Step 3, functions that do their work once: what says that is one for all stacks.

    static int done;                        static int done;

    if (done)                               if (IS_DEFAULT_VNET(curvnet) && done)
            return;                                 return;
    TAILQ_INIT(&V_list);                    TAILQ_INIT(&V_list);
    done = 1;                               if (IS_DEFAULT_VNET(curvnet))
                                                    done = 1;

So the first stack does what it did, and each further one does its own work.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from vrefactor.c.parse.functions import Function
from vrefactor.c.parse.statements import Statement
from vrefactor.c.preprocess.lexer import matching
from vrefactor.edit.bodies import FunctionBody
from vrefactor.edit.draft import Draft
from vrefactor.steps.virtualize.per_stack import InitFunction, locals_of
from vrefactor.steps.virtualize.words import Words
from vrefactor.steps.virtualize.writing import rewritten

_IF = re.compile(rb"if\s*(\()")
_DONE = re.compile(rb"\(?\s*([A-Za-z_]\w*)\s*(?:(?:!=|>)\s*0|==\s*(?:1|TRUE|true))?\s*\)?")
_NOT_DONE = re.compile(
    rb"!\s*\(?\s*([A-Za-z_]\w*)\s*\)?|\(?\s*([A-Za-z_]\w*)\s*==\s*(?:0|FALSE|false)\s*\)?"
)
_LEAVES = re.compile(rb"(?<!\w)(?:return|goto|break|continue|else)(?!\w)")
_RETURNS = re.compile(rb"return(?!\w)[^;{}]*;\s*\}?\s*\Z")
_MARKS = rb"(?<![\w.>])%s\s*(?:=\s*(?:[1-9]\w*|TRUE|true)\s*;|\+\+)|\+\+\s*%s(?!\w)"


@dataclass(frozen=True, slots=True)
class OnceGuard:
    """An `if` by which a function knows that it has run: the variable, and the condition.

    `block` is what the function does the first time only, as the body of a function; without
    it the function returns the second time.
    """

    name: bytes
    statement: Statement
    condition: tuple[int, int]
    block: Function | None


def guards(body: FunctionBody, uses: Collection[int]) -> list[OnceGuard]:
    """Return the guards of a body whose variables are not of a stack.

    `uses` are the offsets of a stack's variables.
    """
    return [
        guard
        for statement in body.statements or ()
        if (guard := _guard(body, statement)) is not None
        and not any(guard.condition[0] <= at < guard.condition[1] for at in uses)
    ]


def plan_guard(draft: Draft, words: Words, init: InitFunction, guard: OnceGuard) -> bool:
    """Plan that a guard holds for the first stack only; say whether that can be.

    It can't be if the function is called from several places: then the guard keeps it from
    running twice for one stack, too.  Nor if only what it calls is of a stack: it may be meant
    to be one for all.
    """
    path, name, start = init.path, guard.name.decode(), guard.condition[0]
    if init.places > 1 or not init.uses:
        function = init.function.name
        why = f"runs in {init.places} places" if init.uses else "uses no variable of one itself"
        what = f"further stacks go without what {function}() does: it is done once, and {why}"
        draft.find(path, start, name, what)
        return False
    first = words.is_first if guard.block is None else b"!" + words.is_first
    join = b" && " if guard.block is None else b" || "
    draft.insert(path, start, first + join, "each stack does it")
    rewritten(draft, path, start, name, "is the first stack's")
    return True


def _guard(body: FunctionBody, statement: Statement) -> OnceGuard | None:
    text = body.function.text
    head = _IF.match(text, statement.start)
    if head is None or statement.declaration or not body.is_whole(statement):
        return None
    closing = matching(text, head.start(1))
    condition = head.end(), closing
    behind = text[closing + 1 : statement.end]
    done = _DONE.fullmatch(text, *condition)
    if done is not None and _RETURNS.search(behind) and len(_LEAVES.findall(behind)) == 1:
        name, block = done[1], None
    else:
        done = _NOT_DONE.fullmatch(text, *condition)
        block = _block(body.function, closing, statement.end)
        if done is None or block is None:
            return None
        name = done[1] or done[2]
    own = {parameter.name.encode() for parameter in body.function.parameters} | locals_of(body)
    if name in own or not _is_marked(body, statement, name):
        return None
    return OnceGuard(name, statement, condition, block)


def _block(function: Function, closing: int, end: int) -> Function | None:
    """Return the one block behind the `)` of an `if`, as the body of a function.

    None if there is more than that, or if it may be left.
    """
    match = re.compile(rb"\s*(\{)").match(function.text, closing + 1)
    last = matching(function.text, match.start(1)) if match is not None else -1
    rest = function.text[last + 1 : end].strip() or _LEAVES.search(function.text, closing, end)
    if match is None or rest:
        return None
    return replace(function, open=match.start(1), close=last)


def _is_marked(body: FunctionBody, statement: Statement, name: bytes) -> bool:
    """Say whether the function sets a variable, from a guard on, so that it holds."""
    marks = re.compile(_MARKS % (name, name))
    return marks.search(body.function.text, statement.start, body.function.close) is not None
