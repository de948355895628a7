"""Where in a TOML text a key stands: tomllib gives values, but no positions.

`lines(text)` maps every key path to its 1-based line.  A key path is a tuple of keys
and list indices: `("container", 3, "symbols", "net/if.c", 2)`.  The text must be valid
TOML (tomllib has read it); the scanner relies on that and reports no errors.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping

from vrefactor.rules.templates import KeyPath

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}\n#]+")


def lines(text: str) -> Mapping[KeyPath, int]:
    """The line of each key path of a valid TOML text."""
    scanner = _Scanner(text)
    scanner.document()
    return scanner.found


def nearest(found: Mapping[KeyPath, int], path: KeyPath) -> int:
    """The line of `path`, or of the nearest key path around it; 1 when there is none."""
    for length in range(len(path), 0, -1):
        if path[:length] in found:
            return found[path[:length]]
    return 1


class _Scanner:
    """A position in the text, and what was found so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.pos = 0
        self.found: dict[KeyPath, int] = {}
        self._counts: dict[KeyPath, int] = {}
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def document(self) -> None:
        """Read headers and keys up to the end of the text."""
        prefix: KeyPath = ()
        while self._skip():
            if self.text[self.pos] == "[":
                prefix = self._header()
            else:
                self._pair(prefix)

    def _skip(self) -> bool:
        """Pass blanks and comments; False at the end of the text."""
        match = _BLANK.match(self.text, self.pos)
        if match is not None:
            self.pos = match.end()
        return self.pos < len(self.text)

    def _record(self, path: KeyPath, start: int) -> None:
        self.found.setdefault(path, bisect_right(self._starts, start))

    def _take(self, pattern: re.Pattern[str]) -> str:
        """The token at the position; a single character where the pattern does not fit."""
        match = pattern.match(self.text, self.pos)
        end = self.pos + 1 if match is None else match.end()
        token = self.text[self.pos : end]
        self.pos = end
        return token

    def _key(self) -> list[str]:
        """A key and the dotted keys after it."""
        parts: list[str] = []
        while True:
            self._skip()
            if self.text[self.pos] in "\"'":
                parts.append(_unquote(self._take(_STRING)))
            else:
                parts.append(self._take(_BARE_KEY))
            self._skip()
            if not self.text.startswith(".", self.pos):
                return parts
            self.pos += 1

    def _header(self) -> KeyPath:
        """`[a.b]` or `[[a.b]]`: the key path that the following keys belong to."""
        start = self.pos
        is_list = self.text.startswith("[[", start)
        self.pos += 2 if is_list else 1
        parts = self._key()
        self.pos += 2 if is_list else 1
        path: KeyPath = ()
        for part in parts[:-1]:
            path = self._enter((*path, part), start)
        path = (*path, parts[-1])
        if is_list:
            self._counts[path] = self._counts.get(path, 0) + 1
        return self._enter(path, start)

    def _enter(self, path: KeyPath, start: int) -> KeyPath:
        """The table at `path`: of a list of tables, its last."""
        self._record(path, start)
        if path in self._counts:
            path = (*path, self._counts[path] - 1)
            self._record(path, start)
        return path

    def _pair(self, prefix: KeyPath) -> None:
        """`key = value`."""
        start = self.pos
        path = prefix
        for part in self._key():
            path = (*path, part)
            self._record(path, start)
        self.pos += 1
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        self._skip()
        first = self.text[self.pos]
        if first == "[":
            self._items(path, "]")
        elif first == "{":
            self._items(path, "}")
        elif first in "\"'":
            self._take(_STRING)
        else:
            self._take(_SCALAR)

    def _items(self, path: KeyPath, closing: str) -> None:
        """The items of an array (`]`) or the pairs of an inline table (`}`)."""
        self.pos += 1
        index = 0
        while self._skip() and self.text[self.pos] != closing:
            if closing == "}":
                self._pair(path)
            else:
                self._record((*path, index), self.pos)
                self._value((*path, index))
                index += 1
            self._skip()
            if self.text.startswith(",", self.pos):
                self.pos += 1
        self.pos += 1


def _unquote(token: str) -> str:
    """What a quoted key spells."""
    value = tomllib.loads(f"key = {token}")["key"]
    return str(value)
