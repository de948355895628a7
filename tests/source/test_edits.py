"""The one applier: what it leaves alone, what it writes, what it refuses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.source.helpers import edit, edits_of, texts
from vrefactor.errors import EDIT_BOUNDS, EDIT_OVERLAP, VrefactorError
from vrefactor.source.edits import Edit, apply_edits

DATA = b"int x;\r\n\xe9\0 y"


@pytest.mark.parametrize(
    "edits",
    [
        pytest.param([], id="no edit"),
        pytest.param([edit("f", 4, 4, b"")], id="nothing inserted"),
        pytest.param([edit("f", 4, 5, b"x")], id="replaced by itself"),
        pytest.param([edit("f", 0, len(DATA), DATA)], id="all replaced by itself"),
        pytest.param([edit("f", 0, 0, b""), edit("f", 12, 12, b"")], id="nothing at both ends"),
    ],
)
def test_no_op(edits: list[Edit]) -> None:
    assert apply_edits(DATA, edits) == DATA


@pytest.mark.parametrize(
    ("edits", "after"),
    [
        pytest.param([edit("f", 4, 4, b"V_")], b"int V_x;\r\n\xe9\0 y", id="insertion"),
        pytest.param([edit("f", 0, 4, b"")], b"x;\r\n\xe9\0 y", id="deletion"),
        pytest.param([edit("f", 0, 0, b"/")], b"/" + DATA, id="at the start"),
        pytest.param([edit("f", 12, 12, b"\n")], DATA + b"\n", id="at the end"),
        pytest.param(
            [edit("f", 11, 12, b"z"), edit("f", 4, 5, b"w")], b"int w;\r\n\xe9\0 z", id="any order"
        ),
        pytest.param(
            [edit("f", 5, 6, b","), edit("f", 4, 5, b"w")], b"int w,\r\n\xe9\0 y", id="touching"
        ),
        pytest.param(
            [edit("f", 4, 5, b"w"), edit("f", 4, 4, b"<"), edit("f", 5, 5, b">")],
            b"int <w>;\r\n\xe9\0 y",
            id="insertions around a replacement",
        ),
        pytest.param([edit("f", 8, 9, b"\xff")], b"int x;\r\n\xff\0 y", id="latin-1"),
    ],
)
def test_rewrite(edits: list[Edit], after: bytes) -> None:
    assert apply_edits(DATA, edits) == after


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param((4, 6), (5, 7), id="crossing"),
        pytest.param((4, 8), (5, 6), id="within"),
        pytest.param((4, 6), (4, 6), id="the same range"),
        pytest.param((4, 6), (5, 5), id="insertion within"),
        pytest.param((4, 4), (4, 4), id="two insertions at one offset"),
    ],
)
def test_overlap_names_both(first: tuple[int, int], second: tuple[int, int]) -> None:
    edits = [
        Edit("net/if.c", *first, b"1", "prefix", "a use"),
        Edit("net/if.c", *second, b"2", "sysctl", "an argument"),
    ]
    for order in (edits, edits[::-1]):
        with pytest.raises(VrefactorError) as caught:
            apply_edits(DATA, order)
        assert caught.value.kind is EDIT_OVERLAP
        assert caught.value.path == "net/if.c"
        for start, end in (first, second):
            assert f"net/if.c bytes {start}..{end} (step " in caught.value.detail
        assert "prefix: a use" in caught.value.detail
        assert "sysctl: an argument" in caught.value.detail


@pytest.mark.parametrize(
    ("start", "end"),
    [(-1, 2), (0, 13), (13, 13), (5, 4)],
    ids=["before", "over", "past", "reversed"],
)
def test_bounds(start: int, end: int) -> None:
    with pytest.raises(VrefactorError, match=rf"bytes {start}\.\.{end} .* 12 bytes") as caught:
        apply_edits(DATA, [edit("f", 1, 2, b""), edit("f", start, end, b"")])
    assert caught.value.kind is EDIT_BOUNDS


def test_edits_of_two_files() -> None:
    with pytest.raises(VrefactorError) as caught:
        apply_edits(DATA, [edit("f", 1, 2, b""), edit("g", 3, 4, b"")])
    assert caught.value.kind is EDIT_BOUNDS


@given(st.data())
def test_as_from_back_to_front(data: st.DataObject) -> None:
    before = data.draw(texts())
    edits = data.draw(edits_of("f", before))
    after = before
    for each in sorted(edits, key=lambda edit: (edit.start, edit.end), reverse=True):
        after = after[: each.start] + each.replacement + after[each.end :]
    assert apply_edits(before, edits) == after
