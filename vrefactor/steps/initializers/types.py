"""The types of variables, with the typedefs, tags and constants that are in view of a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from vrefactor.c.facts.enumerators import enumerators, evaluate
from vrefactor.c.model import Range
from vrefactor.c.preprocess.conditionals import parse_conditionals
from vrefactor.c.preprocess.lexer import find_names, lex
from vrefactor.c.query.object_types import (
    ArrayType,
    NamedType,
    ObjectType,
    RecordType,
    ScalarType,
    UnknownType,
)
from vrefactor.c.query.type_reader import DeclaredType, TypeReader, Unreadable
from vrefactor.edit.files import Files, MacroText

_TYPEDEF = re.compile(rb"(?<!\w)typedef(?!\w)")
_IDENTIFIER = re.compile(rb"(?<![\w.'])[A-Za-z_]\w*")
_CHARACTER = re.compile(rb"'(\\[0-7]{1,3}|\\x[0-9A-Fa-f]+|\\.|[^\\'])'")
_ESCAPES = dict(zip(b"abfnrtv", b"\a\b\f\n\r\t\v", strict=True))
_DEEPEST = 20
_INTEGERS = re.compile(
    r"(?:__)?(?:u?int(?:_least|_fast)?(?:8|16|32|64)_t|u?int(?:max|ptr)_t|char(?:16|32)_t"
    r"|s?size_t|ptrdiff_t|off_t|pid_t|time_t|wchar_t)|bool|__\w+_TYPE__"
)
"""Types of the standards of C and POSIX that are integers, whoever defines them.

With `__` in front they are those of a compiler or a system that the others are made of.
"""


@dataclass(slots=True)
class Types:
    """Answers for the files of one tree."""

    files: Files
    _typedefs: dict[str, list[tuple[Range, dict[str, ObjectType]]]] = field(default_factory=dict)
    _resolved: dict[tuple[str, NamedType], ObjectType] = field(default_factory=dict)

    def of(self, path: str, specifiers: Range, declarator: Range) -> DeclaredType | None:
        """Return a variable that a file declares in two parts; None if they can't be read.

        The form of its type is no name.
        """
        try:
            found = self.files.reader(path).variable(specifiers, declarator)
        except Unreadable:
            return None
        kind = self.resolve(path, found.type)
        return DeclaredType(found.name, kind, found.typedef, found.attributes)

    def resolve(self, path: str, kind: ObjectType, depth: int = 0) -> ObjectType:
        """Return a type as it is known in a file, its form being no name any more."""
        form = kind.form
        if not isinstance(form, NamedType):
            return kind
        if depth > _DEEPEST:
            return ObjectType(UnknownType("it is defined by itself"))
        key = (path, form)
        if key not in self._resolved:
            self._resolved[key] = self._find(path, form, depth)
        found = self._resolved[key].qualified(kind)
        if isinstance(found.form, ArrayType):
            element = found.form.element.qualified(kind)
            return ObjectType(ArrayType(element, found.form.bound), found.const, found.volatile)
        return found

    def _find(self, path: str, form: NamedType, depth: int) -> ObjectType:
        name = f"{form.keyword} {form.name}".strip()
        if form.keyword:
            layouts = [ObjectType(r) for r in self.files.records(path, form.keyword, form.name)]
        else:
            found = [*self._macros(path, form.name), *self._named(path, form.name)]
            layouts = list(dict.fromkeys(self.resolve(path, kind, depth + 1) for kind in found))
        if len(layouts) == 1:
            return layouts[0]
        forms = [kind.form for kind in layouts]
        if layouts and all(isinstance(form, RecordType) for form in forms):
            open_ended = any(isinstance(form, RecordType) and form.open_ended for form in forms)
            return ObjectType(RecordType(False, None, open_ended))
        if not layouts and _INTEGERS.fullmatch(form.name):
            return ObjectType(ScalarType(characters=True))
        what = f"{name} has several definitions" if layouts else f"{name} is not in the tree"
        return ObjectType(UnknownType(what))

    def _macros(self, path: str, name: str) -> Iterator[ObjectType]:
        for macro in self.files.definitions(path, name):
            yield self._of_macro(macro)

    def _of_macro(self, macro: MacroText) -> ObjectType:
        source = lex("", macro.body)
        reader = TypeReader(source, parse_conditionals(source), source.code, self.files.macros)
        try:
            return reader.specifiers(0, len(source.code))
        except Unreadable:
            return ObjectType(UnknownType("a macro stands for it"))

    def _named(self, path: str, name: str) -> Iterator[ObjectType]:
        for text in self.files.view(path):
            if name.encode() not in self.files.read(text):
                continue
            for span, types in self._typedefs_of(text):
                if name in types:
                    yield types[name]
                elif not types and find_names(
                    self.files.plain(text)[slice(*span)], [name.encode()]
                ):
                    yield ObjectType(UnknownType("its typedef is not understood"))

    def _mentions(self, path: str, span: Range, name: str) -> bool:
        return bool(find_names(self.files.plain(path)[slice(*span)], [name.encode()]))

    def _typedefs_of(self, path: str) -> list[tuple[Range, dict[str, ObjectType]]]:
        """Return the typedefs of a file; one that can't be read defines nothing."""
        if path not in self._typedefs:
            code, conditionals = self.files.plain(path), self.files.open(path)[1]
            self._typedefs[path] = [
                self._typedef(path, match.start())
                for match in _TYPEDEF.finditer(code)
                if not conditionals.is_dead(match.start())
            ]
        return self._typedefs[path]

    def _typedef(self, path: str, start: int) -> tuple[Range, dict[str, ObjectType]]:
        reader = self.files.reader(path)
        span = (start, reader.end_of(start))
        try:
            return span, {known.name: known.type for known in reader.declaration(start)}
        except Unreadable:
            return span, {}

    def number(self, path: str, text: bytes, depth: int = 0) -> int | None:
        """Return the value of an integer constant expression in a file, or None."""
        if depth > _DEEPEST:
            return None
        text = _CHARACTER.sub(_code, text)
        values: dict[str, int] = {}
        for name in {match.decode() for match in _IDENTIFIER.findall(text)}:
            value = self._constant(path, name, depth)
            if value is None:
                return None
            values[name] = value
        return evaluate(text.decode("latin-1"), values)

    def _constant(self, path: str, name: str, depth: int) -> int | None:
        macros = self.files.definitions(path, name)
        if macros:
            values = {
                self.number(path, macro.body, depth + 1) if macro.parameters is None else None
                for macro in macros
            }
        else:
            values = set(self._enumerators(path, name))
        return values.pop() if len(values) == 1 else None

    def _enumerators(self, path: str, name: str) -> Iterable[int | None]:
        pattern = re.compile(rb"[{,]\s*%s\s*[=,}]" % name.encode())
        for text in self.files.view(path):
            data = self.files.read(text)
            if name.encode() not in data or b"enum" not in data:
                continue
            value = enumerators(text, data).get(name)
            if value is not None:
                once = len(pattern.findall(self.files.plain(text))) == 1
                yield value if once else None


def _code(match: re.Match[bytes]) -> bytes:
    """Return a character constant as a number; one that is not plain as it is."""
    text = match[1]
    if not text.startswith(b"\\"):
        value = text[0]
    elif text[1:2] in b"01234567":
        value = int(text[1:], 8)
    elif text[1:2] == b"x":
        value = int(text[2:], 16)
    else:
        value = _ESCAPES.get(text[1], text[1])
    return b"%d" % value if value < 128 else match[0]
