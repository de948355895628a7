"""The counterpatch: white space that gives the common lines of two trees the same numbers.

`__LINE__` goes into assertions and lock macros, so a patch that adds a line changes objects
that it does not touch.  The recipe of the VIMAGE project pads the unpatched tree; here lines
that one side lacks become blank lines at the same place of that side, on both sides, so that
any two versions compare.  Padding is an ordinary plan of insertions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from vrefactor.source.edits import Edit, apply_edits
from vrefactor.source.tree import Tree
from vrefactor.verify.align import Row, align

STEP = "counterpatch"
REASON = "keep the line numbers of both trees the same"

C_SUFFIXES = (".c", ".h", ".S", ".s", ".inc", ".def", ".cc", ".hh", ".cpp", ".hpp")
"""Files that a C compiler reads: only these record line numbers, only these are padded."""


@dataclass(frozen=True, slots=True)
class Padding:
    """The insertions that give the common lines of two trees the same numbers.

    `changed` are the lines of the tree before (path, number from 1) that the other has not or
    has changed; for lines that only the other has, the line that they come after.
    """

    before: tuple[Edit, ...]
    after: tuple[Edit, ...]
    changed: tuple[tuple[str, int], ...]


def counterpatch(before: bytes, after: bytes) -> tuple[bytes, bytes]:
    """Return both versions of a file, padded so that common lines have the same numbers."""
    padding = pad_file("", before, after)
    return apply_edits(before, padding.before), apply_edits(after, padding.after)


def pad_trees(before: Tree, after: Tree) -> Padding:
    """Return the padding of all files that differ; a file of one tree alone needs none.

    Raises `VrefactorError` as `Tree.read` does.
    """
    pads = [pad_file(path, before.read(path), after.read(path)) for path in _padded(before, after)]
    return Padding(
        tuple(edit for pad in pads for edit in pad.before),
        tuple(edit for pad in pads for edit in pad.after),
        tuple(place for pad in pads for place in pad.changed),
    )


def _padded(before: Tree, after: Tree) -> Iterator[str]:
    for path in before.paths:
        if path.endswith(C_SUFFIXES) and path in after and not before.has_same(path, after):
            yield path


def pad_file(path: str, before: bytes, after: bytes) -> Padding:
    """Return the padding of one file, given both of its versions."""
    old, new = _lines(before), _lines(after)
    rows = align(old, new)
    return Padding(
        tuple(_insertions(path, old, [row[0] for row in rows])),
        tuple(_insertions(path, new, [row[1] for row in rows])),
        tuple((path, line) for line in sorted(set(_changed(old, new, rows)))),
    )


def _changed(old: list[bytes], new: list[bytes], rows: Iterable[Row]) -> Iterator[int]:
    """Yield the numbers of the lines of `old` where the two versions differ."""
    line = 0
    for i, j in rows:
        line = line if i is None else i + 1
        if i is None or j is None or old[i] != new[j]:
            yield max(line, 1)


def _lines(data: bytes) -> list[bytes]:
    """Split at line feeds alone, as a compiler does when it counts lines."""
    lines = data.split(b"\n")
    return [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _insertions(path: str, lines: list[bytes], rows: Iterable[int | None]) -> Iterator[Edit]:
    """Yield one insertion for each run of missing lines."""
    offset = missing = 0
    previous = b""
    for row in rows:
        if row is None:
            missing += 1
            continue
        if missing:
            yield _insertion(path, offset, previous, missing)
        missing, previous = 0, lines[row]
        offset += len(previous)
    if missing:
        yield _insertion(path, offset, previous, missing)


def _insertion(path: str, offset: int, previous: bytes, count: int) -> Edit:
    """Return the insertion of `count` lines that mean nothing, after the line `previous`.

    After a continued line that is a line of nothing but a backslash: it is spliced away
    (C11 5.1.1.2, phase 2), so the directive, string or comment goes on as if it were not there.
    """
    end = b"\r\n" if previous.endswith(b"\r\n") else b"\n"
    blank = b"\\" + end if previous.rstrip().endswith(b"\\") else end
    closing = b"" if previous.endswith(b"\n") or not previous else end
    return Edit(path, offset, offset, closing + blank * count, STEP, REASON)


@dataclass(frozen=True, slots=True)
class LineMap:
    """Where the lines of a tree went when it was padded."""

    inserted: dict[str, tuple[tuple[int, int], ...]]

    @classmethod
    def of(cls, tree: Tree, edits: Iterable[Edit]) -> LineMap:
        """Return the map of `tree` under the insertions `edits`, which come file by file."""
        found: dict[str, list[tuple[int, int]]] = {}
        for edit in edits:
            line = tree.read(edit.path).count(b"\n", 0, edit.start) + 1
            found.setdefault(edit.path, []).append((line, edit.replacement.count(b"\n")))
        return cls({path: tuple(places) for path, places in found.items()})

    def padded(self, path: str, line: int) -> int:
        """Return the number that `line` of the tree has in the padded tree; both from 1."""
        places = self.inserted.get(path, ())
        return line + sum(count for at, count in places if at <= line)
