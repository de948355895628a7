"""Macros that nothing but moved values uses: they move along."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from vrefactor.c.model import Range
from vrefactor.c.preprocess.lexer import find_names
from vrefactor.edit.files import Files
from vrefactor.edit.lines import FileLines
from vrefactor.steps.initializers.assigning_functions import AssigningFunction
from vrefactor.steps.initializers.assignments import Assignment
from vrefactor.steps.initializers.visibility import Visibility


@dataclass(frozen=True, slots=True)
class LeavingMacros:
    """Whole lines that leave a file for the one of an init function."""

    path: str
    lines: tuple[Range, ...]
    function: AssigningFunction


@dataclass(slots=True)
class MacroMoves:
    """Decides which macros of the files that define variables can move."""

    files: Files
    visibility: Visibility
    _regions: dict[tuple[str, str], Range | None] = field(default_factory=dict)

    def staying(self, assignments: Sequence[Assignment]) -> dict[Assignment, list[str]]:
        """Return the assignments whose value needs macros that can't move, with those macros."""
        found: dict[Assignment, list[str]] = {}
        for value in assignments:
            names = [
                name for name in self._needed(value) if not self._moves(value, name, assignments)
            ]
            if names:
                found[value] = names
        return found

    def leaving(self, assignments: Iterable[Assignment]) -> list[LeavingMacros]:
        """Return the lines that leave, file by file."""
        found: dict[tuple[str, AssigningFunction], set[Range]] = {}
        for assignment in assignments:
            for name in self._needed(assignment):
                for region in self._of(assignment.path, name):
                    key = (assignment.path, assignment.function)
                    found.setdefault(key, set()).add(region)
        return [
            LeavingMacros(path, _outermost(ranges), function)
            for (path, function), ranges in sorted(found.items())
        ]

    def _needed(self, assignment: Assignment) -> list[str]:
        """Return the macros of its own file that a value uses, through others too."""
        if not assignment.elsewhere:
            return []
        own = self.visibility.own_macros(assignment.path)
        code = self.files.open(assignment.path)[0].code
        found: set[str] = set()
        pending = set(self.visibility.names(assignment)) & set(own)
        while pending:
            found |= pending
            bodies = b" ".join(
                code[at : self._directive_end(assignment.path, at)]
                for name in pending
                for at in own[name]
            )
            words = {word.decode("latin-1") for word in re.findall(rb"[A-Za-z_]\w*", bodies)}
            pending = (words & set(own)) - found
        return sorted(found)

    def _directive_end(self, path: str, at: int) -> int:
        directive = self.files.open(path)[1].directive_at(at)
        return directive.end if directive is not None else at

    def _moves(self, assignment: Assignment, name: str, assignments: Sequence[Assignment]) -> bool:
        """Say whether every use of a macro moves to the same place."""
        path = assignment.path
        regions = self._of(path, name)
        together = [
            other
            for other in assignments
            if other.path == path and other.function == assignment.function
        ]
        values = [(other.value.start, other.value.end) for other in together]
        moved = {macro for other in together for macro in self._needed(other)}
        ranges = [*values, *(item for other in moved for item in self._of(path, other))]
        if not regions or not self._is_free(assignment, name):
            return False
        places = find_names(self.files.open(path)[0].code, [name.encode("latin-1")])
        return all(any(start <= at < end for start, end in ranges) for at, _ in places)

    def _is_free(self, assignment: Assignment, name: str) -> bool:
        """Say whether nothing in view of the other file defines a macro of that name."""
        known = {macro.path for macro in self.files.definitions(assignment.path, name)}
        other = assignment.function.path
        found = self.files.definitions(other, name)
        return all(macro.path in known and macro.path != other for macro in found)

    def _of(self, path: str, name: str) -> list[Range]:
        """Return the lines that define a macro, with the `#if`s that are about nothing else.

        Nothing if some are under an `#if` that is about more.
        """
        found: list[Range] = []
        own = self.visibility.own_macros(path)
        for at in own.get(name, ()):
            region = self._region(path, at)
            if region is None:
                return []
            found.append(region)
        return found

    def _region(self, path: str, at: int) -> Range | None:
        source, conditionals = self.files.open(path)
        start, end = at, self._directive_end(path, at)
        for number, _ in conditionals.chain(at):
            group = conditionals.groups[number]
            if group.guard:
                break
            inside = source.code[group.start : group.end]
            kinds = {
                directive.keyword
                for directive in conditionals.directives
                if group.start <= directive.start < group.end
            }
            rest = self.files.plain(path)[group.start : group.end]
            allowed = {b"if", b"ifdef", b"ifndef", b"elif", b"else", b"endif", b"define"}
            if not inside.strip() or rest.strip() or not kinds <= allowed:
                return None
            start, end = group.start, group.end
        lines = FileLines(source)
        # A comment above an `#if` is more likely about all that follows.
        first = lines.above(lines.start(start)) if start == at else lines.start(start)
        return first, lines.next(end - 1)


def _outermost(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """Return ranges without those that lie in others, in order."""
    found: list[Range] = []
    for start, end in sorted(ranges, key=lambda item: (item[0], -item[1])):
        if not found or start >= found[-1][1]:
            found.append((start, end))
    return tuple(found)
