"""Linking: the variables of the files in scope, with their uses in the whole tree."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from vrefactor.c.facts.definitions import Definition, FileScopeInvocation, InitializerKind
from vrefactor.c.model import DeclKind, FileFacts, Role, Storage, TokenSite
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.index.index import Index, Miss
from vrefactor.index.index import Variable as Identity
from vrefactor.scan.effects import Effect, effect
from vrefactor.scan.gather import FileReport, is_private
from vrefactor.scan.model import Export, ScannedVariable, SourcePlace, Usage

_NAMED = re.compile(r"&\s*\(*\s*([A-Za-z_]\w*)|\A\(*([A-Za-z_]\w*)\)*\Z")
#: Flags of sysctl(9): without RD alone it can be set; TUN fetches it at boot.
_READ_ONLY = re.compile(r"\bCTLFLAG_RD(?:TUN)?\b")
_FETCHED = re.compile(r"\bCTLFLAG_(?:RD|RW)?TUN\b")
_UNCLEAR = (Role.AMBIGUOUS, Role.UNPARSED, Role.PASTED, Role.STRINGISED)
_USES = (Role.USE, Role.ALIAS, Role.TYPE, Role.MACRO_ARGUMENT)


def shared_names(reports: Mapping[str, FileReport]) -> set[str]:
    """Return the names of the variables in scope that other files may name, too."""
    return {
        definition.name
        for path, report in reports.items()
        for definition in report.survey.definitions
        if definition.storage is not Storage.EXTERN and not is_private(path, definition.storage)
    }


def own_facts(reports: Mapping[str, FileReport]) -> dict[str, FileFacts]:
    """Return the facts of the files that define a static: their macros and includes count."""
    return {path: report.own for path, report in reports.items() if report.own is not None}


@dataclass(slots=True)
class _Uses:
    """The uses of one variable, as they are counted."""

    counts: Counter[Effect] = field(default_factory=Counter)
    unclear: int = 0
    reading: set[str] = field(default_factory=set)
    writing: set[str] = field(default_factory=set)
    writers: set[str] = field(default_factory=set)

    def add(self, path: str, site: TokenSite, what: Effect) -> None:
        self.counts[what] += 1
        if what is Effect.READ:
            self.reading.add(path)
        elif what in (Effect.WRITE, Effect.PASSED):
            self.writing.add(path)
            self.writers.add(site.function or site.macro or "")

    def usage(self) -> Usage:
        return Usage(
            self.counts[Effect.READ],
            self.counts[Effect.WRITE],
            self.counts[Effect.PASSED],
            self.counts[Effect.LINKED],
            tuple(sorted(self.reading)),
            tuple(sorted(self.writing)),
            tuple(sorted(self.writers)),
            self.unclear,
        )


class Linker:
    """Joins definitions, declarations, exports and uses."""

    def __init__(
        self, reports: Mapping[str, FileReport], index: Index, macros: MacroMatcher
    ) -> None:
        self._reports = reports
        self._index = index
        self._macros = macros
        self._found: dict[Identity, list[tuple[str, Definition]]] = {}
        self._uses: dict[Identity, _Uses] = {}

    def variables(self) -> list[ScannedVariable]:
        """Return the variables, by the path and the offset of their definitions."""
        self._find()
        for path, report in self._reports.items():
            if report.own is not None:
                self._count(path, report.own)
        for path, facts in self._index.facts.items():
            self._count_shared(path, facts)
        exports = self._exports()
        linked = [
            self._variable(identity, found, exports.get(identity, []))
            for identity, found in self._found.items()
        ]
        return sorted(linked, key=lambda variable: (variable.path, variable.definition.start))

    def _find(self) -> None:
        for path, report in self._reports.items():
            functions = _functions(report.own)
            for definition in report.survey.definitions:
                identity = Identity(
                    definition.name, path if definition.storage is Storage.STATIC else ""
                )
                shared = not is_private(path, definition.storage)
                if definition.storage is Storage.EXTERN or definition.name in functions:
                    continue
                if shared and self._is_function(definition.name, path):
                    continue
                self._found.setdefault(identity, []).append((path, definition))
        # `extern x; static x` and `static x; x` have internal linkage (C99 6.2.2).
        for identity in [variable for variable in self._found if not variable.file]:
            for path, definition in list(self._found[identity]):
                inner = Identity(identity.name, path)
                if inner in self._found and not path.endswith(".h"):
                    self._found[inner].append((path, definition))
                    self._found[identity].remove((path, definition))
            if not self._found[identity]:
                del self._found[identity]

    def _is_function(self, name: str, path: str) -> bool:
        return any(
            decl.kind is DeclKind.FUNCTION and (decl.storage is not Storage.STATIC or where == path)
            for where, decls in self._index.declarations.get(name, {}).items()
            for decl in decls
        )

    def _count(self, path: str, facts: FileFacts) -> None:
        for site in facts.sites:
            identity = Identity(site.name, path)
            if identity in self._found:
                self._add(identity, path, site)

    def _count_shared(self, path: str, facts: FileFacts) -> None:
        for site in facts.sites:
            if site.role not in _USES and site.role not in _UNCLEAR:
                continue
            meant = self._index.denotes(path, site.name)
            if meant is Miss.UNDECLARED:
                meant = self._index.only_definition(site.name) or meant
            if isinstance(meant, Identity):
                own = meant.file == path and not path.endswith(".h")
                if meant in self._found and not own:
                    self._add(meant, path, site)
            elif meant is Miss.AMBIGUOUS:
                for identity in self._found:
                    if identity.name == site.name:
                        self._uses.setdefault(identity, _Uses()).unclear += 1

    def _add(self, identity: Identity, path: str, site: TokenSite) -> None:
        uses = self._uses.setdefault(identity, _Uses())
        if site.role in _UNCLEAR:
            uses.unclear += 1
        elif site.role in _USES:
            uses.add(path, site, effect(self._index, path, site, self._found[identity][0][1]))

    def _exports(self) -> dict[Identity, list[Export]]:
        table: dict[Identity, list[Export]] = {}
        for path, report in self._reports.items():
            for invocation in report.survey.invocations:
                name = invocation.macro.encode("latin-1")
                boot = bool(self._macros.tunable.match(name))
                if boot or self._macros.sysctl.match(name):
                    for identity in self._exported(path, invocation, boot=boot):
                        table.setdefault(identity, []).append(_export(path, invocation, boot=boot))
        return table

    def _exported(
        self, path: str, invocation: FileScopeInvocation, *, boot: bool
    ) -> Iterator[Identity]:
        """Yield the variables that an export names, its own names aside."""
        seen: set[str] = set()
        for argument in invocation.arguments[1 if boot else 3 :]:
            for match in _NAMED.finditer(argument):
                seen.add(match[1] or match[2])
        for name in sorted(seen):
            own, outer = Identity(name, path), Identity(name)
            if own in self._found or outer in self._found:
                yield own if own in self._found else outer

    def _variable(
        self, identity: Identity, found: list[tuple[str, Definition]], exports: list[Export]
    ) -> ScannedVariable:
        ordered = sorted(found, key=lambda item: (item[1].initial is InitializerKind.NONE, item[0]))
        places = [SourcePlace(path, definition.line) for path, definition in ordered]
        uses = self._uses.get(identity, _Uses())
        return ScannedVariable(
            identity.name,
            ordered[0][1],
            tuple(places),
            tuple(sorted(self._declared(identity), key=lambda place: (place.path, place.line))),
            tuple(exports),
            uses.usage(),
        )

    def _declared(self, identity: Identity) -> Iterator[SourcePlace]:
        declarations: Iterable[tuple[str, FileFacts]] = self._index.facts.items()
        if identity.file:
            own = self._reports[identity.file].own
            declarations = [] if own is None else [(identity.file, own)]
        else:
            where = self._index.declarations.get(identity.name, {})
            declarations = [(path, self._index.facts[path]) for path in where]
        for path, facts in declarations:
            for decl in facts.decls:
                if decl.name == identity.name and decl.storage is Storage.EXTERN:
                    yield SourcePlace(path, decl.line)


def _functions(facts: FileFacts | None) -> set[str]:
    if facts is None:
        return set()
    return {decl.name for decl in facts.decls if decl.kind is DeclKind.FUNCTION}


def _export(path: str, invocation: FileScopeInvocation, *, boot: bool) -> Export:
    arguments = invocation.arguments
    name = arguments[0].strip('"') if boot else ".".join(arguments[:3:2])
    flags = arguments[3] if len(arguments) > 3 else ""
    writable = not boot and not _READ_ONLY.search(flags)
    fetched = boot or _FETCHED.search(flags) is not None
    return Export(SourcePlace(path, invocation.line), invocation.macro, name, writable, fetched)
