"""Step 2.2, the types: what fields need goes from the source that defines it to a header.

A header can't name what a source file defines.  So the type moves, with the types and the
macros of its file that it needs in turn, as it stands: text, comment, conditions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from vrefactor.c.facts.type_names import NamePlace, Space, TypeName
from vrefactor.c.preprocess.conditionals import Conditionals, parse_conditionals
from vrefactor.c.preprocess.lexer import Source, lex
from vrefactor.c.query.declarations import Declaration
from vrefactor.edit.container_uses import literals
from vrefactor.edit.lines import FileLines
from vrefactor.edit.openings import directive
from vrefactor.source.edits import Edit
from vrefactor.steps.containers.fields import ContainerField
from vrefactor.steps.containers.type_headers import HeaderBook

_WORD = re.compile(rb"[A-Za-z_]\w*")
_TAG = re.compile(rb"(?:struct|union|enum)\s+\w+")


@dataclass(frozen=True, slots=True, order=True)
class MovedType:
    """One definition that moves: its range of whole lines, and the text for the header.

    `kept` stays in the range: the head of a variable's declaration that held the type.
    """

    start: int
    end: int
    text: bytes
    kept: bytes = b""


@dataclass(slots=True)
class Mover:
    """Finds what has to leave one source file."""

    book: HeaderBook
    path: str
    source: Source
    conditionals: Conditionals
    units: dict[TypeName, MovedType] = field(default_factory=dict)
    _made: dict[TypeName, NamePlace] | None = None

    @classmethod
    def open(cls, book: HeaderBook, path: str) -> Mover:
        """Lex the file; raises the errors of `lex` and `parse_conditionals`."""
        source = lex(path, book.index.tree.read(path))
        return cls(book, path, source, parse_conditionals(source))

    def own(self, name: TypeName) -> bool:
        """Say whether the file itself defines a name, and not only in variables that move."""
        if self.path.endswith(".h"):
            return False
        return bool(self._places(self._key(name)))

    def _places(self, name: TypeName) -> list[NamePlace]:
        """Return where the file defines a name; by a macro only if that is no variable's type."""
        if self._made is None:
            self._made = self.book.made(self.path)
        made = self._made.get(name)
        return self.book.names(self.path).defined.get(name, []) or ([made] if made else [])

    def _key(self, name: TypeName) -> TypeName:
        """Return the name as the file defines it: a macro may stand for a type."""
        if name.space is not Space.TAG and name not in self.book.names(self.path).defined:
            other = Space.CONSTANT if name.space is Space.TYPEDEF else Space.TYPEDEF
            return TypeName(other, name.name)
        return name

    def move(self, name: TypeName) -> None:
        """Note that a name of the file moves, and all of the file that it needs."""
        name = self._key(name)
        names = self.book.names(self.path)
        if name in self.units:
            return
        for place in self._places(name):
            self.units[name] = self._unit(place, name)
            for type_name in (*names.needs_in(*place.own), *self._mentioned(name, place)):
                self.move(type_name)

    def _mentioned(self, name: TypeName, place: NamePlace) -> Iterable[TypeName]:
        """Yield what a macro's body may need: any name of the file in it."""
        if name.space is Space.CONSTANT and self.conditionals.directive_at(place.own[0]):
            for word in _WORD.findall(self.source.code, *place.own):
                for space in Space:
                    yield TypeName(space, word.decode("latin-1"))

    def _unit(self, place: NamePlace, name: TypeName) -> MovedType:
        lines = FileLines(self.source)
        start, end = place.construct
        directive = self.conditionals.directive_at(start)
        if directive is not None:
            return self._guarded(*self._around(directive.start, directive.end))
        body = self.source.data[slice(*place.own)]
        rest = self.source.code[place.own[1] : end].strip()
        if place.own == place.construct or rest in (b"", b";"):
            first = lines.above(lines.start(start))
            return self._guarded(first, lines.next(max(start, end - 1)))
        tag = _TAG.match(self.source.code, place.own[0])
        kept = tag[0] if tag else b"struct " + name.name.encode("latin-1")
        return MovedType(*place.own, self._under(start, body + b";" + lines.newline), kept)

    def _around(self, start: int, end: int) -> tuple[int, int]:
        """Return a directive's lines, or those of the `#if` that holds nothing else."""
        owner = self.conditionals.owner(start)
        if owner is not None:
            group = self.conditionals.groups[owner[0]]
            branch = group.branches[owner[1]]
            alone = self.source.code[branch.start : start] + self.source.code[end : branch.end]
            if not group.guard and len(group.branches) == 1 and not alone.strip():
                return group.start, group.end
        return start, end

    def _guarded(self, start: int, end: int) -> MovedType:
        lines = FileLines(self.source)
        end = end if self.source.data[:end].endswith(b"\n") else lines.next(max(start, end - 1))
        text = self.source.data[start:end]
        text = text if text.endswith(b"\n") else text + lines.newline
        return MovedType(start, end, self._under(start, text))

    def _under(self, offset: int, text: bytes) -> bytes:
        """Return `text` under the conditions that govern an offset."""
        condition = literals(self.conditionals, offset)
        if not condition:
            return text
        newline = FileLines(self.source).newline
        return directive(condition) + newline + text + b"#endif" + newline

    def text(self) -> bytes:
        """Return all that moves, in source order, set apart like there."""
        parts: list[bytes] = []
        done = -1
        for unit in sorted(set(self.units.values())):
            if unit.start < done:
                continue  # it is inside of what moves already
            near = not parts or not self.source.data[done : unit.start].strip(b" \t")
            parts.append(unit.text if near else FileLines(self.source).newline + unit.text)
            done = unit.end
        return b"".join(parts)

    def edits(self, step: str) -> list[Edit]:
        """Return the edits that take the moved text out of the source file."""
        found: list[Edit] = []
        lines = FileLines(self.source)
        done = -1
        for unit in sorted(set(self.units.values())):
            if unit.start >= done:
                end = unit.end if unit.kept else lines.with_blank(unit.start, unit.end)
                found.append(Edit(self.path, unit.start, end, unit.kept, step, "to a header"))
                done = unit.end
        return found


def wanted_types(book: HeaderBook, field: ContainerField) -> list[TypeName]:
    """Return the names that a field's type needs, sorted."""
    names = book.names(field.path)
    start, end = field.declaration.start, field.declaration.end
    first, last = field.declaration.specifiers
    defined = [
        name
        for name, places in names.defined.items()
        if name.space is Space.TAG and any(first <= place.own[0] < last for place in places)
    ]
    return sorted({*names.needs_in(start, end), *defined})


def retag(
    book: HeaderBook, declarations: Iterable[tuple[str, Declaration]]
) -> dict[tuple[str, int], tuple[int, int, bytes]]:
    """Return the declarations whose specifiers are a macro that defines a tag others use.

    By file and offset of the declaration: the macro's range, and the tag for its place.
    """
    found: dict[tuple[str, int], tuple[int, int, bytes]] = {}
    for path, declaration in declarations:
        first, last = declaration.specifiers
        for made in book.names(path).made:
            tag = book.made_tag(path, made) if first <= made.start < last else None
            if tag is not None and not book.lone_tag(path, tag):
                text = b"struct " + tag.encode("latin-1")
                found[path, declaration.start] = (made.start, made.end, text)
    return found
