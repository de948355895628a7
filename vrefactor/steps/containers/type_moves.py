"""Step 2.2, the types: what fields need goes from the source that defines it to a header.

A header can't name what a source file defines.  So the type moves, with the types and the
macros of its file that it needs in turn, as it stands: text, comment, conditions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from vrefactor.c.facts.type_names import NamePlace, Space, TypeName
from vrefactor.c.preprocess.conditionals import Conditionals
from vrefactor.c.preprocess.lexer import Source
from vrefactor.c.query.declarations import Declaration
from vrefactor.edit.container_uses import literals
from vrefactor.edit.draft import Draft
from vrefactor.edit.header_places import end_of_kernel_code, set_apart
from vrefactor.edit.lines import FileLines
from vrefactor.edit.openings import directive
from vrefactor.generated.container_macros import include_guard
from vrefactor.index.index import Index
from vrefactor.plan.symbols import Virtualised
from vrefactor.steps.containers.container_header import struct_place
from vrefactor.steps.containers.fields import ContainerField, Fields, RefusedVariable
from vrefactor.steps.containers.reasons import ContainerRefusal
from vrefactor.steps.containers.type_index import TypeIndex

_PACK = re.compile(rb"^[ \t]*#[ \t]*pragma[ \t]+pack[ \t]*\(([^)\n]*)\)", re.M)
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
class SourceTypes:
    """What has to leave one source file."""

    types: TypeIndex
    path: str
    source: Source
    conditionals: Conditionals
    moved: dict[TypeName, list[MovedType]] = field(default_factory=dict)
    _made: dict[TypeName, NamePlace] | None = None

    @classmethod
    def open(cls, types: TypeIndex, path: str) -> SourceTypes:
        """Lex the file; raises the errors of `lex` and `parse_conditionals`."""
        return cls(types, path, *types.files.open(path))

    @property
    def parts(self) -> list[MovedType]:
        """All that moves, in source order."""
        return sorted({part for parts in self.moved.values() for part in parts})

    def own(self, name: TypeName) -> bool:
        """Say whether the file itself defines a name, and not only in variables that move."""
        if self.path.endswith(".h"):
            return False
        return bool(self._places(self._key(name)))

    def _places(self, name: TypeName) -> list[NamePlace]:
        """Return where the file defines a name; by a macro only if that is no variable's type."""
        if self._made is None:
            self._made = self.types.made(self.path)
        made = self._made.get(name)
        return self.types.names(self.path).defined.get(name, []) or ([made] if made else [])

    def _key(self, name: TypeName) -> TypeName:
        """Return the name as the file defines it: a macro may stand for a type."""
        if name.space is not Space.TAG and name not in self.types.names(self.path).defined:
            other = Space.CONSTANT if name.space is Space.TYPEDEF else Space.TYPEDEF
            return TypeName(other, name.name)
        return name

    def needed(self, wanted: Iterable[TypeName]) -> dict[TypeName, list[NamePlace]]:
        """Return the names of the file among some, and all of the file that they need, in turn."""
        names = self.types.names(self.path)
        pending, found = list(wanted), dict[TypeName, list[NamePlace]]()
        while pending:
            name = self._key(pending.pop(0))
            if name not in found and (places := self._places(name)):
                found[name] = places
                for place in places:
                    pending += names.needs_in(*place.own)
                    pending += self._mentioned(name, place)
        return found

    def obstacle(
        self, needed: Mapping[TypeName, Sequence[NamePlace]], field: ContainerField
    ) -> str | None:
        """Return why what a field needs can't move, if it can't: it depends on its place."""
        own = set(literals(self.conditionals, field.declaration.start))
        for name, places in needed.items():
            if any(self._is_packed(place.construct[0]) for place in places):
                return f"a #pragma pack governs {name.name}"
            if self._is_defined_anew(name, places):
                return f"{name.name} is defined anew"
            if not all(self._is_alone(place) for place in places):
                return f"{name.name} shares its line with other code"
            for place in places:
                shared = own.intersection(literals(self.conditionals, place.construct[0]))
                if shared:
                    condition = directive(tuple(sorted(shared))).decode("latin-1")
                    return f"{name.name} is there under {condition} only"
        return None

    def _is_alone(self, place: NamePlace) -> bool:
        """Say whether whole lines can move: nothing but the type stands on them."""
        start, end = place.construct
        if self.conditionals.directive_at(start) is not None or self._is_held(place):
            return True
        lines = FileLines(self.source)
        return lines.begins_line(start) and lines.ends_line(end)

    def _is_held(self, place: NamePlace) -> bool:
        """Say whether a declaration of variables holds a type."""
        rest = self.source.code[place.own[1] : place.construct[1]].strip()
        return place.own != place.construct and rest not in (b"", b";")

    def _is_packed(self, offset: int) -> bool:
        """Say whether a `#pragma pack` changes the layout of types at an offset."""
        stack, packed = list[bool](), False
        for found in _PACK.finditer(self.source.code, 0, offset):
            arguments = found[1].strip()
            if arguments.startswith(b"push"):
                stack.append(packed)
                packed = packed or b"," in arguments
            elif arguments.startswith(b"pop"):
                packed = stack.pop() if stack else False
            else:
                packed = arguments != b""
        return packed

    def _is_defined_anew(self, name: TypeName, places: Sequence[NamePlace]) -> bool:
        """Say whether a name of a macro has different meanings within the file."""
        undefined = re.compile(rb"^[ \t]*#[ \t]*undef[ \t]+%s(?!\w)" % name.name.encode(), re.M)
        if name.space is not Space.CONSTANT or undefined.search(self.source.code):
            return name.space is Space.CONSTANT
        conditions = [literals(self.conditionals, place.construct[0]) for place in places]
        return any(
            not any((text, not truth) in second for text, truth in first)
            for first, second in combinations(conditions, 2)
        )

    def move(self, needed: Mapping[TypeName, Sequence[NamePlace]]) -> None:
        """Note that names of the file move."""
        for name, places in needed.items():
            if name not in self.moved:
                self.moved[name] = [self._moved_type(place, name) for place in places]

    def _mentioned(self, name: TypeName, place: NamePlace) -> Iterable[TypeName]:
        """Yield what a macro's body may need: any name of the file in it."""
        if name.space is Space.CONSTANT and self.conditionals.directive_at(place.own[0]):
            for word in _WORD.findall(self.source.code, *place.own):
                for space in Space:
                    yield TypeName(space, word.decode("latin-1"))

    def _moved_type(self, place: NamePlace, name: TypeName) -> MovedType:
        lines = FileLines(self.source)
        start, end = place.construct
        directive = self.conditionals.directive_at(start)
        if directive is not None:
            return self._guarded(*self._around(directive.start, directive.end))
        body = self.source.data[slice(*place.own)]
        if not self._is_held(place):
            first = lines.above(lines.start(start))
            return self._guarded(first, lines.next(max(start, end - 1)))
        tag = _TAG.match(self.source.code, place.own[0])
        kept = tag[0] if tag else b"struct " + name.name.encode("latin-1")
        return MovedType(*place.own, self._under(start, body + b";\n"), kept)

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
        end = end if self.source.data.endswith(b"\n", 0, end) else lines.next(max(start, end - 1))
        text = self.source.data[start:end]
        text = text if text.endswith(b"\n") else text + b"\n"
        return MovedType(start, end, self._under(start, text))

    def _under(self, offset: int, text: bytes) -> bytes:
        """Return `text` under the conditions that govern an offset."""
        condition = literals(self.conditionals, offset)
        if not condition:
            return text
        return directive(condition) + b"\n" + text + b"#endif\n"

    def text(self) -> bytes:
        """Return all that moves, in source order, set apart like there."""
        parts: list[bytes] = []
        done = -1
        for moved in self.parts:
            if moved.start < done:
                continue  # it is inside of what moves already
            near = not parts or not self.source.data[done : moved.start].strip(b" \t")
            parts.append(moved.text if near else b"\n" + moved.text)
            done = moved.end
        return b"".join(parts)

    def remove(self, draft: Draft) -> None:
        """Take the text that moves out of the source file."""
        lines = FileLines(self.source)
        done = -1
        for moved in self.parts:
            if moved.start >= done:
                end = moved.end if moved.kept else lines.with_blank(moved.start, moved.end)
                draft.replace(self.path, moved.start, end, moved.kept, "to a header")
                done = moved.end


