"""The types of a rule set for step 3: where a stack is known, and what runs once for each."""

from __future__ import annotations

import re

from vrefactor.rules.basics import Code, Ident, NameGlob, Table, Text, TreePath
from vrefactor.rules.context import Position
from vrefactor.rules.initializers import HookTable

UNDO_FIELD = re.compile(r"\{(\*?)(\d|result)\}")
"""What stands for an argument or the value of a call in what undoes it."""


class FieldSet(Table, frozen=True, kw_only=True):
    """Where a field gets its value: in `function`, as soon as `object` is known.

    That is behind the statement that gives a local its value, and behind the locals for a
    parameter; or behind the one line that has the text `after`.
    """

    path: TreePath
    function: Ident
    object: Code
    value: Code = "{current}"
    after: Code | None = None


class StackField(Table, frozen=True, kw_only=True):
    """A member by which an object knows its network stack: `name` of `struct`, in `path`.

    With `via` it is no member, but a macro for that expression (`inp_pcbinfo->ipi_vnet`).
    """

    struct: Ident
    name: Ident
    path: TreePath
    type: Code = "struct {stack} *"
    via: Code | None = None
    set: tuple[FieldSet, ...] = ()


class Attach(Table, frozen=True, kw_only=True):
    """A function that runs for each stack: it is registered where it was called once.

    `detach` is the function of the same file that undoes it; the handler of a module does so
    itself, at the event `[attaching] unload`.  `depends` is the container that comes first.
    """

    path: TreePath
    function: Ident
    detach: Ident | None = None
    depends: Ident | None = None


class Undo(Table, frozen=True, kw_only=True):
    """What undoes a call in an init function when a stack goes.

    `call` is a glob over names; `undo` a template of the arguments (`{0}`), of what they point
    to (`{*2}`), and of what the value of the call was assigned to (`{result}`).  An empty
    one says that the call leaves nothing behind.
    """

    call: Text
    undo: str = ""


class MachineCall(Table, frozen=True, kw_only=True):
    """A call that makes what there is one of in the machine, unless it is of a stack.

    `call` is a glob over names.  What it makes is its argument `argument`, counted from 0, or,
    with `result`, its value: that is of a stack if a variable of one holds it.  Without both it
    is never of a stack.  `again` says what the call does where it is made already: "panics".
    """

    call: NameGlob
    argument: Position | None = None
    result: bool = False
    again: Text


class AttachRules(Table, frozen=True, kw_only=True):
    """Step 3: what runs for each stack besides the attached functions, and how one leaves.

    `tables` hold functions that they call; `functions` are globs over what those call that is
    part of them; `once` are globs over what runs for the first stack only, though it uses
    variables of a stack; `undo` tells what undoes them when a stack goes.

    `machine` are calls that make what there is one of; `numbers` are members by which each
    stack counts its own objects, so that two stacks have the same ones.

    `unload` is the event at which the handler of a module undoes its work.  `sysinit` is the
    subsystem and the order of the SYSINIT by which a container registers, a template of
    `{module}`; with `sysuninit` it leaves by a SYSUNINIT of the same.
    """

    tables: tuple[HookTable, ...] = (HookTable(table="protosw", member="pr_init"),)
    functions: tuple[Text, ...] = ("*_init",)
    once: tuple[Text, ...] = ()
    undo: tuple[Undo, ...] = ()
    machine: tuple[MachineCall, ...] = ()
    numbers: tuple[Ident, ...] = ()
    unload: Ident = "MOD_UNLOAD"
    sysinit: Text | None = None
    sysuninit: bool = False
