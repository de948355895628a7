"""The file-scope declarations of the virtualised variables, file by file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vrefactor.c.model import DeclKind, FileDecl
from vrefactor.c.preprocess.conditionals import Conditionals, Literal
from vrefactor.c.preprocess.lexer import Source
from vrefactor.c.query.declarations import Declaration, Declarator, declarations_at
from vrefactor.edit.container_uses import literals
from vrefactor.edit.files import Files
from vrefactor.plan.symbols import SymbolTable, Virtualised


@dataclass(frozen=True, slots=True)
class VariableDeclaration:
    """One declared name that is a virtualised variable, and the declarations around it.

    There are several where variants of the file show several, none where it can't be read.
    `condition` are the literals that govern it, outermost first.
    """

    fact: FileDecl
    known: Virtualised
    declarations: tuple[Declaration, ...]
    condition: tuple[Literal, ...]

    @property
    def declaration(self) -> Declaration | None:
        """The declaration, if there is one reading of it and one alone."""
        return self.declarations[0] if len(self.declarations) == 1 else None

    @property
    def declarator(self) -> Declarator | None:
        """Its own part of the declaration, likewise."""
        whole = self.declaration
        return None if whole is None else whole.declarator(self.fact.start)


@dataclass(frozen=True, slots=True)
class DeclaringFile:
    """One file that declares virtualised variables, in source order."""

    path: str
    source: Source
    conditionals: Conditionals
    declared: tuple[VariableDeclaration, ...]


def declaring_files(files: Files, table: SymbolTable) -> Iterator[DeclaringFile]:
    """Yield the files that declare a variable of the table, sorted by path.

    Raises the errors of `lex` and `parse_conditionals`.
    """
    found: dict[str, list[tuple[FileDecl, Virtualised]]] = {}
    index = files.index
    for variable, known in table.by_variable.items():
        for path, facts in index.declarations.get(variable.name, {}).items():
            if index.denotes(path, variable.name) == variable:
                decls = (decl for decl in facts if decl.kind is DeclKind.VARIABLE)
                found.setdefault(path, []).extend((decl, known) for decl in decls)
    for path in sorted(found):
        source, conditionals = files.open(path)
        facts_at = {fact.start: (fact, known) for fact, known in found[path]}
        read = declarations_at(source, conditionals, files.macros, sorted(facts_at))
        declared = tuple(
            VariableDeclaration(fact, known, read.get(at, ()), literals(conditionals, at))
            for at, (fact, known) in sorted(facts_at.items())
        )
        yield DeclaringFile(path, source, conditionals, declared)
