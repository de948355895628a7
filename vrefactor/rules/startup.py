"""The frozen types of what rules say of start-up: what runs when, and what may run early."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from vrefactor.rules.basics import Glob, Ident, MacroName, Table, Text, TreePath

#: What an argument of a start-up macro is.
Startup = Annotated[
    str,
    Meta(
        pattern=r"^(?:subsystem|order|function|data|variable|-)\Z",
        description="`subsystem`, `order`, `function`, `data`, `variable` or `-`",
    ),
]


class StartupMacro(Table, frozen=True, kw_only=True):
    """A macro at file scope that makes a function run, or a variable be written, at start-up.

    `arguments` says of each argument what it is; `subsystem` and `order` are the enumerators
    of a macro that has no arguments for them.
    """

    macro: MacroName
    arguments: tuple[Startup, ...]
    subsystem: Ident | None = None
    order: Ident | None = None


class StartupRun(Table, frozen=True, kw_only=True):
    """Functions in a member of tables: `tables` are struct tags or typedef names.

    `position` is that of the member in an initialiser without names.  With `through`, the
    data names the table in that member of its own.  With `case`, the functions are called for
    that event: what they do for the other cases of the same `switch` is left out.
    """

    tables: tuple[Ident, ...]
    member: Ident
    position: Annotated[int, Meta(ge=0, le=99)] | None = None
    through: Ident | None = None
    case: Ident | None = None


class StartupTable(Table, frozen=True, kw_only=True):
    """A function that runs functions of tables: of its data's, or with `every` of all there are.

    It runs what `runs` says in that order.
    """

    function: Ident
    every: bool = False
    runs: tuple[StartupRun, ...]


class StartupRules(Table, frozen=True, kw_only=True):
    """When code runs at start-up; `header` defines the enumerators of subsystems and orders.

    `functions` run first of all, in this order: `main` of a program.
    """

    header: TreePath = "sys/kernel.h"
    functions: tuple[Ident, ...] = ()
    macros: tuple[StartupMacro, ...] = ()
    tables: tuple[StartupTable, ...] = ()


class UseBeforeInit(Table, frozen=True, kw_only=True):
    """Uses that may run before a variable's initial value is assigned, and why that is right.

    All keys must fit: the variable, the function that holds the use (a glob) and its file.
    With `calls`, it is calls that are accepted: those of these functions, out of these
    functions, lead to no use before initialisation.
    """

    symbols: tuple[Ident, ...] = ()
    functions: tuple[Text, ...] = ("*",)
    calls: tuple[Text, ...] = ()
    path: Glob = "**"
    reason: Text
