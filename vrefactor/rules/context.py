"""The frozen types of what rules say of the current network stack: who sets it, and who not."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from vrefactor.rules.basics import Glob, Ident, Table, Text

Position = Annotated[int, Meta(ge=0, le=99)]


class HandedCall(Table, frozen=True, kw_only=True):
    """A call, or a macro at file scope, that takes a function as an argument, counted from 0.

    `call` is a glob over names.  With `first`, only calls count whose first argument fits
    one of these globs.
    """

    call: Text
    argument: Position
    first: tuple[Text, ...] = ()


class HandedTable(Table, frozen=True, kw_only=True):
    """Tables that hold functions: struct tags or typedef names, and in which members.

    A member without a name in the initialiser is known by its position.  Without both, every
    member counts.
    """

    tables: tuple[Ident, ...]
    members: tuple[Ident, ...] = ()
    positions: tuple[Position, ...] = ()


class HandedClass(Table, frozen=True, kw_only=True):
    """Functions that are handed over in one way, to be called from elsewhere.

    `stack` says whether who calls them has set a current stack.  `heads` are macros that make
    the head of such a function; `assigned` are members that such functions are assigned to.
    `through` are members through which the tree calls them: each such call is judged by itself,
    and `stack` says nothing then of whoever is seen to call.
    """

    name: Text
    stack: bool
    calls: tuple[HandedCall, ...] = ()
    tables: tuple[HandedTable, ...] = ()
    assigned: tuple[Ident, ...] = ()
    heads: tuple[Ident, ...] = ()
    through: tuple[Ident, ...] = ()


class CalloutCall(Table, frozen=True, kw_only=True):
    """A call that arms a callout; which argument is what, counted from 0."""

    call: Ident
    function: Position
    data: Position
    object: Position | None = None


class LinkCall(Table, frozen=True, kw_only=True):
    """A call that links an element into a list; which argument is what, counted from 0."""

    call: Text
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
    """The macros of the current network stack, and how functions are called from elsewhere.

    `accessors` are globs over the macros that `V_x` stands for; `direct` are macros that reach
    a variable without a name of its own; `defined` are taken for defined in every `#if`.
    `allocators` are globs over calls whose result is of the stack that their first argument is of.
    `type` is how a pointer to a stack is spelt, with single blanks.
    """

    set: tuple[Ident, ...] = ()
    restore: tuple[Ident, ...] = ()
    iterators: tuple[Ident, ...] = ()
    accessors: tuple[Text, ...] = ()
    direct: tuple[Ident, ...] = ()
    default: tuple[Ident, ...] = ()
    defined: tuple[Ident, ...] = ()
    type: Text = "struct vnet *"
    callouts: tuple[CalloutCall, ...] = ()
    links: tuple[LinkCall, ...] = ()
    allocators: tuple[Text, ...] = ()
    handed: tuple[HandedClass, ...] = ()
    accepted: tuple[Accepted, ...] = ()
