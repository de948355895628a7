"""Known macros: what the rules say of macros that stand where C allows none.

The rules name them by glob; here the globs are compiled once into one matcher a kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from vrefactor.rules.types import MacroRules

_LITERALS = re.compile(r"\[[^]]*\]|[*?]")
_GLOB = re.compile(r"\[!?\w[\w-]*\]|.", re.S)


class PrefilteredPattern:
    """A pattern made of globs, tried only where a literal part of one of them occurs.

    Most chunks hold no macro of a kind, and to look for a few words is many times faster
    than to try an alternative at every byte.
    """

    def __init__(self, pattern: re.Pattern[bytes], globs: Iterable[str]) -> None:
        self._pattern = pattern
        self._hints = tuple({max(_LITERALS.split(glob), key=len).encode() for glob in globs})

    def finditer(self, text: bytes) -> Iterable[re.Match[bytes]]:
        """Return the matches in `text`, in order."""
        return self._pattern.finditer(text) if any(hint in text for hint in self._hints) else ()

    def match(self, text: bytes) -> re.Match[bytes] | None:
        """Return the match at the start of `text`."""
        return self._pattern.match(text)

    def fullmatch(self, text: bytes) -> re.Match[bytes] | None:
        """Return the match of the whole of `text`."""
        return self._pattern.fullmatch(text)


class MacroMatcher:
    """The compiled form of `MacroRules`: one regular expression a kind."""

    def __init__(self, known: MacroRules) -> None:
        self.iterator_call = PrefilteredPattern(glob_call(known.iterator), known.iterator)
        self.specifier_call = PrefilteredPattern(glob_call(known.specifier), known.specifier)
        self.attribute = PrefilteredPattern(_word(known.attribute), known.attribute)
        self.prototype_call = PrefilteredPattern(glob_call(known.prototype), known.prototype)
        self.statement = PrefilteredPattern(_word(known.statement), known.statement)
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
    return _glob_call(tuple(globs))


@lru_cache(maxsize=1024)
def _glob_call(globs: tuple[str, ...]) -> re.Pattern[bytes]:
    return re.compile(rb"(?<!\w)(?:" + _alternatives(globs) + rb")[ \t]*\(")


def _word(globs: Iterable[str]) -> re.Pattern[bytes]:
    return re.compile(rb"(?<!\w)(?:" + _alternatives(globs) + rb")(?!\w)")


def _whole(globs: Iterable[str]) -> re.Pattern[bytes]:
    return re.compile(rb"\A(?:" + _alternatives(globs) + rb")\Z")
