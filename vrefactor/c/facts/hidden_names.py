"""Names that no token of a file shows: what macros paste, and what strings tell the assembler.

#define NET(x) net_ ## x
extern int old __attribute__((alias("net_ttl")));
__asm("incl net_ttl");
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec
from msgspec import Struct

from vrefactor.c.parse.macro_bodies import MacroBody, macro_definitions
from vrefactor.c.preprocess.conditionals import Conditionals, Directive, parse_conditionals
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.lexer import Source, lex, matching, split_arguments, words
from vrefactor.errors import VrefactorError

_STRINGS = re.compile(
    rb"(?<!\w)(asm|__asm|__asm__|alias|__alias__|weakref|__weakref__)(?!\w)"
    rb"\s*(?:(?:volatile|__volatile|__volatile__|goto|inline)\s*)*\("
)
_QUOTED = re.compile(rb'"[^"\n]*"')
_PASTED = re.compile(rb"\w+(?:\s*##\s*\w+)+")
_WORD = re.compile(rb"\w*")
_PASTE = re.compile(rb"\s*##\s*")
_NO_USE = (b".", b"->", b"struct", b"union", b"enum", b"goto")

Part = str | int
"""A text, or the number of a parameter."""


class PastedName(Struct, frozen=True, array_like=True):
    """A name that a macro's body pastes from parts."""

    macro: str
    parts: tuple[Part, ...]


class QuotedName(Struct, frozen=True, array_like=True):
    """A name in a string for the assembler or the linker: where it stands, and in what."""

    name: str
    start: int
    construct: str


class MacroCall(Struct, frozen=True, array_like=True):
    """A call of a macro with its arguments, in code or in the body of the macro `caller`.

    There an argument that is a parameter of `caller` is that parameter's number.  One that is
    no single word is a blank.
    """

    macro: str
    arguments: tuple[Part, ...]
    start: int
    caller: str = ""


class HiddenNames(Struct, frozen=True, array_like=True):
    """What one file says of hidden names."""

    pasted: tuple[PastedName, ...] = ()
    quoted: tuple[QuotedName, ...] = ()


@dataclass(frozen=True, slots=True)
class HiddenNamesQuestion:
    """Asks for what may make or quote one of some names."""

    names: frozenset[bytes]

    def key(self) -> bytes:
        """Return what stands for the question."""
        return b"hidden names" + msgspec.msgpack.encode(sorted(self.names))

    def __call__(self, path: str, data: bytes, macros: MacroMatcher) -> HiddenNames:
        """Answer for one file; one that can't be lexed hides nothing that others could read."""
        quoting = _STRINGS.search(data) is not None and not self.names.isdisjoint(words(data))
        if b"##" not in data and not quoting:
            return HiddenNames()
        try:
            source = lex(path, data)
            conditionals = parse_conditionals(source)
        except VrefactorError:
            return HiddenNames()
        pasted = self._pasted(source, conditionals) if b"##" in data else ()
        return HiddenNames(tuple(pasted), tuple(self._quoted(source)) if quoting else ())

    def _pasted(self, source: Source, conditionals: Conditionals) -> Iterator[PastedName]:
        for body in macro_definitions(source, conditionals):
            for match in _PASTED.finditer(body.text) if b"##" in body.text else ():
                parts = tuple(_part(body, text) for text in _PASTE.split(match[0]))
                used = not body.text[: match.start()].rstrip().endswith(_NO_USE)
                if used and can_make(parts, self.names):
                    yield PastedName(body.name.decode("latin-1"), parts)

    def _quoted(self, source: Source) -> Iterator[QuotedName]:
        for match in _STRINGS.finditer(source.code):
            close = matching(source.code, match.end() - 1)
            for text in _QUOTED.finditer(source.data, match.end(), max(close, match.end())):
                for name in sorted(self.names.intersection(words(text[0]))):
                    construct = match[1].decode()
                    yield QuotedName(name.decode("latin-1"), match.start(), construct)


def _part(body: MacroBody, text: bytes) -> Part:
    parameters = body.parameters or ()
    return parameters.index(text) if text in parameters else text.decode("latin-1")


def can_make(parts: tuple[Part, ...], names: frozenset[bytes]) -> bool:
    """Say whether parts may give one of some names, whatever the parameters stand for."""
    texts = (
        re.escape(part).encode("latin-1") if isinstance(part, str) else rb"\w*" for part in parts
    )
    pattern = re.compile(b"".join(texts))
    return any(pattern.fullmatch(name) for name in names)


@dataclass(frozen=True, slots=True)
class MacroCallsQuestion:
    """Asks for the calls of some macros."""

    macros: frozenset[bytes]

    def __call__(self, path: str, data: bytes, macros: MacroMatcher) -> tuple[MacroCall, ...]:
        """Answer for one file."""
        present = self.macros.intersection(words(data))
        if not present:
            return ()
        try:
            source = lex(path, data)
            return tuple(_calls(source, parse_conditionals(source), present))
        except VrefactorError:
            return ()


def _calls(
    source: Source, conditionals: Conditionals, names: frozenset[bytes]
) -> Iterator[MacroCall]:
    bodies = {body.name_at: body for body in macro_definitions(source, conditionals)}
    spellings = b"|".join(re.escape(name) for name in sorted(names))
    for match in re.finditer(rb"(?<!\w)(" + spellings + rb")\s*\(", source.code):
        at, opening = match.start(), match.end() - 1
        close = matching(source.code, opening)
        if close < 0 or at in bodies or conditionals.is_dead(at):
            continue
        directive = conditionals.directive_at(at)
        body = _body_in(bodies.values(), directive) if directive else None
        texts = (
            source.code[slice(*place)] for place in split_arguments(source.code, opening, close)
        )
        arguments = tuple(_argument(body, text.strip()) for text in texts)
        caller = body.name.decode("latin-1") if body else ""
        yield MacroCall(match[1].decode("latin-1"), arguments, at, caller)


def _body_in(bodies: Iterable[MacroBody], directive: Directive) -> MacroBody | None:
    inside = (body for body in bodies if directive.start <= body.name_at < directive.end)
    return next(inside, None)


def _argument(body: MacroBody | None, text: bytes) -> Part:
    """Return an argument as a part; what is no single word makes no name: a blank."""
    if not _WORD.fullmatch(text):
        return " "
    return _part(body, text) if body else text.decode("latin-1")
