"""Which headers give a container the types that its fields need.

BSD headers are not whole: most count on others that the source includes before.  So what a
header needs is found as well, and given by headers in front of it; what every user of the
container includes before is there already.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from vrefactor.c.facts.type_names import (
    NamePlace,
    Space,
    SpecifierMacro,
    TypeName,
    TypeNames,
    type_names,
)
from vrefactor.c.preprocess.conditionals import (
    Condition,
    Include,
    Literal,
    includes,
    parse_conditionals,
)
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.lexer import find_names, lex
from vrefactor.index.index import Index

_ONCE = re.compile(rb"^[ \t]*#[ \t]*pragma[ \t]+once\b", re.M)
_ALONE = re.compile(rb"\s*;")
_SYSTEM = re.compile(rb"defined\(__\w+__\)|(?!defined).*", re.S)
_PLAIN = re.compile(rb"[A-Za-z_]\w*")


@dataclass(slots=True)
class HeaderBook:
    """The type names of a tree's files, each read once, and the includes that kernel code sees.

    `planned` are files as they will be: texts that the step adds to what is there.
    """

    index: Index
    planned: dict[str, bytes] = field(default_factory=dict)
    _macros: MacroMatcher | None = None
    _names: dict[str, TypeNames] = field(default_factory=dict)
    _direct: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _closures: dict[str, frozenset[str]] = field(default_factory=dict)
    _texts: dict[str, bytes] = field(default_factory=dict)
    _defined: dict[tuple[str, TypeName], bool] = field(default_factory=dict)

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
            data = self.index.tree.read(path) if path in self.index.tree else b""
            self._texts[path] = data + self.planned.get(path, b"")
        return self._texts[path]

    def names(self, path: str) -> TypeNames:
        """Return the type names of a file, with those that macros make."""
        if path not in self._names:
            self._names[path] = type_names(path, self.text(path), self._matcher())
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
        return type_names(path, self.planned.get(path, b""), self._matcher())

    def _matcher(self) -> MacroMatcher:
        if self._macros is None:
            self._macros = MacroMatcher(self.index.rules.macros)
        return self._macros

    def made(self, path: str) -> dict[TypeName, NamePlace]:
        """Return the tags that macros define in a file at file scope, each with its place.

        The place is the macro, and the `;` behind it where it declares nothing else.
        """
        source = lex(path, self.text(path))
        found: dict[TypeName, NamePlace] = {}
        for made in self.names(path).made:
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
                self.made_tag(path, made) == name.name for made in found.made
            )
        spaces = (Space.TYPEDEF, Space.CONSTANT)
        return any(TypeName(space, name.name) in found.defined for space in spaces)

    def lone_tag(self, path: str, tag: str) -> bool:
        """Say whether a source file names a tag once only: where it is defined."""
        code = lex(path, self.text(path)).code
        return not path.endswith(".h") and len(find_names(code, [tag.encode("latin-1")])) == 1

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
        source = lex(path, self.index.tree.read(path))
        groups = parse_conditionals(source).groups
        return bool(_ONCE.search(source.code)) or any(group.guard for group in groups)

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
        source = lex(path, self.text(path))
        conditionals = parse_conditionals(source)
        found = includes(source, conditionals)
        return [(include, conditionals.condition(include.start)) for include in found]

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


@dataclass(slots=True)
class Chooser:
    """Chooses the includes of one container's header, in an order that works."""

    book: HeaderBook
    given: frozenset[str]
    """What is there before the header: no include is needed for it."""
    candidates: Sequence[str]
    """Where to look for what is needed: headers that sources include by name, best first."""
    chosen: dict[str, None] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    """All that the chosen ones bring along."""
    heads: set[str] = field(default_factory=set)
    """Tags to declare in front of the includes: parameter lists in them name these."""
    before: dict[str, set[str]] = field(default_factory=dict)
    """For each chosen header those in front of it that give it what it needs."""
    _done: set[str] = field(default_factory=set)

    def need_of(self, path: str) -> None:
        """Choose headers for what a text that goes into a header needs."""
        for name in self.book.planned_names(path).needed:
            self._need(name)

    def need(self, names: Iterable[TypeName]) -> list[TypeName]:
        """Choose headers for some names; return those that no candidate defines."""
        return [name for name in names if not self._need(name)]

    def _need(self, name: TypeName) -> bool:
        if self._is_there(name):
            return True
        if name.space is Space.KNOWN_TAG:
            self.heads.add(name.name)
            return True
        for path in self.candidates:
            if self.book.defines(path, name):
                self.choose(path)
                return True
        for path in self.candidates:
            if any(self.book.defines(text, name) for text in self.book.closure(path)):
                self.choose(path)
                return True
        return False

    def choose(self, path: str) -> None:
        """Include a header, behind those that it needs in turn."""
        if path in self._done:
            return
        self._done.add(path)
        own, needed = self.book.closure(path), set[TypeName]()
        self.book.read_ahead(inner for inner in own if self._matters(inner))
        for inner in sorted(own):
            for name in self.book.names(inner).needed if self._matters(inner) else ():
                if not any(self.book.defines(text, name) for text in own):
                    self._need(name)
                    needed.add(name)
        self.before[path] = {text for text in self.chosen if self._gives(text, needed)}
        self.chosen[path] = None
        self.seen |= own

    def _gives(self, path: str, needed: Collection[TypeName]) -> bool:
        own = self.book.closure(path)
        return any(self.book.defines(text, name) for name in needed for text in own)

    def _matters(self, path: str) -> bool:
        return path not in self.given and path not in self.seen

    def _is_there(self, name: TypeName) -> bool:
        return any(self.book.defines(path, name) for path in (*self.given, *self.seen))


