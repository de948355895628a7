"""Lexing a file once: comments and literals blanked, identifiers found, lines counted.

Everything downstream works on `Source.code`: the file with every byte of a comment, and of
the inside of a string or character literal, overwritten by a space (line ends too, because
a comment or a literal does not end a directive), so that offsets stay true and a plain
search over it meets code only.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import NoReturn

from vrefactor.errors import SOURCE_BINARY, SOURCE_TOO_LARGE, SOURCE_UNTERMINATED, VrefactorError

MAX_BYTES = 32 << 20
"""Largest file that is parsed; the largest one in the FreeBSD 8 kernel has 1.4 MB."""

Buffer = bytes | bytearray
"""A text; one that is being changed in place does not get longer or shorter."""

_BLANK = bytes(c if c in b"\n\r" else 0x20 for c in range(256))
_WORD_BYTES = frozenset(c for c in range(128) if chr(c).isalnum() or c == 0x5F)
_WORDS = bytes(c if (chr(c).isalnum() and c < 128) or c == 0x5F else 0x20 for c in range(256))

_QUOTED = re.compile(
    rb"/\*[^*]*\*+(?:[^/*][^*]*\*+)*/"
    rb"|//(?:[^\\\n]|\\\r?\n|\\.)*"
    rb'|"(?:[^"\\\n]|\\\r?\n|\\.)*"'
    rb"|'(?:[^'\\\n]|\\\r?\n|\\.)*'"
)


def blank(text: bytes) -> bytes:
    """Return `text` with all but its line ends overwritten by spaces."""
    return text.translate(_BLANK)


def words(data: bytes) -> list[bytes]:
    """Return the maximal runs of letters, digits and underscores in `data`, in order."""
    return data.translate(_WORDS).split()


CACHED_FILES = 512
"""How many files' results are kept: about as many as the steps of one subsystem look at."""


@dataclass(frozen=True, eq=False)
class Source:
    """One lexed file: its bytes, and the same bytes with comments and literals blanked.

    `unpaired_quotes` are the offsets of quotes that have no partner on their line.
    """

    path: str
    data: bytes
    code: bytes
    comments: tuple[tuple[int, int], ...]
    unpaired_quotes: tuple[int, ...] = ()

    @cached_property
    def line_starts(self) -> list[int]:
        """Offsets of the first byte of each line, in order."""
        lengths = (len(line) + 1 for line in self.data.split(b"\n"))
        return list(accumulate(lengths, initial=0))[:-1]

    def line(self, offset: int) -> int:
        """Return the 1-based number of the line that holds `offset`."""
        return bisect_right(self.line_starts, offset)


def check_readable(path: str, data: bytes) -> None:
    """Raise SOURCE_BINARY or SOURCE_TOO_LARGE for bytes that can't be C source."""
    nul = data.find(b"\0")
    if nul >= 0:
        raise VrefactorError(SOURCE_BINARY, path=path, line=data.count(b"\n", 0, nul) + 1)
    if len(data) > MAX_BYTES:
        detail = f"{len(data)} bytes, more than {MAX_BYTES}"
        raise VrefactorError(SOURCE_TOO_LARGE, detail, path=path)


@lru_cache(CACHED_FILES)
def lex(path: str, data: bytes) -> Source:
    """Lex one file.  What was lexed lately is remembered: steps look at a file again and again.

    A quote without a partner is kept and noted: prose that is skipped may hold one.
    Raises SOURCE_UNTERMINATED (with its line) for a comment without an end, SOURCE_BINARY
    and SOURCE_TOO_LARGE as `check_readable`.
    """
    check_readable(path, data)
    parts: list[bytes] = []
    comments: list[tuple[int, int]] = []
    unpaired_quotes: list[int] = []
    done = 0
    for match in _QUOTED.finditer(data):
        start, end = match.span()
        gap = data[done:start]
        parts.append(gap)
        if b"/*" in gap:
            _refuse_comment(path, data, done + gap.find(b"/*"))
        unpaired_quotes.extend(_quotes(gap, done))
        if data[start] == 0x2F:
            parts.append(b" " * (end - start))
            comments.append((start, end))
        else:
            quote = data[start : start + 1]
            parts.append(quote + b" " * (end - start - 2) + quote)
        done = end
    tail = data[done:]
    if b"/*" in tail:
        _refuse_comment(path, data, done + tail.find(b"/*"))
    parts.append(tail)
    unpaired_quotes.extend(_quotes(tail, done))
    return Source(path, data, b"".join(parts), tuple(comments), tuple(unpaired_quotes))


