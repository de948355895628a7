"""Whole lines that the rules want in files that are there, C or not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from vrefactor.edit.draft import Draft
from vrefactor.plan.model import Finding
from vrefactor.rules.framework import FrameworkLine

_LINE = re.compile(rb"[^\n]*\n|[^\n]+\Z")


class _Nowhere(Exception):
    """Lines have no place: the 1-based line where one would be looked for, and why."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line
        self.why = why


def plan_lines(draft: Draft, rules: Sequence[FrameworkLine]) -> list[tuple[str, int]]:
    """Plan the lines that `rules` want and the tree's files lack; find those with no place.

    Return where lines go: the files, and the offsets in them.
    """
    places: list[tuple[str, int]] = []
    for rule in rules:
        try:
            found = _insertion(draft, rule)
        except _Nowhere as nowhere:
            what = f"{nowhere.why}: put {_quoted(_first(rule.text))} in by hand"
            draft.add_findings([Finding(rule.path, nowhere.line, "framework", what)])
            continue
        if found is not None:
            at, text = found
            draft.insert(rule.path, at, text, "the containers need it")
            places.append((rule.path, at))
    return places


def _insertion(draft: Draft, rule: FrameworkLine) -> tuple[int, bytes] | None:
    """Return where a rule's lines go; None if they are there.  Raises _Nowhere."""
    if rule.path not in draft.index.tree:
        raise _Nowhere(1, "the file is not in the tree")
    data = draft.files.read(rule.path)
    mark = _pattern(rule.present or _first(rule.text))
    if any(mark.search(line) for _, line in _lines(data)):
        return None
    text = rule.text.encode() if rule.text.endswith("\n") else rule.text.encode() + b"\n"
    if rule.sorted is not None:
        return _sorted_place(data, rule.sorted.encode(), text), text
    start, end = _anchor(draft, data, rule)
    return (end if rule.after is not None else start), text


def _sorted_place(data: bytes, prefix: bytes, text: bytes) -> int:
    """Return the start of the first line of a kind that `text` comes before.

    Else the end of the last one, with what continues it.  Raises _Nowhere.
    """
    lines = list(_lines(data))
    alike = [number for number, (_, line) in enumerate(lines) if line.startswith(prefix)]
    if not alike:
        raise _Nowhere(1, f"no line begins with {_quoted(prefix.decode())}")
    for number in alike:
        if lines[number][1] > text.lstrip(b"\n"):
            return lines[number][0]
    last = alike[-1]
    while lines[last][1].rstrip(b"\r\n").endswith(b"\\") and last + 1 < len(lines):
        last += 1
    start, line = lines[last]
    return start + len(line)


def _anchor(draft: Draft, data: bytes, rule: FrameworkLine) -> tuple[int, int]:
    """Return the range of the one line that has the rule's text.  Raises _Nowhere."""
    anchor = rule.after if rule.after is not None else rule.before or ""
    first, last = (0, len(data)) if rule.function is None else _body(draft, rule)
    where = "" if rule.function is None else f" of {rule.function}"
    wanted = _pattern(anchor)
    found = [
        (start, start + len(line))
        for start, line in _lines(data)
        if first <= start < last and wanted.search(line)
    ]
    if not found:
        raise _Nowhere(_number(data, first), f"no line{where} has {_quoted(anchor)}")
    if len(found) > 1:
        numbers = ", ".join(str(_number(data, start)) for start, _ in found)
        several = f"several lines{where} have {_quoted(anchor)} ({numbers})"
        raise _Nowhere(_number(data, found[0][0]), several)
    return found[0]


def _body(draft: Draft, rule: FrameworkLine) -> tuple[int, int]:
    """Return the range of the body of the rule's function.  Raises _Nowhere."""
    found = draft.files.functions(rule.path, rule.function or "")
    if not found:
        raise _Nowhere(1, f"there is no function {rule.function}")
    if len(found) > 1:
        line = draft.files.open(rule.path)[0].line(found[1].name_at)
        raise _Nowhere(line, f"there are {len(found)} functions {rule.function}")
    return found[0].open, found[0].close


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    return ((match.start(), match.group()) for match in _LINE.finditer(data))


def _number(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1


def _pattern(text: str) -> re.Pattern[bytes]:
    """Return what finds a text in a line, word by word, however much space is between."""
    words = [re.escape(word) for word in text.encode().split()]
    return re.compile(rb"(?<!\w)" + rb"\s+".join(words) + rb"(?!\w)")


def _first(text: str) -> str:
    """Return the first line of a text that is not empty."""
    return next(line for line in text.splitlines() if line.strip())


def _quoted(text: str) -> str:
    return f"`{' '.join(text.split())}`"
