"""Splices: how one version of a file comes from another, exactly, and their composition.

A diff between two versions in a chain is computed from the composed splices, so that no
search for common lines is needed and no difference can be attributed wrongly.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from vrefactor.source.edits import Edit

_END = sys.maxsize  # the last kept piece is open: a composition needs no file size


class Splice(NamedTuple):
    """The base bytes `start:end` became `text`."""

    start: int
    end: int
    text: bytes


class _Piece(NamedTuple):
    """A stretch of a version: the base bytes `start:end`, or, if not None, new `text`."""

    start: int
    end: int
    text: bytes | None


def splices_of(edits: Iterable[Edit]) -> tuple[Splice, ...]:
    """Return the edits of one file, as `check_edits` orders them, as splices in normal form.

    Normal form: in the order of their place, none empty, none touching another.
    """
    return tuple(_joined(_pieces(Splice(e.start, e.end, e.replacement) for e in edits)))


def apply_splices(data: bytes, splices: Iterable[Splice]) -> bytes:
    """Return `data` with `splices` (in order, not overlapping) carried out."""
    return b"".join(
        data[piece.start : piece.end] if piece.text is None else piece.text
        for piece in _pieces(splices)
    )


def compose(first: Sequence[Splice], second: Sequence[Splice]) -> tuple[Splice, ...]:
    """Return, in base coordinates, what `first` and then `second` do.

    `second` is in the coordinates of what `first` makes; both are in order.  The result is
    in normal form (see `splices_of`).
    """
    middle = _Reader(_pieces(first))
    pieces: list[_Piece] = []
    done = 0
    for start, end, text in second:
        pieces += middle.take(start - done)
        middle.take(end - start)
        pieces.append(_Piece(0, 0, text))
        done = end
    pieces += middle.rest()
    return tuple(_joined(pieces))


def _pieces(splices: Iterable[Splice]) -> Iterator[_Piece]:
    done = 0
    for start, end, text in splices:
        if start > done:
            yield _Piece(done, start, None)
        if text:
            yield _Piece(0, 0, text)
        done = end
    yield _Piece(done, _END, None)


def _joined(pieces: Iterable[_Piece]) -> Iterator[Splice]:
    """Yield the splices that lead to `pieces`: the gaps between kept bytes, with the text there."""
    done = 0
    texts: list[bytes] = []
    for start, end, text in pieces:
        if text is not None:
            texts.append(text)
            continue
        new = b"".join(texts)
        if new or start != done:
            yield Splice(done, start, new)
        texts.clear()
        done = end


class _Reader:
    """Reads the pieces of a version by byte counts, cutting them where need be."""

    def __init__(self, pieces: Iterable[_Piece]) -> None:
        self._pieces = deque(pieces)

    def take(self, count: int) -> list[_Piece]:
        taken: list[_Piece] = []
        while count > 0:
            start, end, text = self._pieces.popleft()
            size = end - start if text is None else len(text)
            if size > count:
                head, tail = _cut(_Piece(start, end, text), count)
                self._pieces.appendleft(tail)
                size = count
                taken.append(head)
            else:
                taken.append(_Piece(start, end, text))
            count -= size
        return taken

    def rest(self) -> Iterable[_Piece]:
        return self._pieces


def _cut(piece: _Piece, count: int) -> tuple[_Piece, _Piece]:
    start, end, text = piece
    if text is None:
        return _Piece(start, start + count, None), _Piece(start + count, end, None)
    return _Piece(0, 0, text[:count]), _Piece(0, 0, text[count:])
