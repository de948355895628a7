"""The variables of object files by name and source, as nm(1) shows them.

The project's HOWTO found colliding statics so: data symbols that are local (`b`, `d`) to
one object and defined in another one too.  A scan finds the same in the source, under
every `#if`; the objects say what one build compiled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import Symbol, SymbolTableSection

from vrefactor.errors import OBJECT_NOT_ELF, OBJECTS_MISSING, VrefactorError
from vrefactor.scan.model import ScanRow

_WRITABLE = 0x1  # SHF_WRITE: System V ABI, chapter 4


@dataclass(frozen=True, slots=True, order=True)
class DataSymbol:
    """One variable: its name, the source that defines it, and its letter in nm(1).

    `b` and `d` (zeroed and initialised data) are local to their file, `B`, `D` and `C`
    (common) are not.  `source` is as the compiler was told; `object` the object's path.
    """

    name: str
    source: str
    letter: str
    object: str

    @property
    def local(self) -> bool:
        """Whether only its own file can see it."""
        return self.letter.islower()


def data_symbols(directory: Path) -> tuple[DataSymbol, ...]:
    """Return the variables of all objects (`*.o`) below `directory`, sorted.

    Statics of functions, which compilers give names with a dot, are left out, and so is
    what can't be written.  Raises OBJECTS_MISSING if there is no object and OBJECT_NOT_ELF
    if one can't be read.
    """
    paths = sorted(directory.rglob("*.o"))
    if not paths:
        raise VrefactorError(OBJECTS_MISSING, path=str(directory))
    return tuple(sorted(symbol for path in paths for symbol in _symbols(path)))


def _symbols(path: Path) -> Iterator[DataSymbol]:
    try:
        with path.open("rb") as file:
            elf = ELFFile(file)
            for table in elf.iter_sections():
                if isinstance(table, SymbolTableSection):
                    yield from _of_table(elf, table, str(path))
    except (ELFError, OSError) as error:
        raise VrefactorError(OBJECT_NOT_ELF, str(error), path=str(path)) from error


def _of_table(elf: ELFFile, table: SymbolTableSection, path: str) -> Iterator[DataSymbol]:
    source = path
    for symbol in table.iter_symbols():
        if symbol["st_info"]["type"] == "STT_FILE":
            source = symbol.name or path
        elif symbol["st_info"]["type"] == "STT_OBJECT" and "." not in symbol.name:
            letter = _letter(elf, symbol)
            if letter is not None:
                yield DataSymbol(symbol.name, source, letter, path)


def _letter(elf: ELFFile, symbol: Symbol) -> str | None:
    """Return what nm(1) prints for a variable; None if it is undefined or can't be written."""
    index = symbol["st_shndx"]
    if index == "SHN_COMMON":
        return "C"
    if not isinstance(index, int):
        return None
    section = elf.get_section(index)
    if not section["sh_flags"] & _WRITABLE:
        return None
    letter = "b" if section["sh_type"] == "SHT_NOBITS" else "d"
    return letter if symbol["st_info"]["bind"] == "STB_LOCAL" else letter.upper()


@dataclass(frozen=True, slots=True)
class Collision:
    """A name that several files define, one of them for itself alone: by which account."""

    name: str
    in_source: tuple[str, ...]
    in_objects: tuple[str, ...]


def collisions(rows: Iterable[ScanRow], symbols: Iterable[DataSymbol]) -> list[Collision]:
    """Return the names that collide among the variables of a scan or those of objects.

    A file counts if the scan has a variable of it; symbols of other sources are left out.
    """
    scanned = [row.variable for row in rows]
    paths = frozenset(place.path for variable in scanned for place in variable.defined)
    source = _shared(
        (variable.name, place.path, variable.internal)
        for variable in scanned
        for place in variable.defined
    )
    found = ((symbol.name, _path(symbol.source, paths), symbol.local) for symbol in symbols)
    compiled = _shared((name, path, local) for name, path, local in found if path is not None)
    return [
        Collision(name, source.get(name, ()), compiled.get(name, ()))
        for name in sorted({*source, *compiled})
    ]


def _shared(defined: Iterable[tuple[str, str, bool]]) -> dict[str, tuple[str, ...]]:
    """Return the names that several files define, one of them locally, with those files."""
    files: dict[str, set[str]] = {}
    local: set[str] = set()
    for name, path, internal in defined:
        files.setdefault(name, set()).add(path)
        if internal:
            local.add(name)
    return {name: tuple(sorted(files[name])) for name in local if len(files[name]) > 1}


def _path(source: str, paths: frozenset[str]) -> str | None:
    """Return the tree's path of a source as a compiler was told it; None if it can't be told.

    Compilers record what stood on the command line (`../../../net/if.c`), or less of it.
    """
    parts = [part for part in source.split("/") if part not in ("", ".", "..")]
    for at in range(len(parts)):
        path = "/".join(parts[at:])
        if path in paths:
            return path
    ends = [path for path in paths if path.endswith("/" + "/".join(parts))]
    return ends[0] if len(ends) == 1 else None
