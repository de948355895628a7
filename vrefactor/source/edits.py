"""Edits as frozen data, and the one place that applies them.

A step plans edits; nothing but `apply_edits` carries them out.  Offsets are byte
offsets into the file as the step saw it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from vrefactor.errors import EDIT_BOUNDS, EDIT_OVERLAP, VrefactorError


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace the bytes `start:end` of `path` by `replacement`; `step` says who, `reason` why."""

    path: str
    start: int
    end: int
    replacement: bytes
    step: str
    reason: str


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that a step adds to the tree, at `path`, with all of its `content`."""

    path: str
    content: bytes
    step: str
    reason: str


def apply_edits(data: bytes, edits: Sequence[Edit]) -> bytes:
    """Return `data` with all `edits` (of one file, in any order) carried out.

    Raises `VrefactorError` as `check_edits` does; nothing is dropped or reordered silently.
    """
    pieces: list[bytes] = []
    done = 0
    for edit in check_edits(len(data), edits):
        pieces += (data[done : edit.start], edit.replacement)
        done = edit.end
    pieces.append(data[done:])
    return b"".join(pieces)


def check_edits(size: int, edits: Sequence[Edit]) -> list[Edit]:
    """Return the edits of one file of `size` bytes in the order of their place.

    An insertion may touch a replacement; two insertions at one offset have no order and
    so overlap.  Raises `VrefactorError` of kind EDIT_BOUNDS for an edit that is not within
    the file, and EDIT_OVERLAP, naming both edits, for two that overlap.
    """
    ordered = sorted(edits, key=_place)
    for edit in ordered:
        if not 0 <= edit.start <= edit.end <= size:
            detail = f"{describe(edit)}, but the file has {size} bytes"
            raise VrefactorError(EDIT_BOUNDS, detail, path=edit.path)
        if edit.path != ordered[0].path:
            detail = f"{describe(edit)} among the edits of {ordered[0].path}"
            raise VrefactorError(EDIT_BOUNDS, detail, path=edit.path)
    for first, second in pairwise(ordered):
        if second.start < first.end or first.start == second.end:
            detail = f"{describe(first)}, and {describe(second)}"
            raise VrefactorError(EDIT_OVERLAP, detail, path=second.path)
    return ordered


def describe(edit: Edit) -> str:
    """Name an edit in an error: path, byte range, step and reason."""
    return f"{edit.path} bytes {edit.start}..{edit.end} (step {edit.step}: {edit.reason})"


def _place(edit: Edit) -> tuple[int, int]:
    return edit.start, edit.end
