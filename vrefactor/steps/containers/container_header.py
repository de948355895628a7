"""Step 2.2, the header of a container: its struct, and the headers that its types need."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from vrefactor.c.facts.extract import include_facts
from vrefactor.c.preprocess.conditionals import Conditionals, includes
from vrefactor.c.preprocess.lexer import Source
from vrefactor.edit.draft import Draft
from vrefactor.edit.includes import insertion_point
from vrefactor.edit.lines import FileLines
from vrefactor.generated.container_macros import init_place
from vrefactor.generated.container_struct import member_lines, struct, struct_braces
from vrefactor.generated.header import Header, inclusions
from vrefactor.index.index import Index
from vrefactor.plan.symbols import Virtualised
from vrefactor.rules.types import Container
from vrefactor.steps.containers.fields import ContainerField


@dataclass(frozen=True, slots=True)
class ContainerHeader:
    """One container's header, lexed, and what the step writes into it."""

    draft: Draft
    container: Container
    source: Source
    conditionals: Conditionals

    @classmethod
    def open(cls, draft: Draft, container: Container) -> ContainerHeader:
        """Lex the header; raises the errors of `lex` and `parse_conditionals`."""
        return cls(draft, container, *draft.files.open(container.header))

    def lacking(self, groups: Sequence[Sequence[ContainerField]]) -> list[list[ContainerField]]:
        """Return the fields that the struct does not have yet."""
        braces = struct_braces(self.source.code, self.container)
        inside = b"" if braces is None else self.source.code[slice(*braces)]
        rest = [[field for field in own if not _has(inside, field.known)] for own in groups]
        return [own for own in rest if own]

    def add_fields(self, groups: Sequence[Sequence[ContainerField]]) -> None:
        """Define the struct, or complete it: `groups` are the fields that it lacks."""
        members = [[field.text for field in own] for own in groups]
        name = self.container.name
        braces = struct_braces(self.source.code, self.container)
        if braces is not None:
            at = FileLines(self.source).start(braces[1])
            lines = b"\n" + member_lines(members)
            self._insert(at, lines, f"fields that {name} lacked")
            return
        words = self.draft.index.rules.vocabulary
        lines = struct(self.container, members, words)
        self._insert(self._place(), lines, f"the struct of {name}")

    def _place(self) -> int:
        at = init_place(Header.of(self.source, self.conditionals), self.container)
        return len(self.source.data) if at is None else at

    def include(self, groups: Sequence[Sequence[str]], tags: Collection[str]) -> None:
        """Include other headers, one group for each folder.

        `tags` are tags that these headers take for declared.
        """
        there = {
            include.name.decode("latin-1") for include in includes(self.source, self.conditionals)
        }
        words = self.draft.index.rules.vocabulary
        fresh = [[path for path in group if path not in there] for group in groups]
        guards = [group for group in self.conditionals.groups if group.guard]
        if not self.container.host and not there and guards:
            lines = [_tags(tags), *(inclusions(words, group) for group in fresh)]
            written = b"".join(own + b"\n" for own in lines if own)
            self._insert(self._behind_guard(), written, _TYPES)
            return
        facts = include_facts(self.source, self.conditionals)
        found: dict[int, list[str]] = {}
        for path in (path for group in fresh for path in group):
            at = insertion_point(self.source.path, self.source.data, facts, path, [self._place()])
            found.setdefault(at, []).append(path)
        self._insert(min(found, default=self._place()), _tags(tags), _TYPES)
        for at, paths in sorted(found.items()):
            self._insert(at, inclusions(words, paths), _TYPES)

    def _behind_guard(self) -> int:
        """Return the line behind the guard's `#define`, and behind an empty one after it."""
        lines = FileLines(self.source)
        at = lines.next(self.conditionals.directives[1].end)
        following = lines.next(at)
        return following if not self.source.data[at:following].strip() else at

    def _insert(self, at: int, lines: bytes, reason: str) -> None:
        if lines:
            self.draft.insert(self.source.path, at, lines, reason)


_TYPES = "the types of its variables"


def _tags(names: Iterable[str]) -> bytes:
    return b"".join(b"struct %s;\n" % name.encode() for name in sorted(names))


def struct_place(index: Index, header: str) -> int | None:
    """Return the line in a header where the struct of its container goes; None if it has none.

    Raises the errors of `lex` and `parse_conditionals`.
    """
    for container in index.rules.containers:
        if container.header == header:
            return init_place(Header.read(header, index.tree.read(header)), container)
    return None


def _has(struct: bytes, known: Virtualised) -> bool:
    return re.search(rb"(?<!\w)_%s(?!\w)" % known.variable.name.encode(), struct) is not None


def instance_place(source: Source, conditionals: Conditionals) -> int:
    """Return where an instance goes in a source file: behind its includes, at file scope.

    Includes in the middle of the file, behind the first brace, do not count.
    """
    brace = source.code.find(b"{")
    brace = len(source.code) if brace < 0 else brace
    at = 0
    for include in includes(source, conditionals):
        if include.start < brace:
            outer = [conditionals.groups[group] for group, _ in conditionals.chain(include.start)]
            ends = [group.end for group in outer if not group.guard and group.end < brace]
            at = max([include.end, *ends, at])
    return FileLines(source).next(at) if at else 0