def as_sources(
    paths: Sequence[str],
    before: Mapping[str, Collection[str]],
    lists: Iterable[Sequence[str]],
    bare: Collection[str],
) -> list[str]:
    """Return includes, those that are `bare` behind what most sources have in front of them.

    A header without an include guard is written for the one place where its sources include
    it.  It may need what is in no header of the tree (`u_char`), or a macro that no parse shows
    (`__P`).  `before` are the headers that one needs in front of it, `lists` the headers that
    each source includes.
    """
    ahead = {path: set(before.get(path, ())) for path in paths}
    seen: Counter[tuple[str, str]] = Counter()
    for names in lists:
        known = list(dict.fromkeys(name for name in names if name in ahead))
        seen.update((text, other) for at, text in enumerate(known) for other in known[at + 1 :])
    for text, other in sorted(seen):
        wanted = other in bare and seen[text, other] > seen[other, text]
        if wanted and other not in before.get(text, ()):
            ahead[other].add(text)
    left, found = list(paths), list[str]()
    while left:
        found.append(_next(left, before, ahead))
        left.remove(found[-1])
    return found


def _next(
    left: Sequence[str], before: Mapping[str, Collection[str]], ahead: Mapping[str, set[str]]
) -> str:
    """Return the first of the includes that are left, or what it has to wait for.

    The sources may contradict each other (`ahead`); what a header needs (`before`) may not.
    """
    path, seen = left[0], set[str]()
    while waiting := [name for name in left if name in ahead[path] - seen]:
        seen.add(path)
        path = waiting[0]
    ready = [name for name in left if not set(before.get(name, ())) & set(left)]
    return path if path in ready else ready[0]


def grouped(paths: Iterable[str], order: Mapping[str, int]) -> list[list[str]]:
    """Return the includes by folder, in the order that the tree's files prefer.

    `order` ranks the folders.  Within a folder the order stays: it is one that works.
    """
    groups: dict[str, list[str]] = {}
    for path in paths:
        groups.setdefault(path.rpartition("/")[0], []).append(path)
    return [groups[name] for name in sorted(groups, key=lambda name: (order.get(name, 99), name))]


def folder_order(lists: Iterable[Collection[str]]) -> dict[str, int]:
    """Rank folders by where files include their headers: `lists` are the includes of each file."""
    ranks: dict[str, list[int]] = {}
    for names in lists:
        folders = dict.fromkeys(name.rpartition("/")[0] for name in names)
        for rank, folder in enumerate(folders):
            ranks.setdefault(folder, []).append(rank)
    mean = {folder: sum(found) / len(found) for folder, found in ranks.items()}
    return {folder: rank for rank, folder in enumerate(sorted(mean, key=lambda f: (mean[f], f)))}
