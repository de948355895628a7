"""The frozen types of `[context]`: which functions are called with a network stack selected."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from vrefactor.rules.basics import Glob, Ident, MacroName, NameGlob, Table, Text

Position = Annotated[int, Meta(ge=0, le=99)]


class CallbackCall(Table, frozen=True, kw_only=True):
    """A call, or a macro at file scope, that takes a function as an argument, counted from 0.

    With `first`, only calls count whose first argument fits
    one of these globs.
    """

    call: NameGlob
    argument: Position
    first: tuple[Text, ...] = ()


class CallbackTable(Table, frozen=True, kw_only=True):
    """Tables that hold functions: struct tags or typedef names, and in which members.

    A member without a name in the initialiser is known by its position.  Without both, every
    member counts.
    """

    tables: tuple[Ident, ...]
    members: tuple[Ident, ...] = ()
    positions: tuple[Position, ...] = ()


class CallbackClass(Table, frozen=True, kw_only=True):
    """Functions whose address is taken in one way, to be called from elsewhere.

    `stack` says whether who calls them has set a current stack.  `heads` are macros that make
    the head of such a function; `assigned` are members that such functions are assigned to.
    `through` are members through which the tree calls them: each such call is judged by itself,
    and `stack` says nothing then of whoever is seen to call.
    """

    name: Text
    stack: bool
    calls: tuple[CallbackCall, ...] = ()
    tables: tuple[CallbackTable, ...] = ()
    assigned: tuple[Ident, ...] = ()
    heads: tuple[Ident, ...] = ()
    through: tuple[Ident, ...] = ()


class CalloutCall(Table, frozen=True, kw_only=True):
    """A call that arms a callout; which argument is what, counted from 0."""

    call: MacroName
    function: Position
    data: Position
    object: Position | None = None


class LinkCall(Table, frozen=True, kw_only=True):
    """A call that links an element into a list; which argument is what, counted from 0."""

    call: NameGlob
    head: Position
    element: Position


class Accepted(Table, frozen=True, kw_only=True):
    """Calls that do not lead to what needs a stack when none is set, and why.

    Those of the functions `calls` out of `functions` of the files `path`; all are globs.
    """

    functions: tuple[Text, ...] = ("*",)
    calls: tuple[Text, ...]
    path: Glob = "**"
    reason: Text


class ContextRules(Table, frozen=True, kw_only=True):
    """How functions are called from elsewhere, and what besides the vocabulary selects a stack.

    The `also_` keys are macros that do the same as the words `set`, `restore`, `foreach` and
    `is_default` of the vocabulary.  `accessors` are globs over the macros that `V_x` stands
    for; `direct` are macros that reach a variable without a name of its own.  The option of the
    vocabulary and the names in `defined` are taken for defined in every `#if`.  `allocators`
    are globs over calls whose result is of the stack that their first argument is of.
    """

    also_set: tuple[Ident, ...] = ()
    also_restore: tuple[Ident, ...] = ()
    also_foreach: tuple[Ident, ...] = ()
    also_is_default: tuple[Ident, ...] = ()
    accessors: tuple[NameGlob, ...] = ()
    direct: tuple[Ident, ...] = ()
    defined: tuple[Ident, ...] = ()
    callouts: tuple[CalloutCall, ...] = ()
    links: tuple[LinkCall, ...] = ()
    allocators: tuple[NameGlob, ...] = ()
    callbacks: tuple[CallbackClass, ...] = ()
    accepted: tuple[Accepted, ...] = ()
