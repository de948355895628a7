"""The questions that make the index: the facts of a file, and whether it holds some words."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from vrefactor.c.model import FileFacts
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.lexer import words

_FEW = 32


@dataclass(frozen=True, slots=True)
class FactsQuestion:
    """The question what a file says of some names, and of uses of some macros.

    Of a header that holds none of them, it asks for the directives alone.  Of an excluded
    file it asks where the names are, and no more.
    """

    header: bool
    excluded: bool
    names: frozenset[bytes]
    macros: frozenset[bytes]

    @property
    def wanted(self) -> frozenset[bytes]:
        """The names and the macros together."""
        return self.names | self.macros

    def key(self) -> bytes:
        """Return a digest that stands for the whole of the question."""
        parts = [b"header" if self.header else b"source", b"excluded" if self.excluded else b""]
        parts += [*sorted(self.names), b"", *sorted(self.macros)]
        return hashlib.blake2b(b"\n".join(parts), digest_size=16).digest()

    def __call__(self, path: str, data: bytes, macros: MacroMatcher) -> FileFacts | None:
        """Read one file; None if it holds nothing of interest.

        Raises the errors of `extract` and `directive_facts`.
        """
        # Who finds all answers in the cache needs no front end.
        from vrefactor.c.facts.directives import directive_facts
        from vrefactor.c.facts.extract import WantedNames, extract, extract_excluded

        if self.excluded:
            return extract_excluded(path, data, self.names)
        found = extract(path, data, WantedNames(self.names, self.macros), macros)
        if found is None and self.header:
            return directive_facts(path, data)
        return found


@dataclass(frozen=True, slots=True)
class WordsQuestion:
    """The question whether a file holds one of some words, in code or elsewhere."""

    words: frozenset[bytes]

    def __call__(self, path: str, data: bytes, macros: MacroMatcher) -> bool:
        """Say whether it does."""
        # To look for each of a few words is faster than to take the file apart.
        if len(self.words) <= _FEW and not any(word in data for word in self.words):
            return False
        return not self.words.isdisjoint(words(data))
