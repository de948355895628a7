"""Why two stripped objects differ: which section, symbol, relocation, line number, time stamp."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from vrefactor.verify.object.elf import (
    SHF_EXECINSTR,
    SHF_STRINGS,
    STB_LOCAL,
    STT_FUNC,
    STT_OBJECT,
    ElfSymbol,
    ObjectFile,
    Section,
)
from vrefactor.verify.report import Cause, Reason

MOST = 20
"""Most reasons given for one object: the first ones tell, the rest mostly follow from them."""

_TIME = re.compile(
    rb"\d\d:\d\d:\d\d|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d{4}"
)


@dataclass(frozen=True, slots=True)
class _Part:
    """A function or object: its bytes, and its relocations by offset from its start."""

    symbol: ElfSymbol
    section: Section
    data: bytes
    relocations: Mapping[int, str]


def explain(before: ObjectFile, after: ObjectFile) -> tuple[Reason, ...]:
    """Return why two objects differ; never empty, at most `MOST` reasons."""
    found = tuple(islice(_reasons(before, after), MOST))
    return found or tuple(islice(_anything(before, after), MOST))


def _reasons(before: ObjectFile, after: ObjectFile) -> Iterator[Reason]:
    if before.header != after.header:
        yield Reason(Cause.HEADER, "", "", f"{before.header} -> {after.header}")
    yield from _sections(before, after)
    yield from _symbols(before, after)
    old, new = _parts(before), _parts(after)
    yield from _orders(old, new)
    for name in sorted(old.keys() & new.keys()):
        yield from _part_reasons(old[name], new[name])
    yield from _strings(before, after)


def _by_name(file: ObjectFile) -> dict[str, Section]:
    return {file.section_names[section.index]: section for section in file.kept}


def _sections(before: ObjectFile, after: ObjectFile) -> Iterator[Reason]:
    old, new = _by_name(before), _by_name(after)
    for name in sorted(old.keys() ^ new.keys()):
        side = "before" if name in old else "after"
        yield Reason(Cause.SECTION, name, "", f"only {side}")
    for name in sorted(old.keys() & new.keys()):
        shapes = [(s.type, s.flags, s.align) for s in (old[name], new[name])]
        if shapes[0] != shapes[1]:
            detail = f"type, flags and alignment {shapes[0]} -> {shapes[1]}"
            yield Reason(Cause.SECTION, name, "", detail)


def _symbols(before: ObjectFile, after: ObjectFile) -> Iterator[Reason]:
    old, new = _named(before), _named(after)
    for name in sorted(old.keys() ^ new.keys()):
        side, where = ("before", old[name]) if name in old else ("after", new[name])
        yield Reason(Cause.SYMBOL, where[1], name, f"only {side} ({where[0]})")
    for name in sorted(old.keys() & new.keys()):
        if old[name] != new[name]:
            detail = f"{old[name][0]} in {old[name][1]} -> {new[name][0]} in {new[name][1]}"
            yield Reason(Cause.SYMBOL, new[name][1], name, detail)


def _named(file: ObjectFile) -> dict[str, tuple[str, str]]:
    """Return what linkage and which section each symbol of C has."""
    return {
        symbol.name: (
            "static" if symbol.binding == STB_LOCAL else "external",
            file.section_label(symbol.section),
        )
        for symbol in file.symbols
        if symbol.name and (symbol.binding != STB_LOCAL or symbol.kind in (STT_FUNC, STT_OBJECT))
    }


def _parts(file: ObjectFile) -> dict[str, _Part]:
    kept = {section.index: section for section in file.kept}
    found: dict[str, _Part] = {}
    for symbol in file.symbols:
        section = kept.get(symbol.section)
        if symbol.kind in (STT_FUNC, STT_OBJECT) and section is not None:
            found[symbol.name] = _part(file, symbol, section)
    return found


def _part(file: ObjectFile, symbol: ElfSymbol, section: Section) -> _Part:
    start, end = symbol.value, symbol.value + symbol.size
    relocations = {
        relocation.offset - start: f"{file.symbol_label(relocation.symbol)}{relocation.addend:+d}"
        for relocation in file.relocations.get(section.index, ())
        if start <= relocation.offset < end
    }
    return _Part(symbol, section, section.data[start:end], relocations)


def _orders(old: Mapping[str, _Part], new: Mapping[str, _Part]) -> Iterator[Reason]:
    """Yield each section whose functions or objects lie in another order."""
    common = old.keys() & new.keys()
    for section in sorted({old[name].section.name for name in common}):
        both = [
            sorted(
                (n for n in common if old[n].section.name == new[n].section.name == section),
                key=lambda name: (parts[name].symbol.value, name),
            )
            for parts in (old, new)
        ]
        moved = [pair for pair in zip(*both, strict=True) if pair[0] != pair[1]]
        if moved:
            first, last = (", ".join(names) for names in zip(*moved[:5], strict=True))
            yield Reason(Cause.ORDER, section, moved[0][0], f"{first} -> {last}")


def _part_reasons(old: _Part, new: _Part) -> Iterator[Reason]:
    section, name = new.section.name, new.symbol.name
    for offset in sorted(old.relocations.keys() | new.relocations.keys()):
        first, second = old.relocations.get(offset), new.relocations.get(offset)
        if first != second and old.symbol.size == new.symbol.size:
            detail = f"+{offset:#x}: {first or 'none'} -> {second or 'none'}"
            yield Reason(Cause.RELOCATION, section, name, detail)
    kind = Cause.CODE if new.section.flags & SHF_EXECINSTR else Cause.DATA
    if old.symbol.size != new.symbol.size:
        detail = f"{old.symbol.size} -> {new.symbol.size} bytes"
        yield Reason(kind, section, name, detail)
    elif old.data != new.data and len(old.data) == len(new.data):  # .bss has no bytes
        yield _bytes_reason(kind, section, name, old.data, new.data)


def _bytes_reason(kind: Cause, section: str, name: str, old: bytes, new: bytes) -> Reason:
    """Say what differs in two equally long strings of bytes."""
    if _TIME.search(old) and _TIME.sub(b"", old) == _TIME.sub(b"", new):
        return Reason(Cause.TIME, section, name, "only a date or time of day differs")
    at = [index for index in range(len(old)) if old[index] != new[index]]
    numbers = _line_numbers(old, new, at)
    if numbers:
        shown = ", ".join(f"{first} -> {second}" for first, second in numbers[:3])
        return Reason(Cause.LINE, section, name, f"+{at[0]:#x}: {shown}, as __LINE__ would be")
    first, last = at[0], min(at[-1] + 1, at[0] + 16)
    detail = f"+{first:#x}: {old[first:last].hex(' ')} -> {new[first:last].hex(' ')}"
    return Reason(kind, section, name, detail)


def _line_numbers(old: bytes, new: bytes, at: list[int]) -> list[tuple[int, int]]:
    """Return the pairs of numbers that differ, if each could be a line number.

    That is: a 32-bit little-endian constant of at most 16 bits, all moved the same way.
    """
    pairs: list[tuple[int, int]] = []
    done = -1
    for index in at:
        if index <= done:
            continue
        start = index if _could_be_line(old, new, index) else index - 1
        if start < 0 or not _could_be_line(old, new, start):
            return []
        words = [int.from_bytes(data[start : start + 4], "little") for data in (old, new)]
        pairs.append((words[0], words[1]))
        done = start + 3
    ways = {first < second for first, second in pairs}
    return pairs if len(ways) == 1 else []


def _could_be_line(old: bytes, new: bytes, start: int) -> bool:
    words = [data[start : start + 4] for data in (old, new)]
    return all(len(word) == 4 and word[2:] == b"\0\0" and any(word) for word in words)


def _strings(before: ObjectFile, after: ObjectFile) -> Iterator[Reason]:
    old, new = _by_name(before), _by_name(after)
    for name in sorted(old.keys() & new.keys()):
        first, second = old[name], new[name]
        if not second.flags & SHF_STRINGS or first.data == second.data:
            continue
        gone = sorted(set(first.data.split(b"\0")) - set(second.data.split(b"\0")))
        come = sorted(set(second.data.split(b"\0")) - set(first.data.split(b"\0")))
        timed = [_TIME.sub(b"", text) for text in gone] == [_TIME.sub(b"", text) for text in come]
        cause = Cause.TIME if timed and gone else Cause.STRING
        detail = f"{_shown(gone)} -> {_shown(come)}" if gone or come else "another order"
        yield Reason(cause, name, "", detail)


def _shown(texts: list[bytes]) -> str:
    if not texts:
        return "none"
    return ", ".join(ascii(text[:60].decode("utf-8", "replace")) for text in texts[:3])


def _anything(before: ObjectFile, after: ObjectFile) -> Iterator[Reason]:
    """Yield the sections that differ, where nothing more telling was found."""
    old, new = _by_name(before), _by_name(after)
    for name in sorted(old.keys() & new.keys()):
        kind = Cause.CODE if new[name].flags & SHF_EXECINSTR else Cause.DATA
        if old[name].size != new[name].size:
            yield Reason(kind, name, "", f"{old[name].size} -> {new[name].size} bytes")
        elif old[name].data != new[name].data and old[name].type == new[name].type:
            yield _bytes_reason(kind, name, "", old[name].data, new[name].data)
    yield Reason(Cause.RELOCATION, "", "", "the relocations or the order of the symbols differ")
