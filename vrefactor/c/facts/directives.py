"""Skimming a header that holds no candidate: its includes and its macros, without lexing.

Such a header matters only for what it includes and for what its macros do with their
arguments.  A directive inside a comment may slip in; both facts only widen what is
considered (which headers are in view, which roles an argument may have).
"""

from __future__ import annotations

import re

from vrefactor.c.model import FileFacts, IncludeFact, MacroFact
from vrefactor.c.preprocess.lexer import check_readable

_INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include(?:_next)?[ \t]*([<"])([^>"\n]+)', re.M)
_DEFINE = re.compile(
    rb"^[ \t]*#[ \t]*define[ \t]+([A-Za-z_]\w*)"
    rb"(?:\(([^)\n]*(?:\\\r?\n[^)\n]*)*)\)((?:[^\n\\]|\\\r?\n|\\.)*)"
    rb"|[ \t]+([A-Za-z_][\w \t]*\([^\n\\]*|[A-Za-z_]\w*[ \t]*$))",
    re.M,
)
_COMMENT = re.compile(rb"/\*.*?(?:\*/|\Z)|//[^\n]*", re.S)


def directive_facts(path: str, data: bytes) -> FileFacts:
    """Return the includes, the function-like macros and the macro aliases of a header.

    Raises SOURCE_BINARY and SOURCE_TOO_LARGE as `lex`.
    """
    check_readable(path, data)
    return FileFacts(path, includes=_includes(data), macros=_macros(data))


def _includes(data: bytes) -> tuple[IncludeFact, ...]:
    if b"include" not in data:
        return ()
    return tuple(
        IncludeFact(match[2].decode("latin-1"), match[1] == b"<", match.start(), match.end(), True)
        for match in _INCLUDE.finditer(data)
    )


def _macros(data: bytes) -> tuple[MacroFact, ...]:
    if b"define" not in data:
        return ()
    return tuple(_macro(match) for match in _DEFINE.finditer(data))


def _macro(match: re.Match[bytes]) -> MacroFact:
    parameters = None
    if match[2] is not None:
        joined = match[2].replace(b"\\\r\n", b"").replace(b"\\\n", b"")
        parameters = tuple(
            part.strip().decode("latin-1") for part in joined.split(b",") if part.strip()
        )
    body = match[3] if match[2] is not None else match[4]
    body = _COMMENT.sub(b" ", body).replace(b"\\\r\n", b" ").replace(b"\\\n", b" ")
    text = b" ".join(body.split()).decode("latin-1")
    return MacroFact(match[1].decode("latin-1"), parameters, text, match.start(1))
