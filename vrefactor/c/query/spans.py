"""Ranges of bytes: start, and the end behind it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from operator import itemgetter

Span = tuple[int, int]


def span_at(spans: Sequence[Span], offset: int) -> Span | None:
    """Return the range, of some in order that do not overlap, that holds an offset."""
    at = bisect_right(spans, offset, key=itemgetter(0)) - 1
    return spans[at] if at >= 0 and offset < spans[at][1] else None


def union(*spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the union of ranges, in order, without overlaps."""
    found: list[Span] = []
    for start, end in sorted(span for some in spans for span in some):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


def minus(spans: Collection[Span], others: Collection[Span]) -> Iterator[Span]:
    """Yield what some ranges have that others have not, in order."""
    cuts = sorted(others)
    done = -1
    for start, end in sorted(spans):
        start = max(start, done)
        for opened, closed in cuts:
            if closed > start and opened < end:
                if opened > start:
                    yield start, opened
                start = closed
        if start < end:
            yield start, end
        done = max(done, end)
