"""Known macros: what the rules say of macros that stand where C allows none.

The rules name them by glob; here the globs are compiled once into one matcher a kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from vrefactor.rules.types import MacroRules

_GLOB = re.compile(r"\[!?\w[\w-]*\]|.", re.S)


class MacroMatcher:
    """The compiled form of `MacroRules`: one regular expression a kind."""

    def __init__(self, known: MacroRules) -> None:
        self.iterator_call = glob_call(known.iterator)
        self.specifier_call = glob_call(known.specifier)
        self.attribute = _word(known.attribute)
        self.prototype_call = glob_call(known.prototype)
        self.statement = _word(known.statement)
        self.declaration = _whole((*known.declaration, *known.sysctl, *known.tunable))
        self.sysctl = _whole(known.sysctl)
        self.tunable = _whole(known.tunable)


def _alternatives(globs: Iterable[str]) -> bytes:
    parts = [_GLOB.sub(_piece, glob) for glob in globs]
    return "|".join(parts).encode() if parts else b"(?!)"


def _piece(match: re.Match[str]) -> str:
    token = match[0]
    if token in ("*", "?"):
        return r"\w*" if token == "*" else r"\w"
    return token.replace("[!", "[^") if len(token) > 1 else re.escape(token)


def glob_call(globs: Iterable[str]) -> re.Pattern[bytes]:
    """Return a pattern for a call of a name that fits one of the globs, up to its `(`."""
    return re.compile(rb"(?<!\w)(?:" + _alternatives(globs) + rb")[ \t]*\(")


def _word(globs: Iterable[str]) -> re.Pattern[bytes]:
    return re.compile(rb"(?<!\w)(?:" + _alternatives(globs) + rb")(?!\w)")


def _whole(globs: Iterable[str]) -> re.Pattern[bytes]:
    return re.compile(rb"\A(?:" + _alternatives(globs) + rb")\Z")
