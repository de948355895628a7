"""The lexical rules that conf/files*, conf/options* and kernel configurations share.

A `#` that starts a word starts a comment, a backslash at the end continues the line, even
with blanks after it, and a double-quoted string is one word (config(5)).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from vrefactor.errors import KERNEL_CONF, VrefactorError

_TOKEN = re.compile(
    r"""(?P<join>\\[^\S\n]*\n)
      | (?P<newline>\n)
      | (?P<space>[^\S\n]+)
      | (?P<comment>\#[^\n]*)
      | "(?P<quoted>[^"\n]*)"
      | (?P<bad>"[^\n]*)
      | (?P<word>(?:[^\s"\\]|\\(?![^\S\n]*\n))+)""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Line:
    """One logical line: its words, and the number of the physical line that starts it."""

    path: str
    number: int
    words: tuple[str, ...]

    def error(self, detail: str) -> VrefactorError:
        """A `KERNEL_CONF` error at this line."""
        return VrefactorError(KERNEL_CONF, detail, path=self.path, line=self.number)


def decode(data: bytes) -> str:
    """The text of a configuration file; bytes that are not UTF-8 survive a round trip."""
    return data.decode("utf-8", "surrogateescape")


def logical_lines(data: bytes, path: str) -> Iterator[Line]:
    """The logical lines that hold a word.  Raises `KERNEL_CONF` for an open quote."""
    words: list[str] = []
    number = start = 1
    for token in _TOKEN.finditer(decode(data) + "\n"):
        kind = token.lastgroup
        if kind in ("word", "quoted", "bad"):
            start = start if words else number
            words.append(token[kind])
        if kind == "bad":
            raise Line(path, number, ()).error(f"a quoted string is not closed: {token['bad']}")
        if kind == "newline" and words:
            yield Line(path, start, tuple(words))
            words = []
        number += kind in ("newline", "join")
