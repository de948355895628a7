"""Declarations of variables in front of the functions that assign them, where none is in view.

An init function may stand above the definition of what it is to assign.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vrefactor.c.model import Storage
from vrefactor.edit.draft import Draft
from vrefactor.steps.initializers.assignments import Assignment, declaration_of
from vrefactor.steps.initializers.paragraphs import Item, needed, paragraphs
from vrefactor.steps.initializers.visibility import Visibility


@dataclass(slots=True)
class ForwardDeclarations:
    """Decides which declarations are needed, and plans them."""

    draft: Draft
    visibility: Visibility

    def is_needed(self, assignment: Assignment, at: int) -> bool:
        """Say whether a function at an offset of the variable's file does not see it."""
        return not assignment.elsewhere and not self.visibility.is_declared(assignment, at)

    def obstacles(self, assignment: Assignment, at: int) -> list[str]:
        """Return the names for which a variable can't be declared at an offset; mostly none."""
        declaration, declarator = assignment.declaration, assignment.declarator
        code = assignment.file.source.code
        kind = code[slice(*declaration.specifiers)] + b" " + code[declarator.start : declarator.end]
        if b"{" in kind:
            return [assignment.name]
        names = [name for name in self.visibility.words(kind) if name != assignment.name]
        return self.visibility.unseen(assignment, at, names)

    def plan(self, path: str, at: int, assignments: Sequence[Assignment]) -> None:
        """Plan the declarations in front of a function, at a line's start."""
        conditionals = self.draft.files.open(path)[1]
        known = conditionals.condition(at)
        items: dict[bytes, Item] = {}
        for value in sorted(assignments, key=lambda value: value.at):
            static = value.declared.fact.storage is Storage.STATIC
            line = declaration_of(value, b"static" if static else b"extern")
            chain = needed(value.chain, conditionals, known)
            source = value.file.source
            item = Item(path, value.at, chain, frozenset(), (line,), source, conditionals)
            items.setdefault(line, item)
        self.draft.insert(path, at, paragraphs(items.values(), b""), "set before it is defined")
