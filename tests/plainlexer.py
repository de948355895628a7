"""A plain lexer of C, written apart from `vrefactor.c.preprocess.lexer`, to count candidates by.

It goes through the bytes one state at a time and knows nothing of conditionals or macros.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

_LETTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_")
_DIGITS = frozenset(b"0123456789")


def identifiers(data: bytes) -> Iterator[tuple[int, str]]:
    """Yield (offset, spelling) of each identifier token; `#include` lines have none."""
    at = 0
    while at < len(data):
        byte = data[at]
        if byte in _LETTERS:
            end = _word_end(data, at)
            word = data[at:end].decode("ascii")
            if word in ("include", "include_next", "import") and _is_keyword(data, at):
                end = _line_end(data, end)
            else:
                yield at, word
            at = end
        elif byte in _DIGITS:
            at = _word_end(data, at)
        elif data[at : at + 2] == b"/*":
            end = data.find(b"*/", at + 2)
            at = end + 2 if end >= 0 else len(data)
        elif data[at : at + 2] == b"//":
            at = _line_end(data, at)
        elif byte in b"\"'":
            at = _literal_end(data, at)
        else:
            at += 1


def count(data: bytes, names: Collection[str]) -> int:
    """Return how many identifier tokens of `data` are in `names`."""
    return sum(word in names for _, word in identifiers(data))


def _word_end(data: bytes, at: int) -> int:
    while at < len(data) and (data[at] in _LETTERS or data[at] in _DIGITS):
        at += 1
    return at


def _is_keyword(data: bytes, at: int) -> bool:
    line = data[data.rfind(b"\n", 0, at) + 1 : at]
    return line.strip() == b"#"


def _line_end(data: bytes, at: int) -> int:
    """Return the end of the line that holds `at`, joined lines being one."""
    while at < len(data) and data[at] != 0x0A:
        if data[at] == 0x5C:
            at += 2 if data[at + 1 : at + 2] != b"\r" else 3
        else:
            at += 1
    return min(at, len(data))


def _literal_end(data: bytes, start: int) -> int:
    """Return the end of a literal; a quote without a partner on its line is one byte."""
    at = start + 1
    while at < len(data) and data[at] != 0x0A:
        if data[at] == data[start]:
            return at + 1
        if data[at] == 0x5C:
            at += 2 if data[at + 1 : at + 3] != b"\r\n" else 3
        else:
            at += 1
    return start + 1
