"""Step 3: definitions of a header that hold without option VIMAGE only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from vrefactor.c.parse.macro_bodies import MacroBody
from vrefactor.edit.rule_lines import fitted
from vrefactor.generated.member_access import Header
from vrefactor.source.edits import Edit

_OPTION = re.compile(rb"(?<!\w)VIMAGE(?!\w)")
_START = b"#ifndef VIMAGE\n"
_END = b"#endif\n"


def optional(header: Header, offset: int) -> bool:
    """Say whether the option VIMAGE is in the condition of a place."""
    return any(_OPTION.search(text) for text, _ in header.conditionals.condition(offset))


def wrapping(header: Header, bodies: Sequence[MacroBody], step: str, reason: str) -> Iterator[Edit]:
    """Plan that some definitions hold without the option only; neighbours go together."""
    path, data = header.source.path, header.source.data
    for start, end in _runs([header.line(macro) for macro in bodies]):
        yield Edit(path, start, start, fitted(data, _START), step, reason)
        yield Edit(path, end, end, fitted(data, _END), step, reason)


def _runs(lines: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for start, end in sorted(lines):
        if runs and runs[-1][1] == start:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return runs
