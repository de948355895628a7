"""The first lines of a function: where they go, and how INIT calls are laid out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from vrefactor.c.parse.functions import Function, has_declaration
from vrefactor.c.preprocess.blanking import without_directives
from vrefactor.c.preprocess.conditionals import Literal
from vrefactor.edit.container_uses import File

_DEFINED = re.compile(rb"defined\((\w+)\)\Z")
_SPACE = re.compile(rb"[ \t]*")
_LABEL = re.compile(rb"[ \t]*[A-Za-z_]\w*[ \t]*:")


@dataclass(frozen=True, slots=True)
class InitCall:
    """One INIT call: the macro, its argument, and the condition that all its uses share."""

    macro: str
    argument: str
    condition: tuple[Literal, ...]

    @property
    def statement(self) -> bytes:
        """The statement."""
        return f"{self.macro}({self.argument});".encode()


@dataclass(frozen=True, slots=True)
class Opening:
    """The place for the first lines of a body.

    `inline` if code follows the brace on its line; `blank` if an empty line has to follow
    what is put there; `indent` is that of the body's lines.
    """

    at: int
    indent: bytes
    inline: bool
    blank: bool

    def render(self, lines: Sequence[bytes]) -> bytes:
        """Return what to insert for these statements; directives stay at the margin."""
        if self.inline:
            return b"".join(b" " + line for line in lines if not line.startswith(b"#"))
        text = render(lines, self.indent)
        return text + b"\n" if self.blank else text


def opening(file: File, function: Function) -> Opening:
    """Return where a body's first lines go.

    The line behind the brace; the empty line that KNF wants in a body without
    declarations stays below, or is added.
    """
    data, code = file.source.data, file.source.code
    newline = data.find(b"\n", function.open)
    follows = code[function.open + 1 : newline].strip() if newline >= 0 else b"}"
    if follows or _in_comment(file, newline):
        return Opening(function.open + 1, b"", True, False)
    at = newline + 1
    line = data[at : data.find(b"\n", at) + 1 or len(data)]
    code = without_directives(file.source)[at : function.close]
    needs_blank = bool(line.strip()) and not has_declaration(code, 0, len(code))
    return Opening(at, _indent(code), False, needs_blank)


def _in_comment(file: File, offset: int) -> bool:
    return any(start < offset < end for start, end in file.source.comments)


def _indent(code: bytes) -> bytes:
    """Return the white space before the first line of a body that is no label."""
    for line in code.split(b"\n"):
        if line.strip() and not _LABEL.match(line):
            match = _SPACE.match(line)
            return match[0] if match is not None and match[0] else b"\t"
    return b"\t"


def render(lines: Sequence[bytes], indent: bytes) -> bytes:
    """Return statements as lines with an indent; directives stay at the margin."""
    return b"".join(
        line + b"\n" if line.startswith(b"#") else indent + line + b"\n" for line in lines
    )


def call_lines(calls: Sequence[InitCall]) -> list[bytes]:
    """Return the INIT calls, each run with one condition in an `#if` of its own."""
    lines: list[bytes] = []
    for condition, run in groupby(calls, key=lambda call: call.condition):
        inner = [call.statement for call in run]
        lines += [directive(condition), *inner, b"#endif"] if condition else inner
    return lines


def directive(condition: tuple[Literal, ...]) -> bytes:
    """Return the `#if` line of a conjunction of literals."""
    if len(condition) == 1:
        ((text, truth),) = condition
        match = _DEFINED.match(text)
        if match is not None:
            return (b"#ifdef " if truth else b"#ifndef ") + match[1]
        return b"#if " + (text if truth else b"!(" + text + b")")
    return b"#if " + b" && ".join(_operand(literal) for literal in condition)


def _operand(literal: Literal) -> bytes:
    text, truth = literal
    if _DEFINED.match(text):
        return text if truth else b"!" + text
    return (b"(" if truth else b"!(") + text + b")"
