"""C text that is generated: templates in `templates/`, with named slots and sections.

    @if locks@
        mtx_lock(&@name@_mtx);
    @else@
        (void)@name@;
    @end@

A slot is a name between two `@`, which C has nowhere.  One that is all of a line stands for
whole lines, or for none.  A section is between `@if x@` or `@if !x@` and `@end@`, with `@else@`
if need be, each on a line of its own; it is there if `x` is given: true, or a text that is not
empty.  The words of the vocabulary are slots of every template.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from vrefactor.rules.vocabulary import Vocabulary

Value = str | bytes | bool | None
"""What a name of a template stands for: a text, or whether a section is there."""

TEMPLATES = files(__package__) / "templates"
"""The folder of the templates."""

_SLOT = re.compile(rb"@(\w+)@")
_DIRECTIVE = re.compile(rb"@(?:(if) (!?)(\w+)|(else|end))@\n")
_Condition = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a template, and what must be given or not for it to be there."""

    number: int
    conditions: tuple[_Condition, ...]
    text: bytes

    def names(self) -> set[str]:
        return {name for name, _ in self.conditions} | {
            slot.decode() for slot in _SLOT.findall(self.text)
        }


@dataclass(frozen=True, slots=True)
class Template:
    """A template, parsed: its lines without the directives."""

    name: str
    lines: tuple[_Line, ...]

    @classmethod
    def parse(cls, name: str, data: bytes) -> Template:
        """Return the template of a text.  Raises ValueError if it is malformed."""
        found: list[_Line] = []
        sections: list[_Condition] = []
        for number, text in enumerate(data.splitlines(keepends=True), 1):
            directive = _DIRECTIVE.fullmatch(text)
            if directive is not None:
                _enter(sections, directive, f"{name}:{number}")
            elif b"@" in _SLOT.sub(b"", text) or not text.endswith(b"\n"):
                raise ValueError(f"{name}:{number}: neither a line with slots nor a directive")
            else:
                found.append(_Line(number, tuple(sections), text))
        if sections:
            raise ValueError(f"{name}: @if {sections[-1][0]}@ without @end@")
        return cls(name, tuple(found))

    def fill(self, words: Vocabulary, values: Mapping[str, Value]) -> bytes:
        """Return the text, filled in.

        Raises ValueError if the template wants a name that is not given, has no use for one
        that is, or wants a text where it is not.
        """
        given: dict[str, Value] = {**values, **words.words()}
        wanted = {name: line.number for line in reversed(self.lines) for name in line.names()}
        for name in sorted(wanted.keys() - given.keys()):
            raise ValueError(f"{self.name}:{wanted[name]}: @{name}@ is not given")
        for name in sorted(values):
            if name not in wanted or given[name] is not values[name]:
                raise ValueError(f"{self.name}: has no use for {name}")
        return b"".join(
            self._filled(line, given)
            for line in self.lines
            if all(bool(given[name]) is there for name, there in line.conditions)
        )

    def _filled(self, line: _Line, given: Mapping[str, Value]) -> bytes:
        whole = _SLOT.fullmatch(line.text.removesuffix(b"\n"))
        if whole is None:
            return _SLOT.sub(lambda match: self._text(line, match, given), line.text)
        text = self._text(line, whole, given)
        if text and not text.endswith(b"\n"):
            raise ValueError(f"{self.name}:{line.number}: {text!r} is no whole line")
        return text

    def _text(self, line: _Line, match: re.Match[bytes], given: Mapping[str, Value]) -> bytes:
        value = given[match[1].decode()]
        if value is None or isinstance(value, bool):
            raise ValueError(f"{self.name}:{line.number}: {match[0].decode()} is no text: {value}")
        return value.encode() if isinstance(value, str) else value


def render(template: str, words: Vocabulary, **values: Value) -> bytes:
    """Return the text of `templates/<template>.in`, filled in.

    Raises ValueError as `Template.parse` and `Template.fill` do, or if there is none.
    """
    return _load(template).fill(words, values)


@cache
def _load(name: str) -> Template:
    path = TEMPLATES / f"{name}.in"
    if not path.is_file():
        raise ValueError(f"{name}.in: there is no such template")
    return Template.parse(f"{name}.in", path.read_bytes())


def _enter(sections: list[_Condition], directive: re.Match[bytes], place: str) -> None:
    """Do what a directive says to the sections that are open, the innermost last."""
    if directive[1]:
        sections.append((directive[3].decode(), not directive[2]))
        return
    if not sections:
        raise ValueError(f"{place}: @{directive[4].decode()}@ without @if@")
    name, there = sections.pop()
    if directive[4] == b"else":
        sections.append((name, not there))
