"""Variables whose value is set in another file: no `static`, and a declaration in a header."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from vrefactor.c.model import DeclKind, Storage
from vrefactor.c.preprocess.conditionals import Condition
from vrefactor.edit.files import Files
from vrefactor.edit.header_places import first_prototype
from vrefactor.rules.globs import path_matcher
from vrefactor.source.edits import Edit
from vrefactor.steps.initializers.moving import Moving

_STATIC = re.compile(rb"(?<!\w)static[ \t]+")
_EXTERN = re.compile(rb"^[ \t]*extern\s[^(){};]*;", re.M)


class NotExported(Exception):
    """Why a function in another file can't be given a variable, and what to do."""


@dataclass(slots=True)
class Exports:
    """The declarations that are added, and the `static`s that go."""

    files: Files
    step: str
    edits: list[Edit] = field(default_factory=list)
    _headers: dict[str, str] = field(default_factory=dict)
    _done: set[str] = field(default_factory=set)
    _lines: dict[tuple[str, int], bytes] = field(default_factory=dict)

    def is_needed(self, moving: Moving) -> bool:
        """Say whether the file of the init function does not know the variable."""
        if not moving.elsewhere or moving.declared.known.variable.file:
            return moving.elsewhere
        view = self.files.closure(moving.destination.path)
        declared = self.files.index.declarations.get(moving.name, {})
        return view.isdisjoint(
            path
            for path, decls in declared.items()
            if any(decl.kind is DeclKind.VARIABLE for decl in decls)
        )

    def check(self, moving: Moving) -> None:
        """Raise NotExported if the variable can't be declared in a header."""
        header = self._header(moving.path)
        for user in (moving.path, moving.destination.path):
            if header not in self.files.closure(user):
                raise NotExported(f"{user} does not include {header}, which would declare it")
        self._check_type(moving, header)
        self._check_name(moving, header)
        self._place(moving, header)
        for edit in self._statics(moving):
            if edit is None:
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

    def _check_type(self, moving: Moving, header: str) -> None:
        source = self.files.open(moving.path)[0]
        start = moving.declaration.start
        text = source.code[start : moving.declarator.end]
        specifiers = source.code[start : moving.declaration.specifiers[1]]
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

    def _check_name(self, moving: Moving, header: str) -> None:
        index = self.files.index
        for path, other in sorted(index.definitions(moving.name).items()):
            seen = not other.file or header in self.files.closure(path)
            if path != moving.path and seen and other != moving.declared.known.variable:
                raise NotExported(f"{path} has a variable of that name: rename one of them")

    def _statics(self, moving: Moving) -> list[Edit | None]:
        """Return the edits that drop `static`; None for a declaration that can't be changed."""
        found: list[Edit | None] = []
        for declared in moving.file.declared:
            if (
                declared.known != moving.declared.known
                or declared.fact.storage is not Storage.STATIC
            ):
                continue
            whole = declared.declaration
            match = _STATIC.search(moving.file.source.code, *whole.specifiers) if whole else None
            if whole is None or match is None or len(whole.declarators) > 1:
                found.append(None)
            else:
                reason = f"{moving.destination.function} in another file sets it"
                found.append(Edit(moving.path, match.start(), match.end(), b"", self.step, reason))
        return found

    def add(self, moving: Moving) -> None:
        """Plan the declaration, once a variable."""
        if moving.name in self._done:
            return
        self._done.add(moving.name)
        self.edits.extend(edit for edit in self._statics(moving) if edit is not None)
        header = self._header(moving.path)
        at = self._place(moving, header)
        data, declaration = moving.file.source.data, moving.declaration
        start, end = declaration.specifiers
        kind = _STATIC.sub(b"", data[start:end])
        gap = data[end : moving.declarator.start]
        if len(declaration.declarators) > 1:
            gap = b" "
        text = data[moving.declarator.start : moving.declarator.end]
        line = b"extern " + kind + gap + text + b";\n"
        self._lines[header, at] = self._lines.get((header, at), b"") + line

    def finish(self) -> list[Edit]:
        """Return all edits; those at one place are one."""
        reason = "set by an init function in another file"
        added = [
            Edit(header, at, at, text, self.step, reason)
            for (header, at), text in sorted(self._lines.items())
        ]
        return [*self.edits, *added]

    def _place(self, moving: Moving, header: str) -> int:
        """Return the line behind the last `extern` of the file's variables, else of any.

        Without one, it is that of the first function of the file.
        """
        source, conditionals = self.files.open(header)
        allowed = {(b"defined(%s)" % self._kernel, True)}
        own = [
            decl.start
            for name, declared in self.files.index.declarations.items()
            if header in declared and moving.path in self.files.index.definitions(name)
            for decl in declared[header]
            if decl.kind is DeclKind.VARIABLE and decl.storage is Storage.EXTERN
        ]
        any_of = [match.end() - 1 for match in _EXTERN.finditer(source.code)]
        for at in [*sorted(own, reverse=True), *reversed(any_of)]:
            condition: Condition = conditionals.condition(at)
            if condition <= allowed:
                semicolon = source.code.index(b";", at)
                return source.data.find(b"\n", semicolon) + 1 or len(source.data)
        prototype = first_prototype(self.files, header, moving.path)
        if prototype is not None:
            return prototype.start()
        raise NotExported(f"{header} has no `extern` beside which its declaration could stand")

    @property
    def _kernel(self) -> bytes:
        return self.files.index.rules.stubs.condition.encode()
