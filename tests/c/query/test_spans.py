"""Ranges of bytes."""

from __future__ import annotations

import pytest

from vrefactor.c.query.spans import Span, minus, span_at, union

SPANS: tuple[Span, ...] = ((2, 5), (7, 9))


@pytest.mark.parametrize(
    ("offset", "found"),
    [(1, None), (2, (2, 5)), (4, (2, 5)), (5, None), (8, (7, 9)), (9, None)],
)
def test_span_at(offset: int, found: Span | None) -> None:
    assert span_at(SPANS, offset) == found


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ((), (), ()),
        (SPANS, (), SPANS),
        (((2, 5),), ((5, 7),), ((2, 7),)),
        (((2, 9),), ((3, 4),), ((2, 9),)),
    ],
)
def test_union(one: tuple[Span, ...], other: tuple[Span, ...], both: tuple[Span, ...]) -> None:
    assert union(one, other) == union(other, one) == both


@pytest.mark.parametrize(
    ("others", "left"),
    [
        ((), [(2, 5), (7, 9)]),
        (((3, 4),), [(2, 3), (4, 5), (7, 9)]),
        (((0, 8),), [(8, 9)]),
        (((0, 20),), []),
    ],
)
def test_minus(others: tuple[Span, ...], left: list[Span]) -> None:
    assert list(minus(SPANS, others)) == left
