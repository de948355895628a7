"""Tunables at file scope of variables that get their value in a function.

TUNABLE_INT("net.a.x", &x);     →       TUNABLE_INT_FETCH("net.a.x", &V_x);
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from vrefactor.c.model import Role
from vrefactor.c.parse.toplevel import Invocation
from vrefactor.c.preprocess.conditionals import ALWAYS, Condition
from vrefactor.c.preprocess.lexer import split_arguments
from vrefactor.c.query.invocations import enclosing_invocation
from vrefactor.edit.draft import Draft
from vrefactor.edit.files import Files
from vrefactor.edit.lines import FileLines
from vrefactor.index.index import Variable
from vrefactor.steps.initializers.paragraphs import Item, needed

_SUFFIX = "_FETCH"


class NoFetch(Exception):
    """Why a tunable can't be fetched in a function: its place, and the reason."""

    def __init__(self, path: str, line: int, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}")


@dataclass(frozen=True, slots=True)
class Tunable:
    """One invocation at file scope, and the statement that takes its place."""

    path: str
    found: Invocation
    statement: bytes


@dataclass(slots=True)
class Tunables:
    """The tunables of a tree."""

    draft: Draft

    @property
    def files(self) -> Files:
        """The tree's files."""
        return self.draft.files

    def of(self, variable: Variable, macro: str, seen_from: str) -> list[Tunable]:
        """Return the tunables of a variable, fetched in the file `seen_from`.

        Raises NoFetch.
        """
        return [
            self._tunable(path, start, name, variable.name, macro, seen_from)
            for path, start, name in self._sites(variable)
        ]

    def _sites(self, variable: Variable) -> Iterator[tuple[str, int, str]]:
        tunable = self.files.macros.tunable
        for path, site in self.files.index.tokens.get(variable.name, ()):
            outer = site.calls[0].name if site.calls else ""
            if site.role is not Role.MACRO_ARGUMENT or not tunable.match(outer.encode()):
                continue
            dead = self.files.open(path)[1].is_dead(site.start)
            if not dead and self.files.index.denotes(path, variable.name) == variable:
                yield path, site.start, outer

    def _tunable(
        self, path: str, start: int, name: str, variable: str, macro: str, seen_from: str
    ) -> Tunable:
        source, conditionals = self.files.open(path)
        line = source.line(start)
        found = enclosing_invocation(source, conditionals, name.encode(), start)
        if found is None:
            raise NoFetch(path, line, f"{name} can't be taken apart")
        if not self.files.definitions(seen_from, name + _SUFFIX):
            raise NoFetch(path, line, f"there is no {name}{_SUFFIX} in view of {seen_from}")
        plain = re.compile(rb"&\s*%s\Z" % re.escape(variable.encode()))
        ranges = split_arguments(source.code, found.open, found.close)
        if not any(plain.match(source.code[a:b].strip()) for a, b in ranges):
            raise NoFetch(path, line, f"it takes more than &{variable}")
        text = source.data[found.open : start] + macro.encode()
        text += source.data[start + len(variable) : found.close + 1]
        return Tunable(path, found, self._laid_out(name.encode() + _SUFFIX.encode() + text + b";"))

    def _laid_out(self, statement: bytes) -> bytes:
        """Break a statement that would not fit on a line with an indent of one tab."""
        style = self.files.index.rules.style
        if style.tab + len(statement) <= style.columns or b"\n" in statement:
            return statement
        head, comma, tail = statement.rpartition(b", ")
        return head + b",\n" + b" " * style.continuation + tail if comma else statement

    def item(self, tunable: Tunable, owner: str, at: int, known: Condition) -> Item:
        """Return a tunable as lines of the paragraph of the file `owner`."""
        source, conditionals = self.files.open(tunable.path)
        pairs = reversed(conditionals.chain(tunable.found.start))
        chain = tuple(pair for pair in pairs if not conditionals.groups[pair[0]].guard)
        lines = (tunable.statement,)
        return Item(
            owner, at, needed(chain, conditionals, known), ALWAYS, lines, source, conditionals
        )

    def remove(self, tunable: Tunable) -> None:
        """Plan that a tunable leaves file scope, with an `#if` of its own."""
        source, conditionals = self.files.open(tunable.path)
        start, end = tunable.found.start, tunable.found.end
        code = self.files.plain(tunable.path)
        for number, _ in conditionals.chain(start):
            group = conditionals.groups[number]
            rest = code[group.start : start] + code[end : group.end]
            directives = [
                directive
                for directive in conditionals.directives
                if group.start <= directive.start < group.end
            ]
            if group.guard or rest.strip() or len(directives) > 2:
                break
            start, end = group.start, group.end
        lines = FileLines(source)
        first = lines.start(start)
        last = lines.with_blank(first, lines.next(end - 1))
        self.draft.replace(tunable.path, first, last, b"", "fetched by the init function")
