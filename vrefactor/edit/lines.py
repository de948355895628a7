"""The lines of a file, as steps that insert or move whole lines see them."""

from __future__ import annotations

from dataclasses import dataclass

from vrefactor.c.preprocess.lexer import Source


@dataclass(frozen=True, slots=True)
class FileLines:
    """Answers about the lines of one lexed file; all offsets are bytes."""

    source: Source

    def start(self, offset: int) -> int:
        """Return the start of the line that holds `offset`."""
        return self.source.data.rfind(b"\n", 0, offset) + 1

    def next(self, offset: int) -> int:
        """Return the start of the line behind the one that holds `offset`."""
        return self.source.data.find(b"\n", offset) + 1 or len(self.source.data)

    def behind(self, end: int) -> int:
        """Return the end of what stands at `end`, with a comment that follows on its line."""
        for first, last in self.source.comments:
            if first >= end:
                gap = self.source.data[end:first]
                return last if not gap.strip(b" \t") else end
        return end

    def above(self, start: int) -> int:
        """Return the line where the comment begins that stands right above a line.

        `start` is the line's; it is returned where there is no such comment.
        """
        for first, last in reversed(self.source.comments):
            if last <= start:
                alone = not self.source.data[self.start(first) : first].strip()
                adjacent = self.source.data[last:start].strip(b" \t\r") == b"\n"
                return self.start(first) if alone and adjacent else start
        return start

    def with_blank(self, start: int, end: int) -> int:
        """Return the end of lines that go, with an empty one behind them.

        If one is before them too; or if a comment is, which then is on what follows.
        """
        data = self.source.data
        before = data[self.start(start - 1) : start] if start else b"\n"
        after = self.next(end)
        following = data[end:after]
        apart = not before.strip() or self.is_blank(self.start(start - 1), start)
        return after if apart and following and not following.strip() else end

    def is_blank(self, start: int, end: int) -> bool:
        """Say whether there is no code between two offsets; directives are code."""
        return not self.source.code[start:end].strip()

    def begins_line(self, offset: int) -> bool:
        """Say whether no code stands before `offset` on its line."""
        return self.is_blank(self.start(offset), offset)

    def ends_line(self, offset: int) -> bool:
        """Say whether no code stands behind `offset` on its line."""
        return self.is_blank(offset, self.next(offset))
