"""Conversions of a tree to another encoding of the same text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Rewrite = Callable[[bytes], bytes]

_COMMENT = re.compile(rb"/\*(?=[\s*])")


@dataclass(frozen=True)
class Conversion:
    """How a file of a tree is converted, and what is done with it before.

    With `old_only` it is about the files that change by being converted, and not about those
    that a step makes.
    """

    convert: Rewrite
    prepare: Rewrite = bytes
    old_only: bool = False

    def expected(self, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> dict[str, bytes]:
        """Return what a converted tree must become."""
        return {
            path: data if self.old_only and self._stays(before.get(path)) else self.convert(data)
            for path, data in after.items()
        }

    def _stays(self, old: bytes | None) -> bool:
        return old is None or self.convert(old) == old


def _with_cr(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _open_ended(data: bytes) -> bytes:
    """Drop the newline at the end."""
    return data.removesuffix(b"\n").removesuffix(b"\r")


def _with_letter(data: bytes) -> bytes:
    return _COMMENT.sub("/*é".encode(), data)


def _to_latin_1(data: bytes) -> bytes:
    return data.replace("é".encode(), "é".encode("latin-1"))


CONVERSIONS = {
    "crlf": Conversion(_with_cr),
    "no newline at the end": Conversion(_open_ended, old_only=True),
    "latin-1": Conversion(_to_latin_1, prepare=_with_letter),
}
