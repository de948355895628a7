"""Reading tokens outside of directives: variants, chunks, invocations, parse, lookup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vrefactor.c.conditionals import Conditionals
from vrefactor.c.facts import Role
from vrefactor.c.lexer import blank
from vrefactor.c.macros import MacroMatcher
from vrefactor.c.normalise import normalise
from vrefactor.c.syntax import Syntax
from vrefactor.c.tokens import Reading
from vrefactor.c.toplevel import Block, Invocation, blocks, chunk_ends, chunks_of, invocations
from vrefactor.c.variants import Variant, choose


@dataclass(frozen=True, slots=True)
class Seen:
    """One token as one variant shows it: its offset, the reading, the variant's text."""

    start: int
    reading: Reading
    text: bytes


def read_code(
    code: bytes, conditionals: Conditionals, wanted: Sequence[int], macros: MacroMatcher
) -> dict[int, list[Seen]]:
    """Return, for each wanted offset, what the variants that show it say of it.

    What the first set of variants can't parse is read again with other branches preferred.
    """
    seen: dict[int, list[Seen]] = {at: [] for at in wanted}
    _read_variants(choose(code, conditionals, wanted), conditionals, seen, macros)
    failed = [at for at in wanted if all(_is_unparsed(one) for one in seen[at])]
    if failed and conditionals.groups:
        again = choose(code, conditionals, failed, last=True)
        _read_variants(again, conditionals, seen, macros)
    return seen


def _is_unparsed(one: Seen) -> bool:
    return one.reading.role is Role.UNPARSED


def _read_variants(
    variants: list[Variant],
    conditionals: Conditionals,
    seen: dict[int, list[Seen]],
    macros: MacroMatcher,
) -> None:
    for variant in variants:
        shown = [at for at in seen if variant.shows(conditionals, at)]
        pairs = blocks(variant.text)
        for start, end, offsets in chunks(variant.text, pairs, shown):
            chunk = Chunk(variant.text, start, end, pairs)
            for at, reading in read_chunk(chunk, offsets, macros):
                seen[at].append(Seen(at, reading, variant.text))


def chunks(
    text: bytes, pairs: list[Block] | None, wanted: Sequence[int]
) -> list[tuple[int, int, list[int]]]:
    """Return the top-level chunks that hold a wanted offset, each with its offsets."""
    ends = chunk_ends(text, pairs) if pairs is not None else []
    ranges = chunks_of(ends, list(wanted), len(text))
    result: list[tuple[int, int, list[int]]] = [(start, end, []) for start, end in ranges]
    at = 0
    for offset in sorted(wanted):
        while offset >= result[at][1]:
            at += 1
        result[at][2].append(offset)
    return result


@dataclass(frozen=True, slots=True)
class Chunk:
    """A top-level piece of a variant's text; `pairs` are the text's outermost braces."""

    text: bytes
    start: int
    end: int
    pairs: list[Block] | None

    def invocations(self, macros: MacroMatcher) -> list[Invocation]:
        """Return the macro invocations at file scope in this chunk."""
        return invocations(self.text, self.start, self.end, self.pairs, macros)

    def normalised(self, found: Sequence[Invocation], macros: MacroMatcher) -> bytes:
        """Return the chunk with its invocations blanked and its idioms normalised."""
        text = self.text[self.start : self.end]
        for one in found:
            first, last = one.start - self.start, one.end - self.start
            text = text[:first] + blank(text[first:last]) + text[last:]
        return normalise(text, macros)


def read_chunk(
    chunk: Chunk, wanted: Sequence[int], macros: MacroMatcher
) -> list[tuple[int, Reading]]:
    """Parse one chunk of a variant and return the readings of the wanted offsets in it."""
    found = chunk.invocations(macros)
    readings: list[tuple[int, Reading]] = []
    rest: list[int] = []
    for at in wanted:
        if any(one.start <= at < one.end for one in found):
            readings.append((at, Reading(Role.MACRO_ARGUMENT)))
        else:
            rest.append(at)
    if rest:
        readings.extend(_parse_chunk(chunk, found, rest, macros))
    return readings


def _parse_chunk(
    chunk: Chunk, found: Sequence[Invocation], wanted: Sequence[int], macros: MacroMatcher
) -> list[tuple[int, Reading]]:
    text = chunk.normalised(found, macros)
    syntax = Syntax(text)
    readings: list[tuple[int, Reading]] = []
    for at in wanted:
        if text[at - chunk.start] != chunk.text[at]:
            # A normaliser has put plain C in place of the macro that holds the token.
            readings.append((at, Reading(Role.MACRO_ARGUMENT)))
        else:
            readings.append((at, syntax.read(at - chunk.start).moved(chunk.start)))
    return readings
