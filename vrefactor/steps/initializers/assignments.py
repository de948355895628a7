"""A definition whose initial value becomes an assignment, and what becomes of the definition."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vrefactor.c.model import Range
from vrefactor.c.preprocess.conditionals import Condition
from vrefactor.c.query.declarations import Declaration, Declarator
from vrefactor.edit.declared import DeclaringFile, VariableDeclaration
from vrefactor.edit.draft import Draft
from vrefactor.edit.lines import FileLines
from vrefactor.steps.initializers.assigning_functions import AssigningFunction
from vrefactor.steps.initializers.statements import Statements
from vrefactor.steps.initializers.uses_before_init import AssignedVariable
from vrefactor.steps.initializers.values import InitialValue

_EMPTY = re.compile(rb"\[\s*\]")
_STORAGE = re.compile(rb"(?<!\w)(?:static|extern)[ \t]+")
_EXTERN = re.compile(rb"(?<!\w)extern[ \t]+")

Chain = tuple[tuple[int, int], ...]
"""The (group, branch) pairs of the `#if`s around a place, outermost first."""


@dataclass(frozen=True, slots=True, eq=False)
class Assignment:
    """One definition, taken apart, with the statements that replace its value."""

    file: DeclaringFile
    declared: VariableDeclaration
    declaration: Declaration
    declarator: Declarator
    value: InitialValue
    statements: Statements
    function: AssigningFunction
    condition: Condition
    """A further condition, from the rule for the function."""
    containers: frozenset[str]
    """The containers of the variable, and of those whose addresses are in the value."""

    @property
    def path(self) -> str:
        """The file of the definition."""
        return self.file.path

    @property
    def name(self) -> str:
        """The variable's name in the tree."""
        return self.declared.known.variable.name

    @property
    def at(self) -> int:
        """The offset of the name in its definition."""
        return self.declared.fact.start

    @property
    def chain(self) -> Chain:
        """The `#if`s around the definition, without the include guard."""
        return chain_of(self.file, self.at)

    @property
    def elsewhere(self) -> bool:
        """Whether the value is set in another file."""
        return self.function.path != self.path

    def assigned(
        self, at: int | None, called: tuple[str, int] | None, *, fetched: bool
    ) -> AssignedVariable:
        """Return the value as those see it who look for uses before it is set.

        `at` is the offset of the assignment, `called` where its function will be called, if it
        is made; `fetched` says that a tunable is fetched behind it.
        """
        return AssignedVariable(
            self.value.macro,
            self.name,
            self.declared.known.variable,
            self.function.path,
            self.function.name,
            self.value.is_zero,
            fetched,
            called,
            at,
        )


def chain_of(file: DeclaringFile, offset: int) -> Chain:
    """Return the (group, branch) pairs around an offset, outermost first."""
    groups = file.conditionals.groups
    return tuple(
        pair for pair in reversed(file.conditionals.chain(offset)) if not groups[pair[0]].guard
    )


@dataclass(frozen=True, slots=True)
class Remarks:
    """What goes along with a value: the comment in whole lines above it, and that behind it.

    The latter with the blanks before it.  Either is empty, a range at one place, if there is
    none.
    """

    above: Range
    behind: Range


def remarks(assignment: Assignment) -> Remarks:
    """Return the comments that belong to one definition and to nothing else."""
    source, declaration = assignment.file.source, assignment.declaration
    lines = FileLines(source)
    end, start = declaration.end, lines.start(declaration.start)
    behind = lines.behind(end)
    alone = lines.is_blank(start, declaration.start) and lines.is_blank(end, lines.next(behind))
    if len(declaration.declarators) > 1 or not alone:
        return Remarks((end, end), (end, end))
    return Remarks(_above(assignment, start, lines.next(behind)), (end, behind))


def _above(assignment: Assignment, start: int, after: int) -> Range:
    """Return the lines of a comment right above a definition that stands by itself.

    One above several definitions, above a definition and what exports it, or above one that
    defines a type too, is about all of them.
    """
    source, lines = assignment.file.source, FileLines(assignment.file.source)
    following = source.code[after : lines.next(after)].strip()
    defines_type = b"{" in source.code[slice(*assignment.declaration.specifiers)]
    if defines_type or (following and not following.startswith(b"#")):
        return start, start
    return lines.above(start), start


def declaration_of(assignment: Assignment, storage: bytes) -> bytes:
    """Return a declaration of the variable without a value, of a storage class, with its `;`."""
    data, declaration = assignment.file.source.data, assignment.declaration
    start, end = declaration.specifiers
    kind = _STORAGE.sub(b"", data[start:end])
    gap = data[end : assignment.declarator.start]
    if len(declaration.declarators) > 1:
        gap = b" "
    text = data[assignment.declarator.start : assignment.declarator.end]
    if assignment.statements.bound:
        text = _EMPTY.sub(lambda _: b"[" + assignment.statements.bound + b"]", text, count=1)
    return storage + b" " + kind + gap + text + b";"


def strip_value(draft: Draft, assignment: Assignment) -> None:
    """Plan the definition without its value, and without the comments that went with it."""
    source, declaration = assignment.file.source, assignment.declaration
    declarator, path = assignment.declarator, assignment.path
    end = assignment.value.end
    if len(declaration.declarators) == 1 and not source.code[end : declaration.end - 1].strip():
        end = declaration.end - 1
    reason = f"{assignment.function.name} sets it"
    equals = source.code.rindex(b"=", declarator.end, assignment.value.start)
    start = declarator.end + len(source.code[declarator.end : equals].rstrip())
    draft.replace(path, start, end, b"", reason)
    external = _EXTERN.search(source.code, *declaration.specifiers)
    if external is not None:
        draft.replace(path, *external.span(), b"", "it is defined here")
    if assignment.statements.bound:
        brackets = _EMPTY.search(source.code, declarator.start, declarator.end)
        if brackets is not None:
            text = b"[" + assignment.statements.bound + b"]"
            draft.replace(path, *brackets.span(), text, "as long as its value was")
    found = remarks(assignment)
    for start, stop in (found.above, found.behind):
        if start < stop:
            draft.replace(path, start, stop, b"", "the comment goes with the value")
