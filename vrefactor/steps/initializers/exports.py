"""Variables whose value is set in another file: no `static`, and a declaration in a header."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from vrefactor.c.model import DeclKind, Range, Storage
from vrefactor.c.preprocess.conditionals import Condition
from vrefactor.edit.draft import Draft
from vrefactor.edit.files import Files
from vrefactor.edit.header_places import first_prototype
from vrefactor.rules.globs import path_matcher
from vrefactor.steps.initializers.assignments import Assignment, declaration_of

_STATIC = re.compile(rb"(?<!\w)static[ \t]+")
_EXTERN = re.compile(rb"^[ \t]*extern\s[^(){};]*;", re.M)


class NotExported(Exception):
    """Why a function in another file can't be given a variable, and what to do."""


@dataclass(slots=True)
class Exports:
    """The declarations that are added, and the `static`s that go."""

    draft: Draft
    _headers: dict[str, str] = field(default_factory=dict)
    _done: set[str] = field(default_factory=set)

    @property
    def files(self) -> Files:
        """The tree's files."""
        return self.draft.files

    def is_needed(self, assignment: Assignment) -> bool:
        """Say whether the file of the init function does not know the variable."""
        if not assignment.elsewhere or assignment.declared.known.variable.file:
            return assignment.elsewhere
        view = self.files.closure(assignment.function.path)
        declared = self.files.index.declarations.get(assignment.name, {})
        return view.isdisjoint(
            path
            for path, decls in declared.items()
            if any(decl.kind is DeclKind.VARIABLE for decl in decls)
        )

    def check(self, assignment: Assignment) -> None:
        """Raise NotExported if the variable can't be declared in a header."""
        header = self._header(assignment.path)
        for user in (assignment.path, assignment.function.path):
            if header not in self.files.closure(user):
                raise NotExported(f"{user} does not include {header}, which would declare it")
        self._check_type(assignment, header)
        self._check_name(assignment, header)
        self._place(assignment, header)
        for place in self._statics(assignment):
            if place is None:
                raise NotExported("its declarations can't be read")

    def _header(self, path: str) -> str:
        if path not in self._headers:
            self._headers[path] = self._by_rule(path) or self._by_use(path)
        return self._headers[path]

    def _by_rule(self, path: str) -> str | None:
        for rule in self.files.index.rules.exported:
            if path_matcher(rule.files)(path):
                if rule.header not in self.files.index.tree:
                    raise NotExported(f"there is no {rule.header}, which an [[exported]] names")
                return rule.header
        return None

    def _by_use(self, path: str) -> str:
        """Return the header that declares most virtualised variables of a file."""
        index = self.files.index
        view = self.files.closure(path)
        counts: Counter[str] = Counter()
        for name, declared in index.declarations.items():
            if path in index.definitions(name):
                counts.update(text for text in declared if text.endswith(".h") and text in view)
        if not counts:
            raise NotExported(f"name the header for {path} in an [[exported]]")
        return min(counts, key=lambda text: (-counts[text], text))

    def _check_type(self, assignment: Assignment, header: str) -> None:
        source = self.files.open(assignment.path)[0]
        start = assignment.declaration.start
        text = source.code[start : assignment.declarator.end]
        specifiers = source.code[start : assignment.declaration.specifiers[1]]
        if b"{" in specifiers or re.search(rb"_HEAD\s*\(\s*,", specifiers):
            raise NotExported(f"its type has no name that {header} could use: give it one there")
        for word in sorted(set(re.findall(rb"(?<!\w)[A-Za-z_]\w*", text))):
            spelt = re.escape(word)
            own = re.search(
                rb"^[ \t]*#[ \t]*define[ \t]+%s(?!\w)|(?:struct|union|enum)\s+%s\s*\{"
                rb"|^typedef[^;]*(?<!\w)%s\s*;" % (spelt, spelt, spelt),
                source.code,
                re.M,
            )
            if own is not None:
                name = word.decode("latin-1")
                raise NotExported(f"{header} does not have {name}, which its type needs")

    def _check_name(self, assignment: Assignment, header: str) -> None:
        index = self.files.index
        for path, other in sorted(index.definitions(assignment.name).items()):
            seen = not other.file or header in self.files.closure(path)
            if path != assignment.path and seen and other != assignment.declared.known.variable:
                raise NotExported(f"{path} has a variable of that name: rename one of them")

    def _statics(self, assignment: Assignment) -> list[Range | None]:
        """Return where `static` stands; None for a declaration that can't be changed."""
        found: list[Range | None] = []
        for declared in assignment.file.declared:
            if (
                declared.known != assignment.declared.known
                or declared.fact.storage is not Storage.STATIC
            ):
                continue
            whole = declared.declaration
            code = assignment.file.source.code
            match = _STATIC.search(code, *whole.specifiers) if whole else None
            if whole is None or match is None or len(whole.declarators) > 1:
                found.append(None)
            else:
                found.append(match.span())
        return found

    def add(self, assignment: Assignment) -> None:
        """Plan the declaration, once a variable."""
        if assignment.name in self._done:
            return
        self._done.add(assignment.name)
        reason = f"{assignment.function.name} in another file sets it"
        for place in self._statics(assignment):
            if place is not None:
                self.draft.replace(assignment.path, *place, b"", reason)
        header = self._header(assignment.path)
        at = self._place(assignment, header)
        line = declaration_of(assignment, b"extern") + b"\n"
        self.draft.insert(header, at, line, "set by an init function in another file")

    def _place(self, assignment: Assignment, header: str) -> int:
        """Return the line behind the last `extern` of the file's variables, else of any.

        Without one, it is that of the first function of the file.
        """
        source, conditionals = self.files.open(header)
        allowed = {(b"defined(%s)" % self._kernel, True)}
        own = [
            decl.start
            for name, declared in self.files.index.declarations.items()
            if header in declared and assignment.path in self.files.index.definitions(name)
            for decl in declared[header]
            if decl.kind is DeclKind.VARIABLE and decl.storage is Storage.EXTERN
        ]
        any_of = [match.end() - 1 for match in _EXTERN.finditer(source.code)]
        for at in [*sorted(own, reverse=True), *reversed(any_of)]:
            condition: Condition = conditionals.condition(at)
            if condition <= allowed:
                semicolon = source.code.index(b";", at)
                return source.data.find(b"\n", semicolon) + 1 or len(source.data)
        prototype = first_prototype(self.files, header, assignment.path)
        if prototype is not None:
            return prototype.start()
        raise NotExported(f"{header} has no `extern` beside which its declaration could stand")

    @property
    def _kernel(self) -> bytes:
        return self.files.index.rules.stubs.condition.encode()
