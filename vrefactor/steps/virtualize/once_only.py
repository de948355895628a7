"""Step 3, statements that are done for the first stack only: the conditions that say so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from vrefactor.c.parse.statements import Statement
from vrefactor.edit.bodies import FunctionBody
from vrefactor.edit.draft import Draft
from vrefactor.edit.function_start import function_start
from vrefactor.edit.lines import FileLines
from vrefactor.steps.virtualize.words import Words
from vrefactor.steps.virtualize.writing import rewritten

_REASON = "once for all stacks"


def runs_of(body: FunctionBody, plain: Sequence[Statement]) -> list[list[Statement]]:
    """Return the runs of some statements of a body: next to each other, under the same `#if`."""
    owner = body.file.conditionals.owner
    every = _every(body)
    keys = [
        (
            statement in plain and owner(statement.start) == owner(statement.end - 1),
            owner(statement.start),
        )
        for statement in every
    ]
    numbered = groupby(zip(keys, every, strict=True), key=lambda pair: pair[0])
    return [[statement for _, statement in run] for (wanted, _), run in numbered if wanted]


def plan_once(
    draft: Draft, words: Words, path: str, body: FunctionBody, run: list[Statement], *, leave: bool
) -> None:
    """Plan that a run of statements is done for the first stack only.

    With `leave` further stacks may leave the function in front of it, if it comes last.
    """
    at = run[0].start
    lines = FileLines(body.file.source)
    if not lines.begins_line(at) or not lines.ends_line(run[-1].end):
        what = "runs for each stack, and shares its line with what does so"
        draft.find(path, at, body.function.name, what)
    elif leave and run[-1] == _every(body)[-1] and _may_leave(draft, path, body, run):
        _leave(draft, words, path, body, run)
    else:
        _wrap(draft, words, path, body, run)


def _every(body: FunctionBody) -> list[Statement]:
    return [statement for statement in body.statements or () if not statement.declaration]


def _may_leave(draft: Draft, path: str, body: FunctionBody, run: Sequence[Statement]) -> bool:
    lead = function_start(draft.files, path, body.function.open)
    head = body.function.text[lead : body.function.name_at]
    void = re.search(rb"(?<!\w)void\s*\Z", head.rstrip()) is not None
    return void and all(body.is_whole(statement) for statement in run)


def _leave(
    draft: Draft, words: Words, path: str, body: FunctionBody, run: Sequence[Statement]
) -> None:
    """Leave before what is last, the comment above it included."""
    lines = FileLines(body.file.source)
    start = lines.start(run[0].start)
    indent = _indent(body, start)
    text = b"%sif (!%s)\n%s\treturn;\n\n" % (indent, words.is_first, indent)
    draft.insert(path, lines.above(start), text, _REASON)
    rewritten(draft, path, run[0].start, body.function.name, "leaves with a further stack")


def _wrap(
    draft: Draft, words: Words, path: str, body: FunctionBody, run: Sequence[Statement]
) -> None:
    """Put a condition in front of a run of statements, and indent them."""
    lines = FileLines(body.file.source)
    start, end = lines.start(run[0].start), lines.next(run[-1].end - 1)
    indent = _indent(body, start)
    braces = len(run) > 1 or b"#" in body.file.source.data[start:end]
    head = b"%sif (%s)%s\n" % (indent, words.is_first, b" {" if braces else b"")
    draft.insert(path, start, head, _REASON)
    at = start
    while at < end:
        following = lines.next(at)
        row = body.file.source.data[at:following]
        if row.strip() and not row.startswith(b"#"):
            draft.insert(path, at, b"\t", _REASON)
        at = following
    if braces:
        draft.insert(path, end, indent + b"}\n", _REASON)
    name = body.function.name
    rewritten(draft, path, run[0].start, name, "does it for the first stack only")


def _indent(body: FunctionBody, start: int) -> bytes:
    line = body.file.source.data[start : body.lines.next(start)]
    return line[: len(line) - len(line.lstrip())]
