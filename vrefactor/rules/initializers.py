"""The types of a rule set for step 2.1: where initial values go."""

from __future__ import annotations

from typing import Annotated

from vrefactor.rules.basics import (
    Code,
    FunctionArgument,
    Glob,
    Ident,
    Table,
    Text,
    TreePath,
    template,
)

#: A call that gives a variable a value.
Copy = Annotated[str, template("target", "source", "size")]


class HookTable(Table, frozen=True, kw_only=True):
    """Structures that hold the init function of a protocol: their tag, and the member."""

    table: Ident
    member: Ident


class InitRules(Table, frozen=True, kw_only=True):
    """What step 2.1 writes, and where it finds the function that initialises a file.

    The first three are templates of `{target}`, `{source}` and `{size}`.  `calls` run a function
    at start-up; `load` is the event at which a handler initialises its module.
    """

    copy: Copy = "memcpy({target}, {source}, {size})"
    string: Copy = "strlcpy({target}, {source}, {size})"
    zero: Copy = "bzero({target}, {size})"
    tables: tuple[HookTable, ...] = (
        HookTable(table="protosw", member="pr_init"),
        HookTable(table="ip6protosw", member="pr_init"),
    )
    calls: tuple[FunctionArgument, ...] = (FunctionArgument(call="{sysinit}", argument=3),)
    load: Ident = "MOD_LOAD"


class InitTable(Table, frozen=True, kw_only=True):
    """Where the initial values of files or of symbols go, and why.

    `path` holds the function.  If it is not there, it is made; one of `beside`, `called_by`
    and `sysinit` says who calls it, and `header` takes its prototype.
    """

    function: Ident
    path: TreePath
    files: tuple[Glob, ...] = ()
    symbols: tuple[Ident, ...] = ()
    condition: Code | None = None
    beside: Ident | None = None
    called_by: Ident | None = None
    sysinit: Text | None = None
    header: TreePath | None = None
    reason: Text


class Init(InitTable, frozen=True, kw_only=True):
    """The same; `origin` says where the rules list it: rule file and 1-based line."""

    origin: tuple[str, int]


class Exported(Table, frozen=True, kw_only=True):
    """The header that declares variables of files whose values are set in another file."""

    files: tuple[Glob, ...]
    header: TreePath
