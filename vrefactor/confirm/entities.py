"""Asking libclang about every candidate of one translation unit."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from vrefactor.confirm.libclang import CXCursor
from vrefactor.confirm.name_places import NamePlaces, name_places
from vrefactor.confirm.unit import CursorKind, Linkage, TranslationUnit, UnitPlace
from vrefactor.index.compiled_tokens import Entity, EntityKind
from vrefactor.source.tree import Tree

Answer = tuple[str, int, int, Entity, bool]
"""Path, offset, line, what the token there is, and whether it was seen through an expansion."""

_KINDS = {
    CursorKind.STRUCT: EntityKind.TAG,
    CursorKind.UNION: EntityKind.TAG,
    CursorKind.ENUM: EntityKind.TAG,
    CursorKind.FIELD: EntityKind.MEMBER,
    CursorKind.ENUMERATOR: EntityKind.ENUMERATOR,
    CursorKind.FUNCTION: EntityKind.FUNCTION,
    CursorKind.PARAMETER: EntityKind.PARAMETER,
    CursorKind.TYPEDEF: EntityKind.TYPEDEF,
    CursorKind.LABEL: EntityKind.LABEL,
}
_REFERENCES = frozenset(
    {
        CursorKind.TYPE_REFERENCE,
        CursorKind.MEMBER_REFERENCE,
        CursorKind.LABEL_REFERENCE,
        CursorKind.EXPRESSION_REFERENCE,
        CursorKind.MEMBER_EXPRESSION,
    }
)


@dataclass(slots=True)
class TreeNamePlaces:
    """The texts of a tree's files, read when they are first asked for."""

    tree: Tree
    names: frozenset[bytes]
    macros: frozenset[bytes]
    _read: dict[str, NamePlaces] = field(default_factory=dict)
    _paths: dict[bytes, str | None] = field(default_factory=dict)

    def of(self, path: str) -> NamePlaces:
        """Return the text of one file of the tree."""
        if path not in self._read:
            self._read[path] = name_places(path, self.tree.read(path), self.names, self.macros)
        return self._read[path]

    def path(self, name: bytes) -> str | None:
        """Return the path in the tree of a file as libclang names it; None outside the tree."""
        if name not in self._paths:
            root = os.path.realpath(self.tree.root)
            found = os.path.relpath(os.path.realpath(os.fsdecode(name)), root)
            self._paths[name] = found if found in self.tree else None
        return self._paths[name]


def answers(unit: TranslationUnit, texts: TreeNamePlaces, searched: set[str]) -> Iterator[Answer]:
    """Yield what every candidate that is compiled in this unit is.

    `searched` are headers that were searched before for what asking at a place does not find;
    those of this unit are added.
    """
    files = {name: path for name in unit.files if (path := texts.path(name)) is not None}
    missed: dict[bytes, set[int]] = {}
    for name, path in files.items():
        text = texts.of(path)
        for offset in text.plain:
            cursor = unit.at(name, offset)
            entity = None if cursor is None else _entity(unit, texts, cursor)
            if entity is not None:
                yield path, offset, text.line(offset), entity, False
            elif name == unit.source or path not in searched:
                missed.setdefault(name, set()).add(offset)
    yield from _searched(unit, texts, files, missed)
    searched.update(path for name, path in files.items() if name != unit.source)


def _searched(
    unit: TranslationUnit,
    texts: TreeNamePlaces,
    files: Mapping[bytes, str],
    missed: Mapping[bytes, set[int]],
) -> Iterator[Answer]:
    """Yield what the nodes of the syntax tree say of candidates that cannot be asked for.

    Those are the tokens of macro bodies, and arguments of macros: asked at the place of an
    argument, libclang looks at the first of its expansions only, which may come to nothing.
    """
    defined = frozenset[bytes]().union(*(texts.of(path).defines for path in files.values()))
    wanted = {
        name: found
        for name, path in files.items()
        if (found := missed.get(name, set()) | _uses(texts.of(path), defined))
    }
    in_order = {name: sorted(offsets) for name, offsets in wanted.items()}
    if not wanted:
        return
    for top, start, end in unit.declarations(wanted):
        offsets = in_order[start.file]
        at = bisect_left(offsets, start.offset)
        if at < len(offsets) and offsets[at] <= end:
            for cursor in (top, *unit.within(top)):
                place = unit.place(cursor)
                if place.offset in wanted.get(place.file, ()):
                    yield from _spelled(unit, texts, cursor, place)


def _uses(text: NamePlaces, macros: frozenset[bytes]) -> set[int]:
    """Return where the file uses one of the macros."""
    return {offset for macro in macros for offset in text.uses.get(macro, ())}


def _spelled(
    unit: TranslationUnit, texts: TreeNamePlaces, cursor: CXCursor, place: UnitPlace
) -> Iterator[Answer]:
    spelled = unit.spelled(cursor)
    path = texts.path(spelled.file)
    if path is None:
        return
    text = texts.of(path)
    expanded = spelled.offset in text.bodies
    if expanded or (spelled == place and spelled.offset in text.plain):
        entity = _entity(unit, texts, cursor)
        if entity is not None:
            yield path, spelled.offset, text.line(spelled.offset), entity, expanded


def _entity(unit: TranslationUnit, texts: TreeNamePlaces, cursor: CXCursor) -> Entity | None:
    """Return what the cursor declares or refers to; None if libclang does not tell."""
    declares = cursor.kind not in _REFERENCES
    target = cursor if declares else unit.referenced(cursor)
    name = unit.name(target).decode("utf-8", "surrogateescape")
    if target.kind in _KINDS:
        return Entity(_KINDS[CursorKind(target.kind)], name, "", declares)
    if target.kind != CursorKind.VARIABLE:
        return None
    linkage = unit.linkage(target)
    if linkage in (Linkage.NONE, Linkage.INVALID):
        return Entity(EntityKind.LOCAL, name, "", declares)
    file = ""
    if linkage is Linkage.INTERNAL:
        first = unit.place(unit.canonical(target)).file
        file = texts.path(first) or first.decode("utf-8", "surrogateescape")
    return Entity(EntityKind.VARIABLE, name, file, declares)