def wanted_types(types: TypeIndex, field: ContainerField) -> list[TypeName]:
    """Return the names that a field's type needs, sorted."""
    names = types.names(field.path)
    start, end = field.declaration.start, field.declaration.end
    first, last = field.declaration.specifiers
    defined = [
        name
        for name, places in names.defined.items()
        if name.space is Space.TAG and any(first <= place.own[0] < last for place in places)
    ]
    return sorted({*names.needs_in(start, end), *defined})


def tag_replacements(
    types: TypeIndex, declarations: Iterable[tuple[str, Declaration]]
) -> dict[tuple[str, int], tuple[int, int, bytes]]:
    """Return the declarations whose specifiers are a macro that defines a tag others use.

    By file and offset of the declaration: the macro's range, and the tag for its place.
    """
    found: dict[tuple[str, int], tuple[int, int, bytes]] = {}
    for path, declaration in declarations:
        made = types.made_in(path, declaration)
        if made is not None and made.shared:
            found[path, declaration.start] = (*made.range, made.type)
    return found


@dataclass(slots=True)
class TypeMoves:
    """The types that all fields need, and what moves to headers for them."""

    types: TypeIndex
    homes: Mapping[str, str]
    """Which header takes the types of a source file, by the rules."""
    wanted: dict[Virtualised, list[TypeName]] = field(default_factory=dict)
    sources: dict[str, SourceTypes] = field(default_factory=dict)
    refused: list[RefusedVariable] = field(default_factory=list)

    @classmethod
    def of(cls, types: TypeIndex, fields: Fields) -> TypeMoves:
        """Find the types of the fields; a field is refused whose type has no header to go to.

        Raises the errors of `lex` and `parse_conditionals`.
        """
        moves = cls(types, {move.path: move.header for move in types.index.rules.moves})
        for known, member in fields.items():
            moves._add(known, member)
        for path, source in sorted(moves.sources.items()):
            if source.moved:
                types.add(moves.homes[path], source.text())
        return moves

    def _add(self, known: Virtualised, member: ContainerField) -> None:
        wanted = self.wanted[known] = wanted_types(self.types, member)
        source = self.sources.get(member.path)
        if source is None:
            source = self.sources[member.path] = SourceTypes.open(self.types, member.path)
        hidden = [name for name in wanted if source.own(name)]
        if hidden and member.path not in self.homes:
            self.refused.append(_hidden(self.types.index, member, hidden))
            return
        needed = source.needed(hidden)
        obstacle = source.obstacle(needed, member)
        if obstacle is not None:
            at, reason = member.declarator.name_at, ContainerRefusal.TYPE_PLACE
            self.refused.append(RefusedVariable(known, member.path, at, reason, obstacle))
            return
        source.move(needed)

    def replacements(
        self, declarations: Iterable[tuple[str, Declaration]]
    ) -> dict[tuple[str, int], tuple[int, int, bytes]]:
        """Return the declarations with a type that moves among their specifiers.

        By file and offset of the declaration: the type's range, and the tag for its place.
        """
        found: dict[tuple[str, int], tuple[int, int, bytes]] = {}
        for path, declaration in declarations:
            first, last = declaration.specifiers
            for moved in self.sources[path].parts if path in self.sources else ():
                if moved.kept and first <= moved.start < last:
                    found[path, declaration.start] = (moved.start, moved.end, moved.kept)
        return found

    def leaves(self, path: str) -> bool:
        """Say whether types leave a source file."""
        return path in self.sources and bool(self.sources[path].moved)

    def write(self, draft: Draft) -> None:
        """Move the types; a header for them is made where it is not there."""
        texts: dict[str, list[bytes]] = {}
        for path, source in sorted(self.sources.items()):
            if source.moved:
                source.remove(draft)
                texts.setdefault(self.homes[path], []).append(source.text())
        for header, parts in sorted(texts.items()):
            _add_types(draft, header, b"\n".join(parts))


