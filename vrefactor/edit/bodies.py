"""The body of one function: its statements, its lines, and where an expression is known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from vrefactor.c.parse.functions import Function
from vrefactor.c.parse.statements import Statement, statements
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.edit.container_uses import File
from vrefactor.edit.lines import FileLines

NAME = re.compile(rb"(?<![\w.>])(?<!struct )[A-Za-z_]\w*")
"""An identifier that is no member and no tag."""


class Obstacle(Exception):
    """Why an entry point can't be rewritten: the offset and the reason."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(reason)
        self.offset = offset
        self.reason = reason


@dataclass(frozen=True)
class FunctionBody:
    """One function of one file."""

    file: File
    function: Function
    macros: MacroMatcher

    @cached_property
    def statements(self) -> list[Statement] | None:
        """The outermost statements; None if the body does not parse."""
        return statements(self.function, self.macros)

    def is_whole(self, statement: Statement) -> bool:
        """Say whether a statement is under no other `#if` than the function."""
        owner = self.file.conditionals.owner
        outer = owner(self.function.open)
        return owner(statement.start) == outer and owner(statement.end - 1) == outer

    @cached_property
    def lines(self) -> FileLines:
        """The lines of its file."""
        return FileLines(self.file.source)

    def assignments(self, expression: str) -> list[re.Pattern[bytes]]:
        """Return a pattern for what gives a value to each local of an expression."""
        parameters = {parameter.name.encode() for parameter in self.function.parameters}
        names = sorted(set(NAME.findall(expression.encode())) - parameters)
        patterns = (re.compile(rb"(?<![\w.>])%s\s*=(?!=)" % re.escape(name)) for name in names)
        text, start, end = self.function.text, self.function.open, self.function.close
        return [pattern for pattern in patterns if pattern.search(text, start, end)]

    def assigner(self, expression: str) -> Statement | None:
        """Return the first statement that gives a local of an expression its value.

        None if the expression only needs parameters and what is not of the function, or
        if the body does not parse.
        """
        for assigned in self.assignments(expression):
            for statement in self.statements or ():
                if assigned.search(self.function.text, statement.start, statement.end):
                    return statement
        return None

    def settled(self, expression: str) -> Statement | None:
        """Return the statement behind which an expression is known: all declarations at least."""
        found = self.assigner(expression)
        if found is None or not found.declaration:
            return found
        for other_statement in self.statements or ():
            if not other_statement.declaration or (
                other_statement.start > found.start and not self.is_whole(other_statement)
            ):
                break
            found = max(found, other_statement, key=lambda statement: statement.start)
        return found

    def behind(self, statement: Statement, lines: bytes) -> tuple[int, bytes]:
        """Return where `lines` go behind a statement, and with which empty lines around."""
        at = self.lines.next(statement.end - 1)
        before = b"" if statement.declaration else b"\n"
        following = self.file.source.data[at : self.lines.next(at)]
        return at, before + lines + (b"\n" if following.strip() else b"")
