"""A definition without its value, and without the comments that went with it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vrefactor.source.edits import Edit
from vrefactor.steps.initializers.moving import Moving, remarks

_EMPTY = re.compile(rb"\[\s*\]")


def clean(moving: Moving, step: str) -> Iterator[Edit]:
    """Yield the edits of the definition."""
    source, declaration, declarator = moving.file.source, moving.declaration, moving.declarator
    reason = f"{moving.destination.function} sets it"
    end = moving.value.end
    if len(declaration.declarators) == 1 and not source.code[end : declaration.end - 1].strip():
        end = declaration.end - 1
    yield Edit(moving.path, declarator.end, end, b"", step, reason)
    if moving.assigned.bound:
        brackets = _EMPTY.search(source.code, declarator.start, declarator.end)
        if brackets is not None:
            text = b"[" + moving.assigned.bound + b"]"
            yield Edit(moving.path, *brackets.span(), text, step, "as long as its value was")
    found = remarks(moving)
    for start, stop in (found.above, found.behind):
        if start < stop:
            yield Edit(moving.path, start, stop, b"", step, "the comment goes with the value")
