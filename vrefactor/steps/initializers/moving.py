"""What step 2.1 moves: one definition with its value, and where that goes."""

from __future__ import annotations

from dataclasses import dataclass

from vrefactor.c.model import Range
from vrefactor.c.preprocess.conditionals import Condition
from vrefactor.c.query.declarations import Declaration, Declarator
from vrefactor.edit.declared import DeclaringFile, VariableDeclaration
from vrefactor.edit.init_destinations import Destination
from vrefactor.edit.lines import FileLines
from vrefactor.steps.initializers.use_before import MovedVariable
from vrefactor.steps.initializers.values import Assigned, InitialValue

Chain = tuple[tuple[int, int], ...]
"""The (group, branch) pairs of the `#if`s around a place, outermost first."""


@dataclass(frozen=True, slots=True, eq=False)
class Moving:
    """One definition, taken apart, with the statements that replace its value."""

    file: DeclaringFile
    declared: VariableDeclaration
    declaration: Declaration
    declarator: Declarator
    value: InitialValue
    assigned: Assigned
    destination: Destination
    condition: Condition
    """A further condition, from the rule for the destination."""
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
        return self.destination.path != self.path

    def moved(
        self, at: int | None, called: tuple[str, int] | None, *, fetched: bool
    ) -> MovedVariable:
        """Return the value as those see it who look for uses before it is set.

        `at` is the offset of the assignment, `called` where its function will be called, if it
        is made; `fetched` says that a tunable is fetched behind it.
        """
        return MovedVariable(
            self.value.macro,
            self.name,
            self.declared.known.variable,
            self.destination.path,
            self.destination.function,
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
    """What travels with a value: the comment in whole lines above it, and that behind it.

    The latter with the blanks before it.  Either is empty, a range at one place, if there is
    none.
    """

    above: Range
    behind: Range


def remarks(moving: Moving) -> Remarks:
    """Return the comments that belong to one definition and to nothing else."""
    source, declaration = moving.file.source, moving.declaration
    lines = FileLines(source)
    end, start = declaration.end, lines.start(declaration.start)
    behind = lines.behind(end)
    alone = lines.is_blank(start, declaration.start) and lines.is_blank(end, lines.next(behind))
    if len(declaration.declarators) > 1 or not alone:
        return Remarks((end, end), (end, end))
    return Remarks(_above(moving, start, lines.next(behind)), (end, behind))


def _above(moving: Moving, start: int, after: int) -> Range:
    """Return the lines of a comment right above a definition that stands by itself.

    One above several definitions, above a definition and what exports it, or above one that
    defines a type too, is about all of them.
    """
    source, lines = moving.file.source, FileLines(moving.file.source)
    following = source.code[after : lines.next(after)].strip()
    defines_type = b"{" in source.code[slice(*moving.declaration.specifiers)]
    if defines_type or (following and not following.startswith(b"#")):
        return start, start
    return lines.above(start), start
