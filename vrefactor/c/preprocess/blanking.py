"""Overwriting parts of a text by spaces, so that what is left stands where it stood."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from vrefactor.c.model import Range
from vrefactor.c.preprocess.conditionals import Conditionals, parse_conditionals
from vrefactor.c.preprocess.lexer import CACHED_FILES, Source, blank


def blank_ranges(text: bytes, ranges: Iterable[Range]) -> bytes:
    """Return `text` with some byte ranges blanked, but for their line ends.

    The ranges may overlap, and stand in any order.
    """
    parts: list[bytes] = []
    done = 0
    for start, end in sorted(ranges):
        if end > done:
            start = max(start, done)
            parts += (text[done:start], blank(text[start:end]))
            done = end
    parts.append(text[done:])
    return b"".join(parts)


def directive_ranges(conditionals: Conditionals) -> list[Range]:
    """Return the byte ranges of the preprocessing directives, in order."""
    return [(directive.start, directive.end) for directive in conditionals.directives]


@lru_cache(CACHED_FILES)
def without_directives(source: Source) -> bytes:
    """Return the code of a file with its directives blanked: all branches are there.

    Raises the errors of `parse_conditionals`.
    """
    return blank_ranges(source.code, directive_ranges(parse_conditionals(source)))


def live_code(source: Source, conditionals: Conditionals, hidden: Iterable[Range] = ()) -> bytes:
    """Return the code of a file without directives, dead branches and the `hidden` ranges.

    A branch is dead if no configuration compiles it (`#if 0`).
    """
    dead = (
        (branch.start, branch.end)
        for group in conditionals.groups
        for branch in group.branches
        if conditionals.is_dead(branch.start)
    )
    return blank_ranges(source.code, [*hidden, *directive_ranges(conditionals), *dead])
