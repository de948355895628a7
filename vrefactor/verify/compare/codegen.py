"""Is the machine code of two objects the same, but for where virtualised variables lie?

The claim of step 2 (ARCHITECTURE.md), function by function: the bytes outside relocated
fields are equal, and each relocation against a virtualised `x` plus an addend is, on the other
side, one against the container plus the offset of `x`'s field plus the same addend.  Addends
hold the distance from the field to the end of the instruction, which is the same on both sides
since the bytes are: so the rule holds for absolute and for relative fields alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from vrefactor.verify.object.containers import Places
from vrefactor.verify.object.elf import STT_FUNC, ElfSymbol, ObjectFile, Relocation, Section
from vrefactor.verify.object.targets import Target, Targets

CODEGEN_FLAGS = ("-g", "-ffunction-sections", "-fdata-sections")
"""A section for each symbol: then every relocation against a section names one variable."""


@dataclass(frozen=True, slots=True)
class Unproved:
    """A function or object that is not proved the same, and the first thing that says so."""

    name: str
    detail: str
    is_function: bool


@dataclass(slots=True)
class Proof:
    """What was proved of one object: the names of functions and of data, and the rest."""

    functions: list[str] = field(default_factory=list)
    objects: list[str] = field(default_factory=list)
    unproved: list[Unproved] = field(default_factory=list)
    only_before: list[str] = field(default_factory=list)
    only_after: list[str] = field(default_factory=list)


def prove(before: ObjectFile, after: ObjectFile, places: Places) -> Proof:
    """Compare the functions and data of two objects that were built with `CODEGEN_FLAGS`.

    Raises `VrefactorError` CODEGEN_MACHINE for a machine whose relocations are not known.
    """
    return _Prover(Targets(before), Targets(after), places).run()


@dataclass(slots=True)
class _Prover:
    before: Targets
    after: Targets
    places: Places
    sections: dict[tuple[int, int], str] = field(default_factory=dict)

    def run(self) -> Proof:
        proof = Proof()
        old, new = self.before.parts, self.after.parts
        instances = {instance for instance, _ in self.places.values()}
        for name in sorted(old.keys() & new.keys()):
            is_function = STT_FUNC in (old[name].kind, new[name].kind)
            detail = self._symbols(old[name], new[name])
            if detail:
                proof.unproved.append(Unproved(name, detail, is_function))
            else:
                (proof.functions if is_function else proof.objects).append(name)
        for name in sorted(old.keys() - new.keys()):
            if name not in self.places:
                proof.only_before.append(name)
            elif any(self._bytes(self.before, old[name])):
                detail = "its initial value is not that of the container, which is zero"
                proof.unproved.append(Unproved(name, detail, False))
        proof.only_after += sorted(new.keys() - old.keys() - instances)
        return proof

    def _bytes(self, side: Targets, symbol: ElfSymbol) -> bytes:
        section = side.file.sections[symbol.section]
        return section.data[symbol.value : symbol.value + symbol.size]

    def _symbols(self, old: ElfSymbol, new: ElfSymbol) -> str:
        """Return why two symbols are not proved to hold the same; empty if they are."""
        if old.kind != new.kind or old.size != new.size:
            return f"{old.size} -> {new.size} bytes"
        return self._stretches(
            (self.before.file.sections[old.section], old.value),
            (self.after.file.sections[new.section], new.value),
            old.size,
        )

    def _stretches(self, old: tuple[Section, int], new: tuple[Section, int], size: int) -> str:
        lists = [
            side.relocations(section.index, start, start + size)
            for side, (section, start) in ((self.before, old), (self.after, new))
        ]
        return (
            _fields_differ(lists, (old[1], new[1]))
            or _bytes_differ(self._masked(old, size, lists[0]), self._masked(new, size, lists[1]))
            or next(self._targets_differ(old, new, lists), "")
        )

    def _masked(self, place: tuple[Section, int], size: int, found: list[Relocation]) -> bytes:
        """Return the bytes of a stretch with its relocated fields set to zero."""
        section, start = place
        data = bytearray(section.data[start : start + size])
        for relocation in found:
            kind = self.before.fields.get(relocation.type)
            if kind is not None:
                at = relocation.offset - start
                data[at : at + kind.width] = bytes(kind.width)
        return bytes(data)

    def _targets_differ(
        self, old: tuple[Section, int], new: tuple[Section, int], lists: Sequence[list[Relocation]]
    ) -> Iterator[str]:
        for first, second in zip(*lists, strict=True):
            was = self.before.target(old[0], first)
            now = self.after.target(new[0], second)
            kind = self.before.fields.get(first.type)
            if kind is None:
                yield f"+{first.offset - old[1]:#x}: relocation type {first.type} is not known"
            elif not self._same_target(was, now, kind.indirect):
                yield f"+{first.offset - old[1]:#x}: {was} -> {now}{self._expected(was)}"

    def _expected(self, was: Target) -> str:
        if was.text is not None or was.section is not None or was.name not in self.places:
            return ""
        instance, offset = self.places[was.name]
        return f" (not {Target(instance, offset + was.addend)})"

    def _same_target(self, was: Target, now: Target, indirect: bool) -> bool:
        if was.text is not None or now.text is not None:
            return was.text == now.text and was.addend == now.addend
        if was.section is not None and now.section is not None:
            return was.addend == now.addend and not self._sections(was.section, now.section)
        if was.section is not None or now.section is not None:
            return False
        if was.name in self.places and not indirect:
            instance, offset = self.places[was.name]
            if now.name == instance:
                return now.addend == was.addend + offset
        return was.name == now.name and was.addend == now.addend

    def _sections(self, old: int, new: int) -> str:
        """Return why two anonymous sections are not proved the same; empty if they are.

        One that is being compared already counts as the same: a difference would be found there.
        """
        key = (old, new)
        if key not in self.sections:
            known = set(self.sections)
            self.sections[key] = ""
            detail = self._section_pair(
                self.before.file.sections[old], self.after.file.sections[new]
            )
            if detail:  # what was found on the assumption that they are the same is void
                self.sections = {pair: self.sections[pair] for pair in known}
            self.sections[key] = detail
        return self.sections[key]

    def _section_pair(self, old: Section, new: Section) -> str:
        shapes = [(section.name, section.size, section.flags) for section in (old, new)]
        if shapes[0] != shapes[1]:
            return f"{shapes[0]} -> {shapes[1]}"
        return self._stretches((old, 0), (new, 0), old.size)


def _fields_differ(lists: Sequence[list[Relocation]], starts: tuple[int, int]) -> str:
    places = [
        [(relocation.offset - start, relocation.type) for relocation in found]
        for found, start in zip(lists, starts, strict=True)
    ]
    if places[0] == places[1]:
        return ""
    pairs = zip(*places, strict=False)
    at = next((min(pair)[0] for pair in pairs if pair[0] != pair[1]), None)
    return "the number of relocations differs" if at is None else f"+{at:#x}: other relocations"


def _bytes_differ(old: bytes, new: bytes) -> str:
    if old == new:
        return ""
    at = next(index for index, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1])
    return f"+{at:#x}: {old[at : at + 8].hex(' ')} -> {new[at : at + 8].hex(' ')}"
