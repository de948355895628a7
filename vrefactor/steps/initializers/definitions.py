"""A definition without its value, and without the comments that went with it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vrefactor.source.edits import Edit
from vrefactor.steps.initializers.assignments import Assignment, remarks

_EMPTY = re.compile(rb"\[\s*\]")


def clean(assignment: Assignment, step: str) -> Iterator[Edit]:
    """Yield the edits of the definition."""
    source, declaration, declarator = assignment.file.source, assignment.declaration, assignment.declarator
    reason = f"{assignment.destination.function} sets it"
    end = assignment.value.end
    if len(declaration.declarators) == 1 and not source.code[end : declaration.end - 1].strip():
        end = declaration.end - 1
    yield Edit(assignment.path, declarator.end, end, b"", step, reason)
    if assignment.assigned.bound:
        brackets = _EMPTY.search(source.code, declarator.start, declarator.end)
        if brackets is not None:
            text = b"[" + assignment.assigned.bound + b"]"
            yield Edit(assignment.path, *brackets.span(), text, step, "as long as its value was")
    found = remarks(assignment)
    for start, stop in (found.above, found.behind):
        if start < stop:
            yield Edit(assignment.path, start, stop, b"", step, "the comment goes with the value")
