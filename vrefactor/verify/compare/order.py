"""Do two functions differ only in the order of instructions that do not depend on each other?

The instructions of a function are the letters of a word in which two neighbours may change
places if neither writes what the other reads or writes.  Two words are the same in this sense
if and only if their Foata normal forms are (Cartier and Foata, 1969): each instruction is put
on the first level behind all that it depends on, and the levels are compared.

What may change places is taken narrowly: moves and simple arithmetic on general registers.
All accesses to memory keep their order, since any of them may be volatile; and calls, branches,
their targets and all other instructions keep their place among the rest.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from capstone import CsInsn, x86
from capstone.x86 import (
    X86_GRP_BRANCH_RELATIVE,
    X86_GRP_JUMP,
    X86_INS_ADD,
    X86_INS_AND,
    X86_INS_CMP,
    X86_INS_DEC,
    X86_INS_INC,
    X86_INS_LEA,
    X86_INS_MOV,
    X86_INS_MOVABS,
    X86_INS_MOVSX,
    X86_INS_MOVSXD,
    X86_INS_MOVZX,
    X86_INS_NEG,
    X86_INS_NOP,
    X86_INS_NOT,
    X86_INS_OR,
    X86_INS_SAR,
    X86_INS_SHL,
    X86_INS_SHR,
    X86_INS_SUB,
    X86_INS_TEST,
    X86_INS_XOR,
    X86_OP_IMM,
    X86_OP_MEM,
    X86_OP_REG,
    X86_REG_INVALID,
    X86_REG_RIP,
    X86Op,
)

from vrefactor.verify.object.containers import Places
from vrefactor.verify.object.elf import (
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHF_WRITE,
    ElfSymbol,
    Relocation,
    Section,
)
from vrefactor.verify.object.references import decoder
from vrefactor.verify.object.targets import Targets

_PLAIN = frozenset(
    {X86_INS_MOV, X86_INS_MOVABS, X86_INS_MOVZX, X86_INS_MOVSX, X86_INS_MOVSXD, X86_INS_LEA}
)
"""What leaves the flags alone."""

_COMPARING = frozenset({X86_INS_CMP, X86_INS_TEST})
"""What writes none of its operands."""

_CONDITIONAL = frozenset(
    value for name, value in vars(x86).items() if name.startswith("X86_INS_CMOV")
)
"""Moves that read the flags and may leave their target alone: so they read that too."""

_MOVABLE = frozenset(
    {
        *_PLAIN,
        *_CONDITIONAL,
        *_COMPARING,
        *(X86_INS_ADD, X86_INS_SUB, X86_INS_AND, X86_INS_OR, X86_INS_XOR, X86_INS_NOT),
        *(X86_INS_NEG, X86_INS_INC, X86_INS_DEC, X86_INS_SHL, X86_INS_SHR, X86_INS_SAR),
    }
)

_MEMORY, _FLAGS, _STACK = "memory", "flags", "sp"
_WHOLE = {
    part: whole
    for whole, parts in (
        *((f"{x}x", f"{x}l {x}h {x}x e{x}x r{x}x") for x in "abcd"),
        *((x, f"{x}l {x} e{x} r{x}") for x in ("si", "di", "bp", _STACK)),
        *((f"r{n}", f"r{n}b r{n}w r{n}d r{n}") for n in range(8, 16)),
    )
    for part in parts.split()
}
"""For each name of a general register, one name for all that shares its bits."""

_NOTHING: Places = {}
"""What has moved on the side after: there, all variables are where they are."""

Operand = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Step:
    """One instruction: what it is, whatever its encoding, and what it needs and changes.

    A `barrier` depends on all others.  What is in `writes` counts as read too.
    """

    text: str
    operands: tuple[Operand, ...] = ()
    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    barrier: bool = False


class _Unclear(Exception):
    """The function holds something that cannot be compared in this way."""


def same_but_for_order(sides: tuple[Targets, Targets], name: str, places: Places) -> bool:
    """Say whether the function `name` of both sides is the same, order and encodings aside.

    False also means that it cannot be told: a jump through a register, say.
    """
    readers = [
        _Reader(targets, targets.parts[name], known)
        for targets, known in zip(sides, (places, _NOTHING), strict=True)
    ]
    try:
        before, after = (_normal_form(list(reader.steps())) for reader in readers)
        return before == after and not any(reader.is_entered() for reader in readers)
    except _Unclear:
        return False


def _normal_form(steps: Sequence[_Step]) -> list[Counter[_Step]]:
    """Return the levels of the Foata normal form."""
    levels: list[Counter[_Step]] = []
    floor = 0
    written: dict[str, int] = {}
    touched: dict[str, int] = {}
    for step in steps:
        needed = [len(levels) - 1] if step.barrier else [floor - 1]
        needed += [written.get(read, -1) for read in step.reads]
        needed += [touched.get(write, -1) for write in step.writes]
        level = max(needed) + 1
        if level == len(levels):
            levels.append(Counter())
        levels[level][step] += 1
        if step.barrier:
            floor = level + 1
        for write in step.writes:
            written[write] = level
        for read in step.reads | step.writes:
            touched[read] = max(level, touched.get(read, -1))
    return levels


@dataclass(slots=True)
class _Reader:
    """Reads the instructions of one function."""

    targets: Targets
    symbol: ElfSymbol
    places: Places
    section: Section = field(init=False)
    found: list[Relocation] = field(init=False)

    def __post_init__(self) -> None:
        self.section = self.targets.file.sections[self.symbol.section]
        start, stop = self.symbol.value, self.symbol.value + self.symbol.size
        self.found = self.targets.relocations(self.section.index, start, stop)

    def steps(self) -> Iterator[_Step]:
        """Yield the instructions, each target of a branch in front of its own.

        Raises `_Unclear`.
        """
        instructions = list(self._decoded())
        labels = self._labels(instructions)
        for instruction in instructions:
            if instruction.address in labels:
                yield _Step(f"{labels[instruction.address]}:", barrier=True)
            if instruction.id != X86_INS_NOP:
                yield self._step(instruction, labels)

    def _decoded(self) -> Iterator[CsInsn]:
        """Yield the instructions with nothing in their relocated fields, which have a meaning."""
        start, stop = self.symbol.value, self.symbol.value + self.symbol.size
        data = bytearray(self.section.data[start:stop])
        for relocation in self.found:
            kind = self.targets.fields.get(relocation.type)
            if kind is None:
                raise _Unclear
            at = relocation.offset - start
            data[at : at + kind.width] = bytes(kind.width)
        yield from decoder(self.targets.file.bits).disasm(bytes(data), start)

    def _within(self, instruction: CsInsn) -> list[Relocation]:
        end = instruction.address + instruction.size
        low = bisect_left(self.found, instruction.address, key=lambda relocation: relocation.offset)
        return self.found[
            low : bisect_left(self.found, end, key=lambda relocation: relocation.offset)
        ]

    def _labels(self, instructions: Sequence[CsInsn]) -> dict[int, str]:
        """Return a name for each instruction that a branch leads to, in their order."""
        wanted = set()
        for instruction in instructions:
            if instruction.id and self._is_local(instruction):
                wanted.add(instruction.operands[0].imm)
            elif instruction.id and self._is_hidden(instruction):
                raise _Unclear
        if not wanted <= {instruction.address for instruction in instructions}:
            raise _Unclear
        return {address: f"L{number}" for number, address in enumerate(sorted(wanted))}

    def _is_local(self, instruction: CsInsn) -> bool:
        """Say whether an instruction leads to a place in the function."""
        return bool(instruction.group(X86_GRP_BRANCH_RELATIVE)) and not self._within(instruction)

    def _is_hidden(self, instruction: CsInsn) -> bool:
        """Say whether an instruction jumps to a place that the code does not show."""
        if not instruction.group(X86_GRP_JUMP):
            return False
        return not self._within(instruction) or instruction.operands[0].type != X86_OP_IMM

    def is_entered(self) -> bool:
        """Say whether a table leads to a place in the function."""
        for index, relocations in self.targets.file.relocations.items():
            holder = self.targets.file.sections[index]
            if not holder.flags & SHF_ALLOC or holder.flags & SHF_EXECINSTR:
                continue
            for relocation in relocations:
                target = self.targets.target(holder, relocation)
                if target.addend and self.targets.parts.get(target.name) == self.symbol:
                    return True
        return False

    def _step(self, instruction: CsInsn, labels: dict[int, str]) -> _Step:
        text = f"{instruction.mnemonic} {instruction.op_str}"
        if instruction.id == 0:
            return _Step(text, barrier=True)
        if self._is_local(instruction):
            return _Step(
                f"{instruction.mnemonic} {labels[instruction.operands[0].imm]}", barrier=True
            )
        found = self._within(instruction)
        if instruction.group(X86_GRP_BRANCH_RELATIVE):
            text = instruction.mnemonic
        elif not found and any(_is_relative(operand) for operand in instruction.operands):
            raise _Unclear
        operands = tuple(self._operand(instruction, relocation) for relocation in found)
        return replace(_effects(instruction), text=text, operands=operands)

    def _operand(self, instruction: CsInsn, relocation: Relocation) -> Operand:
        """Return what a relocated operand means, wherever its instruction ends."""
        at = relocation.offset - instruction.address
        if at not in (instruction.disp_offset, instruction.imm_offset):
            raise _Unclear
        kind = self.targets.fields[relocation.type]
        target = self.targets.target(self.section, relocation)
        offset = target.addend + (instruction.size - at if kind.relative else 0)
        name: object = target.name
        if target.text is not None:
            name = target.text
        elif target.section is not None:
            name = self._constants(self.targets.file.sections[target.section])
        elif target.name in self.places and not kind.indirect:
            name, base = self.places[target.name]
            offset += base
        elif offset and self.targets.parts.get(target.name) == self.symbol:
            raise _Unclear  # the address of a place in the function
        return at == instruction.disp_offset, relocation.type, name, offset

    def _constants(self, holder: Section) -> bytes:
        """Return what an anonymous section holds: the constants of the compiler."""
        if (
            holder.flags & SHF_WRITE
            or not holder.data
            or holder.index in self.targets.file.relocations
        ):
            raise _Unclear
        return holder.data


def _is_relative(operand: X86Op) -> bool:
    return bool(operand.type == X86_OP_MEM and operand.mem.base == X86_REG_RIP)


def _effects(instruction: CsInsn) -> _Step:
    """Return what an instruction reads and writes, or that it is a barrier."""
    reads: set[str] = set()
    writes: set[str] = set()
    if instruction.id not in _MOVABLE:
        return _Step("", barrier=True)
    for index, operand in enumerate(instruction.operands):
        into = writes if index == 0 and instruction.id not in _COMPARING else reads
        if operand.type == X86_OP_REG:
            into.add(instruction.reg_name(operand.reg))
        elif operand.type == X86_OP_MEM:
            bases = {operand.mem.base, operand.mem.index} - {X86_REG_INVALID, X86_REG_RIP}
            reads |= {instruction.reg_name(base) for base in bases}
    if not (reads | writes) <= _WHOLE.keys():
        return _Step("", barrier=True)  # a control or segment register
    reads, writes = {_WHOLE[read] for read in reads}, {_WHOLE[write] for write in writes}
    if instruction.id not in _PLAIN:
        writes.add(_FLAGS)
    if instruction.id != X86_INS_LEA and any(
        item.type == X86_OP_MEM for item in instruction.operands
    ):
        writes.add(_MEMORY)
    return _Step("", (), frozenset(reads), frozenset(writes), barrier=_STACK in writes)
