"""Step 2.2, the types of the fields: what must move to headers, and what to include."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from vrefactor.c.facts.type_names import Space, TypeName
from vrefactor.edit.declared import DeclaringFile
from vrefactor.edit.header_places import end_of_kernel_code, set_apart
from vrefactor.generated.container_macros import guard
from vrefactor.index.index import Index
from vrefactor.plan.symbols import Virtualised
from vrefactor.source.edits import Edit, NewFile
from vrefactor.steps.containers.fields import ContainerField, Unfit
from vrefactor.steps.containers.reasons import ContainerRefusal
from vrefactor.steps.containers.struct import struct_place
from vrefactor.steps.containers.type_headers import (
    Chooser,
    HeaderBook,
    as_sources,
    folder_order,
    grouped,
)
from vrefactor.steps.containers.type_moves import Mover, retag, wanted_types

_TAG = re.compile(rb"(?<!\w)(?:struct|union)\s+(\w+)")


@dataclass(slots=True)
class Types:
    """What the types of all fields ask for."""

    book: HeaderBook
    wanted: dict[Virtualised, list[TypeName]] = field(default_factory=dict)
    movers: dict[str, Mover] = field(default_factory=dict)
    unfit: list[Unfit] = field(default_factory=list)

    @classmethod
    def of(cls, book: HeaderBook, found: Mapping[Virtualised, ContainerField]) -> Types:
        """Find the types of the fields; those of which no rule says where they go are unfit.

        Raises the errors of `lex` and `parse_conditionals`.
        """
        types = cls(book)
        homes = {move.path: move.header for move in book.index.rules.moves}
        for known, member in found.items():
            wanted = types.wanted[known] = wanted_types(types.book, member)
            mover = types._mover(member.path)
            hidden = [name for name in wanted if mover.own(name)]
            if hidden and member.path not in homes:
                types.unfit.append(_hidden(book.index, member, mover, hidden))
                continue
            for name in hidden:
                mover.move(name)
        for path, mover in sorted(types.movers.items()):
            if mover.units:
                types.book.add(homes[path], mover.text())
        return types

    def _mover(self, path: str) -> Mover:
        if path not in self.movers:
            self.movers[path] = Mover.open(self.book, path)
        return self.movers[path]

    def moves(self, step: str) -> tuple[list[Edit], list[NewFile]]:
        """Return the edits that move types, and the headers that are made for them."""
        edits: list[Edit] = []
        texts: dict[str, list[bytes]] = {}
        homes = {move.path: move.header for move in self.book.index.rules.moves}
        for path, mover in sorted(self.movers.items()):
            if mover.units:
                edits += mover.edits(step)
                texts.setdefault(homes[path], []).append(mover.text())
        new: list[NewFile] = []
        for header, parts in sorted(texts.items()):
            text = b"\n".join(parts)
            if header in self.book.index.tree:
                edits.append(_append(self.book.index, header, text, step))
            else:
                name = guard(header).encode()
                start = b"#ifndef %s\n#define\t%s\n\n" % (name, name)
                content = start + text + b"\n#endif /* !%s */\n" % name
                new.append(NewFile(header, content, step, "types that containers need"))
        return edits, new

    def chooser(
        self,
        header: str,
        given: Iterable[str],
        fields: Sequence[ContainerField],
        users: Iterable[str],
    ) -> Chooser:
        """Return the chooser of a container's includes, with the types of its fields chosen.

        `given` are headers that every user includes before `header`, which has its own too.
        Chosen are headers that the defining files, or the other `users`, include by name.
        """
        there: set[str] = set(self.book.closure(header))
        for path in given:
            there |= self.book.closure(path)
        named = dict.fromkeys(self.book.planned)
        for path in (*dict.fromkeys(member.path for member in fields), *users):
            named.update(dict.fromkeys(self.book.named(path)))
        named.pop(header, None)
        candidates = [path for path in named if path.endswith(".h")]
        chooser = Chooser(self.book, frozenset(there), candidates)
        chooser.need_of(header)
        for member in fields:
            chooser.need(self.wanted[member.known])
        for member in fields:
            if member.declarator.function:
                tags = (match[1].decode("latin-1") for match in _TAG.finditer(member.text))
                chooser.need(TypeName(Space.KNOWN_TAG, tag) for tag in tags)
        return chooser

    def retagged(
        self, files: Iterable[DeclaringFile], moving: Collection[Virtualised]
    ) -> dict[tuple[str, int], tuple[int, int, bytes]]:
        """Return which declarations of what moves have a macro for a type that defines a tag."""
        found = [
            (file.path, declared.declaration)
            for file in files
            for declared in file.declared
            if declared.known in moving and declared.declaration is not None
        ]
        return retag(self.book, found)

    def grouped(self, chooser: Chooser, index: Index) -> list[list[str]]:
        """Return the chosen includes by folder, in the order that the tree's sources prefer."""
        sources = [path for path in sorted(index.facts) if path.endswith(".c")]
        lists = [[include.name for include in index.facts[path].includes] for path in sources]
        seen = [index.includes.direct(path) for path in sources]
        bare = {path for path in chooser.chosen if not self.book.guarded(path)}
        chosen = as_sources(list(chooser.chosen), chooser.before, seen, bare)
        return grouped(chosen, folder_order(lists))


def _append(index: Index, header: str, text: bytes, step: str) -> Edit:
    data = index.tree.read(header)
    at = struct_place(index, header)
    if at is None:
        at = end_of_kernel_code(index, header, data)
    text = set_apart(data, at, text)
    if b"\r\n" in data[:4096]:
        text = text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return Edit(header, at, at, text, step, "types that containers need")


def _hidden(
    index: Index, member: ContainerField, mover: Mover, hidden: Sequence[TypeName]
) -> Unfit:
    """Return the refusal of a variable whose type a header can't name, with what to do."""
    names = ", ".join(name.name for name in hidden)
    header = _proposal(index, member.path)
    detail = f'{names}: add `[[move]]` with path = "{member.path}", header = "{header}"'
    at = member.declarator.name_at
    line = mover.source.line(at)
    return Unfit(member.known, member.path, at, line, ContainerRefusal.TYPE_HIDDEN, detail)


def _proposal(index: Index, path: str) -> str:
    """Return where types of a source file could go: to its own header, which may be new."""
    stem = path.removesuffix(".c")
    for header in (f"{stem}.h", f"{stem}_var.h"):
        if header in index.tree:
            return header
    return f"{stem}.h"
