"""The plan of step 3 while it is made: what every part of it reads and adds to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from vrefactor.c.parse.functions import Function
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.edit.bodies import FunctionBody
from vrefactor.edit.files import Files
from vrefactor.edit.includes import insertion_point
from vrefactor.edit.rule_lines import fitted
from vrefactor.index.index import Index
from vrefactor.plan.model import Evidence, Finding, Site, Verdict
from vrefactor.plan.symbols import SymbolTable
from vrefactor.rules.globs import path_matcher
from vrefactor.source.edits import Edit

VIMAGE = b"#ifdef VIMAGE\n%s#endif\n"
"""What only a kernel with many stacks has."""


@dataclass(slots=True)
class VirtualizeDraft:
    """Edits, sites and findings, and the tree's files."""

    index: Index
    table: SymbolTable
    step: str
    files: Files = field(init=False)
    macros: MacroMatcher = field(init=False)
    edits: list[Edit] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    users: dict[str, list[int]] = field(default_factory=dict)
    """The offsets of the code that needs the header of the prefix, by file."""

    def __post_init__(self) -> None:
        self.macros = MacroMatcher(self.index.rules.macros)
        self.files = Files(self.index, self.macros)

    def replace(self, path: str, start: int, end: int, text: bytes, reason: str) -> None:
        """Plan a text in place of a range of a file."""
        data = self.files.read(path)
        self.edits.append(Edit(path, start, end, fitted(data, text), self.step, reason))

    def insert(self, path: str, at: int, text: bytes, reason: str) -> None:
        """Plan a text at an offset, behind what is to be inserted there already."""
        self.replace(path, at, at, text, reason)

    def note(self, path: str, at: int, name: str, detail: str) -> None:
        """Record a site that is rewritten, and that its file needs the header of the prefix."""
        line = self.files.open(path)[0].line(at)
        site = Site(path, at, line, name, Verdict.REWRITTEN, Evidence.BOUND, detail)
        self.sites.append(site)
        self.need(path, at)

    def need(self, path: str, at: int) -> None:
        """Record that the code at an offset needs the header of the prefix."""
        header = self.index.rules.prefix.header
        if path != header and header not in self.files.closure(path):
            self.users.setdefault(path, []).append(at)

    def include(self) -> None:
        """Plan the includes of the header of the prefix that files lack."""
        header = self.index.rules.prefix.header
        for path, offsets in sorted(self.users.items()):
            data, includes = self.files.read(path), self.files.includes(path)
            at = insertion_point(path, data, includes, header, sorted(offsets))
            text = f"#include <{header}>\n".encode()
            self.insert(path, at, text, "its code depends on the network stack")

    def find(self, path: str, at: int | None, name: str, what: str) -> None:
        """Record what a person must look at; without an offset it is about the whole file."""
        line = 1 if at is None else self.files.open(path)[0].line(at)
        self.findings.append(Finding(path, line, name, what))

    def function(self, path: str, name: str) -> Function | None:
        """Return the one function of a name in a file; a finding says why there is none."""
        if path not in self.index.tree:
            self.findings.append(Finding(path, 1, name, "the rules name it: there is no such file"))
            return None
        found = self.files.functions(path, name)
        if len(found) != 1:
            what = f"the rules name it: the file defines it {len(found)} times, not once"
            self.find(path, found[0].name_at if found else None, name, what)
            return None
        return found[0]

    def body(self, path: str, function: Function) -> FunctionBody:
        """Return a function as step 1.5.2 sees it."""
        return FunctionBody(self.files.file(path, (function,)), function, self.macros)

    def subsystem_files(self, more: Iterable[str]) -> list[str]:
        """Return the sources that a stack is made of, and the files of `more` that are there."""
        excluded = path_matcher([exclude.path for exclude in self.index.rules.tree.exclude])
        found = (name for name in more if name in self.index.tree and not excluded(name))
        return sorted({*self.files.sources, *found})
