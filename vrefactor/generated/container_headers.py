"""Step 1.5.2, the headers: where a container's macros go, and who includes them.

The macros leave the header of step 1, which keeps the null macros.  A container's header is
included at the end of the central one that its users include; a user that does not, gets
an `#include` of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from vrefactor.c.facts.extract import include_facts
from vrefactor.c.model import DeclKind, FileDecl, FileFacts, IncludeFact
from vrefactor.c.preprocess.conditionals import parse_conditionals
from vrefactor.c.preprocess.lexer import lex
from vrefactor.edit.header_places import end_of_kernel_code, set_apart
from vrefactor.edit.includes import insertion_point, place_behind, portability
from vrefactor.generated.container_macros import (
    block,
    has_struct,
    macro_lines,
    new_header,
)
from vrefactor.generated.header import Header
from vrefactor.generated.null_macros import null_heads, null_macros
from vrefactor.generated.prefix_header import additions
from vrefactor.index.index import Index
from vrefactor.plan.symbols import SymbolTable
from vrefactor.rules.types import Container
from vrefactor.source.edits import Edit, NewFile

Users = Mapping[str, Mapping[str, list[int]]]
"""By file and header, the offsets of the code that needs the header."""


@dataclass(slots=True)
class Headers:
    """The part of the plan that is about headers, while it is made."""

    index: Index
    table: SymbolTable
    step: str
    edits: list[Edit] = field(default_factory=list)
    new_files: list[NewFile] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _included: set[tuple[str, str]] = field(default_factory=set)
    """What will be included in addition to what is: (file, header)."""

    def plan(self, users: Users) -> None:
        """Plan the headers and the includes of `users`."""
        prefix = self.index.rules.prefix.header
        if prefix not in self.index.tree:
            return
        containers = [
            other_container
            for other_container in self.index.rules.containers
            if self._macros(other_container)
        ]
        self._empty(
            prefix,
            [other_container for other_container in containers if other_container.header == prefix],
        )
        for container in containers:
            if container.header != prefix:
                self._fill(container)
                self._include_centrally(container)
        for path in sorted(users):
            for header in sorted(users[path]):
                self._include(path, header, users[path][header])

    def _macros(self, container: Container) -> dict[str, str]:
        return {
            macro: known.variable.name
            for macro, known in self.table.macros.items()
            if known.container.name == container.name
        }

    def _edit(self, path: str, start: int, end: int, text: bytes, reason: str) -> None:
        if b"\r\n" in self.index.tree.read(path)[:4096]:
            text = text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        self.edits.append(Edit(path, start, end, text, self.step, reason))

    def _empty(self, prefix: str, hosted: Iterable[Container]) -> None:
        """Turn the header of step 1 into that of the null macros."""
        data = self.index.tree.read(prefix)
        words = self.index.rules.vocabulary
        header = Header.read(prefix, data)
        parts = [null_macros(words, header)]
        leaving = set(self.table.macros)
        for container in hosted:
            macros = self._macros(container)
            if header.named(container.accessor):
                leaving -= set(macros)
            else:
                parts.append(block(words, container, macros, self.index.rules.style))
        text = b"\n".join(part for part in parts if part)
        moved = self._lines(prefix, data, leaving)
        at = moved[0][0] if moved else _inner_end(data)
        if text and not moved:
            self._edit(prefix, at, at, text + b"\n", "the null macros")
        for number, (start, end) in enumerate(moved):
            replacement = text if number == 0 else b""
            self._edit(prefix, start, end, replacement, "the macros go to their containers")

    def _lines(self, path: str, data: bytes, leaving: set[str]) -> list[tuple[int, int]]:
        """Return the lines that define one of the macros `leaving`."""
        facts = self.index.facts.get(path, FileFacts(path))
        starts = (
            data.rfind(b"\n", 0, decl.start) + 1
            for decl in facts.decls
            if self._is_macro(decl) and decl.name in leaving
        )
        return [(start, data.find(b"\n", start) + 1 or len(data)) for start in starts]

    def _fill(self, container: Container) -> None:
        """Write a container's header, or put its macros into one that is there."""
        macros, style = self._macros(container), self.index.rules.style
        words, path = self.index.rules.vocabulary, container.header
        if path not in self.index.tree:
            content = new_header(words, container, macros, style)
            self.new_files.append(NewFile(path, content, self.step, f"of {container.name}"))
            return
        data = self.index.tree.read(path)
        if not Header.read(path, data).named(container.accessor):
            text = block(words, container, macros, style)
            at = end_of_kernel_code(self.index, path, data)
            self._edit(path, at, at, set_apart(data, at, text), f"the macros of {container.name}")
            return
        self._complete(container, data)

    def _complete(self, container: Container, data: bytes) -> None:
        """Add the macros that a container's header lacks."""
        macros, path = self._macros(container), container.header
        lines = macro_lines(self.index.rules.vocabulary, container, macros, self.index.rules.style)
        decls = self.index.facts.get(path, FileFacts(path)).decls
        present = {decl.name: decl.start for decl in decls if decl.name in macros}
        lacking = {macro: line for macro, line in lines.items() if macro not in present}
        if not present and lacking:
            at = end_of_kernel_code(self.index, path, data)
            self._edit(path, at, at, set_apart(data, at, b"".join(lacking.values())), "its macros")
            return
        for at, text in additions(data, present, lacking, ()).items():
            self._edit(path, at, at, text, f"macros of {container.name} that were missing")

    def _include_centrally(self, container: Container) -> None:
        central, header = container.central, container.header
        if central is None or has_struct(self.index, container):
            return  # once the struct is there, each source includes the header by name
        if central not in self.index.tree:
            self.notes.append(
                f"{central}: not in the tree: users of {header} include it themselves"
            )
            return
        self._included.add((central, header))
        if any(include.name == header for include in self._facts(central).includes):
            return
        data = self.index.tree.read(central)
        at = end_of_kernel_code(self.index, central, data)
        text = set_apart(data, at, f"#include <{header}>\n".encode())
        self._edit(central, at, at, text, f"whoever includes it uses macros of <{header}>")

    def _facts(self, path: str) -> FileFacts:
        return self.index.facts.get(path, FileFacts(path))

    def _include(self, path: str, header: str, users: list[int]) -> None:
        if path == header or self._reaches(path, header):
            return
        data = self.index.tree.read(path)
        # What its types need comes before it one day: a source has that.
        place = insertion_point if path.endswith(".h") else place_behind
        at = place(path, data, self._includes(path, data), header, users)
        text = f"#include <{header}>\n"
        shared = portability(self.index.rules.portability, path)
        if shared is not None:
            text = shared.render(header, "")
        elif any(target == header for _, target in self._included):
            self.notes.append(f"{path}: includes no header that leads to {header}: gets it itself")
        self._edit(path, at, at, text.encode(), f"uses macros of <{header}>")

    def _includes(self, path: str, data: bytes) -> tuple[IncludeFact, ...]:
        facts = self.index.facts.get(path)
        if facts is not None and facts.includes:
            return facts.includes
        source = lex(path, data)
        return include_facts(source, parse_conditionals(source))

    def define_in_shared_files(self, edits: Iterable[Edit]) -> None:
        """Define what `edits` bring into a file, where other systems have no such macros.

        The definitions go behind those of the `V_` names that the file brings along.
        """
        brought: dict[str, bytes] = {}
        for edit in edits:
            brought[edit.path] = brought.get(edit.path, b"") + edit.replacement
        heads = [
            f"{container.init}(vnet)"
            for container in self.index.rules.containers
            if self._macros(container)
        ]
        heads += null_heads(self.index.rules.vocabulary).values()
        for path, text in sorted(brought.items()):
            own = [decl.start for decl in self._facts(path).decls if self._is_macro(decl)]
            if not own or portability(self.index.rules.portability, path) is None:
                continue
            wanted = [name for name in heads if (name.partition("(")[0] + "(").encode() in text]
            lines = "".join(f"#define\t{head}\n" for head in wanted)
            data = self.index.tree.read(path)
            at = data.find(b"\n", max(own)) + 1
            self._edit(path, at, at, lines.encode(), "other systems have no such macros")

    def _is_macro(self, decl: FileDecl) -> bool:
        return decl.kind is DeclKind.MACRO and decl.name in self.table.macros

    def _reaches(self, path: str, header: str) -> bool:
        view = self.index.includes.closure(path)
        through = any(central in view for central, target in self._included if target == header)
        return (
            through
            or header in view
            or any(include.name == header for include in self._facts(path).includes)
        )


def _inner_end(data: bytes) -> int:
    """Return the line of a header's last directive: the `#endif` of its guard."""
    at = data.rfind(b"#endif")
    return len(data) if at < 0 else data.rfind(b"\n", 0, at) + 1
