"""Parsing a whole file: every chunk of variants that together show every line.

`reader` parses only what holds a candidate; here nothing is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from vrefactor.c.parse.syntax import Syntax
from vrefactor.c.parse.toplevel import Block, Invocation, blocks, chunk_ends
from vrefactor.c.parse.variant_readings import Chunk
from vrefactor.c.preprocess.blanking import blank_ranges
from vrefactor.c.preprocess.conditionals import Conditionals, parse_conditionals
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.lexer import Source, lex
from vrefactor.c.preprocess.variants import Prefer, Variant, choose, cover


@dataclass(frozen=True, slots=True)
class ParsedChunk:
    """One parsed chunk: its text, its macro invocations at file scope, its syntax.

    Offsets in `syntax` count from `chunk.start`.
    """

    chunk: Chunk
    invocations: tuple[Invocation, ...]
    syntax: Syntax


@dataclass(frozen=True, slots=True)
class ParsedVariant:
    """One variant with all its pieces, and its outermost braces (None if unbalanced)."""

    variant: Variant
    pieces: tuple[ParsedChunk, ...]
    pairs: tuple[Block, ...] | None


@dataclass(slots=True)
class ParsedFile:
    """A whole file, lexed and parsed under every condition."""

    source: Source
    conditionals: Conditionals
    macros: MacroMatcher
    bodies: bool = True
    """Whether the bodies of functions are parsed; else they are blank."""
    views: list[ParsedVariant] = field(default_factory=list)
    _parsed: dict[tuple[int, bytes], ParsedChunk] = field(default_factory=dict)

    def look(self, variant: Variant) -> ParsedVariant:
        """Parse one more variant; a piece that an earlier one has parsed is taken from it."""
        pairs = blocks(variant.text)
        ends = chunk_ends(variant.text, pairs) if pairs is not None else []
        bounds = [0, *ends, len(variant.text)]
        text = variant.text if self.bodies else _without_bodies(variant.text, pairs or ())
        pieces = [
            self._piece(Chunk(text, start, end, pairs))
            for start, end in pairwise(bounds)
            if start < end
        ]
        view = ParsedVariant(variant, tuple(pieces), None if pairs is None else tuple(pairs))
        self.views.append(view)
        return view

    def look_again(self, failed: Sequence[int]) -> list[ParsedVariant]:
        """Parse what is at these offsets once more, with other branches preferred."""
        chosen = choose(self.source.code, self.conditionals, failed, Prefer.LAST)
        return [self.look(variant) for variant in chosen]

    def _piece(self, chunk: Chunk) -> ParsedChunk:
        key = (chunk.start, chunk.text[chunk.start : chunk.end])
        if key not in self._parsed:
            found = chunk.invocations(self.macros)
            syntax = Syntax(chunk.normalised(found, self.macros))
            self._parsed[key] = ParsedChunk(chunk, tuple(found), syntax)
        return self._parsed[key]


def _without_bodies(text: bytes, pairs: Sequence[Block]) -> bytes:
    """Return a variant with what stands between the braces of its functions blanked."""
    return blank_ranges(text, [(pair.open + 1, pair.close) for pair in pairs if pair.function])


def parse_file(path: str, data: bytes, macros: MacroMatcher, *, bodies: bool = True) -> ParsedFile:
    """Lex a file and parse variants that together show every line of every branch.

    Without `bodies` functions are parsed as if they were empty.  Raises the errors of `lex`
    and `parse_conditionals`.
    """
    source = lex(path, data)
    conditionals = parse_conditionals(source)
    whole = ParsedFile(source, conditionals, macros, bodies)
    for variant in cover(source.code, conditionals):
        whole.look(variant)
    return whole
