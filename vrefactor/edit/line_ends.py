"""How the lines of files end, and the end of a file that has no newline there.

The draft of a plan knows these; steps write lines that end in `\\n`.
"""

from __future__ import annotations

from vrefactor.source.edits import Edit


def newline_at(data: bytes, at: int) -> bytes | None:
    """Return how the line in front of an offset ends; of the first line, the line itself.

    None if the file has no line end.
    """
    found = data.rfind(b"\n", 0, at)
    if found < 0:
        found = data.find(b"\n")
    if found < 0:
        return None
    return b"\r\n" if data[found - 1 : found] == b"\r" else b"\n"


def with_newlines(text: bytes, newline: bytes) -> bytes:
    """Return a text whose lines end in `newline`."""
    plain = text.replace(b"\r\n", b"\n")
    return plain if newline == b"\n" else plain.replace(b"\n", newline)


def with_open_end(data: bytes, newline: bytes, edits: list[Edit]) -> list[Edit]:
    """Return the edits of a file, in order, so that one without a newline at its end has none.

    A step sees the last line as any other.  So the edits that reach the end become one, which
    is what they would be with that newline, and leaves out the last newline of the result.
    `newline` is how the lines of the file end.
    """
    size = len(data)
    if not data or data.endswith(b"\n") or not edits or edits[-1].end != size:
        return edits
    first = len(edits) - 1
    while first and edits[first - 1].end == edits[first].start:
        first -= 1
    last = edits[first:]
    start = last[0].start
    text = b"".join(edit.replacement for edit in last if edit.start < size)
    behind = b"".join(edit.replacement for edit in last if edit.start == size)
    replaced = any(edit.start < edit.end == size for edit in last)
    begins_line = data[:start].endswith(b"\n") or not start
    whole = replaced and (text.endswith(newline) or (not text and begins_line))
    kept = b"" if whole else newline
    result = text + kept + behind if behind.endswith(newline) else text + behind + kept
    if not result:
        start = max(0, start - len(newline))
    reason = "; ".join(edit.reason for edit in last)
    made = Edit(last[0].path, start, size, result.removesuffix(newline), last[0].step, reason)
    return [*edits[:first], made]
