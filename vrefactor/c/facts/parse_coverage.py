"""How much of a file parses: the bytes that no variant reads without an error."""

from __future__ import annotations

import re
from bisect import bisect_right

from vrefactor.c.model import ErrorRegion, ParseCoverage, Range
from vrefactor.c.parse.parsed_file import ParsedFile, ParsedVariant, parse_file
from vrefactor.c.preprocess.known_macros import MacroMatcher

_LINE = re.compile(rb"[^\s][^\n]*")


def parse_coverage(path: str, data: bytes, macros: MacroMatcher) -> ParseCoverage:
    """Parse the whole of a file under every condition and say what does not parse.

    Raises the errors of `lex` and `parse_conditionals`.
    """
    return coverage_of(parse_file(path, data, macros))


def coverage_of(whole: ParsedFile) -> ParseCoverage:
    """Return the coverage of a parsed file.

    What its variants can't parse is looked at once more, with other branches preferred.
    """
    left = _failing(whole, list(whole.views))
    if left and whole.conditionals.groups:
        whole.look_again([start for start, _ in left])
        left = _failing(whole, list(whole.views))
    code = whole.source.code
    regions = tuple(
        ErrorRegion(start, end, whole.source.line(start), _at_file_scope(whole, start))
        for start, end in left
    )
    errors = sum(len(b"".join(code[region.start : region.end].split())) for region in regions)
    return ParseCoverage(len(whole.source.data), errors, regions)


def _failing(whole: ParsedFile, views: list[ParsedVariant]) -> list[Range]:
    """Return the ranges, each within one line, that are in error wherever they are shown."""
    errors = [_errors(view) for view in views]
    left: set[Range] = set()
    for view, found in zip(views, errors, strict=True):
        for start, end in found:
            for match in _LINE.finditer(view.variant.text, start, end):
                left.add((match.start(), match.start() + len(match[0].rstrip())))
    return sorted(item for item in _merged(left) if not _shown_well(whole, views, errors, item[0]))


def _errors(view: ParsedVariant) -> list[Range]:
    """Return where a variant's text does not parse."""
    return [
        (start + piece.chunk.start, end + piece.chunk.start)
        for piece in view.pieces
        for start, end in piece.syntax.error_ranges()
    ]


def _merged(ranges: set[Range]) -> list[Range]:
    merged: list[Range] = []
    for start, end in sorted(ranges):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _shown_well(
    whole: ParsedFile, views: list[ParsedVariant], errors: list[list[Range]], offset: int
) -> bool:
    """Say whether some variant shows the byte at `offset` outside of every error."""
    return any(
        view.variant.shows(whole.conditionals, offset) and not _holds(found, offset)
        for view, found in zip(views, errors, strict=True)
    )


def _holds(ranges: list[Range], offset: int) -> bool:
    """Say whether one of the ranges, which are in order and apart, holds `offset`."""
    at = bisect_right(ranges, offset, key=lambda item: item[0]) - 1
    return at >= 0 and offset < ranges[at][1]


def _at_file_scope(whole: ParsedFile, offset: int) -> bool:
    """Say whether the byte is in no function body, as every variant that shows it sees it."""
    for view in whole.views:
        if view.variant.shows(whole.conditionals, offset):
            bodies = [(block.open + 1, block.close) for block in view.pairs or () if block.function]
            inside = _holds(bodies, offset)
            if not inside:
                return True
    return False
