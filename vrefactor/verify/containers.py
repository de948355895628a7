"""Where the fields of a container lie, from the debug information of the object defining it."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from elftools.dwarf.compileunit import CompileUnit
from elftools.dwarf.die import DIE
from elftools.elf.elffile import ELFFile

from vrefactor.errors import CONTAINER_UNKNOWN, VrefactorError
from vrefactor.verify.elf import SHN_UNDEF, read_object

Virtualised = Mapping[str, tuple[str, str]]
"""For each virtualised symbol, the instance and the field that take its place (from rules)."""

Places = Mapping[str, tuple[str, int]]
"""For each virtualised symbol, the instance and the offset in it, in bytes."""

_PLUS_UCONST = 0x23
"""DW_OP_plus_uconst, whose operand is an unsigned LEB128 (DWARF 2, section 2.4.3)."""

_WRAPPERS = frozenset({"DW_TAG_typedef", "DW_TAG_const_type", "DW_TAG_volatile_type"})


@dataclass(frozen=True, slots=True)
class Fields:
    """Where the virtualised symbols lie, and the instances that the side after does not have."""

    places: dict[str, tuple[str, int]]
    absent: frozenset[str]


def field_places(
    virtualised: Virtualised, objects: Iterable[Path], *, complete: bool = True
) -> Fields:
    """Return where each virtualised symbol lies; `objects` are those of the side after.

    The object that defines an instance decides its layout: another that sees another one is
    then unproved, as it must be.  A symbol whose field the container lacks in this
    configuration is left out, and so are all those of an instance that no object names: its
    variables have not moved.  Raises `VrefactorError` CONTAINER_UNKNOWN for an instance that
    objects refer to and none defines, or that is defined without debug information, and if
    there is no instance at all; but not where objects are missing (not `complete`), which did
    not compile: the one that defines it may be among them, and what uses it is unproved.
    """
    wanted = {instance for instance, _ in virtualised.values()}
    layouts: dict[str, dict[str, int]] = {}
    named: set[str] = set()
    for path in objects:
        if wanted <= layouts.keys():
            break
        data = path.read_bytes()
        if not any(name.encode() in data for name in wanted - layouts.keys()):
            continue
        symbols = read_object(data, str(path)).symbols
        named |= wanted & {symbol.name for symbol in symbols}
        defined = {symbol.name for symbol in symbols if symbol.section != SHN_UNDEF}
        for instance in sorted(wanted & defined - layouts.keys()):
            layouts[instance] = _layout(data, instance)
    for instance in sorted(named or wanted):
        if complete and not layouts.get(instance):
            raise VrefactorError(CONTAINER_UNKNOWN, instance)
    places = {
        symbol: (instance, layouts[instance][field])
        for symbol, (instance, field) in virtualised.items()
        if field in layouts.get(instance, {})
    }
    return Fields(places, frozenset(wanted - named))


def _layout(data: bytes, instance: str) -> dict[str, int]:
    """Return the offset of each field of the variable `instance`; empty if DWARF lacks it."""
    elf = ELFFile(io.BytesIO(data))
    if not elf.has_dwarf_info():
        return {}
    for unit in elf.get_dwarf_info().iter_CUs():
        for die in unit.get_top_DIE().iter_children():
            if die.tag == "DW_TAG_variable" and _name(die) == instance:
                return dict(_fields(_aggregate(unit, die)))
    return {}


def _aggregate(unit: CompileUnit, die: DIE) -> DIE:
    found = die.get_DIE_from_attribute("DW_AT_type")
    while found.tag in _WRAPPERS:
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
    return "" if attribute is None else attribute.value.decode("utf-8", "surrogateescape")
