"""The files that a step looks into: lexed once, their functions, macros and structures."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from vrefactor.c.facts.extract import include_facts
from vrefactor.c.model import IncludeFact
from vrefactor.c.parse.functions import Function, body_offsets, find_functions
from vrefactor.c.preprocess.blanking import without_directives
from vrefactor.c.preprocess.conditionals import Conditionals, parse_conditionals
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.lexer import Source, lex
from vrefactor.c.query.object_types import RecordType
from vrefactor.c.query.type_reader import TypeReader
from vrefactor.edit.bodies import FunctionBody
from vrefactor.edit.container_uses import File
from vrefactor.index.index import Index
from vrefactor.rules.globs import path_matcher

_DEFINE = rb"^[ \t]*#[ \t]*define[ \t]+%s(?!\w)(\([^()]*\))?((?:[^\\\n]|\\\r?\n|\\.)*)"


@dataclass(frozen=True, slots=True)
class MacroText:
    """One `#define`: its file, its parameters in parentheses if it has any, and the rest.

    Literals in it are blank.
    """

    path: str
    parameters: bytes | None
    body: bytes


@dataclass(slots=True)
class Files:
    """A tree's files for the questions of one step."""

    index: Index
    macros: MacroMatcher
    _opened: dict[str, tuple[Source, Conditionals]] = field(default_factory=dict)
    _functions: dict[tuple[str, str], tuple[Function, ...]] = field(default_factory=dict)
    _closures: dict[str, frozenset[str]] = field(default_factory=dict)
    _sources: tuple[str, ...] | None = None
    _data: dict[str, bytes] = field(default_factory=dict)
    _plain: dict[str, bytes] = field(default_factory=dict)
    _readers: dict[str, TypeReader] = field(default_factory=dict)
    _definitions: dict[tuple[str, str], list[MacroText]] = field(default_factory=dict)

    def open(self, path: str) -> tuple[Source, Conditionals]:
        """Lex one file, once.  Raises the errors of `lex` and `parse_conditionals`."""
        if path not in self._opened:
            source = lex(path, self.read(path))
            self._opened[path] = source, parse_conditionals(source)
        return self._opened[path]

    def read(self, path: str) -> bytes:
        """Return the bytes of a file of the tree, read once."""
        if path not in self._data:
            self._data[path] = self.index.tree.read(path)
        return self._data[path]

    def plain(self, path: str) -> bytes:
        """Return a file's code with its directives blanked: all branches are there."""
        if path not in self._plain:
            self._plain[path] = without_directives(self.open(path)[0])
        return self._plain[path]

    def functions(self, path: str, name: str) -> tuple[Function, ...]:
        """Return the definitions of a function in a file: one, or one a branch of an `#if`."""
        key = (path, name)
        if key not in self._functions:
            self._functions[key] = self._find(path, name)
        return self._functions[key]

    def _find(self, path: str, name: str) -> tuple[Function, ...]:
        if path not in self.index.tree or name.encode() not in self.read(path):
            return ()
        source, conditionals = self.open(path)
        heads = body_offsets(source.code, frozenset((name.encode(),)))
        found = find_functions(source.code, conditionals, sorted(set(heads)))
        return tuple(
            function for _, function in sorted(found.functions.items()) if function.name == name
        )

    def file(self, path: str, functions: tuple[Function, ...]) -> File:
        """Return a file in the form in which step 1.5.2 sees it, with these functions."""
        source, conditionals = self.open(path)
        found = find_functions(
            source.code, conditionals, sorted(function.open + 1 for function in functions)
        )
        return File(path, source, conditionals, (), found, frozenset())

    def body(self, path: str, function: Function) -> FunctionBody:
        """Return the body of one function of a file."""
        return FunctionBody(self.file(path, (function,)), function, self.macros)

    @property
    def sources(self) -> tuple[str, ...]:
        """The .c files of the subsystems, and the others that hold a candidate, sorted."""
        if self._sources is None:
            rules = self.index.rules
            inside = path_matcher(
                [path for subsystem in rules.subsystems for path in subsystem.paths]
            )
            excluded = path_matcher([exclude.path for exclude in rules.tree.exclude])
            self._sources = tuple(
                path
                for path in sorted(self.index.tree.paths)
                if path.endswith(".c") and not excluded(path)
                if path in self.index.facts or inside(path)
            )
        return self._sources

    def defining(self, name: str) -> list[str]:
        """Return the sources that define a function `name`."""
        return [path for path in self.sources if self.functions(path, name)]

    def reader(self, path: str) -> TypeReader:
        """Return what reads the types of a file's declarations."""
        if path not in self._readers:
            self._readers[path] = TypeReader(*self.open(path), self.plain(path), self.macros)
        return self._readers[path]

    def records(self, path: str, keyword: str, tag: str) -> list[RecordType]:
        """Return the layouts of a structure or union that are in view of a file: mostly one."""
        pattern = re.compile(
            rb"(?<!\w)%s\s+(?:__\w+\s*(?:\(\([^;{}]*?\)\)\s*)?)*%s\s*\{"
            % (keyword.encode(), re.escape(tag.encode()))
        )
        found: dict[RecordType, None] = {}
        for name in self.view(path):
            if tag.encode() in self.read(name):
                conditionals = self.open(name)[1]
                for match in pattern.finditer(self.plain(name)):
                    if not conditionals.is_dead(match.start()):
                        opening = match.end() - 1
                        found[self.reader(name).record(keyword.encode(), opening)] = None
        return list(found)

    def members(self, path: str, tag: str) -> tuple[str, ...] | None:
        """Return the names of the members of a structure in view of a file, if they are known."""
        layouts = self.records(path, "struct", tag)
        members = layouts[0].members if len(layouts) == 1 else None
        return None if members is None else tuple(member.name for member in members)

    def head(self, path: str, tag: str) -> str | None:
        """Return the kind (`LIST`) of the list head that `struct tag` is, in view of a file."""
        pattern = re.compile(rb"(?<!\w)(\w+)_HEAD\s*\(\s*%s\s*," % re.escape(tag.encode()))
        for name in self.view(path):
            match = pattern.search(self.read(name))
            if match is not None:
                return match[1].decode()
        return None

    def definitions(self, path: str, name: str) -> list[MacroText]:
        """Return the `#define`s of a name in view of a file."""
        key = (path, name)
        if key not in self._definitions:
            pattern = re.compile(_DEFINE % re.escape(name.encode()), re.M)
            self._definitions[key] = [
                MacroText(text, match[1], match[2].strip())
                for text in self.view(path)
                if name.encode() in self.read(text)
                for match in pattern.finditer(self.open(text)[0].code)
            ]
        return self._definitions[key]

    def view(self, path: str) -> list[str]:
        """Return a file and what it may include: itself first, then by their paths."""
        return [path, *sorted(self.closure(path) - {path})]

    def includes(self, path: str) -> tuple[IncludeFact, ...]:
        """Return the `#include`s of a file, whether it holds a candidate or not."""
        facts = self.index.facts.get(path)
        return facts.includes if facts and facts.includes else include_facts(*self.open(path))

    def closure(self, path: str) -> frozenset[str]:
        """Return a file and every file that it may include, directly or not."""
        if path not in self._closures:
            graph = self.index.includes
            found = {path, *graph.closure(path)}
            for include in self.includes(path):
                for target in graph.resolve(path, include.name, angled=include.angled):
                    found |= graph.closure(target)
            self._closures[path] = frozenset(found)
        return self._closures[path]
