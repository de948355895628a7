"""Whole lines that the rules want in files that are there, C or not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vrefactor.c.parse.functions import Function, body_offsets, find_functions
from vrefactor.c.preprocess.conditionals import parse_conditionals
from vrefactor.c.preprocess.lexer import Source, lex
from vrefactor.plan.model import Finding
from vrefactor.rules.framework import FrameworkLine
from vrefactor.source.edits import Edit
from vrefactor.source.tree import Tree

_LINE = re.compile(rb"[^\n]*\n|[^\n]+\Z")


@dataclass(frozen=True, slots=True)
class RuleLines:
    """What inserts the lines, and what a person has to insert, with the reason."""

    edits: tuple[Edit, ...]
    findings: tuple[Finding, ...]


class _Nowhere(Exception):
    """Lines have no place: the 1-based line where one would be looked for, and why."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line
        self.why = why


def whole_lines(tree: Tree, rules: Sequence[FrameworkLine], step: str) -> RuleLines:
    """Plan the lines that `rules` want and the tree's files lack.

    Lines for one place become one edit, in the order of the rules.
    """
    places: dict[tuple[str, int], bytes] = {}
    findings: list[Finding] = []
    for rule in rules:
        try:
            found = _insertion(tree, rule)
        except _Nowhere as nowhere:
            what = f"{nowhere.why}: put {_quoted(_first(rule.text))} in by hand"
            findings.append(Finding(rule.path, nowhere.line, "framework", what))
            continue
        if found is not None:
            at, text = found
            places[rule.path, at] = places.get((rule.path, at), b"") + text
    edits = (_edit(tree, path, at, text, step) for (path, at), text in sorted(places.items()))
    return RuleLines(tuple(edits), tuple(sorted(findings)))


def fitted_edit(
    tree: Tree, path: str, start: int, end: int, text: bytes, step: str, reason: str
) -> Edit:
    """Return the edit that puts `text` in a file, with the line ends that the file has."""
    return Edit(path, start, end, fitted(tree.read(path), text), step, reason)


def rewording(tree: Tree, path: str, old: bytes, new: bytes, step: str, reason: str) -> Edit | None:
    """Return the edit that replaces a text of an earlier step, if it is there."""
    old = fitted(tree.read(path), old)
    at = tree.read(path).find(old)
    return fitted_edit(tree, path, at, at + len(old), new, step, reason) if at >= 0 else None


def _edit(tree: Tree, path: str, at: int, text: bytes, step: str) -> Edit:
    data = tree.read(path)
    lead = b"\n" if at and data[at - 1 : at] != b"\n" else b""
    return Edit(path, at, at, fitted(data, lead + text), step, "the containers need it")


def functions_named(source: Source, name: str) -> list[Function]:
    """Return the functions of a file that have this name, in order."""
    wanted = body_offsets(source.code, frozenset((name.encode(),)))
    found = find_functions(source.code, parse_conditionals(source), wanted)
    return [function for _, function in sorted(found.functions.items()) if function.name == name]


def _insertion(tree: Tree, rule: FrameworkLine) -> tuple[int, bytes] | None:
    """Return where a rule's lines go; None if they are there.  Raises _Nowhere."""
    if rule.path not in tree:
        raise _Nowhere(1, "the file is not in the tree")
    data = tree.read(rule.path)
    mark = _pattern(rule.present or _first(rule.text))
    if any(mark.search(line) for _, line in _lines(data)):
        return None
    text = rule.text.encode() if rule.text.endswith("\n") else rule.text.encode() + b"\n"
    if rule.sorted is not None:
        return _sorted_place(data, rule.sorted.encode(), text), text
    start, end = _anchor(data, rule)
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


def _anchor(data: bytes, rule: FrameworkLine) -> tuple[int, int]:
    """Return the range of the one line that has the rule's text.  Raises _Nowhere."""
    anchor = rule.after if rule.after is not None else rule.before or ""
    first, last = (0, len(data)) if rule.function is None else _body(data, rule)
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


def _body(data: bytes, rule: FrameworkLine) -> tuple[int, int]:
    """Return the range of the body of the rule's function.  Raises _Nowhere."""
    found = functions_named(lex(rule.path, data), rule.function or "")
    if not found:
        raise _Nowhere(1, f"there is no function {rule.function}")
    if len(found) > 1:
        line = _number(data, found[1].name_at)
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


def fitted(data: bytes, text: bytes) -> bytes:
    """Return lines with the line ends of the file that they go into."""
    return text.replace(b"\n", b"\r\n") if b"\r\n" in data[:4096] else text