def _add_types(draft: Draft, header: str, types: bytes) -> None:
    reason = "types that containers need"
    if header not in draft.index.tree:
        opening, closing = include_guard(draft.index.rules.vocabulary, header)
        draft.new_file(header, opening + types + closing, reason)
        return
    data = draft.files.read(header)
    at = struct_place(draft.index, header)
    if at is None:
        at = end_of_kernel_code(draft.index, header, data)
    draft.insert(header, at, set_apart(data, at, types), reason)


def _hidden(index: Index, member: ContainerField, hidden: Sequence[TypeName]) -> RefusedVariable:
    """Return the refusal of a variable whose type a header can't name, with what to do."""
    names = ", ".join(name.name for name in hidden)
    header = _proposal(index, member.path)
    detail = f'{names}: add `[[move]]` with path = "{member.path}", header = "{header}"'
    at, reason = member.declarator.name_at, ContainerRefusal.TYPE_HIDDEN
    return RefusedVariable(member.known, member.path, at, reason, detail)


def _proposal(index: Index, path: str) -> str:
    """Return where types of a source file could go: to its own header, which may be new."""
    stem = path.removesuffix(".c")
    for header in (f"{stem}.h", f"{stem}_var.h"):
        if header in index.tree:
            return header
    return f"{stem}.h"
