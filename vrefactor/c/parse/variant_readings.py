"""Reading tokens outside of directives: variants, chunks, invocations, parse, lookup."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from vrefactor.c.model import Range, Role
from vrefactor.c.parse.syntax import Syntax
from vrefactor.c.parse.tokens import Reading
from vrefactor.c.parse.toplevel import Block, Invocation, blocks, chunk_ends, chunks_of, invocations
from vrefactor.c.preprocess.blanking import blank_ranges
from vrefactor.c.preprocess.conditionals import Branch, Conditionals
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.normalise import normalise
from vrefactor.c.preprocess.variants import (
    MAX_READINGS,
    Choice,
    Cuts,
    Prefer,
    Variant,
    choose,
    choose_apart,
)

_STATEMENT_END = re.compile(rb"[;{}]")
_TOO_OFTEN_CUT = Reading(
    Role.AMBIGUOUS, detail=f"more than {MAX_READINGS} #ifs cut its statement or its function"
)


@dataclass(frozen=True, slots=True)
class VariantReading:
    """One token as one variant shows it: its offset, the reading, the variant's text."""

    start: int
    reading: Reading
    text: bytes


def read_code(
    code: bytes, conditionals: Conditionals, wanted: Sequence[int], macros: MacroMatcher
) -> dict[int, list[VariantReading]]:
    """Return, for each wanted offset, what the variants that show it say of it.

    What the first set of variants can't parse is read again with other branches preferred;
    and so is what stands in a statement that conditions cut, or in a function whose braces
    are conditional, because it may be something else where they do not hold.  What would
    take too many variants is ambiguous.  Raises the errors of `choose`.
    """
    reader = _Reader(code, conditionals, macros, {at: [] for at in wanted})
    reader.read(choose(code, conditionals, wanted))
    if conditionals.groups:
        failed = [at for at in wanted if all(_is_unparsed(seen) for seen in reader.seen[at])]
        reader.read(choose(code, conditionals, failed, Prefer.LAST))
        cuts = _cuts(code, conditionals, reader.ranges)
        unread: set[int] = set()
        for prefer in (Prefer.LEAST, Prefer.MOST) if cuts.offsets else ():
            variants, left = choose_apart(code, conditionals, cuts, prefer)
            # Nobody compiles a mixture of branches with odd braces: its reading does not count.
            reader.read(variants, balanced=True)
            unread.update(left)
        for at in unread:
            reader.seen[at] = [VariantReading(at, _TOO_OFTEN_CUT, reader.seen[at][0].text)]
    return reader.seen


def _is_unparsed(seen: VariantReading) -> bool:
    return seen.reading.role is Role.UNPARSED


@dataclass(slots=True)
class _Reader:
    """Reads a file variant by variant; no text is read twice."""

    code: bytes
    conditionals: Conditionals
    macros: MacroMatcher
    seen: dict[int, list[VariantReading]]
    ranges: dict[int, Range] = field(default_factory=dict)
    """For each offset the chunk that holds it."""
    choices: set[Choice] = field(default_factory=set)
    done: set[tuple[int, bytes]] = field(default_factory=set)

    def read(self, variants: Iterable[Variant], *, balanced: bool = False) -> None:
        """Read what variants show of the wanted offsets; of the `balanced` ones, if so said."""
        for variant in variants:
            if variant.choice in self.choices:
                continue
            self.choices.add(variant.choice)
            shown = [at for at in self.seen if variant.shows(self.conditionals, at)]
            pairs = blocks(variant.text)
            if pairs is None and balanced:
                continue
            for start, end, offsets in chunks(variant.text, pairs, shown):
                key = (start, variant.text[start:end])
                if key not in self.done:
                    self.done.add(key)
                    self._chunk(Chunk(variant.text, start, end, pairs), offsets)

    def _chunk(self, chunk: Chunk, offsets: Sequence[int]) -> None:
        for at, reading in read_chunk(chunk, offsets, self.macros):
            self.seen[at].append(VariantReading(at, reading, chunk.text))
            self.ranges[at] = (chunk.start, chunk.end)


def _cuts(code: bytes, conditionals: Conditionals, ranges: Mapping[int, Range]) -> Cuts:
    """Return the offsets at which other branches may make something else of a token.

    The parts are the statements that directives cut, by number, and the chunks with
    conditional braces, by negative number.
    """
    ends = [match.start() for match in _STATEMENT_END.finditer(code)]
    groups: list[set[int]] = []
    for group in conditionals.groups:
        marks = (*(branch.start for branch in group.branches), group.end)
        groups.append({bisect_left(ends, mark) for mark in marks})
    cut = set[int]().union(*groups)
    odd = [
        (group.start, index)
        for index, group in enumerate(conditionals.groups)
        if any(_has_odd_braces(code, branch) for branch in group.branches)
    ]
    offsets: dict[int, list[int]] = {}
    for at in ranges:
        statement = bisect_left(ends, at)
        if statement in cut:
            offsets[at] = [statement]
    chunks_with_odd = dict[Range, int]()
    for number, (start, end) in enumerate(sorted(set(ranges.values())), 1):
        inside = odd[bisect_left(odd, (start,)) : bisect_left(odd, (end,))]
        for _, index in inside:
            groups[index].add(-number)
        if inside:
            chunks_with_odd[start, end] = -number
    for at, chunk in ranges.items():
        if chunk in chunks_with_odd:
            offsets.setdefault(at, []).append(chunks_with_odd[chunk])
    return Cuts(offsets, groups)


def _has_odd_braces(code: bytes, branch: Branch) -> bool:
    opened = code.count(b"{", branch.start, branch.end)
    return opened != code.count(b"}", branch.start, branch.end)


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
        ranges = [(item.start - self.start, item.end - self.start) for item in found]
        return normalise(blank_ranges(self.text[self.start : self.end], ranges), macros)


def read_chunk(
    chunk: Chunk, wanted: Sequence[int], macros: MacroMatcher
) -> list[tuple[int, Reading]]:
    """Parse one chunk of a variant and return the readings of the wanted offsets in it."""
    found = chunk.invocations(macros)
    readings: list[tuple[int, Reading]] = []
    rest: list[int] = []
    for at in wanted:
        index = bisect_right(found, at, key=lambda invocation: invocation.start) - 1
        if index >= 0 and at < found[index].end:
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
