"""Relocatable ELF objects: what is in them, and what is left of them when they are stripped.

Sections come from pyelftools; symbol and relocation tables, which are long, are read with
`struct` (System V ABI, chapter 4), since pyelftools takes about 20 µs for each entry.
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile

from vrefactor.errors import OBJECT_NOT_ELF, VrefactorError

SHF_WRITE = 0x1
SHF_ALLOC = 0x2
SHF_EXECINSTR = 0x4
SHF_MERGE = 0x10
SHF_STRINGS = 0x20

STB_LOCAL = 0
STT_OBJECT, STT_FUNC, STT_SECTION, STT_FILE = 1, 2, 3, 4
SHN_UNDEF, SHN_LORESERVE, SHN_ABS, SHN_COMMON, SHN_XINDEX = 0, 0xFF00, 0xFFF1, 0xFFF2, 0xFFFF

_DEBUG = re.compile(r"\.(?:z?debug|stab|line\b|gdb_index|llvm_addrsig|gnu_debug)")
_TABLES = frozenset({"SHT_NULL", "SHT_SYMTAB", "SHT_STRTAB", "SHT_SYMTAB_SHNDX"})


@dataclass(frozen=True, slots=True)
class Section:
    """One section; `data` is empty for one without bytes in the file (.bss)."""

    index: int
    name: str
    type: str
    flags: int
    align: int
    size: int
    entry: int
    link: int
    info: int
    data: bytes


@dataclass(frozen=True, slots=True)
class ElfSymbol:
    """One symbol; `section` is the index of the section that holds it, or a reserved one."""

    name: str
    value: int
    size: int
    kind: int
    binding: int
    visibility: int
    section: int


@dataclass(frozen=True, slots=True)
class Relocation:
    """One relocation; `addend` is 0 where the machine keeps it in the relocated field."""

    offset: int
    type: int
    symbol: int
    addend: int


@dataclass(frozen=True)
class ObjectFile:
    """The sections, symbols and relocations of one object."""

    machine: str
    header: tuple[object, ...]
    bits: int
    order: str
    sections: tuple[Section, ...]

    @cached_property
    def symbols(self) -> tuple[ElfSymbol, ...]:
        """The symbol table, in its order."""
        table = next((s for s in self.sections if s.type == "SHT_SYMTAB"), None)
        return () if table is None else tuple(_symbols(self, table))

    @cached_property
    def relocations(self) -> dict[int, tuple[Relocation, ...]]:
        """The relocations of each section that has any, by its index."""
        found: dict[int, tuple[Relocation, ...]] = {}
        for section in self.sections:
            if section.type in ("SHT_REL", "SHT_RELA"):
                found[section.info] = found.get(section.info, ()) + _relocations(self, section)
        return found

    @cached_property
    def kept(self) -> tuple[Section, ...]:
        """The sections that `strip` keeps, tables and relocations aside."""
        return tuple(section for section in self.sections if _is_kept(section))

    @cached_property
    def section_names(self) -> tuple[str, ...]:
        """A name for each section that no other has: the second `.text` is `.text#2`."""
        seen: Counter[str] = Counter()
        names = []
        for section in self.sections:
            seen[section.name] += 1
            count = seen[section.name]
            names.append(section.name if count == 1 else f"{section.name}#{count}")
        return tuple(names)

    def section_label(self, index: int) -> str:
        """Return the name of the section that holds a symbol, or what a reserved index means."""
        reserved = {SHN_UNDEF: "undefined", SHN_ABS: "absolute", SHN_COMMON: "common"}
        if index in reserved or index >= len(self.sections):
            return reserved.get(index, f"section {index}")
        return self.section_names[index]

    def symbol_label(self, index: int) -> str:
        """Return a symbol as a person names it: its name, or the section that it stands for."""
        if index >= len(self.symbols):
            return f"symbol {index}"
        symbol = self.symbols[index]
        return self.section_label(symbol.section) if symbol.kind == STT_SECTION else symbol.name


def read_object(data: bytes, path: str) -> ObjectFile:
    """Return the relocatable object that `data` is; `path` is for errors.

    Raises `VrefactorError` OBJECT_NOT_ELF for anything else, a damaged object included.
    """
    try:
        elf = ELFFile(io.BytesIO(data))
        if elf["e_type"] != "ET_REL":
            raise VrefactorError(OBJECT_NOT_ELF, f"its type is {elf['e_type']}", path=path)
        header = (elf["e_machine"], elf["e_flags"], elf["e_ident"]["EI_OSABI"])
        sections = tuple(_sections(elf, data))
    except (ELFError, ValueError, LookupError, AttributeError) as error:
        raise VrefactorError(OBJECT_NOT_ELF, _magic(data) or str(error), path=path) from error
    order = "<" if elf.little_endian else ">"
    return ObjectFile(str(elf["e_machine"]), header, elf.elfclass, order, sections)


def _magic(data: bytes) -> str:
    if data[:4] in (b"BC\xc0\xde", b"\xde\xc0\x17\x0b"):
        return "it is LLVM bit code"
    return "" if data[:4] == b"\x7fELF" else "it does not start as an ELF file does"


def _sections(elf: ELFFile, data: bytes) -> Iterator[Section]:
    for index, section in enumerate(elf.iter_sections()):
        head = section.header
        has_bytes = head["sh_type"] not in ("SHT_NOBITS", "SHT_NULL")
        start, size = head["sh_offset"], head["sh_size"]
        if has_bytes and start + size > len(data):
            raise ValueError(f"section {section.name} ends behind the end of the file")
        yield Section(
            index,
            section.name,
            str(head["sh_type"]),
            head["sh_flags"],
            head["sh_addralign"],
            size,
            head["sh_entsize"],
            head["sh_link"],
            head["sh_info"],
            data[start : start + size] if has_bytes else b"",
        )


def _symbols(file: ObjectFile, table: Section) -> Iterator[ElfSymbol]:
    names = file.sections[table.link].data
    extended = next((s.data for s in file.sections if s.type == "SHT_SYMTAB_SHNDX"), b"")
    layout = struct.Struct(file.order + ("IBBHQQ" if file.bits == 64 else "IIIBBH"))
    whole = len(table.data) - len(table.data) % layout.size
    for index, fields in enumerate(layout.iter_unpack(table.data[:whole])):
        if file.bits == 64:
            name, info, other, section, value, size = fields
        else:
            name, value, size, info, other, section = fields
        if section == SHN_XINDEX:
            (section,) = struct.unpack_from(file.order + "I", extended, 4 * index)
        text = names[name : names.find(b"\0", name)].decode("utf-8", "surrogateescape")
        yield ElfSymbol(text, value, size, info & 15, info >> 4, other & 3, section)


def _relocations(file: ObjectFile, section: Section) -> tuple[Relocation, ...]:
    explicit = section.type == "SHT_RELA"
    words = ("QQq" if explicit else "QQ") if file.bits == 64 else ("IIi" if explicit else "II")
    layout = struct.Struct(file.order + words)
    shift = 32 if file.bits == 64 else 8
    mask = (1 << shift) - 1
    whole = len(section.data) - len(section.data) % layout.size
    return tuple(
        Relocation(entry[0], entry[1] & mask, entry[1] >> shift, entry[2] if explicit else 0)
        for entry in layout.iter_unpack(section.data[:whole])
    )


def _is_kept(section: Section) -> bool:
    if section.type in _TABLES or section.type in ("SHT_REL", "SHT_RELA"):
        return False
    return bool(section.flags & SHF_ALLOC) or not _DEBUG.match(section.name)


def stripped_md5(file: ObjectFile) -> str:
    """Return the MD5 of what strip(1) keeps of an object.

    That is: the ELF header's machine and flags; every section but those of debug information,
    with its name, flags, alignment and bytes; every relocation of such a section, its symbol by
    name; every global symbol, and every local one that a relocation needs.  strip(1) itself
    would add the layout of the file and of its string table, which say nothing; global symbols
    that no relocation needs, which some strip(1) drop, count here.
    """
    digest = hashlib.md5(usedforsecurity=False)
    for part in _canonical(file):
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.hexdigest()


def _canonical(file: ObjectFile) -> Iterator[bytes]:
    yield repr((file.header, file.bits, file.order)).encode()
    needed: set[int] = set()
    for section in file.kept:
        yield repr(_shape(section)).encode("utf-8", "surrogateescape")
        yield _group_names(file, section) if section.type == "SHT_GROUP" else section.data
        relocations = file.relocations.get(section.index, ())
        needed.update(relocation.symbol for relocation in relocations)
        rows = [(r.offset, r.type, _identity(file, r.symbol), r.addend) for r in relocations]
        yield repr(rows).encode("utf-8", "surrogateescape")
    for index, symbol in enumerate(file.symbols):
        if symbol.binding != STB_LOCAL or (index in needed and symbol.kind != STT_SECTION):
            yield repr(_symbol_row(file, symbol)).encode("utf-8", "surrogateescape")


def _shape(section: Section) -> tuple[object, ...]:
    """Return what there is to a section besides its bytes and relocations."""
    return section.name, section.type, section.flags, section.align, section.size, section.entry


def _group_names(file: ObjectFile, section: Section) -> bytes:
    """Return a section group's contents with names for section numbers."""
    words = struct.unpack(f"{file.order}{len(section.data) // 4}I", section.data)
    names = [file.section_label(word) for word in words[1:]]
    return repr((words[:1], file.symbol_label(section.info), names)).encode()


def _identity(file: ObjectFile, index: int) -> str:
    """Return what tells the symbol of a relocation from all others of the object."""
    label = file.symbol_label(index)
    symbol = file.symbols[index] if index < len(file.symbols) else None
    if symbol is None or symbol.binding != STB_LOCAL or symbol.kind == STT_SECTION:
        return label
    return f"{label}@{file.section_label(symbol.section)}+{symbol.value}"


def _symbol_row(file: ObjectFile, symbol: ElfSymbol) -> tuple[object, ...]:
    """Return all that there is to a symbol, its section by name."""
    return (
        symbol.name,
        symbol.value,
        symbol.size,
        symbol.kind,
        symbol.binding,
        symbol.visibility,
        file.section_label(symbol.section),
    )
