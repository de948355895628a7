"""Normalisers for macros that wrap, extend or make a declaration.

`PACKED_FIELD(int x);` in a struct, and `f(int a EXTRA_PARAMETER)`: idioms of portable
stacks, which the grammar takes for errors.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.lexer import blank

_MEMBER_WRAPPER = re.compile(
    rb"([{;]\s*)([A-Z][A-Z0-9_]*\s*\()"
    rb"(\s*[A-Za-z_][\w\s]*\s[\s*]*\w+(?:\[\w+\])*\s*)\)(\s*;)"
)
_ADDED = re.compile(
    rb"\b([A-Za-z_]\w*)(\s+[A-Z][A-Z0-9]*_[A-Z0-9_]*(?:\s*\([^()]*\))?)"
    rb"(?=\s*\)|\s+[A-Z][A-Z0-9]*_[A-Z0-9_]*\s*\()"
)
_LEADING = re.compile(
    rb"^[A-Z][A-Z0-9]*_[A-Z0-9_]*[ \t]*\r?$(?=\s*(?:struct|union|enum|typedef|static|extern)\b)",
    re.M,
)
_MADE_HEAD = re.compile(rb"^[A-Z][A-Z0-9]*_[A-Z0-9_]*[ \t]*\([^(){};]*\)(?=\s*\{)", re.M)
_NO_NAMES = frozenset(
    b"if while for switch return sizeof case void int char long short unsigned signed float double"
    b" struct union enum const volatile".split()
)


def _until_stable(text: bytes, rewrite: Callable[[bytes], bytes]) -> bytes:
    previous = b""
    while previous != text:
        previous, text = text, rewrite(text)
    return text


def leading_words(text: bytes, macros: MacroMatcher) -> bytes:
    """Blank a macro alone on the line before a declaration: `PACKED_BEGIN`."""
    return _until_stable(text, lambda old: _LEADING.sub(lambda match: blank(match[0]), old))


def made_heads(text: bytes, macros: MacroMatcher) -> bytes:
    """Turn `SHOW_COMMAND(name, function)` before a body into the head of a function."""
    return _MADE_HEAD.sub(lambda match: _head(text, match), text)


def _head(text: bytes, match: re.Match[bytes]) -> bytes:
    before = text[: match.start()].rstrip()[-1:]
    if before not in (b"", b";", b"}") or len(match[0]) < len(b"int z()"):
        return match[0]
    return b"int z()" + blank(match[0])[len(b"int z()") :]


def member_wrappers(text: bytes, macros: MacroMatcher) -> bytes:
    """Turn `PACKED_FIELD(int x);` in a struct into `int x;`."""
    opening = text.find(b"{")
    if opening < 0 or text[:opening].rstrip()[-1:] in (b")", b";", b"="):
        return text
    # Neighbours share the `;` between them: one pass sees every other one.
    return _until_stable(text, lambda old: _MEMBER_WRAPPER.sub(_member, old))


def _member(match: re.Match[bytes]) -> bytes:
    return match[1] + blank(match[2]) + match[3] + b" " + match[4]


def added_parameters(text: bytes, macros: MacroMatcher) -> bytes:
    """Blank a macro that adds to a list behind its last item: `f(a, b EXTRA_ARGUMENT)`."""
    return _until_stable(text, lambda old: _ADDED.sub(_without_macro, old))


def _without_macro(match: re.Match[bytes]) -> bytes:
    return match[0] if match[1] in _NO_NAMES else match[1] + blank(match[2])
