"""The tables of a scan, for people: variables, and names that collide."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from vrefactor.scan.model import Scan, ScannedVariable, ScanRow, SourcePlace
from vrefactor.scan.objects import Collision

WIDTH = 100
_NAME = 27
_NAMED = 52
"""The room for a name, and for a name and a type together."""


def table(scan: Scan) -> bytes:
    """Return the table of variables: a block for each file, and the totals at the end."""
    lines = [_cells("line", "name", "type", ("linkage", "reads", "writes", "class"))]
    for path, rows in groupby(scan.rows, key=lambda row: row.variable.path):
        lines += ["", path]
        for row in rows:
            lines += _row(row)
    lines += ["", *totals(scan)]
    return ("\n".join(line.rstrip() for line in lines) + "\n").encode("utf-8", "backslashreplace")


def totals(scan: Scan) -> list[str]:
    """Return how many variables there are, by proposal and by class, and what was parsed."""
    proposals = Counter(str(row.proposal) for row in scan.rows)
    kinds = Counter(str(row.kind) for row in scan.rows)
    counted = ", ".join(f"{count} {name}" for name, count in _ordered(proposals))
    coverage = scan.coverage
    share = 100 * coverage.errors / coverage.parsed if coverage.parsed else 0
    classes = ", ".join(f"{count} {name}" for name, count in _ordered(kinds))
    return [
        f"scan: {len(scan.rows)} variables in {scan.files} files: {counted or 'none'}",
        *_wrapped(f"classes: {classes or 'none'}", "  "),
        f"  parse: {coverage.parsed} bytes, {coverage.errors} ({share:.3f} %)"
        " that no variant parses",
    ]


def _ordered(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _row(row: ScanRow) -> Iterator[str]:
    variable = row.variable
    usage = variable.usage
    yield _cells(
        str(variable.definition.line),
        variable.name,
        variable.definition.type,
        (
            "static" if variable.internal else "extern",
            _count(usage.reads, len(usage.reading_files)),
            _count(usage.writes + usage.passed, len(usage.writing_files)),
            str(row.kind),
        ),
    )
    text = f"{row.proposal}: {row.reason}"
    yield from _wrapped(text)
    for name in _further(variable):
        yield from _wrapped(name)


def _further(variable: ScannedVariable) -> Iterator[str]:
    """Yield what else is to be said: exports, declarations, unclear uses."""
    for export in variable.exports:
        yield f"{export.macro} {export.name} ({_place(export.place)})"
    if variable.declared:
        yield "declared " + ", ".join(_place(place) for place in variable.declared)
    if variable.defined[1:]:
        yield "also defined " + ", ".join(_place(place) for place in variable.defined[1:])
    if variable.usage.unclear:
        yield f"{variable.usage.unclear} tokens of this name may be it or another"


def _place(place: SourcePlace) -> str:
    return f"{place.path}:{place.line}"


def _count(uses: int, files: int) -> str:
    return f"{uses}/{files}" if uses else "-"


def _wrapped(text: str, indent: str = " " * 9) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_on_hyphens=False,
        break_long_words=False,
    )


def _cells(line: str, name: str, type_: str, rest: Sequence[str]) -> str:
    """Lay out one line; a long name takes its room from the type, which may be cut."""
    room = _NAMED - len(name) - 1
    if len(type_) > room:
        type_ = type_[: max(room - 2, 0)] + ".."
    named = f"{name:<{min(_NAME, _NAMED - len(type_) - 1)}} {type_}"
    linkage, reads, writes, kind = rest
    return f"{line:>6} {named:<{_NAMED}} {linkage:<7} {reads:>6} {writes:>7}  {kind}".rstrip()


def colliding(found: Sequence[Collision]) -> bytes:
    """Return a line for each name and file, with what only one account knows marked."""
    lines = ["", f"collisions: {len(found)} names of statics that other files define too"]
    for collision in found:
        lines.append(f"  {collision.name}")
        lines.extend(_files(collision))
    return ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace")


def _files(collision: Collision) -> Iterator[str]:
    for path in sorted({*collision.in_source, *collision.in_objects}):
        if path not in collision.in_objects:
            yield f"    {path} (not in the objects)"
        elif path not in collision.in_source:
            yield f"    {path} (only in the objects)"
        else:
            yield f"    {path}"
