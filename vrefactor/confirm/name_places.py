"""Where the names stand in the text of a tree, found without parsing it.

Deliberately simple, and no part of the C front end, whose verdicts are to be checked: it finds
too much (names in comments, say), never too little.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from vrefactor.c.preprocess.lexer import find_names, lex, words
from vrefactor.errors import VrefactorError
from vrefactor.source.tree import Tree

# Continued lines, anywhere, belong to a directive; comments are spaces by now.
_DEFINE = re.compile(
    rb"^[ \t\f]*(?:#|\?\?=|%:)(?:[ \t\f]|\\\r?\n)*define(?:[ \t\f]|\\\r?\n)+(\w+)"
    rb"([^\\\n]*(?:\\(?:\r?\n)?[^\\\n]*)*)",
    re.M,
)


Found = tuple[int, bytes]
"""An identifier token: offset and spelling."""


@dataclass(frozen=True, slots=True)
class NamePlaces:
    """One file: where it has names that matter, in macro definitions and outside of them."""

    plain: tuple[int, ...]
    """Offsets of the names outside macro definitions."""
    bodies: frozenset[int]
    """Offsets of the names inside macro definitions."""
    defines: frozenset[bytes]
    """The macros defined here that lead to such bodies."""
    uses: Mapping[bytes, tuple[int, ...]]
    """Offsets, outside macro definitions, of the names of such macros, wherever defined."""
    lines: tuple[int, ...]
    """Offset of the start of each line."""

    def line(self, offset: int) -> int:
        """Return the 1-based line of an offset."""
        return bisect_right(self.lines, offset)


def name_places(
    path: str, data: bytes, names: frozenset[bytes], macros: frozenset[bytes]
) -> NamePlaces:
    """Find the names, and the uses of macros that lead to them, in one file.

    `macros` are those that headers define; the file's own are found here.
    """
    code = _code(path, data)
    defines = list(_DEFINE.finditer(code))
    own = _closure(lambda wanted: _with_words(defines, wanted), names | macros)
    spans = [match.span() for match in defines]
    plain, bodies = _split(find_names(code, names), spans)
    uses: dict[bytes, list[int]] = {}
    for offset, macro in _split(find_names(code, own | macros), spans)[0]:
        uses.setdefault(macro, []).append(offset)
    return NamePlaces(
        tuple(offset for offset, _ in plain),
        frozenset(offset for offset, _ in bodies),
        own,
        {macro: tuple(offsets) for macro, offsets in uses.items()},
        (0, *(match.end() for match in re.finditer(rb"\n", data))),
    )


def _code(path: str, data: bytes) -> bytes:
    """Return the file without comments and strings; as it is, if that cannot be told."""
    try:
        return lex(path, data).code
    except VrefactorError:
        return data


def _split(found: Iterable[Found], spans: Sequence[tuple[int, int]]) -> tuple[list[Found], ...]:
    """Return what was found outside the spans, and inside."""
    starts = [start for start, _ in spans]
    sides: tuple[list[Found], list[Found]] = ([], [])
    for item in found:
        number = bisect_right(starts, item[0]) - 1
        sides[number >= 0 and item[0] < spans[number][1]].append(item)
    return sides


def header_macros(tree: Tree, names: frozenset[bytes]) -> frozenset[bytes]:
    """Return the macros of headers whose bodies have one of `names`, or such a macro."""
    headers = [path for path in tree.paths if path.endswith(".h")]

    def defined_with(wanted: frozenset[bytes]) -> Iterator[bytes]:
        for path in headers:
            data = tree.read(path)
            if not wanted.isdisjoint(words(data)):
                yield from _with_words(_DEFINE.finditer(_code(path, data)), wanted)

    return _closure(defined_with, names)


def _with_words(defines: Iterable[re.Match[bytes]], wanted: frozenset[bytes]) -> Iterator[bytes]:
    """Yield the names of the definitions whose bodies have one of the words."""
    for match in defines:
        if not wanted.isdisjoint(words(match[2])):
            yield match[1]


def _closure(
    defined_with: Callable[[frozenset[bytes]], Iterable[bytes]], names: frozenset[bytes]
) -> frozenset[bytes]:
    found: frozenset[bytes] = frozenset()
    wanted = names
    while wanted:
        wanted = frozenset(defined_with(wanted)) - found
        found |= wanted
    return found


def mentioning(tree: Tree, paths: Collection[str], names: frozenset[bytes]) -> set[str]:
    """Return those of `paths` whose text has one of `names`."""
    return {path for path in paths if not names.isdisjoint(words(tree.read(path)))}
