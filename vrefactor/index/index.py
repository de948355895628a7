"""Linking: which variable an identifier denotes, seen over the whole tree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Protocol

from vrefactor.c.model import DeclKind, FileDecl, FileFacts, Storage, TokenSite
from vrefactor.index.ask import Answer, Question
from vrefactor.index.includes import IncludeGraph
from vrefactor.index.macros import MacroBodies, MacroTable
from vrefactor.rules.types import RuleSet
from vrefactor.source.tree import Tree


@dataclass(frozen=True, slots=True, order=True)
class Variable:
    """A variable's identity: its name, and its file if its linkage is internal."""

    name: str
    file: str = ""


class Miss(Enum):
    """Why an identifier denotes no variable that can be told."""

    OTHER = "another kind of entity"
    UNDECLARED = "no declaration in view"
    AMBIGUOUS = "several variables of that name"


class Ask(Protocol):
    """A way to put one question to many files on all processors: `Asker.ask`."""

    def __call__(
        self, paths: Sequence[str], question: Question[Answer], kind: object, key: bytes = b""
    ) -> list[Answer]:
        """Return the answers in the order of the files."""


class Index:
    """The facts of a tree, linked.

    `ask` reads files again, for what only some steps need; it holds as long as the tree is
    the last one that its `Indexer` has indexed.
    """

    def __init__(
        self,
        tree: Tree,
        facts: Mapping[str, FileFacts],
        rules: RuleSet,
        header_bodies: MacroBodies,
        ask: Ask,
    ) -> None:
        self.ask = ask
        self.tree = tree
        self.facts = facts
        self.rules = rules
        self.includes = IncludeGraph(tree, facts, rules.tree.include_dirs)
        self.macros = MacroTable(facts, self.includes)
        self._header_bodies = header_bodies
        self._denoted: dict[tuple[str, str], Variable | Miss] = {}

    @cached_property
    def bodies(self) -> tuple[MacroBodies, MacroBodies]:
        """The replacement lists of the headers' macros, and those of the sources'."""
        sources = (facts for path, facts in self.facts.items() if not path.endswith(".h"))
        return self._header_bodies, MacroBodies(sources)

    @cached_property
    def declarations(self) -> dict[str, dict[str, list[FileDecl]]]:
        """The file-scope declarations: name, then file, then in source order."""
        table: dict[str, dict[str, list[FileDecl]]] = {}
        for path, facts in self.facts.items():
            for decl in facts.decls:
                table.setdefault(decl.name, {}).setdefault(path, []).append(decl)
        return table

    @cached_property
    def tokens(self) -> dict[str, list[tuple[str, TokenSite]]]:
        """The identifier tokens by name, each with its file."""
        table: dict[str, list[tuple[str, TokenSite]]] = {}
        for path, facts in self.facts.items():
            for site in facts.sites:
                table.setdefault(site.name, []).append((path, site))
        return table

    def definitions(self, name: str) -> dict[str, Variable]:
        """Return the files that define a variable `name`, and which variable each defines."""
        found: dict[str, Variable] = {}
        for path, decls in self.declarations.get(name, {}).items():
            if any(decl.defines for decl in decls):
                found[path] = self._own(path, name, decls)
        return found

    def denotes(self, path: str, name: str) -> Variable | Miss:
        """Return the variable that the file-scope name `name` means in the file `path`."""
        key = (path, name)
        if key not in self._denoted:
            self._denoted[key] = self._resolve(path, name)
        return self._denoted[key]

    def _resolve(self, path: str, name: str) -> Variable | Miss:
        own = self.declarations.get(name, {}).get(path, [])
        variables = [decl for decl in own if decl.kind is DeclKind.VARIABLE]
        if variables and self._static_at_times(path, name, variables):
            return Miss.AMBIGUOUS
        if variables:
            return self._external_or(self._own(path, name, variables), path)
        if own:
            return Miss.OTHER
        seen = self._visible(self.includes.closure(path), name)
        if not seen and path.endswith(".h"):
            seen = self._visible(self._seen_by_includers(path), name) or self._headers(name)
        return self._from_headers(path, name, seen)

    def _static_at_times(self, path: str, name: str, decls: Iterable[FileDecl]) -> bool:
        """Say whether a file has a static of its own under some `#if`, and else another's."""
        statics = [decl for decl in decls if decl.storage is Storage.STATIC]
        if not statics or not all(decl.conditional for decl in statics):
            return False
        others = any(decl.storage is not Storage.STATIC for decl in decls)
        return others or len(self._visible(self.includes.closure(path), name)) > 1

    def _own(self, path: str, name: str, decls: Iterable[FileDecl]) -> Variable:
        internal = any(decl.storage is Storage.STATIC for decl in decls)
        return Variable(name, path if internal else "")

    def _visible(self, view: Iterable[str], name: str) -> list[str]:
        declared = self.declarations.get(name, {})
        return sorted(path for path in view if path in declared)

    def _headers(self, name: str) -> list[str]:
        """Return every header that declares `name`.

        A source that holds no candidate has no facts: what it includes before a header is
        not known, and may be any of these.
        """
        return sorted(path for path in self.declarations.get(name, {}) if path.endswith(".h"))

    def _seen_by_includers(self, header: str) -> set[str]:
        """Return what is in view of the sources that include `header`."""
        view: set[str] = set()
        for path in self.facts:
            if not path.endswith(".h"):
                closure = self.includes.closure(path)
                if header in closure:
                    view |= closure
        return view

    def _from_headers(self, path: str, name: str, seen: list[str]) -> Variable | Miss:
        decls = self.declarations.get(name, {})
        variables = {
            self._own(header, name, found)
            for header in seen
            if (found := [decl for decl in decls[header] if decl.kind is DeclKind.VARIABLE])
        }
        if len(variables) == 1:
            return self._external_or(variables.pop(), path)
        if variables:
            return Miss.AMBIGUOUS
        return Miss.OTHER if seen else Miss.UNDECLARED

    def _external_or(self, variable: Variable, path: str) -> Variable | Miss:
        """Tell apart the programs of a tree that define the same external name twice."""
        if variable.file:
            return variable
        owners = [
            where
            for where, definition in self.definitions(variable.name).items()
            if not definition.file
        ]
        if len(owners) < 2 or path in owners:
            return variable
        return Miss.AMBIGUOUS

    def only_definition(self, name: str) -> Variable | None:
        """Return the one variable of external linkage that the tree defines as `name`."""
        external = [variable for variable in self.definitions(name).values() if not variable.file]
        return external[0] if len(external) == 1 else None
