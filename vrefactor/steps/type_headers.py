"""Which headers give a container the types that its fields need.

BSD headers are not whole: most count on others that the source includes before.  So what a
header needs is found as well, and given by headers in front of it; what every user of the
container includes before is there already.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from vrefactor.c.conditionals import Conditionals, includes, parse_conditionals
from vrefactor.c.lexer import lex
from vrefactor.c.macros import MacroMatcher
from vrefactor.c.typenames import Made, Space, TypeName, TypeNames, type_names
from vrefactor.index.index import Index


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

    def add(self, path: str, text: bytes) -> None:
        """Take in that the step adds `text` to a file, which may be new."""
        self.planned[path] = self.planned.get(path, b"") + text
        for memo in (self._names, self._direct):
            memo.pop(path, None)
        self._closures.clear()

    def text(self, path: str) -> bytes:
        """Return a file's content with what the step adds to it."""
        data = self.index.tree.read(path) if path in self.index.tree else b""
        return data + self.planned.get(path, b"")

    def names(self, path: str) -> TypeNames:
        """Return the type names of a file, with those that macros make."""
        if path not in self._names:
            if self._macros is None:
                self._macros = MacroMatcher(self.index.rules.macros)
            self._names[path] = type_names(path, self.text(path), self._macros)
        return self._names[path]

    def defines(self, path: str, name: TypeName) -> bool:
        """Say whether a file defines a name; a macro may stand for a type or a constant."""
        if name.name.encode("latin-1") not in self.text(path):
            return False
        found = self.names(path)
        if name.space is Space.TAG:
            return name in found.defined or any(
                self.made_tag(path, made) == name.name for made in found.made
            )
        spaces = (Space.TYPEDEF, Space.CONSTANT)
        return any(TypeName(space, name.name) in found.defined for space in spaces)

    def made_tag(self, path: str, made: Made) -> str | None:
        """Return the tag that a specifier macro defines: `LIST_HEAD(tag, type)` does."""
        for macro in self.index.macros.definitions(made.macro, path):
            names = zip(macro.parameters or (), made.arguments, strict=False)
            for parameter, argument in names:
                head = rf"\b(?:struct|union)\s+{re.escape(parameter)}\s*\{{"
                if argument and re.search(head, macro.body):
                    return argument
        return None

    def closure(self, path: str) -> frozenset[str]:
        """Return `path` and all that kernel code sees through it."""
        if path not in self._closures:
            seen = {path}
            pending = [path]
            while pending:
                for one in self.direct(pending.pop()):
                    if one not in seen:
                        seen.add(one)
                        pending.append(one)
            self._closures[path] = frozenset(seen)
        return self._closures[path]

    def direct(self, path: str) -> tuple[str, ...]:
        """Return the files of the tree that kernel code sees by the `#include`s of `path`."""
        if path not in self._direct:
            source = lex(path, self.text(path))
            conditionals = parse_conditionals(source)
            found: dict[str, None] = {}
            for one in includes(source, conditionals):
                if self._in_kernel(conditionals, one.start):
                    name = one.name.decode("latin-1")
                    resolved = self.index.includes.resolve(path, name, angled=one.angled)
                    found.update(dict.fromkeys(resolved))
                    if name in self.planned:
                        found[name] = None
            self._direct[path] = tuple(found)
        return self._direct[path]

    def _in_kernel(self, conditionals: Conditionals, offset: int) -> bool:
        kernel = self.index.rules.stubs.condition.encode()
        return (b"defined(%s)" % kernel, False) not in conditionals.condition(offset)


@dataclass(slots=True)
class Chooser:
    """Chooses the includes of one container's header, in an order that works."""

    book: HeaderBook
    given: frozenset[str]
    """What is there before the header: no include is needed for it."""
    candidates: Sequence[str]
    """Where to look for what is needed, best first."""
    chosen: dict[str, None] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    """All that the chosen ones bring along."""
    _done: set[str] = field(default_factory=set)

    def need(self, names: Iterable[TypeName]) -> list[TypeName]:
        """Choose headers for some names; return those that no candidate defines."""
        return [name for name in names if not self._need(name)]

    def _need(self, name: TypeName) -> bool:
        if self._is_there(name):
            return True
        for path in self.candidates:
            if self.book.defines(path, name):
                self.choose(path)
                return True
        return False

    def choose(self, path: str) -> None:
        """Include a header, behind those that it needs in turn."""
        if path in self._done:
            return
        self._done.add(path)
        own = self.book.closure(path)
        for inner in sorted(own):
            for name in self.book.names(inner).needed if self._matters(inner) else ():
                if not any(self.book.defines(one, name) for one in own):
                    self._need(name)
        self.chosen[path] = None
        self.seen |= own

    def _matters(self, path: str) -> bool:
        return path not in self.given and path not in self.seen

    def _is_there(self, name: TypeName) -> bool:
        return any(self.book.defines(path, name) for path in (*self.given, *self.seen))


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
