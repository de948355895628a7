"""Macro bodies: each is parsed on its own, its parameters being a scope.

A body may be an expression, a statement, a declaration or only a fragment; the first
reading that leaves no error at the token counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from vrefactor.c.model import Access, MacroFact, Role
from vrefactor.c.parse.binding import BoundDeclaration, bind
from vrefactor.c.parse.syntax import Syntax
from vrefactor.c.parse.tokens import UNPARSED, Reading
from vrefactor.c.preprocess.conditionals import ALWAYS, Conditionals, Directive
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.lexer import Source
from vrefactor.c.preprocess.normalise import normalise

_JOIN = re.compile(rb"\\\r?\n")
_HEAD = re.compile(rb"\s*([A-Za-z_]\w*)(\(([^)]*)\))?")
_WORD = re.compile(rb"[A-Za-z_]\w*")
_WRAPPERS = (
    (b"int z=z(", b");"),
    (b"int z(void){", b";}"),
    (b"", b""),
    (b"int z(void){if(0){", b";}}"),
    (b"int z(void){if(0);", b";}"),
)
_PREVIOUS = re.compile(rb"(##|#|(?<!\.)\.|->|\b(?:struct|union|enum|goto))\Z")
_LONGEST_PREVIOUS = 8


@dataclass(frozen=True, slots=True)
class MacroBody:
    """One `#define`: its name, its parameters, and the text and place of its body.

    `text` has line joins blanked, so that offsets in it are offsets from `start`.
    """

    name: bytes
    name_at: int
    parameters: tuple[bytes, ...] | None
    text: bytes
    start: int

    @property
    def target(self) -> bytes | None:
        """The name that this macro is another name of: all of its body, if it has no list."""
        text = self.text.strip()
        return text if self.parameters is None and _WORD.fullmatch(text) else None

    def fact(self) -> MacroFact:
        """Return the definition as a fact (names and body as Latin-1 text)."""
        names = (
            None if self.parameters is None else tuple(p.decode("latin-1") for p in self.parameters)
        )
        body = b" ".join(self.text.split()).decode("latin-1")
        return MacroFact(self.name.decode("latin-1"), names, body, self.name_at)


def parse_define(source: Source, directive: Directive) -> MacroBody | None:
    """Return the parts of a `#define` line, or None if it has no name."""
    head = _HEAD.match(source.code, directive.operands, directive.end)
    if head is None:
        return None
    text = (
        source.code[head.end() : directive.end].replace(b"\\\n", b"  ").replace(b"\\\r\n", b"   ")
    )
    parameters = None
    if head[2] is not None:
        parameters = tuple(
            part.strip() for part in _JOIN.sub(b"", head[3]).split(b",") if part.strip()
        )
    return MacroBody(head[1], head.start(1), parameters, text, head.end())


def macro_definitions(source: Source, conditionals: Conditionals) -> list[MacroBody]:
    """Return every `#define` of a file, in order."""
    found = (
        parse_define(source, directive)
        for directive in conditionals.directives
        if directive.keyword == b"define"
    )
    return [body for body in found if body is not None]


class BodyReader:
    """Reads tokens of one macro body; the body is parsed once a wrapper, when needed."""

    def __init__(self, body: MacroBody, macros: MacroMatcher) -> None:
        self.body = body
        self._macros = macros
        self._parsed: dict[int, Syntax] = {}

    def read(self, at: int, name: bytes) -> Reading:
        """Return what the token at offset `at` of the body's text is."""
        text = self.body.text
        before = _PREVIOUS.search(text[:at].rstrip()[-_LONGEST_PREVIOUS:])
        if (before and before[1] == b"##") or text[at + len(name) :].lstrip().startswith(b"##"):
            return Reading(Role.PASTED)
        if name in (self.body.parameters or ()):
            return Reading(Role.MACRO_PARAMETER)
        if before and before[1] == b"#" and self.body.parameters is not None:
            return Reading(Role.STRINGISED)
        if self.body.target == name:
            return Reading(Role.ALIAS)
        return self._parse(at)

    def _parse(self, at: int) -> Reading:
        """Read a token from the first wrapper in which all of the body parses.

        If there is none, the first counts in which the token itself is in no error.
        """
        order = sorted(range(len(_WRAPPERS)), key=lambda index: self._syntax(index).has_error())
        for index in order:
            before = _WRAPPERS[index][0]
            reading = self._syntax(index).read(at + len(before))
            if reading.role is not Role.UNPARSED:
                return self._unwrap(reading, len(before))
        return UNPARSED

    def _syntax(self, index: int) -> Syntax:
        if index not in self._parsed:
            before, after = _WRAPPERS[index]
            text = self.body.text.replace(b"##", b"  ").replace(b"#", b" ")
            self._parsed[index] = Syntax(normalise(before + text + after, self._macros))
        return self._parsed[index]

    def _unwrap(self, reading: Reading, shift: int) -> Reading:
        return replace(reading.moved(-shift), function=None)


def read_body(
    body: MacroBody, found: list[tuple[int, bytes]], macros: MacroMatcher
) -> list[tuple[int, bytes, Role, Access]]:
    """Return (offset in the file, name, role, access) of the wanted tokens of a body.

    `found` holds their offsets in the body's text.
    """
    reader = BodyReader(body, macros)
    readings = [(at, name, reader.read(at, name)) for at, name in found]
    declared: dict[bytes, list[BoundDeclaration]] = {}
    for at, name, reading in readings:
        if reading.declares and reading.scope is not None:
            declaration = BoundDeclaration(at, reading.role, reading.scope, ALWAYS)
            declared.setdefault(name, []).append(declaration)
    result = []
    for at, name, reading in readings:
        role = reading.role
        if role is Role.USE:
            bound = bind(at, ALWAYS, declared.get(name, ()))
            role = Role.AMBIGUOUS if bound is None else bound
        result.append((body.start + at, name, role, reading.access))
    return result
