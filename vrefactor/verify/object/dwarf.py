"""What the debug information of an object says of variables, types and definitions."""

from __future__ import annotations

import io
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field

from elftools.dwarf.compileunit import CompileUnit
from elftools.dwarf.die import DIE
from elftools.elf.elffile import ELFFile

ALL_TYPES = "-fno-eliminate-unused-debug-types"
"""The flag that makes clang and GCC describe types that nothing in the file is an instance of."""

_PLUS_UCONST = 0x23
"""DW_OP_plus_uconst, whose operand is an unsigned LEB128 (DWARF 2, section 2.4.3)."""

_QUALIFIERS = frozenset({"DW_TAG_const_type", "DW_TAG_volatile_type"})
_WRAPPERS = frozenset({"DW_TAG_typedef", *_QUALIFIERS})
_NAMED_TYPES = frozenset({"DW_TAG_structure_type", "DW_TAG_union_type", "DW_TAG_typedef"})
_DEFINED = frozenset({"DW_TAG_subprogram", "DW_TAG_variable"})


@dataclass(frozen=True, slots=True)
class Layout:
    """A type that a variable has, by its tag or typedef name, and the offsets of its members.

    Offsets are in bytes; a member without an address, a bit field, may be left out.
    """

    type: str = ""
    fields: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DebugDefinition:
    """Where a function or variable is defined: a path as the compiler has it, and a line."""

    path: str
    line: int


def layout_of_variable(data: bytes, name: str) -> Layout:
    """Return the layout of the variable `name`; empty if the debug information lacks it."""
    for _, die in _outermost(data):
        if die.tag == "DW_TAG_variable" and _name(die) == name and "DW_AT_type" in die.attributes:
            found = die.get_DIE_from_attribute("DW_AT_type")
            while found.tag in _QUALIFIERS:
                found = found.get_DIE_from_attribute("DW_AT_type")
            return Layout(_name(found), dict(_fields(_aggregate(found))))
    return Layout()


def layout_of_type(data: bytes, name: str) -> Layout:
    """Return the layout of the type with this tag or typedef name; empty if it is not there."""
    for _, die in _outermost(data):
        if die.tag in _NAMED_TYPES and _name(die) == name:
            fields = dict(_fields(_aggregate(die)))
            if fields:
                return Layout(name, fields)
    return Layout()


def definitions(data: bytes) -> dict[str, DebugDefinition]:
    """Return where the functions and file-scope variables of an object are defined."""
    found: dict[str, DebugDefinition] = {}
    files: dict[int, list[str]] = {}
    for unit, die in _outermost(data):
        places = [die.attributes.get(f"DW_AT_decl_{what}") for what in ("file", "line")]
        if die.tag not in _DEFINED or None in places or "DW_AT_declaration" in die.attributes:
            continue
        if unit.cu_offset not in files:
            files[unit.cu_offset] = list(_files(unit))
        file, line = (place.value for place in places if place is not None)
        if file < len(files[unit.cu_offset]):
            found[_name(die)] = DebugDefinition(files[unit.cu_offset][file], line)
    return found


def _outermost(data: bytes) -> Iterator[tuple[CompileUnit, DIE]]:
    elf = ELFFile(io.BytesIO(data))
    if elf.has_dwarf_info():
        for unit in elf.get_dwarf_info().iter_CUs():
            for die in unit.get_top_DIE().iter_children():
                yield unit, die


def _files(unit: CompileUnit) -> Iterator[str]:
    """Yield the names of a unit's files by their number."""
    program = unit.dwarfinfo.line_program_for_CU(unit)
    if program is None:
        return
    folders = [_text(one) for one in program["include_directory"]]
    if unit["version"] < 5:  # then both count from 1, and 0 is the compiler's directory
        yield ""
        folders.insert(0, "")
    else:
        folders[:1] = [""]
    for entry in program["file_entry"]:
        folder = folders[entry.dir_index] if entry.dir_index < len(folders) else ""
        yield posixpath.normpath(posixpath.join(folder, _text(entry.name)))


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def _aggregate(die: DIE) -> DIE:
    found = die
    while found.tag in _WRAPPERS and "DW_AT_type" in found.attributes:
        found = found.get_DIE_from_attribute("DW_AT_type")
    return found


def _fields(aggregate: DIE) -> Iterator[tuple[str, int]]:
    for member in aggregate.iter_children():
        place = member.attributes.get("DW_AT_data_member_location")
        # A bit field may have none: it has no address, so no symbol can have become one.
        offset = None if place is None else _offset(place.value)
        if member.tag == "DW_TAG_member" and offset is not None:
            yield _name(member), offset


def _offset(place: object) -> int | None:
    """Return the offset that a member's location is: DWARF 2 has an expression for it."""
    if isinstance(place, int):
        return place
    if isinstance(place, list) and place[:1] == [_PLUS_UCONST]:
        operand: list[int] = place[1:]
        return sum((byte & 0x7F) << 7 * at for at, byte in enumerate(operand))
    return None


def _name(die: DIE) -> str:
    attribute = die.attributes.get("DW_AT_name")
    return "" if attribute is None else _text(attribute.value)
