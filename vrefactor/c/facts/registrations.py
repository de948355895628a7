"""Functions that a file hands over to be called from elsewhere: as arguments, in tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vrefactor.c.preprocess.known_macros import glob_call
from vrefactor.c.preprocess.lexer import matching, split_arguments
from vrefactor.rules.types import Registration

_TABLE = re.compile(
    rb"(?<!\w)struct\s+(\w+)\s+(?:\w+\s*)?\w+\s*((?:\[[^\]]*\]\s*)*)=\s*\{",
)
_VALUE = re.compile(
    rb"(?:\.\s*(\w+)\s*=\s*|(\w+)\s*:\s*|(?<=[{,])\s*)&?\s*([A-Za-z_]\w*)\s*(?=[,}])"
)
_FUNCTION = re.compile(rb"(?:.*\)\s*)?&?\s*([A-Za-z_]\w*)\Z", re.S)


@dataclass(frozen=True, slots=True, order=True)
class RegisteredFunction:
    """A function's name, the way it is handed over, where, and through what.

    `through` is the call, the table's member, or the spelling of the parameters.
    """

    function: str
    way: str
    start: int
    through: str


class RegistrationFinder:
    """Looks for functions that are handed over in the ways that rules name."""

    def __init__(self, ways: Sequence[Registration]) -> None:
        self._calls = [
            (way.name, glob_call([handed.call]), handed.argument)
            for way in ways
            for handed in way.calls
        ]
        self._tables = {tag.encode(): way.name for way in ways for tag in way.tables}
        self._heads = [
            (
                way.name,
                re.compile(rb"(?<!\w)(\w+)\s*\(\s*" + way.parameter.encode() + rb"\s*\)\s*\{"),
            )
            for way in ways
            if way.parameter is not None
        ]

    def find(self, code: bytes) -> list[RegisteredFunction]:
        """Return what the code of a file (comments and literals blanked) hands over."""
        return sorted({*self._handed(code), *self._held(code), *self._meant(code)})

    def _handed(self, code: bytes) -> Iterable[RegisteredFunction]:
        for way, pattern, argument in self._calls:
            for match in pattern.finditer(code):
                opening = match.end() - 1
                closing = matching(code, opening)
                ranges = split_arguments(code, opening, closing) if closing >= 0 else []
                if argument >= len(ranges):
                    continue
                start, end = ranges[argument]
                name = _FUNCTION.match(code[start:end].strip())
                if name is not None:
                    through = match[0].rstrip(b" \t(").decode()
                    yield RegisteredFunction(name[1].decode(), way, match.start(), through)

    def _held(self, code: bytes) -> Iterable[RegisteredFunction]:
        for match in _TABLE.finditer(code) if self._tables else ():
            way = self._tables.get(match[1])
            closing = matching(code, match.end() - 1) if way is not None else -1
            if way is None or closing < 0:
                continue
            for value in _VALUE.finditer(code, match.end() - 1, closing + 1):
                if value[3].isupper():
                    continue  # a constant
                member = (value[1] or value[2] or b"").decode()
                yield RegisteredFunction(value[3].decode(), way, value.start(3), member)

    def _meant(self, code: bytes) -> Iterable[RegisteredFunction]:
        for way, pattern in self._heads:
            for match in pattern.finditer(code):
                yield RegisteredFunction(match[1].decode(), way, match.start(1), way)
