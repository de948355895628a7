"""Seeing through macros at file scope, down to those that the rules know."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from vrefactor.c.model import MacroFact
from vrefactor.c.preprocess.lexer import matching, split_arguments

_TOKEN = re.compile(r"[A-Za-z_]\w*|##|#\s*[A-Za-z_]\w*|\s+|.", re.S)
_PASTE = re.compile(r"\s*##\s*")
_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Expanded:
    """An invocation of a known macro that an expansion comes down to, with its arguments."""

    macro: str
    arguments: tuple[str, ...]


def expand(macro: MacroFact, arguments: Sequence[str]) -> str:
    """Return the replacement of a function-like macro with its arguments put in.

    What is stringised becomes an empty string; nothing is rescanned.
    """
    parameters = macro.parameters or ()
    values = dict(zip(parameters, arguments, strict=False))
    if parameters and parameters[-1].endswith("..."):
        rest = ", ".join(arguments[len(parameters) - 1 :])
        values[parameters[-1][:-3] or "__VA_ARGS__"] = rest
    parts: list[str] = []
    for token in _TOKEN.findall(macro.body):
        stringised = token.startswith("#") and token[1:].strip() in values
        parts.append('""' if stringised else values.get(token, token))
    return _PASTE.sub("", "".join(parts))


class Expander:
    """Finds what invocations come down to.

    `known` are the macros to stop at; `leading` those that may lead to one; `definitions`
    gives what a name means as a macro in a file.
    """

    def __init__(
        self,
        known: Collection[str],
        leading: Collection[str],
        definitions: Callable[[str, str], Sequence[MacroFact]],
    ) -> None:
        self._known = frozenset(known)
        self._leading = frozenset(leading)
        self._definitions = definitions

    def known(
        self, path: str, macro: str, arguments: Sequence[str], depth: int = _DEPTH
    ) -> Iterator[Expanded]:
        """Yield the invocations of known macros that an invocation in a file comes down to."""
        if macro in self._known:
            yield Expanded(macro, tuple(arguments))
            return
        for definition in self._definitions(macro, path) if depth else ():
            text = expand(definition, arguments).encode("latin-1", "replace")
            own = {macro} | set(definition.parameters or ())
            for name, inner in self._invocations(text):
                if name not in own:
                    yield from self.known(path, name, inner, depth - 1)

    def _invocations(self, text: bytes) -> Iterator[tuple[str, list[str]]]:
        end = 0
        for match in re.finditer(rb"(?<!\w)([A-Za-z_]\w*)\s*\(", text):
            name = match[1].decode()
            if match.start() < end or name not in self._known | self._leading:
                continue
            closing = matching(text, match.end() - 1)
            if closing >= 0:
                end = closing
                ranges = split_arguments(text, match.end() - 1, closing)
                yield name, [text[start:stop].decode("latin-1").strip() for start, stop in ranges]
