"""What a call graph is made of: functions and macros, and the calls between them."""

from __future__ import annotations

from dataclasses import dataclass

from vrefactor.c.facts.tables import StructTable


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """A function, or a macro that calls some: its name and the file that defines it.

    What several definitions in one file say, one a branch of an `#if`, is taken together.
    """

    path: str
    name: str
    macro: bool = False


@dataclass(frozen=True, slots=True, order=True)
class CallEdge:
    """A call: where it stands in the caller's file (a byte offset), and what it calls.

    `through` says how, where it is no call by name (`.pr_init of inetsw`); the offset is then
    that of the function's name in the table, in the file `path`.
    """

    start: int
    callee: Node
    through: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class HeldFunction:
    """A function's name in a table at file scope: whose member it is."""

    path: str
    table: StructTable
    member: str
    value: str
    start: int


@dataclass(frozen=True, slots=True)
class IndirectCalls:
    """Calls that no name shows: whatever `held` says is called by functions named `caller`."""

    caller: str
    held: tuple[HeldFunction, ...]


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """A function that a step makes, and where it is to be called: an offset of a file.

    That is in the body of a function, or in a row of a table that is to hold it.
    """

    node: Node
    path: str
    start: int
