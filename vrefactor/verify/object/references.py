"""What a function refers to: each relocated operand, decoded, with what is done to it.

Two versions of a function that differ only in registers, order or encoding have the same
references, so these are what its differences are explained by (see `causes`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from capstone import CS_AC_READ, CS_AC_WRITE, CS_ARCH_X86, CS_MODE_32, CS_MODE_64, Cs, CsInsn
from capstone.x86 import (
    X86_GRP_BRANCH_RELATIVE,
    X86_INS_LEA,
    X86_INS_NOP,
    X86_OP_MEM,
    X86_REG_EBP,
    X86_REG_ESP,
    X86_REG_INVALID,
    X86_REG_RBP,
    X86_REG_RIP,
    X86_REG_RSP,
    X86Op,
)

from vrefactor.verify.object.containers import Places
from vrefactor.verify.object.elf import ElfSymbol, Relocation, Section
from vrefactor.verify.object.targets import Target, Targets

POINTED = ""
"""The name of whatever a register points to."""

_NO_POINTERS = frozenset(
    {X86_REG_INVALID, X86_REG_RIP, X86_REG_RSP, X86_REG_RBP, X86_REG_ESP, X86_REG_EBP}
)
"""The registers that address named variables and the stack."""


class OperandAccess(StrEnum):
    """What an instruction does to what it refers to."""

    LOAD = "load"
    STORE = "store"
    UPDATE = "load and store"
    ADDRESS = "address"
    CALL = "call"


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """One operand: `offset` bytes into the variable or function `name`.

    A virtualised variable goes by its place in the container, on both sides; what a register
    points to has no name (POINTED), and `offset` is from there.  `width` is in bytes, and 0
    where nothing is read or written.
    """

    name: str
    offset: int
    width: int
    access: OperandAccess

    @property
    def end(self) -> int:
        """The offset behind the last byte that is read or written."""
        return self.offset + self.width

    def __str__(self) -> str:
        place = f"{self.name}{self.offset:+#x}" if self.offset else self.name
        if self.name == POINTED:
            place = f"{self.offset:#x}(pointer)"
        return f"{self.access} {place} ({self.width})" if self.width else f"{self.access} {place}"


def references(targets: Targets, symbol: ElfSymbol, places: Places) -> Counter[Reference]:
    """Return the references of one function, and how often each occurs in it."""
    section = targets.file.sections[symbol.section]
    stop = symbol.value + symbol.size
    found = targets.relocations(section.index, symbol.value, stop)
    offsets = [relocation.offset for relocation in found]
    counts: Counter[Reference] = Counter()
    for instruction in decoder(targets.file.bits).disasm(
        section.data[symbol.value : stop], symbol.value
    ):
        end = instruction.address + instruction.size
        low, high = bisect_left(offsets, instruction.address), bisect_left(offsets, end)
        for relocation in found[low:high]:
            counts[_reference(targets, section, relocation, instruction, places)] += 1
        if low == high:
            counts.update(_pointed(instruction))
    return counts


def _pointed(instruction: CsInsn) -> Iterator[Reference]:
    """Yield what an instruction without a relocation does to memory, the stack left out."""
    if instruction.id in (0, X86_INS_LEA, X86_INS_NOP):
        return
    for operand in instruction.operands:
        if operand.type == X86_OP_MEM and operand.mem.base not in _NO_POINTERS:
            yield Reference(POINTED, operand.mem.disp, operand.size, _kind(operand))


@cache
def decoder(bits: int) -> Cs:
    """Return the decoder of x86 instructions for a machine of 32 or 64 bits."""
    found = Cs(CS_ARCH_X86, CS_MODE_64 if bits == 64 else CS_MODE_32)
    found.detail = True
    found.skipdata = True  # what it cannot decode is passed over, not the end
    return found


def _reference(
    targets: Targets, section: Section, relocation: Relocation, instruction: CsInsn, places: Places
) -> Reference:
    target = targets.target(section, relocation)
    width, access = _access(instruction, relocation.offset - instruction.address)
    name, offset = _place(targets, target, relocation, instruction)
    if name in places:
        name, base = places[name]
        offset += base
    return Reference(name, offset, width, access)


def _place(
    targets: Targets, target: Target, relocation: Relocation, instruction: CsInsn
) -> tuple[str, int]:
    """Return what an operand means, whatever its address is relative to."""
    if target.text is not None:
        return str(target), 0
    if target.section is not None:  # its contents say what it is: a jump table, constants
        return target.name.partition("#")[0], 0
    kind = targets.fields.get(relocation.type)
    relative = kind is not None and kind.relative
    end = instruction.address + instruction.size - relocation.offset if relative else 0
    return target.name, target.addend + end


def _access(instruction: CsInsn, at: int) -> tuple[int, OperandAccess]:
    """Return the width and the kind of the access whose address is in byte `at`."""
    if instruction.id == 0:
        return 0, OperandAccess.ADDRESS
    if instruction.group(X86_GRP_BRANCH_RELATIVE):
        return 0, OperandAccess.CALL
    if instruction.id == X86_INS_LEA or at != instruction.disp_offset:
        return 0, OperandAccess.ADDRESS
    for operand in instruction.operands:
        if operand.type == X86_OP_MEM:
            return operand.size, _kind(operand)
    return 0, OperandAccess.ADDRESS


def _kind(operand: X86Op) -> OperandAccess:
    """Return what is done to an operand in memory."""
    if not operand.access & CS_AC_WRITE:
        return OperandAccess.LOAD
    return OperandAccess.UPDATE if operand.access & CS_AC_READ else OperandAccess.STORE
