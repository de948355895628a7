"""Composed splices do what the two sets of edits did one after the other."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.source.helpers import edit, edits_of, texts
from vrefactor.source.compose import Splice, apply_splices, compose, splices_of
from vrefactor.source.edits import apply_edits, check_edits

S = Splice


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([S(2, 2, b"V_")], [S(2, 4, b"")], id="an insertion taken back"),
        pytest.param([S(2, 2, b"")], [S(5, 5, b"")], id="empty splices"),
    ],
)
def test_no_op(first: list[Splice], second: list[Splice]) -> None:
    assert compose(first, second) == ()


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        pytest.param([S(2, 4, b"x")], [], [S(2, 4, b"x")], id="first alone"),
        pytest.param([], [S(2, 4, b"x")], [S(2, 4, b"x")], id="second alone"),
        pytest.param([S(2, 2, b"ab")], [S(6, 7, b"")], [S(2, 2, b"ab"), S(4, 5, b"")], id="moved"),
        pytest.param([S(2, 2, b"abc")], [S(3, 4, b"XY")], [S(2, 2, b"aXYc")], id="within new text"),
        pytest.param([S(2, 3, b"abc")], [S(4, 8, b"")], [S(2, 6, b"ab")], id="over its end"),
        pytest.param([S(2, 3, b"abc")], [S(1, 3, b"")], [S(1, 3, b"bc")], id="over its start"),
        pytest.param(
            [S(2, 3, b"a"), S(5, 6, b"b")], [S(1, 7, b"-")], [S(1, 7, b"-")], id="over two"
        ),
        pytest.param([S(2, 5, b"")], [S(2, 2, b"x")], [S(2, 5, b"x")], id="into a deletion"),
        pytest.param([S(0, 0, b"V_")], [S(0, 0, b"&")], [S(0, 0, b"&V_")], id="at the start"),
    ],
)
def test_composition(first: list[Splice], second: list[Splice], both: list[Splice]) -> None:
    assert compose(first, second) == tuple(both)


def test_touching_edits_are_one_splice() -> None:
    edits = [edit("f", 2, 3, b"a"), edit("f", 3, 3, b"b"), edit("f", 3, 5, b"")]
    assert splices_of(edits) == (S(2, 5, b"ab"),)


@given(st.data())
def test_as_one_after_the_other(data: st.DataObject) -> None:
    before = data.draw(texts())
    version, splices = before, splices_of([])
    for _ in range(3):
        edits = check_edits(len(version), data.draw(edits_of("f", version)))
        assert apply_splices(version, splices_of(edits)) == apply_edits(version, edits)
        version, splices = apply_edits(version, edits), compose(splices, splices_of(edits))
    assert apply_splices(before, splices) == version
    assert all(splice.text or splice.start < splice.end for splice in splices)
    assert all(item.end < other.start for item, other in pairwise(splices))
