"""Step 2.2, the includes of a container's header: which ones give its fields their types.

BSD headers are not whole: most count on others that the source includes before.  So what a
header needs is found as well, and given by headers in front of it; what every user of the
container includes before is there already.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from vrefactor.c.facts.type_names import Space, TypeName
from vrefactor.plan.symbols import Virtualised
from vrefactor.steps.containers.fields import ContainerField
from vrefactor.steps.containers.type_index import TypeIndex

_TAG = re.compile(rb"(?<!\w)(?:struct|union)\s+(\w+)")


@dataclass(slots=True)
class IncludeChoice:
    """Chooses the includes of one container's header, in an order that works."""

    types: TypeIndex
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
        for name in self.types.planned_names(path).needed:
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
            if self.types.defines(path, name):
                self.choose(path)
                return True
        for path in self.candidates:
            if any(self.types.defines(text, name) for text in self.types.closure(path)):
                self.choose(path)
                return True
        return False

    def choose(self, path: str) -> None:
        """Include a header, behind those that it needs in turn."""
        if path in self._done:
            return
        self._done.add(path)
        own, needed = self.types.closure(path), set[TypeName]()
        self.types.read_ahead(inner for inner in own if self._matters(inner))
        for inner in sorted(own):
            for name in self.types.names(inner).needed if self._matters(inner) else ():
                if not any(self.types.defines(text, name) for text in own):
                    self._need(name)
                    needed.add(name)
        self.before[path] = {text for text in self.chosen if self._gives(text, needed)}
        self.chosen[path] = None
        self.seen |= own

    def grouped(self) -> list[list[str]]:
        """Return the chosen includes by folder, in the order that the tree's sources prefer."""
        index = self.types.index
        sources = [path for path in sorted(index.facts) if path.endswith(".c")]
        lists = [[include.name for include in index.facts[path].includes] for path in sources]
        seen = [index.includes.direct(path) for path in sources]
        bare = {path for path in self.chosen if not self.types.guarded(path)}
        chosen = in_source_order(list(self.chosen), self.before, seen, bare)
        return grouped(chosen, folder_order(lists))

    def _gives(self, path: str, needed: Collection[TypeName]) -> bool:
        own = self.types.closure(path)
        return any(self.types.defines(text, name) for name in needed for text in own)

    def _matters(self, path: str) -> bool:
        return path not in self.given and path not in self.seen

    def _is_there(self, name: TypeName) -> bool:
        return any(self.types.defines(path, name) for path in (*self.given, *self.seen))


def choose_includes(
    types: TypeIndex,
    header: str,
    given: Iterable[str],
    fields: Sequence[ContainerField],
    wanted: Mapping[Virtualised, Iterable[TypeName]],
    users: Iterable[str],
) -> IncludeChoice:
    """Return the choice of a container's includes, made for the types of its fields.

    `given` are headers that every user includes before `header`, which has its own too;
    `wanted` are the names that each field's type needs.  Chosen are headers that the defining
    files, or the other `users`, include by name.
    """
    there: set[str] = set(types.closure(header))
    for path in given:
        there |= types.closure(path)
    named = dict.fromkeys(types.planned)
    for path in (*dict.fromkeys(member.path for member in fields), *users):
        named.update(dict.fromkeys(types.named(path)))
    named.pop(header, None)
    candidates = [path for path in named if path.endswith(".h")]
    choice = IncludeChoice(types, frozenset(there), candidates)
    choice.need_of(header)
    for member in fields:
        choice.need(wanted[member.known])
    for member in fields:
        if member.declarator.function:
            tags = (match[1].decode("latin-1") for match in _TAG.finditer(member.member))
            choice.need(TypeName(Space.KNOWN_TAG, tag) for tag in tags)
    return choice


def in_source_order(
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
