"""Two versions of a function side by side: disassembled if this machine can, else as bytes."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

from vrefactor.verify.object.elf import ElfSymbol, ObjectFile, read_object

_INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):\s+(\S.*)$")
_PROGRAMS = (("objdump", "--disassemble="), ("llvm-objdump", "--disassemble-symbols="))
_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Difference:
    """The lines in which two versions differ, each with its counterpart or an empty string."""

    before: tuple[str, ...]
    after: tuple[str, ...]


def side_by_side(name: str, before: Path, after: Path) -> Difference:
    """Return the lines of the function or object `name` in which two object files differ."""
    rows = list(_rows(listing(before, name), listing(after, name)))
    return Difference(tuple(row[0] for row in rows), tuple(row[1] for row in rows))


def _rows(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str]]:
    matcher = SequenceMatcher(None, old, new, False)
    for tag, low, high, left, right in matcher.get_opcodes():
        if tag != "equal":
            for step in range(max(high - low, right - left)):
                yield (
                    old[low + step] if low + step < high else "",
                    new[left + step] if left + step < right else "",
                )


def listing(path: Path, name: str) -> list[str]:
    """Return a function's instructions with their relocations, or else its bytes."""
    return _disassembled(path, name) or list(_dumped(path, name))


@cache
def _program() -> tuple[str, str] | None:
    """Return the disassembler of this machine and the option that names one symbol."""
    for program, option in _PROGRAMS:
        found = shutil.which(program)
        if found is not None:
            said = subprocess.run([found, "--help"], capture_output=True, text=True, check=False)
            if option.rstrip("=") in said.stdout:
                return found, option
    return None


def _disassembled(path: Path, name: str) -> list[str]:
    program = _program()
    if program is None:
        return []
    argv = [program[0], "-dr", "--no-show-raw-insn", f"{program[1]}{name}", str(path)]
    try:
        run = subprocess.run(argv, capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    lines: list[str] = []
    for line in run.stdout.decode("utf-8", "replace").splitlines():
        match = _INSTRUCTION.match(line)
        if match is None:
            continue
        text = " ".join(match[2].split())
        if text.startswith("R_") and lines:
            lines[-1] += f"  {text}"
        else:
            lines.append(f"{match[1]}: {text}")
    return lines


def _dumped(path: Path, name: str) -> Iterator[str]:
    """Yield sixteen bytes a line, with the relocations that fall into them."""
    file = read_object(path.read_bytes(), str(path))
    symbol = next((s for s in file.symbols if s.name == name and s.section), None)
    if symbol is None or symbol.section >= len(file.sections):
        return
    data = file.sections[symbol.section].data[symbol.value : symbol.value + symbol.size]
    for start in range(0, len(data), 16):
        notes = "".join(_notes(file, symbol, start))
        yield f"{start:x}: {data[start : start + 16].hex(' ')}{notes}"


def _notes(file: ObjectFile, symbol: ElfSymbol, start: int) -> Iterator[str]:
    for relocation in file.relocations.get(symbol.section, ()):
        at = relocation.offset - symbol.value
        if start <= at < start + 16:
            label = file.symbol_label(relocation.symbol)
            yield f"  {at:x}: {label}{relocation.addend:+#x}"
