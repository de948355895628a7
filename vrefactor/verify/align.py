"""Which lines of two versions of a file belong together.

Exact common lines come first: patience diff (Bram Cohen) anchors on lines that occur once in
both versions, which pairs the lines a reader would pair; a longest common subsequence aligns
what lies between.
Within a replaced block, lines that are merely similar are paired too, since a changed line may
record its own number just as a common one does.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

_WORD = re.compile(rb"\w")

Row = tuple[int | None, int | None]
"""One line of the padded versions: the index of the line on each side, or None for padding."""

Pair = tuple[int, int]
"""A line of one version and a line of the other that belong together."""

SIMILAR = 0.6
"""Least `difflib` ratio of two lines of a replaced block that are taken for the same line."""

_SAME_START = 0.1
"""What two lines of a replaced block that start alike gain."""

_START = 8
"""How many bytes two lines have in common at least that start alike."""

_EXACT = 100_000
"""Product of line counts up to which the longest common subsequence is found exactly."""

_LARGE = 4_000_000
"""Product of line counts above which `difflib` leaves popular lines out (it is quadratic)."""

_LARGE_BLOCK = 400
"""Product of line counts above which a replaced block is paired in order, unsearched."""


def align(before: Sequence[bytes], after: Sequence[bytes]) -> list[Row]:
    """Return the rows that show two versions side by side.

    Each line occurs in one row, in order; a row of two lines is a common or a changed line.
    """
    rows: list[Row] = []
    done = (0, 0)
    for i, j in [*_common(before, after), (len(before), len(after))]:
        rows += _replaced(before, after, done, (i, j))
        if i < len(before) and j < len(after):
            rows.append((i, j))
        done = (i + 1, j + 1)
    return rows


def _common(before: Sequence[bytes], after: Sequence[bytes]) -> list[Pair]:
    """Return pairs of equal lines, rising on both sides."""
    found: list[Pair] = []
    todo = [(0, len(before), 0, len(after))]
    while todo:
        low, high, left, right = todo.pop()
        while low < high and left < right and before[low] == after[left]:
            found.append((low, left))
            low, left = low + 1, left + 1
        while low < high and left < right and before[high - 1] == after[right - 1]:
            high, right = high - 1, right - 1
            found.append((high, right))
        if low == high or left == right:
            continue
        anchors = _anchors(before[low:high], after[left:right])
        if not anchors:
            found += _matched(before[low:high], after[left:right], (low, left))
            continue
        for i, j in [*((low + i, left + j) for i, j in anchors), (high, right)]:
            # An anchor opens the range that follows it, and is found as its common prefix.
            todo.append((low, i, left, j))
            low, left = i, j
    return sorted(found)


def _anchors(before: Sequence[bytes], after: Sequence[bytes]) -> list[Pair]:
    """Return the longest rising sequence of lines with words that occur once in each version.

    A brace that occurs once says little: an indented block has others of its depth.
    """
    counts = Counter(before)
    other = Counter(after)
    place = {line: j for j, line in enumerate(after) if other[line] == 1 and _WORD.search(line)}
    pairs = [
        (i, place[line]) for i, line in enumerate(before) if counts[line] == 1 and line in place
    ]
    tails: list[int] = []
    ends: list[int] = []
    previous: list[int] = []
    for index, (_, j) in enumerate(pairs):
        at = bisect_left(tails, j)
        previous.append(ends[at - 1] if at else -1)
        tails[at : at + 1] = [j]
        ends[at : at + 1] = [index]
    return list(_backwards(pairs, previous, ends[-1] if ends else -1))[::-1]


def _backwards(pairs: Sequence[Pair], previous: Sequence[int], index: int) -> Iterator[Pair]:
    while index >= 0:
        yield pairs[index]
        index = previous[index]


def _matched(before: Sequence[bytes], after: Sequence[bytes], base: Pair) -> Iterator[Pair]:
    """Yield the lines that two ranges without an anchor have in common."""
    size = len(before) * len(after)
    if size <= _EXACT:
        for i, j in _chosen(_best(_equality(before, after))):
            yield base[0] + i, base[1] + j
        return
    for i, j, count in SequenceMatcher(None, before, after, size > _LARGE).get_matching_blocks():
        for step in range(count):
            yield base[0] + i + step, base[1] + j + step


def _equality(before: Sequence[bytes], after: Sequence[bytes]) -> list[list[float]]:
    """Return how much it counts that a line of one version is equal to one of the other.

    A line of a block that was indented is equal too, and one that starts alike may be the
    same one changed.  A line without a word, a brace say, counts least: it may be another
    one of its depth.
    """
    words = [b" ".join(line.split()) for line in after]
    return [
        [_weight(line, text, other, words[j]) for j, other in enumerate(after)]
        for line, text in ((line, b" ".join(line.split())) for line in before)
    ]


def _weight(line: bytes, text: bytes, other: bytes, others: bytes) -> float:
    if not _WORD.search(text):
        return SIMILAR if line == other else 0.0
    if text == others:
        return 4.0 if line == other else 3.0
    return 2.0 if text[:_START] == others[:_START] and len(text) >= _START else 0.0


def _replaced(
    before: Sequence[bytes], after: Sequence[bytes], start: Pair, stop: Pair
) -> Iterator[Row]:
    """Yield the rows of one replaced block."""
    i, j = start
    pairs = _paired(before[i : stop[0]], after[j : stop[1]])
    for last_i, last_j in [*((i + x, j + y) for x, y in pairs), stop]:
        for step in range(max(last_i - i, last_j - j)):
            yield (
                i + step if i + step < last_i else None,
                j + step if j + step < last_j else None,
            )
        if (last_i, last_j) != stop:
            yield last_i, last_j
        i, j = last_i + 1, last_j + 1


def _paired(before: Sequence[bytes], after: Sequence[bytes]) -> list[Pair]:
    """Return the changed lines of a replaced block, rising on both sides.

    In a large one, lines that differ in white space alone come first: an indented block.
    """
    if len(before) * len(after) <= _LARGE_BLOCK:
        return _similar(before, after)
    pairs: list[Pair] = []
    x, y = 0, 0
    words, others = ([b" ".join(text.split()) for text in side] for side in (before, after))
    for i, j in [*_common(words, others), (len(before), len(after))]:
        pairs += [(x + k, y + m) for k, m in _similar(before[x:i], after[y:j])]
        if i < len(before) and j < len(after):
            pairs.append((i, j))
        x, y = i + 1, j + 1
    return pairs


def _similar(before: Sequence[bytes], after: Sequence[bytes]) -> list[Pair]:
    """Return the lines of a small replaced block that are alike, rising on both sides."""
    if len(before) == len(after) == 1 or len(before) * len(after) > _LARGE_BLOCK:
        return []
    likeness = [[_likeness(line, other) for other in after] for line in before]
    if len(before) == len(after) and all(likeness[i][i] >= SIMILAR for i in range(len(before))):
        return []
    return _chosen(_best(likeness))


def _chosen(best: list[list[float]]) -> list[Pair]:
    """Return the pairs that make up the greatest total."""
    pairs: list[Pair] = []
    i = j = 0
    while i < len(best) - 1 and j < len(best[0]) - 1:
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            pairs.append((i, j))
            i, j = i + 1, j + 1
    return pairs


def _best(likeness: list[list[float]]) -> list[list[float]]:
    """Return the greatest total likeness of the lines from each pair of places on."""
    rows, columns = len(likeness), len(likeness[0]) if likeness else 0
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            paired = likeness[i][j] + best[i + 1][j + 1] if likeness[i][j] >= SIMILAR else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], paired)
    return best


def _likeness(line: bytes, other: bytes) -> float:
    """Return how alike two lines are, their white space aside; 0 for a blank one.

    Two that start alike gain a little, so that a line that was wrapped is its first part: the
    line where most compilers say that a macro call or a statement is.
    """
    text, others = b" ".join(line.split()), b" ".join(other.split())
    if not text or not others:
        return 0.0
    matcher = SequenceMatcher(None, text, others, False)
    if matcher.quick_ratio() < SIMILAR:
        return 0.0
    return matcher.ratio() + (_SAME_START if text[:4] == others[:4] else 0.0)