def _quotes(text: bytes, offset: int) -> Iterable[int]:
    if b"'" not in text and b'"' not in text:
        return ()
    return [offset + at for at, char in enumerate(text) if char in b"\"'"]


def _refuse_comment(path: str, data: bytes, offset: int) -> NoReturn:
    line = data.count(b"\n", 0, offset) + 1
    raise VrefactorError(SOURCE_UNTERMINATED, "comment /* without */", path=path, line=line)


def find_names(code: bytes, names: Iterable[bytes]) -> list[tuple[int, bytes]]:
    """Return (offset, spelling) of every identifier token in `code` that is in `names`.

    In the order of the offsets.  One search a name: for the few names that a file holds
    that is much faster than one regular expression of alternatives.
    """
    found: list[tuple[int, bytes]] = []
    for name in names:
        at = code.find(name)
        while at >= 0:
            end = at + len(name)
            if not (_is_word(code, at - 1) or _is_word(code, end)):
                found.append((at, name))
            at = code.find(name, end)
    return sorted(found)


def _is_word(code: bytes, at: int) -> bool:
    return 0 <= at < len(code) and code[at] in _WORD_BYTES


_BRACKETS = re.compile(rb"[()\[\]{}]")
_PAIRS = {0x28: 0x29, 0x5B: 0x5D, 0x7B: 0x7D}


def matching(code: Buffer, opening: int) -> int:
    """Return the offset of the bracket that closes the one at `opening`, or -1.

    A bracket of another kind in between that does not match ends the search with -1.
    """
    stack: list[int] = []
    for match in _BRACKETS.finditer(code, opening):
        char = code[match.start()]
        if char in _PAIRS:
            stack.append(_PAIRS[char])
        elif not stack or stack.pop() != char:
            return -1
        elif not stack:
            return match.start()
    return -1


def matching_before(code: Buffer, closing: int, reach: int = 4096) -> int:
    """Return the offset of the bracket that the one at `closing` closes, or -1.

    Looks back over `reach` bytes at most.
    """
    floor = max(0, closing - reach)
    brackets = list(_BRACKETS.finditer(code, floor, closing + 1))
    stack: list[int] = []
    for match in reversed(brackets):
        char = code[match.start()]
        if char in _PAIRS:
            if stack.pop() != _PAIRS[char]:
                return -1
            if not stack:
                return match.start()
        else:
            stack.append(char)
    return -1


def split_arguments(code: bytes, opening: int, closing: int) -> list[tuple[int, int]]:
    """Return the byte ranges of the arguments between two matching parentheses.

    Commas inside nested brackets do not separate.  `()` has one empty argument, as in the
    C standard's view of a macro call.
    """
    ranges: list[tuple[int, int]] = []
    start = opening + 1
    depth = 0
    for match in re.finditer(rb"[(){}\[\],]", code[opening + 1 : closing]):
        char = match.group()
        if char in b"([{":
            depth += 1
        elif char in b")]}":
            depth -= 1
        elif depth == 0:
            ranges.append((start, opening + 1 + match.start()))
            start = opening + 1 + match.end()
    ranges.append((start, closing))
    return ranges


def argument_texts(code: bytes, opening: int) -> tuple[str, ...] | None:
    """Return the arguments of the call whose `(` is at `opening`, with single blanks in each.

    None if the parenthesis has no partner.
    """
    closing = matching(code, opening)
    if closing < 0:
        return None
    ranges = split_arguments(code, opening, closing)
    return tuple(b" ".join(code[start:end].split()).decode("latin-1") for start, end in ranges)
