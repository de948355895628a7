"""The lines that step 2.1 writes into an init function: paragraphs, conditions, comments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from vrefactor.c.preprocess.conditionals import Condition, Conditionals
from vrefactor.c.preprocess.lexer import Source
from vrefactor.edit.openings import directive
from vrefactor.steps.initializers.assignments import Assignment, Chain, remarks


@dataclass(frozen=True, slots=True)
class Item:
    """Some lines for an init function, and the `#if`s that they need around them there.

    `conditionals` are those of the file that the lines come from, `source` its text.
    """

    path: str
    at: int
    chain: Chain
    condition: Condition
    lines: tuple[bytes, ...]
    source: Source
    conditionals: Conditionals


def item_of(assignment: Assignment, known: Condition) -> Item:
    """Return the lines of a moved value.

    `known` is what holds where they go: an `#if` that says no more is left out.
    """
    return Item(
        assignment.path,
        assignment.at,
        needed(assignment.chain, assignment.file.conditionals, known),
        assignment.condition - known,
        _with_comments(assignment),
        assignment.file.source,
        assignment.file.conditionals,
    )


def needed(chain: Chain, conditionals: Conditionals, known: Condition) -> Chain:
    """Return the branches of a chain that do not hold already."""
    return tuple(
        (group, branch)
        for group, branch in chain
        if not conditionals.groups[group].branches[branch].condition <= known
    )


def ordered(assignments: Iterable[Assignment], path: str, known: Condition) -> list[Item]:
    """Return the values for a function of `path` as items: its own file's first."""
    ranked = sorted(assignments, key=lambda value: (value.path != path, value.path, value.at))
    return [item_of(value, known) for value in ranked]


def _with_comments(assignment: Assignment) -> tuple[bytes, ...]:
    data, found = assignment.file.source.data, remarks(assignment)
    above = data[slice(*found.above)].split(b"\n")[:-1]
    lines = list(assignment.statements.lines)
    inside = data[assignment.value.end : assignment.declaration.end - 1]
    if inside.strip() and len(lines) == 1 and len(assignment.declaration.declarators) == 1:
        lines[-1] = lines[-1][:-1] + inside + b";"
    lines[-1] += data[slice(*found.behind)]
    return (*_dedented(above), *lines)


def _dedented(lines: Sequence[bytes]) -> Iterator[bytes]:
    """Yield lines without the indent of the first one."""
    indent = lines[0][: len(lines[0]) - len(lines[0].lstrip())] if lines else b""
    for line in lines:
        yield line.removeprefix(indent)


def paragraphs(items: Iterable[Item], indent: bytes) -> bytes:
    """Return the items as text: a paragraph a file, each followed by an empty line.

    The items of a file stay in their order; files come in the order of their first item.
    """
    text = b""
    for _, run in groupby(items, key=lambda item: item.path):
        rows: list[bytes] = []
        for condition, part in groupby(run, key=lambda item: item.condition):
            inner = _conditional(list(part), 0, indent)
            if condition:
                inner = [_opening_line(condition), *inner, b"#endif"]
            rows += inner
        text += b"".join(row + b"\n" for row in rows) + b"\n"
    return text


def _conditional(items: Sequence[Item], depth: int, indent: bytes) -> list[bytes]:
    """Return rows for items that share the first `depth` branches of their chains."""
    rows: list[bytes] = []
    for group, run in groupby(items, key=lambda item: _group(item, depth)):
        part = list(run)
        if group is None:
            for item in part:
                rows += _rows(item, indent)
        else:
            rows += _group_rows(group[1], part, depth, indent)
    return rows


def _group(item: Item, depth: int) -> tuple[str, int] | None:
    """Return the `#if` of an item at a depth: its file and its number there."""
    return (item.source.path, item.chain[depth][0]) if depth < len(item.chain) else None


def _group_rows(group: int, items: Sequence[Item], depth: int, indent: bytes) -> list[bytes]:
    """Return the rows of one `#if` group: with its own directives, or a condition a branch."""
    runs = [
        (branch, list(part))
        for branch, part in groupby(items, key=lambda item: item.chain[depth][1])
    ]
    source, conditionals = items[0].source, items[0].conditionals
    branches = conditionals.groups[group].branches
    rows: list[bytes] = []
    together = [branch for branch, _ in runs] == list(range(len(runs))) and len(runs) > 1
    for branch, part in runs:
        inner = _conditional(part, depth + 1, indent)
        if not together:
            rows += [_opening_line(branches[branch].condition), *inner, b"#endif"]
            continue
        if branch == 0:
            rows.append(_opening_line(branches[0].condition))
        else:
            start = branches[branch - 1].end
            rows.append(source.data[start : source.data.find(b"\n", start)])
        rows += inner
    return [*rows, b"#endif"] if together else rows


def _opening_line(condition: Condition) -> bytes:
    return directive(tuple(sorted(condition)))


def _rows(item: Item, indent: bytes) -> list[bytes]:
    return [
        line if line.startswith(b"#") else (indent + line if line.strip() else line)
        for text in item.lines
        for line in text.split(b"\n")
    ]
