"""What a value uses, seen from the function that is to set it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from vrefactor.c.facts.definitions import survey
from vrefactor.c.model import DeclKind, Storage
from vrefactor.c.preprocess.lexer import find_names, matching
from vrefactor.c.query.locals import locals_of
from vrefactor.edit.files import Files
from vrefactor.steps.initializers.assignments import Assignment
from vrefactor.steps.initializers.existing_functions import AssignmentPlace

_MEMBER = re.compile(rb"(?:->|(?<!\w)\.)\s*\w+")
_KEYWORDS = frozenset((
    "char", "short", "int", "long", "float", "double", "signed", "unsigned", "void",
    "struct", "union", "enum", "sizeof", "const", "volatile", "static", "extern",
))  # fmt: skip


@dataclass(slots=True)
class Visibility:
    """Answers for one tree."""

    files: Files
    _statics: dict[str, frozenset[str]] = field(default_factory=dict)
    _seen: dict[tuple[str, str], bool] = field(default_factory=dict)

    def names(self, assignment: Assignment) -> list[str]:
        """Return the names in a value that must mean something where it is set, sorted."""
        macros = assignment.value.context.macros
        return [name for name in self.words(assignment.value.code) if name not in macros]

    def words(self, code: bytes) -> list[str]:
        """Return the names in a text that are no keywords and no members, sorted."""
        found = re.findall(rb"(?<!\w)[A-Za-z_]\w*", _MEMBER.sub(b"", code))
        return sorted({word.decode("latin-1") for word in found} - _KEYWORDS)

    def own_macros(self, path: str) -> dict[str, list[int]]:
        """Return the macros that a file defines, each with the offsets of its directives."""
        source, conditionals = self.files.open(path)
        found: dict[str, list[int]] = {}
        for directive in conditionals.directives:
            words = _words(source.code[directive.operands : directive.end])
            if directive.keyword == b"define" and words:
                found.setdefault(words[0], []).append(directive.start)
        return found

    def unseen(self, assignment: Assignment, function_at: int, names: Iterable[str]) -> list[str]:
        """Return those of `names` that mean nothing at the function that begins at an offset.

        Macros of the file that defines the variable are not looked at where that is another
        one: they move along, or not (`MacroMoves`).
        """
        if not assignment.elsewhere:
            return [name for name in names if not self._before(assignment.path, name, function_at)]
        own = self.own_macros(assignment.path)
        return [name for name in names if name not in own and not self._sees(assignment, name)]

    def _before(self, path: str, name: str, offset: int) -> bool:
        """Say whether a file's code has a name in front of an offset, or it is from elsewhere."""
        places = [at for at, _ in find_names(self.files.open(path)[0].code, [name.encode()])]
        macros = self.own_macros(path).get(name)
        first = min(macros) if macros else places[0]
        return first < offset or self.is_in_view(path, name)

    def hidden(self, assignment: Assignment, place: AssignmentPlace) -> list[str]:
        """Return the names in a value, and the variable's, that a local of the function has."""
        body, at = place.body, place.place.at
        whole = replace(body.function, text=self.files.plain(body.file.path))
        found = locals_of(whole, self.files.macros) or locals_of(body.function, self.files.macros)
        own = {parameter.name for parameter in body.function.parameters}
        own |= {
            local.name
            for local in found or ()
            if local.at < at and _encloses(whole.text, body.function.open, local.at, at)
        }
        return sorted(own & (assignment.value.names | {assignment.name}))

    def redefined(self, assignment: Assignment, function_at: int) -> list[str]:
        """Return the names in a value that are defined or undefined on the way to its function."""
        if assignment.elsewhere:
            return []
        source, conditionals = self.files.open(assignment.path)
        first, last = sorted((assignment.at, function_at))
        found: set[str] = set()
        for directive in conditionals.directives:
            if first < directive.start < last and directive.keyword in (b"define", b"undef"):
                found.update(_words(source.code[directive.operands : directive.end])[:1])
        return sorted(found & assignment.value.names)

    def is_declared(self, assignment: Assignment, at: int) -> bool:
        """Say whether a variable is declared in front of an offset of its file, or in a header."""
        path, conditionals = assignment.path, assignment.file.conditionals
        known = conditionals.condition(at) | conditionals.condition(assignment.at)
        view = self.files.closure(path) - {path}
        declared = self.files.index.declarations.get(assignment.name, {})
        return any(
            decl.kind is DeclKind.VARIABLE
            and (other != path or (decl.start < at and conditionals.condition(decl.start) <= known))
            for other in view & declared.keys() | {path}
            for decl in declared.get(other, ())
        )

    def _sees(self, assignment: Assignment, name: str) -> bool:
        if name in self._own(assignment.path):
            return False
        if self.is_in_view(assignment.function.path, name, own=True):
            return True
        # What nobody declares is an option, or the compiler's.
        return not self.is_in_view(assignment.path, name) and not self._declares(
            assignment.path, name
        )

    def is_in_view(self, path: str, name: str, *, own: bool = False) -> bool:
        """Say whether the headers that a file includes have a name in their code."""
        key = (path, name)
        if key not in self._seen:
            self._seen[key] = any(self._mentions(text, name) for text in self.files.view(path)[1:])
        return self._seen[key] or (own and self._mentions(path, name))

    def _mentions(self, path: str, name: str) -> bool:
        spelt = name.encode("latin-1")
        if spelt not in self.files.index.tree.read(path):
            return False
        return bool(find_names(self.files.open(path)[0].code, [spelt]))

    def options(self, assignment: Assignment) -> list[str]:
        """Return the names that nobody defines, if their file includes what the other does not.

        Headers that the tree does not have are made when it is built: of its options.
        """
        if self._made(assignment.path) <= self._made(assignment.function.path):
            return []
        conditions = assignment.file.conditionals.condition(assignment.at)
        words = {word for text, _ in conditions for word in re.findall(rb"[A-Za-z_]\w*", text)}
        names = {word.decode("latin-1") for word in words - {b"defined"}} | set(
            self.names(assignment)
        )
        own = self.own_macros(assignment.path)
        return [
            name
            for name in sorted(names)
            if name not in own and not self.is_in_view(assignment.path, name)
            if not self._declares(assignment.path, name)
        ]

    def _made(self, path: str) -> set[str]:
        index = self.files.index
        return {
            include.name
            for include in self.files.includes(path)
            if not index.includes.resolve(path, include.name, angled=include.angled)
        }

    def _declares(self, path: str, name: str) -> bool:
        """Say whether a file mentions a name outside of values: enumerators, functions, types."""
        return len(find_names(self.files.plain(path), [name.encode("latin-1")])) > 1

    def _own(self, path: str) -> frozenset[str]:
        """Return the variables that only one file has."""
        if path not in self._statics:
            found = survey(path, self.files.index.tree.read(path), self.files.macros)
            self._statics[path] = frozenset(
                definition.name
                for definition in found.definitions
                if definition.storage is Storage.STATIC
            )
        return self._statics[path]


def _words(code: bytes) -> list[str]:
    return [word.decode("latin-1") for word in re.findall(rb"\w+", code)]


def _encloses(code: bytes, opened: int, local: int, at: int) -> bool:
    """Say whether the block that an offset of a function is in holds another one too."""
    opening = [opened]
    for match in re.finditer(rb"[{}]", code[opened + 1 : local]):
        if match[0] == b"{":
            opening.append(opened + 1 + match.start())
        elif len(opening) > 1:
            opening.pop()
    return matching(code, opening[-1]) > at
