"""Step 2.2, the type names of a tree: which file defines and needs them, and which one sees it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from vrefactor.c.facts.type_names import (
    NamePlace,
    Space,
    SpecifierMacro,
    TypeName,
    TypeNames,
    type_names,
)
from vrefactor.c.model import Range
from vrefactor.c.preprocess.conditionals import (
    Condition,
    Conditionals,
    Include,
    Literal,
    includes,
    parse_conditionals,
)
from vrefactor.c.preprocess.lexer import Source, find_names, lex
from vrefactor.c.query.declarations import Declaration
from vrefactor.edit.files import Files
from vrefactor.index.index import Index

_ONCE = re.compile(rb"^[ \t]*#[ \t]*pragma[ \t]+once\b", re.M)
_ALONE = re.compile(rb"\s*;")
_SYSTEM = re.compile(rb"defined\(__\w+__\)|(?!defined).*", re.S)
_PLAIN = re.compile(rb"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class MadeTag:
    """A macro among the specifiers of a declaration that defines a tag, and its range.

    `shared` says that anything else needs the tag.
    """

    tag: bytes
    range: Range
    shared: bool

    @property
    def type(self) -> bytes:
        """The type that the macro stands for."""
        return b"struct " + self.tag


@dataclass(slots=True)
class TypeIndex:
    """The type names of a tree's files, each read once, and the includes that kernel code sees.

    `planned` are files as they will be: texts that the step adds to what is there.
    """

    files: Files
    planned: dict[str, bytes] = field(default_factory=dict)
    _names: dict[str, TypeNames] = field(default_factory=dict)
    _direct: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _closures: dict[str, frozenset[str]] = field(default_factory=dict)
    _texts: dict[str, bytes] = field(default_factory=dict)
    _defined: dict[tuple[str, TypeName], bool] = field(default_factory=dict)

    @property
    def index(self) -> Index:
        """The index of the tree."""
        return self.files.index

    def add(self, path: str, text: bytes) -> None:
        """Take in that the step adds `text` to a file, which may be new."""
        self.planned[path] = self.planned.get(path, b"") + text
        for memo in (self._names, self._direct, self._texts):
            memo.pop(path, None)
        self._closures.clear()
        self._defined.clear()

    def text(self, path: str) -> bytes:
        """Return a file's content with what the step adds to it."""
        if path not in self._texts:
            data = self.files.read(path) if path in self.index.tree else b""
            self._texts[path] = data + self.planned.get(path, b"")
        return self._texts[path]

    def names(self, path: str) -> TypeNames:
        """Return the type names of a file, with those that macros make."""
        if path not in self._names:
            self._names[path] = type_names(path, self.text(path), self.files.macros)
        return self._names[path]

    def read_ahead(self, paths: Iterable[str]) -> None:
        """Read the type names of files that will be asked for, on all processors."""
        missing = [
            path
            for path in sorted(set(paths))
            if path not in self._names and path not in self.planned and path in self.index.tree
        ]
        if len(missing) > 1:
            key = b"vrefactor.c.facts.type_names.type_names"
            found = self.index.ask(missing, type_names, TypeNames, key)
            self._names.update(zip(missing, found, strict=True))

    def planned_names(self, path: str) -> TypeNames:
        """Return the type names of what the step adds to a file."""
        return type_names(path, self.planned.get(path, b""), self.files.macros)

    def made(self, path: str) -> dict[TypeName, NamePlace]:
        """Return the tags that macros define in a file at file scope, each with its place.

        The place is the macro, and the `;` behind it where it declares nothing else.
        """
        source, _ = self._open(path)
        found: dict[TypeName, NamePlace] = {}
        for made in self.names(path).specifier_macros:
            tag = self.made_tag(path, made)
            if tag is not None:
                end = _ALONE.match(source.code, made.end)
                construct = (made.start, end.end() if end else made.end)
                own = construct if end else (made.start, made.end)
                found.setdefault(TypeName(Space.TAG, tag), NamePlace(construct, own))
        return found

    def defines(self, path: str, name: TypeName) -> bool:
        """Say whether a file defines a name; a macro may stand for a type or a constant."""
        key = (path, name)
        if key not in self._defined:
            self._defined[key] = self._defines(path, name)
        return self._defined[key]

    def _defines(self, path: str, name: TypeName) -> bool:
        if name.name.encode("latin-1") not in self.text(path):
            return False
        found = self.names(path)
        if name.space is Space.KNOWN_TAG:
            return name.name in found.declared
        if name.space is Space.TAG:
            return name in found.defined or any(
                self.made_tag(path, made) == name.name for made in found.specifier_macros
            )
        spaces = (Space.TYPEDEF, Space.CONSTANT)
        return any(TypeName(space, name.name) in found.defined for space in spaces)

    def made_in(self, path: str, declaration: Declaration) -> MadeTag | None:
        """Return the tag that a macro among the specifiers of a declaration defines, if any."""
        first, last = declaration.specifiers
        for made in self.names(path).specifier_macros:
            tag = self.made_tag(path, made) if first <= made.start < last else None
            if tag is not None:
                name = tag.encode("latin-1")
                code = self._open(path)[0].code
                lone = not path.endswith(".h") and len(find_names(code, [name])) == 1
                shared = not lone or len(declaration.declarators) > 1
                return MadeTag(name, (made.start, made.end), shared)
        return None

    def made_tag(self, path: str, made: SpecifierMacro) -> str | None:
        """Return the tag that a specifier macro defines: `LIST_HEAD(tag, type)` does."""
        for macro in self.index.macros.definitions(made.macro, path):
            names = zip(macro.parameters or (), made.arguments, strict=False)
            for parameter, argument in names:
                head = rf"\b(?:struct|union)\s+{re.escape(parameter)}\s*\{{"
                if argument and re.search(head, macro.body):
                    return argument
        return None

    def guarded(self, path: str) -> bool:
        """Tell whether a file may be read twice: by an include guard or a `#pragma once`.

        A header that is still to be made will have a guard.
        """
        if path not in self.index.tree:
            return True
        source, conditionals = self.files.open(path)
        guarded = any(group.guard for group in conditionals.groups)
        return guarded or _ONCE.search(source.code) is not None

    def closure(self, path: str) -> frozenset[str]:
        """Return `path` and all that kernel code sees through it."""
        if path not in self._closures:
            seen = {path}
            pending = [path]
            while pending:
                for name in self.direct(pending.pop()):
                    if name not in seen:
                        seen.add(name)
                        pending.append(name)
            self._closures[path] = frozenset(seen)
        return self._closures[path]

    def direct(self, path: str) -> tuple[str, ...]:
        """Return the files that kernel code sees by the `#include`s of `path` for certain."""
        if path not in self._direct:
            kernel = b"defined(%s)" % self.index.rules.stubs.condition.encode()
            found = [
                include
                for include, condition in self._includes(path)
                if (kernel, False) not in condition
                and all(map(_holds, condition - {(kernel, True)}))
            ]
            self._direct[path] = self._resolved(path, found)
        return self._direct[path]

    def named(self, path: str) -> tuple[str, ...]:
        """Return the files that `path` includes by name, under any condition."""
        return self._resolved(path, [include for include, _ in self._includes(path)])

    def _includes(self, path: str) -> list[tuple[Include, Condition]]:
        source, conditionals = self._open(path)
        found = includes(source, conditionals)
        return [(include, conditionals.condition(include.start)) for include in found]

    def _open(self, path: str) -> tuple[Source, Conditionals]:
        """Lex a file as it will be."""
        if path not in self.planned:
            return self.files.open(path)
        source = lex(path, self.text(path))
        return source, parse_conditionals(source)

    def _resolved(self, path: str, found: Iterable[Include]) -> tuple[str, ...]:
        paths: dict[str, None] = {}
        for include in found:
            name = include.name.decode("latin-1")
            paths.update(
                dict.fromkeys(self.index.includes.resolve(path, name, angled=include.angled))
            )
            if name in self.planned:
                paths[name] = None
        return tuple(paths)


def _holds(literal: Literal) -> bool:
    """Say whether a condition of an `#include` most likely holds in a kernel's source.

    `#ifndef LOCORE` does, and `#if __BSD_VISIBLE`; `#ifdef INET6` need not, and what tells
    one system from another (`#ifndef __linux__`) can't be known.
    """
    text, truth = literal
    if not truth:
        return _SYSTEM.fullmatch(text) is None
    return _PLAIN.fullmatch(text) is not None
