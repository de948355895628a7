"""Wrapping the lines that a plan pushes past the last column, and no others.

A line is broken once, after a comma or before `&&` or `||`, and goes on with the
continuation indent of style(9).  A directive, and a line that one break does not mend, stay
as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from vrefactor.c.preprocess.lexer import lex
from vrefactor.edit.line_ends import newline_at
from vrefactor.plan.model import Plan
from vrefactor.rules.types import Style
from vrefactor.source.edits import Edit, apply_edits
from vrefactor.source.tree import Tree

_BREAK = re.compile(rb"(?<=,)[ \t]+(?=\S)|[ \t]+(?=&&|\|\|)")
_INDENT = re.compile(rb"[ \t]*")


def wrapped(plan: Plan, before: Tree, style: Style) -> Plan:
    """Return `plan` with further edits that break the lines which it made too long."""
    extra: list[Edit] = []
    for path, group in groupby(plan.edits, key=lambda edit: edit.path):
        extra.extend(_breaks(path, before.read(path), list(group), plan.step, style))
    return replace(plan, edits=tuple(sorted((*plan.edits, *extra))))


def _breaks(
    path: str, data: bytes, edits: Sequence[Edit], step: str, style: Style
) -> Iterator[Edit]:
    """Yield an edit for each line of a file that has to be broken and can be."""
    if all(b"\n" in edit.replacement for edit in edits):
        return  # whole lines, perhaps of a file that is not C
    source = lex(path, data)
    for _, group in groupby(edits, key=lambda edit: source.line(edit.start)):
        own = list(group)
        start = data.rfind(b"\n", 0, own[0].start) + 1
        following = data.find(b"\n", own[-1].end)
        end = following if following >= 0 else len(data)
        if any(b"\n" in edit.replacement for edit in own) or _in_directive(data, start, end):
            continue
        moved = [replace(edit, start=edit.start - start, end=edit.end - start) for edit in own]
        at = _break_of(data[start:end], source.code[start:end], moved, style)
        if at is not None:
            first, last, indent = at
            reason = f"the line would go past column {style.columns}"
            newline = newline_at(data, start) or b"\n"
            yield Edit(path, start + first, start + last, newline + indent, step, reason)


def _in_directive(data: bytes, start: int, end: int) -> bool:
    line, above = data[start:end], data[max(0, start - 3) : start].rstrip(b"\r\n")
    return (
        line.lstrip().startswith(b"#")
        or line.rstrip(b"\r").endswith(b"\\")
        or above.endswith(b"\\")
    )


def _break_of(
    line: bytes, code: bytes, edits: Sequence[Edit], style: Style
) -> tuple[int, int, bytes] | None:
    """Return the blanks (range) to break a line at, and the indent of what follows."""
    if _width(line, style) > style.columns:
        return None
    if _width(apply_edits(line, edits), style) <= style.columns:
        return None
    lead = _INDENT.match(line)
    own = lead[0] if lead else b""
    indent = own if own.endswith(b" " * style.continuation) else own + b" " * style.continuation
    for match in reversed(list(_BREAK.finditer(code, len(own)))):
        head = apply_edits(line[: match.start()], [e for e in edits if e.end <= match.start()])
        rest = [e for e in edits if e.start >= match.end()]
        moved = [replace(e, start=e.start - match.end(), end=e.end - match.end()) for e in rest]
        tail = indent + apply_edits(line[match.end() :], moved)
        if _width(head, style) <= style.columns and _width(tail, style) <= style.columns:
            return match.start(), match.end(), indent
    return None


def _width(line: bytes, style: Style) -> int:
    return len(line.rstrip(b"\r").expandtabs(style.tab))
