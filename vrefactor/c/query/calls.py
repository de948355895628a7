"""Calls of functions and macros that are known by name, with their arguments."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from msgspec import Struct

from vrefactor.c.preprocess.lexer import argument_texts, find_names
from vrefactor.rules.globs import name_matcher

_OPENING = re.compile(rb"\s*\(")


class NamedCall(Struct, frozen=True, array_like=True):
    """A call: its offset, what is called, and its arguments with single blanks."""

    start: int
    name: str
    arguments: tuple[str, ...]

    def argument(self, position: int) -> str:
        """Return an argument, counted from 0; nothing where there are fewer."""
        return self.arguments[position] if position < len(self.arguments) else ""


def named_calls(code: bytes, words: Iterable[bytes], globs: Collection[str]) -> Iterator[NamedCall]:
    """Yield the calls in lexed code of what fits a glob; `words` are the names there may be."""
    fits = name_matcher(globs)
    found = [word for word in words if fits(word.decode("latin-1"))]
    for at, name in find_names(code, found):
        call = _OPENING.match(code, at + len(name))
        arguments = argument_texts(code, call.end() - 1) if call is not None else None
        if arguments is not None:
            yield NamedCall(at, name.decode("latin-1"), arguments)
