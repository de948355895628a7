"""Step 2.2, the header of a container: its struct, what its types need, its macros."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vrefactor.c.facts.extract import include_facts
from vrefactor.c.model import FileFacts
from vrefactor.c.preprocess.conditionals import includes, parse_conditionals
from vrefactor.c.preprocess.lexer import Source, lex, matching
from vrefactor.edit.includes import insertion_point
from vrefactor.edit.lines import FileLines
from vrefactor.index.index import Index
from vrefactor.plan.symbols import SymbolTable, Virtualised
from vrefactor.rules.types import Container
from vrefactor.source.edits import Edit
from vrefactor.steps.containers.fields import ContainerField
from vrefactor.steps.containers.guards import OPTION

_LEAD = """\
/*
 * The variables of {name}, one member for each.  None stands under a
 * condition: the layout is the same whatever options a kernel has.
 */
"""

Groups = Sequence[tuple[str, Sequence[ContainerField]]]
"""The fields by the file of their definition."""


@dataclass(frozen=True, slots=True)
class ContainerHeader:
    """One container's header, lexed, and what the step makes of it."""

    index: Index
    container: Container
    source: Source
    step: str

    @classmethod
    def open(cls, index: Index, container: Container, step: str) -> ContainerHeader:
        """Lex the header; raises the errors of `lex`."""
        data = index.tree.read(container.header)
        return cls(index, container, lex(container.header, data), step)

    @property
    def _struct(self) -> tuple[int, int] | None:
        """The braces of the struct, if the header defines it already."""
        name = self.container.name.encode()
        found = re.search(rb"(?<!\w)struct\s+" + name + rb"\s*\{", self.source.code)
        if found is None:
            return None
        return found.end() - 1, matching(self.source.code, found.end() - 1)

    def lacking(self, groups: Groups) -> list[tuple[str, list[ContainerField]]]:
        """Return the fields that the struct does not have yet."""
        braces = self._struct
        inside = b"" if braces is None else self.source.code[slice(*braces)]
        found = []
        for path, fields in groups:
            rest = [field for field in fields if not _has(inside, field.known)]
            if rest:
                found.append((path, rest))
        return found

    def struct(self, groups: Groups) -> list[Edit]:
        """Return the edits that define the struct, or complete it."""
        lacking = self.lacking(groups)
        if not lacking:
            return []
        body = b"\n".join(
            b"".join(b"\t" + field.text + b"\n" for field in own) for _, own in lacking
        )
        braces = self._struct
        if braces is not None:
            at = FileLines(self.source).start(braces[1])
            return [self._edit(at, b"\n" + body, "variables that it lacked")]
        name = self.container.name
        text = _LEAD.format(name=name) + f"struct {name} {{\n"
        text = text + body.decode("latin-1") + "};\n\n" + instance(name, "extern ") + "\n"
        place = self._place()
        return [self._edit(place, text.encode("latin-1"), f"the struct of {name}")]

    def _place(self) -> int:
        at = _init_line(self.source, self.container)
        return len(self.source.data) if at is None else at

    def include(self, groups: Sequence[Sequence[str]], heads: Iterable[str]) -> list[Edit]:
        """Return the edits that include other headers, one group for each folder.

        `heads` are tags that these headers take for declared.
        """
        conditionals = parse_conditionals(self.source)
        there = {
            other_include.name.decode("latin-1")
            for other_include in includes(self.source, conditionals)
        }
        fresh = [[path for path in group if path not in there] for group in groups]
        texts = ["".join(f"#include <{path}>\n" for path in group) for group in fresh if group]
        lead = "".join(f"struct {tag};\n" for tag in sorted(heads))
        if lead:
            texts.insert(0, lead)
        if not texts:
            return []
        reason = "the types of its variables"
        guards = [other_group for other_group in conditionals.groups if other_group.guard]
        if not self.container.host and not there and guards:
            at = self._behind_guard(conditionals.directives[1].end)
            return [self._edit(at, ("\n".join(texts) + "\n").encode(), reason)]
        facts = include_facts(self.source, conditionals)
        found: dict[int, list[str]] = {}
        for path in (path for group in fresh for path in group):
            at = insertion_point(self.source.path, self.source.data, facts, path, [self._place()])
            found.setdefault(at, []).append(f"#include <{path}>\n")
        if lead:
            found.setdefault(min(found, default=self._place()), []).insert(0, lead)
        return [self._edit(at, "".join(own).encode(), reason) for at, own in sorted(found.items())]

    def _behind_guard(self, offset: int) -> int:
        """Return the line behind the guard's `#define`, and behind an empty one after it."""
        lines = FileLines(self.source)
        at = lines.next(offset)
        following = lines.next(at)
        return following if not self.source.data[at:following].strip() else at

    def plain(self, staying: Iterable[Virtualised], table: SymbolTable) -> list[Edit]:
        """Return the edits that make the macros of what stays the variables themselves."""
        stays = {
            virtualised.macro: virtualised
            for virtualised in staying
            if virtualised.container == self.container
        }
        edits: list[Edit] = []
        accessor = self.container.accessor.encode()
        for decl in self.index.facts.get(self.source.path, FileFacts(self.source.path)).decls:
            known = stays.get(decl.name)
            if known is None:
                continue
            end = FileLines(self.source).next(decl.start)
            pattern = accessor + rb"\s*\(\s*(\w+)\s*\)"
            body = re.compile(pattern).search(self.source.code, decl.start, end)
            if body is not None:
                reason = f"{known.symbol.name} stays a variable of its own"
                edits.append(Edit(self.source.path, *body.span(), body[1], self.step, reason))
        return edits

    def _edit(self, at: int, text: bytes, reason: str) -> Edit:
        text = text.replace(b"\n", FileLines(self.source).newline)
        return Edit(self.source.path, at, at, text, self.step, reason)


def struct_place(index: Index, header: str) -> int | None:
    """Return the line in a header where the struct of its container goes; None if it has none.

    Raises the errors of `lex`.
    """
    for container in index.rules.containers:
        if container.header == header:
            return _init_line(lex(header, index.tree.read(header)), container)
    return None


def _init_line(source: Source, container: Container) -> int | None:
    """Return the line of the INIT macro, or of the comment above it: the struct's place."""
    pattern = rb"^[ \t]*#[ \t]*define[ \t]+" + container.init.encode() + rb"\b"
    init = re.search(pattern, source.code, re.M)
    lines = FileLines(source)
    return None if init is None else lines.above(lines.start(init.start()))


def _has(struct: bytes, known: Virtualised) -> bool:
    return re.search(rb"(?<!\w)_%s(?!\w)" % known.variable.name.encode(), struct) is not None


def instance(name: str, storage: str = "") -> str:
    """Return the lines that define, or declare, the one instance that there is as yet."""
    return (
        f"#ifndef VIMAGE\n#ifndef {OPTION.decode()}\n"
        f"{storage}struct {name} {name}_0;\n#endif\n#endif\n"
    )


def instance_place(source: Source) -> int:
    """Return where an instance goes in a source file: behind its includes, at file scope.

    Includes in the middle of the file, behind the first brace, do not count.
    """
    conditionals = parse_conditionals(source)
    brace = source.code.find(b"{")
    brace = len(source.code) if brace < 0 else brace
    at = 0
    for include in includes(source, conditionals):
        if include.start < brace:
            outer = [conditionals.groups[group] for group, _ in conditionals.chain(include.start)]
            ends = [group.end for group in outer if not group.guard and group.end < brace]
            at = max([include.end, *ends, at])
    return FileLines(source).next(at) if at else 0
