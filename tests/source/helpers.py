"""What the tests of `vrefactor.source` share."""

from __future__ import annotations

import os
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from hypothesis import strategies as st

from vrefactor.source.edits import Edit, NewFile
from vrefactor.source.tree import Tree

# Whatever can be a line to us, to git or to patch: Latin-1, CR, marks of diffs, equal lines.
LINES = (
    b"a",
    b"b",
    b"",
    b"\r",
    b"\xe9t\xe9\r",
    b"int",
    b"\tx;",
    b" ",
    b"-",
    b"+",
    b"\\ No",
    b"---",
)


def lay_out(root: Path, files: Mapping[str, bytes]) -> Path:
    """Write `files` (by relative path) into the directory `root`."""
    root.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return root


def contents(root: Path) -> dict[str, bytes]:
    """Read all regular files below `root`, by relative path; no link is followed."""
    found = {}
    for folder, _, names in os.walk(root):
        for name in names:
            place = Path(folder) / name
            if not place.is_symlink():
                found[str(place.relative_to(root))] = place.read_bytes()
    return found


def edit(path: str, start: int, end: int, replacement: bytes) -> Edit:
    return Edit(path, start, end, replacement, "prefix", "a test")


def new_file(path: str, content: bytes) -> NewFile:
    return NewFile(path, content, "prefix", "a test")


def open_tree(root: Path, files: Mapping[str, bytes]) -> Tree:
    return Tree.open(lay_out(root, files))


@st.composite
def texts(draw: st.DrawFn, max_lines: int = 12) -> bytes:
    """Draw a text of a few lines, with or without a newline at its end."""
    text = b"\n".join(draw(st.lists(st.sampled_from(LINES), max_size=max_lines)))
    return text + draw(st.sampled_from((b"", b"\n")))


@st.composite
def edits_of(draw: st.DrawFn, path: str, data: bytes) -> list[Edit]:
    """Draw edits of `data` that do not overlap, in any order."""
    cuts = sorted(draw(st.sets(st.integers(0, len(data)), max_size=8)))
    edits = []
    for start, end in pairwise([*cuts, len(data)]):
        kind = draw(st.sampled_from(("keep", "replace", "insert")))
        replacement = draw(texts(max_lines=2))
        if kind != "keep" and (kind == "insert" or end > start):
            edits.append(edit(path, start, start if kind == "insert" else end, replacement))
    return draw(st.permutations(edits))
