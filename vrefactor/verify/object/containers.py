"""Where the fields of a container lie, from the debug information of the object defining it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vrefactor.errors import CONTAINER_UNKNOWN, VrefactorError
from vrefactor.verify.object.dwarf import Layout, layout_of_variable
from vrefactor.verify.object.elf import SHN_UNDEF, STB_LOCAL, ObjectFile, read_object

FieldNames = Mapping[str, tuple[str, str]]
"""For each virtualised symbol, the instance and the field that take its place (from rules)."""

Places = Mapping[str, tuple[str, int]]
"""For each virtualised symbol, the instance and the offset in it, in bytes."""


@dataclass(frozen=True, slots=True)
class MovedVariables:
    """The variables that have moved into containers: where to, and which source defines each.

    Where `homes` names the source of a variable, a static of the same name elsewhere is not
    taken for it.
    """

    fields: FieldNames
    homes: Mapping[str, str] = field(default_factory=dict)

    def foreign(self, file: ObjectFile, source: str) -> set[str]:
        """Return the names of moved variables that are others here: statics of `source`."""
        return {
            symbol.name
            for symbol in file.symbols
            if symbol.binding == STB_LOCAL and self.homes.get(symbol.name, source) != source
        }


@dataclass(frozen=True, slots=True)
class Fields:
    """Where the virtualised symbols lie, and the instances that the side after does not have.

    `layouts` are those of the instances, in the objects that define them.
    """

    places: dict[str, tuple[str, int]]
    absent: frozenset[str]
    layouts: dict[str, Layout]


def field_places(names: FieldNames, objects: Iterable[Path], *, complete: bool = True) -> Fields:
    """Return where each virtualised symbol lies; `objects` are those of the side after.

    The object that defines an instance decides its layout: another that sees another one is
    then unproved, as it must be.  A symbol whose field the container lacks in this
    configuration is left out, and so are all those of an instance that no object names: its
    variables have not moved.  Raises `VrefactorError` CONTAINER_UNKNOWN for an instance that
    objects refer to and none defines, or that is defined without debug information, and if
    there is no instance at all; but not where objects are missing (not `complete`), which did
    not compile: the one that defines it may be among them, and what uses it is unproved.
    """
    wanted = {instance for instance, _ in names.values()}
    layouts: dict[str, Layout] = {}
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
            layouts[instance] = layout_of_variable(data, instance)
    for instance in sorted(named or wanted):
        if complete and not layouts.get(instance, Layout()).fields:
            raise VrefactorError(CONTAINER_UNKNOWN, instance)
    places = {
        symbol: (instance, layouts[instance].fields[field])
        for symbol, (instance, field) in names.items()
        if field in layouts.get(instance, Layout()).fields
    }
    return Fields(places, frozenset(wanted - named), layouts)
