"""Unified diffs in git's format, computed from the edits themselves.

The text is what `git apply` and `patch -p1` read: see git-diff(1), "Generating patch text
with -p", and the Detailed Unified section of the GNU diffutils manual.  Bytes of the
sources pass through untouched; lines end at newline bytes and nowhere else.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from vrefactor.source.compose import Splice
from vrefactor.source.tree import Tree, TreeChange

_C_SUFFIXES = (".c", ".h")
_HEADING_START = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_$")
_HEADING_LIMIT = 80  # git's, in bytes
_COMMON_LIMIT = 250_000  # lines times lines: about 50 ms, and far above what a step replaces
_NO_NEWLINE = b"\n\\ No newline at end of file\n"
_ESCAPES = {
    **{byte: b"\\%03o" % byte for byte in (*range(0x20), *range(0x7F, 0x100))},
    **{
        ord(char): b"\\" + name.encode()
        for char, name in zip('\a\b\t\n\v\f\r"\\', 'abtnvfr"\\', strict=True)
    },
}


class _Block(NamedTuple):
    """Whole lines that changed: the lines of the base from `line` (0-based), and the new ones."""

    line: int
    old: Sequence[bytes]
    new: Sequence[bytes]

    @property
    def end(self) -> int:
        return self.line + len(self.old)


def unified_diff(before: Tree, after: Tree, context: int = 3) -> bytes:
    """Return the unified diff from `before` to `after`, which comes from it by `with_plan`.

    Files are in the order of their paths; the result is empty if nothing differs.
    `context` is in lines.  Raises ValueError for trees of different chains or a negative
    `context`, and `VrefactorError` as `Tree.read` does.
    """
    changes = after.changes_since(before)
    return b"".join(file_diff(path, change, context) for path, change in changes.items())


def file_diff(path: str, change: TreeChange, context: int = 3) -> bytes:
    """Return the part of a unified diff that is about the file `path`, which did change."""
    if context < 0:
        raise ValueError("the context cannot be negative")
    name = os.fsencode(path)
    old_name, new_name = b"a/" + name, b"b/" + name
    header = b"diff --git %s %s\n" % (_quoted(old_name), _quoted(new_name))
    base, splices = change.before, change.splices
    if base is None:
        header += b"new file mode 100644\n"
        if not change.after:
            # Only an index line tells of an empty file; its id is that of git's empty blob.
            return header + b"index 0000000..e69de29\n"
        old_name, base, splices = b"/dev/null", b"", (Splice(0, 0, change.after),)
    header += b"--- %s\n+++ %s\n" % (_labelled(old_name), _labelled(new_name))
    hunks = _hunks(_lines(base), _blocks(base, splices), context, path.endswith(_C_SUFFIXES))
    return b"".join([header, *hunks])


def _labelled(name: bytes) -> bytes:
    """Quote a name for a `---` or `+++` line: as git does, a tab ends one that has a space."""
    return _quoted(name) + (b"\t" if b" " in name else b"")


def _quoted(name: bytes) -> bytes:
    """Quote a name as git does with core.quotePath (see git-config(1))."""
    if _ESCAPES.keys().isdisjoint(name):
        return name
    return b'"%s"' % b"".join(_ESCAPES.get(byte, bytes((byte,))) for byte in name)


def _lines(data: bytes) -> list[bytes]:
    """Split `data` into lines with their newlines; only the last may lack it."""
    *lines, rest = data.split(b"\n")
    whole = [line + b"\n" for line in lines]
    return [*whole, rest] if rest else whole


# --- from splices to blocks of lines --------------------------------------------


def _blocks(base: bytes, splices: Sequence[Splice]) -> Iterator[_Block]:
    line = done = 0
    for start, end, text in _widened(base, splices):
        line += base.count(b"\n", done, start)
        done = start
        yield from _parted(_trimmed(_Block(line, _lines(base[start:end]), _lines(text))))


def _widened(base: bytes, splices: Sequence[Splice]) -> Iterator[Splice]:
    """Yield the splices widened to whole lines; those on the same or on adjacent lines joined."""
    parts: list[bytes] = []
    start = done = end = 0
    for splice in splices:
        line_start = base.rfind(b"\n", 0, splice.start) + 1
        if parts and line_start > end:
            yield Splice(start, end, b"".join([*parts, base[done:end]]))
            parts.clear()
        if not parts:
            start = done = line_start
        parts += (base[done : splice.start], splice.text)
        done = splice.end
        end = _line_end(base, done, parts)
    if parts:
        yield Splice(start, end, b"".join([*parts, base[done:end]]))


def _line_end(base: bytes, offset: int, parts: Sequence[bytes]) -> int:
    """Return where the lines that a splice touches end, if it ends at `offset` after `parts`."""
    last = next((part for part in reversed(parts) if part), b"\n")
    if last.endswith(b"\n") and (offset == 0 or base[offset - 1 : offset] == b"\n"):
        return offset
    return base.find(b"\n", offset) + 1 or len(base)


def _trimmed(block: _Block) -> _Block:
    """Take the lines that are equal at both ends off a block."""
    line, old, new = block
    limit = min(len(old), len(new))
    head = next((at for at in range(limit) if old[at] != new[at]), limit)
    limit -= head
    tail = next((at for at in range(limit) if old[-1 - at] != new[-1 - at]), limit)
    return _Block(line + head, old[head : len(old) - tail], new[head : len(new) - tail])


def _parted(block: _Block) -> Iterator[_Block]:
    """Part a block at the lines within it that are equal; there may be nothing left of it."""
    line, old, new = block
    old_done = new_done = 0
    for old_at, new_at in [*_common(old, new), (len(old), len(new))]:
        if old_at > old_done or new_at > new_done:
            yield _Block(line + old_done, old[old_done:old_at], new[new_done:new_at])
        old_done, new_done = old_at + 1, new_at + 1


def _common(old: Sequence[bytes], new: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    """Yield where a longest common subsequence is in both; nothing if it is too costly to find."""
    if len(old) * len(new) > _COMMON_LIMIT:
        return
    longest = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]  # of what is from there on
    for i in reversed(range(len(old))):
        row, below = longest[i], longest[i + 1]
        for j in reversed(range(len(new))):
            row[j] = below[j + 1] + 1 if old[i] == new[j] else max(below[j], row[j + 1])
    i = j = 0
    while longest[i][j]:
        if old[i] == new[j]:
            yield i, j
            i, j = i + 1, j + 1
        elif longest[i + 1][j] >= longest[i][j + 1]:
            i += 1
        else:
            j += 1


# --- from blocks to hunks -------------------------------------------------------


def _hunks(
    lines: Sequence[bytes], blocks: Iterator[_Block], context: int, headed: bool
) -> Iterator[bytes]:
    shift = 0  # how many lines further down the new file is
    heading, searched = b"", 0
    for group in _groups(blocks, 2 * context):
        last = min(group[-1].end + context, len(lines))
        lead = max(context, _cuts_the_end(group[-1], lines))
        first = max(group[0].line - lead, 0)
        if headed:
            heading = _heading(lines, searched, first) or heading
            searched = first
        growth = sum(len(block.new) - len(block.old) for block in group)
        old_range = _range(first, last - first)
        new_range = _range(first + shift, last - first + growth)
        yield b"@@ -%s +%s @@%s\n" % (old_range, new_range, heading)
        yield from _body(lines, group, first, last)
        shift += growth


def _cuts_the_end(block: _Block, lines: Sequence[bytes]) -> bool:
    """Tell whether a block only takes away the end of a file, and that without a newline.

    Without a line before it, `git apply --unidiff-zero` (2.39) looks for it one line too early,
    and there takes an equal line that has a newline for it: even of git's own diff.
    """
    return not block.new and block.end == len(lines) and not lines[-1].endswith(b"\n")


def _groups(blocks: Iterator[_Block], gap: int) -> Iterator[list[_Block]]:
    """Yield runs of blocks that at most `gap` lines part: one hunk each."""
    group: list[_Block] = []
    for block in blocks:
        if group and block.line - group[-1].end > gap:
            yield group
            group = []
        group.append(block)
    if group:
        yield group


def _body(
    lines: Sequence[bytes], group: Sequence[_Block], first: int, last: int
) -> Iterator[bytes]:
    done = first
    for block in group:
        yield from _marked(b" ", lines[done : block.line])
        yield from _marked(b"-", block.old)
        yield from _marked(b"+", block.new)
        done = block.end
    yield from _marked(b" ", lines[done:last])


def _marked(mark: bytes, lines: Sequence[bytes]) -> Iterator[bytes]:
    for line in lines:
        yield mark + (line if line.endswith(b"\n") else line + _NO_NEWLINE)


def _range(first: int, count: int) -> bytes:
    """Return a range of a hunk's head; an empty one is named by the line before it."""
    if count == 1:
        return b"%d" % (first + 1)
    return b"%d,%d" % (first + (count > 0), count)


def _heading(lines: Sequence[bytes], floor: int, first: int) -> bytes:
    """Return the last line before `first` that may begin a function, as `diff -p` finds it.

    That is a line that begins with a letter, `_` or `$`; none above `floor` is looked at.
    """
    for at in range(first - 1, floor - 1, -1):
        if lines[at][0] in _HEADING_START:
            return b" " + lines[at][:_HEADING_LIMIT].rstrip()
    return b""
