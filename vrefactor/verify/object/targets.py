"""What the relocations of an object refer to, in terms that two objects share."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from vrefactor.errors import CODEGEN_MACHINE, VrefactorError
from vrefactor.verify.object.elf import (
    SHF_ALLOC,
    SHF_MERGE,
    SHF_STRINGS,
    STB_LOCAL,
    STT_FUNC,
    STT_OBJECT,
    STT_SECTION,
    ElfSymbol,
    ObjectFile,
    Relocation,
    Section,
)


@dataclass(frozen=True, slots=True)
class RelocatedField:
    """A kind of relocation: how many bytes it fills, and what the address in it is relative to."""

    width: int
    relative: bool
    indirect: bool = False


_X86_64 = {
    1: RelocatedField(8, False),  # R_X86_64_64
    2: RelocatedField(4, True),  # R_X86_64_PC32
    3: RelocatedField(4, False, True),  # R_X86_64_GOT32
    4: RelocatedField(4, True),  # R_X86_64_PLT32
    9: RelocatedField(4, True, True),  # R_X86_64_GOTPCREL
    10: RelocatedField(4, False),  # R_X86_64_32
    11: RelocatedField(4, False),  # R_X86_64_32S
    12: RelocatedField(2, False),  # R_X86_64_16
    13: RelocatedField(2, True),  # R_X86_64_PC16
    14: RelocatedField(1, False),  # R_X86_64_8
    15: RelocatedField(1, True),  # R_X86_64_PC8
    24: RelocatedField(8, True),  # R_X86_64_PC64
    41: RelocatedField(4, True, True),  # R_X86_64_GOTPCRELX
    42: RelocatedField(4, True, True),  # R_X86_64_REX_GOTPCRELX
}
_I386 = {
    1: RelocatedField(4, False),  # R_386_32
    2: RelocatedField(4, True),  # R_386_PC32
    3: RelocatedField(4, False, True),  # R_386_GOT32
    4: RelocatedField(4, True),  # R_386_PLT32
    9: RelocatedField(4, False),  # R_386_GOTOFF
    10: RelocatedField(4, True),  # R_386_GOTPC
    20: RelocatedField(2, False),  # R_386_16
    21: RelocatedField(2, True),  # R_386_PC16
    22: RelocatedField(1, False),  # R_386_8
    23: RelocatedField(1, True),  # R_386_PC8
    43: RelocatedField(4, False, True),  # R_386_GOT32X
}
_FIELDS = {"EM_X86_64": _X86_64, "EM_386": _I386}
"""The relocations of each machine, from the psABI supplements of the System V ABI."""

_NUMBERED = re.compile(r"\.\d+$")


@dataclass(frozen=True, slots=True)
class Target:
    """What a relocation refers to.

    A named symbol: `name` and `addend`.  A string: its bytes in `text`.  An anonymous section
    (constants, jump tables): its index in `section`, and `addend` within it.
    """

    name: str
    addend: int
    text: bytes | None = None
    section: int | None = None

    def __str__(self) -> str:
        if self.text is not None:
            return ascii(self.text[:40].decode("utf-8", "replace"))
        return f"{self.name}{self.addend:+#x}" if self.addend else self.name


@dataclass(frozen=True)
class Targets:
    """Resolves the relocations of one object, compiled with a section for each symbol."""

    file: ObjectFile

    @cached_property
    def fields(self) -> dict[int, RelocatedField]:
        """The relocations of the object's machine; raises CODEGEN_MACHINE if it is no x86."""
        if self.file.machine not in _FIELDS:
            raise VrefactorError(CODEGEN_MACHINE, self.file.machine)
        return _FIELDS[self.file.machine]

    @cached_property
    def parts(self) -> dict[str, ElfSymbol]:
        """The functions and objects that this object defines, by the name that both sides share."""
        return {self.names[index]: self.file.symbols[index] for index in self.names}

    @cached_property
    def names(self) -> dict[int, str]:
        """The shared name of each function and object.

        Compilers number the statics of functions (`count.3`), and a patch may move the numbers:
        where that is unambiguous the number is left out.
        """
        defined = {
            index: symbol
            for index, symbol in enumerate(self.file.symbols)
            if symbol.kind in (STT_FUNC, STT_OBJECT) and 0 < symbol.section < 0xFF00
        }
        bases = Counter(_NUMBERED.sub("", symbol.name) for symbol in defined.values())
        return {index: _shared(symbol, bases) for index, symbol in defined.items()}

    @cached_property
    def _owners(self) -> dict[int, str]:
        """The name of the function or object that a section is all of, by section."""
        counts = Counter(self.file.symbols[index].section for index in self.names)
        return {
            self.file.symbols[index].section: name
            for index, name in self.names.items()
            if counts[self.file.symbols[index].section] == 1 and not self.file.symbols[index].value
        }

    def relocations(self, section: int, start: int, end: int) -> list[Relocation]:
        """Return the relocations of a stretch of a section, by rising offset."""
        found = self.file.relocations.get(section, ())
        return sorted((r for r in found if start <= r.offset < end), key=lambda r: r.offset)

    def target(self, section: Section, relocation: Relocation) -> Target:
        """Return what a relocation of `section` refers to."""
        addend = self._addend(section, relocation)
        if relocation.symbol >= len(self.file.symbols):
            return Target(f"symbol {relocation.symbol}", addend)
        symbol = self.file.symbols[relocation.symbol]
        if not 0 < symbol.section < len(self.file.sections):
            return Target(symbol.name, addend)
        if symbol.kind == STT_SECTION:
            return self._in_section(self.file.sections[symbol.section], relocation, addend)
        if relocation.symbol in self.names or symbol.binding != STB_LOCAL:
            return Target(self.names.get(relocation.symbol, symbol.name), addend)
        return self._label(self.file.sections[symbol.section], symbol, addend)

    def _addend(self, section: Section, relocation: Relocation) -> int:
        if self.file.bits == 64:
            return relocation.addend
        width = self.fields[relocation.type].width if relocation.type in self.fields else 4
        raw = section.data[relocation.offset : relocation.offset + width]
        return int.from_bytes(raw, "little", signed=True)

    def _in_section(self, holder: Section, relocation: Relocation, addend: int) -> Target:
        if holder.index in self._owners:
            return Target(self._owners[holder.index], addend)
        kind = self.fields.get(relocation.type)
        if _is_strings(holder) and kind is not None and not kind.relative:
            return Target("", 0, text=_string(holder, addend))
        return Target(self.file.section_names[holder.index], addend, section=holder.index)

    def _label(self, holder: Section, symbol: ElfSymbol, addend: int) -> Target:
        """Return the target of a compiler's own label, which has no name to go by."""
        if _is_strings(holder):
            # The addend is where the field is relative to; the string is at the label.
            return Target("", addend, text=_string(holder, symbol.value))
        if holder.index in self._owners:
            return Target(self._owners[holder.index], symbol.value + addend)
        name = self.file.section_names[holder.index]
        return Target(name, symbol.value + addend, section=holder.index)


def _shared(symbol: ElfSymbol, bases: Counter[str]) -> str:
    base = _NUMBERED.sub("", symbol.name)
    return base if symbol.binding == STB_LOCAL and bases[base] == 1 else symbol.name


def _is_strings(section: Section) -> bool:
    wanted = SHF_ALLOC | SHF_MERGE | SHF_STRINGS
    return section.flags & wanted == wanted and section.entry == 1


def _string(section: Section, offset: int) -> bytes:
    end = section.data.find(b"\0", offset)
    return section.data[offset : end if end >= 0 else len(section.data)]
