"""What the macros in an initial value stand for, as far as initialisation asks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

from vrefactor.c.preprocess.lexer import matching
from vrefactor.edit.files import Files, MacroText

_NAME = re.compile(rb"(?<![\w.])[A-Za-z_]\w*")
_LONE = re.compile(rb"([A-Za-z_]\w*)\s*(?:(\()|\Z)")
_STRINGS = re.compile(rb"(?:(?:u8|[LuU])?\"[^\"]*\"|[A-Za-z_]\w*|\s)+\Z")
_WORD_OR_STRING = re.compile(rb"(?:u8|[LuU])?\"[^\"]*\"|[A-Za-z_]\w*")
_SEVERAL = re.compile(rb"[,;{}]|##|(?<![=!<>])=(?!=)")
_COMPOUND_LITERAL = re.compile(rb"\)\s*\{")
_DEEPEST = 50


class Form(Enum):
    """What a text is, once its macros are expanded."""

    LIST = auto()
    STRING = auto()
    EXPRESSION = auto()
    NAME = auto()
    """A name that no macro in view has: an enumerator, a function, or what is not in the tree."""
    UNKNOWN = auto()
    """Not one of these alone, or not to be told."""


@dataclass(slots=True)
class Expansions:
    """Answers for the files of one tree; texts have their comments and literals blanked."""

    files: Files
    _names: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    def reachable(self, path: str, code: bytes) -> frozenset[str]:
        """Return the names in a text, and those in the bodies of its macros, and of theirs."""
        found: set[str] = set()
        pending = set(_names(code))
        while pending:
            found |= pending
            pending = {name for known in pending for name in self._own_names(path, known)} - found
        return frozenset(found)

    def _own_names(self, path: str, name: str) -> frozenset[str]:
        key = (path, name)
        if key not in self._names:
            macros = self.files.definitions(path, name)
            own = (frozenset(_names(macro.body)) - _parameters(macro) for macro in macros)
            self._names[key] = frozenset().union(*own)
        return self._names[key]

    def has_compound_literal(self, path: str, code: bytes) -> bool:
        """Say whether a text makes an unnamed object, itself or by a macro, or holds statements."""
        names = self.reachable(path, code)
        bodies = (macro.body for name in names for macro in self.files.definitions(path, name))
        return any(
            _COMPOUND_LITERAL.search(text) or re.search(rb"\(\s*\{", text)
            for text in (code, *bodies)
        )

    def is_one(self, path: str, code: bytes) -> bool:
        """Say whether a text is one expression, and no list, whatever its macros expand to."""
        names = self.reachable(path, code)
        bodies = [macro for name in names for macro in self.files.definitions(path, name)]
        return not _is_several(code) and all(
            macro.body and not _is_several(macro.body) and not _passes_rest(macro)
            for macro in bodies
        )

    def form(self, path: str, code: bytes, depth: int = 0) -> Form:
        """Return what a text is."""
        whole, code = code, _bare(code)
        if code.startswith(b"{"):
            return Form.LIST if matching(code, 0) == len(code) - 1 else Form.UNKNOWN
        if depth > _DEEPEST or not code:
            return Form.UNKNOWN
        lone = self._lone(path, code, depth)
        if lone is not None:
            return lone
        if self._is_string(path, code, depth):
            return Form.STRING
        return Form.EXPRESSION if self.is_one(path, whole) else Form.UNKNOWN

    def _lone(self, path: str, code: bytes, depth: int) -> Form | None:
        """Return the form of a text that is a name or a call alone; None if it is more."""
        match = _LONE.match(code)
        if match is None or (match[2] and matching(code, match.start(2)) != len(code) - 1):
            return None
        macros = self.files.definitions(path, match[1].decode())
        if not macros:
            return Form.EXPRESSION if match[2] else Form.NAME
        forms = {self._form_of(path, macro, depth, called=match[2] is not None) for macro in macros}
        return forms.pop() if len(forms) == 1 else Form.UNKNOWN

    def _form_of(self, path: str, macro: MacroText, depth: int, *, called: bool) -> Form:
        if called and macro.parameters is None:
            return Form.UNKNOWN
        if not called and macro.parameters is not None:
            return Form.NAME
        if _bare(macro.body).decode("latin-1") in _parameters(macro):
            return Form.UNKNOWN
        return self.form(path, macro.body, depth + 1)

    def _is_string(self, path: str, code: bytes, depth: int) -> bool:
        if _STRINGS.match(code) is None:
            return False
        parts = _WORD_OR_STRING.findall(code)
        return b'"' in code and all(
            part.endswith(b'"') or self.form(path, part, depth + 1) is Form.STRING for part in parts
        )


def _names(code: bytes) -> Iterator[str]:
    return (name.decode("latin-1") for name in _NAME.findall(code))


def _parameters(macro: MacroText) -> frozenset[str]:
    return frozenset(_names(macro.parameters or b""))


def _bare(code: bytes) -> bytes:
    """Return a text without blanks and without parentheses around all of it."""
    code = code.strip()
    while code.startswith(b"(") and matching(code, 0) == len(code) - 1:
        code = code[1:-1].strip()
    return code


def _is_several(code: bytes) -> bool:
    """Say whether a text has more at its outermost level than one expression."""
    outer = bytearray()
    at = 0
    while at < len(code):
        char = code[at : at + 1]
        if char in b"([":
            closing = matching(code, at)
            if closing < 0:
                return True
            if b"{" in code[at:closing]:
                return True
            at = closing
        elif char in b")]":
            return True
        outer += code[at : at + 1]
        at += 1
    return _SEVERAL.search(bytes(outer)) is not None


def _passes_rest(macro: MacroText) -> bool:
    """Say whether a macro hands on arguments of which there may be any number."""
    parameters = macro.parameters or b""
    if b"..." not in parameters:
        return False
    name = re.search(rb"(\w+)?\s*\.\.\.", parameters)
    rest = name[1] if name is not None and name[1] else b"__VA_ARGS__"
    return rest in macro.body
