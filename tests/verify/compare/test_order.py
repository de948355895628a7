"""Functions that differ in the order of independent instructions, and those that differ in more."""

from __future__ import annotations

import platform
import subprocess
from pathlib import Path

import pytest

from tests.verify.building import CC
from vrefactor.verify.compare.order import same_but_for_order
from vrefactor.verify.object.elf import read_object
from vrefactor.verify.object.targets import Targets

pytestmark = pytest.mark.skipif(
    platform.machine() not in ("x86_64", "amd64"), reason="the instructions are those of x86-64"
)

C = "vnet_net_0"
PLACES = {"one": (C, 16), "two": (C, 24)}
FIRST, SECOND = "mov $one, %rdi", "mov $7, %esi"
MOVED = f"mov ${C}+16, %rdi"

# name, instructions before, those after
SAME = [
    ("nothing differs", "call g; ret", "call g; ret"),
    ("a field", "mov one(%rip), %eax; ret", f"mov {C}+16(%rip), %eax; ret"),
    ("arguments of a call", f"{FIRST}; {SECOND}; call g", f"{SECOND}; {MOVED}; call g"),
    ("over arithmetic", f"{FIRST}; xor %ecx, %ecx; ret", f"xor %ecx, %ecx; {MOVED}; ret"),
    ("over a store", "movl $1, two; mov $7, %esi; ret", f"mov $7, %esi; movl $1, {C}+24; ret"),
    ("the same twice", f"{SECOND}; nop; {SECOND}; ret", f"{SECOND}; {SECOND}; ret"),
    ("another encoding", "mov 8(%rax), %ecx; ret", "{disp32} mov 8(%rax), %ecx; ret"),
    (
        "an encoding behind an address",
        "addl $1, one(%rip); ret",
        f".byte 0x81, 0x05; .long {C}+16-.-8; .long 1; ret",
    ),
    ("over a conditional move", f"{SECOND}; cmovs %ecx, %eax", f"cmovs %ecx, %eax; {SECOND}"),
    ("padding", "ret", "ret; nopw 0(%rax,%rax)"),
    ("a distance", "jz 1f; ret; 1: call g; ret", "jz 1f; nop; ret; 1: call g; ret"),
    ("a string", "mov $.Lyes, %rdi; ret", "nop; mov $.Lyes, %rdi; ret"),
]
OTHER = [
    ("another field", f"{FIRST}; call g", f"mov ${C}+24, %rdi; call g"),
    ("a field not moved", f"{FIRST}; call g", f"{FIRST}; call g"),
    (
        "arguments swapped",
        "mov $1, %edi; mov $2, %esi; call g",
        "mov $2, %edi; mov $1, %esi; call g",
    ),
    ("a store dropped", "movl $1, two; call g", "call g"),
    ("a store twice", "movl $1, (%rdi); ret", "movl $1, (%rdi); movl $1, (%rdi); ret"),
    ("stores", "movl $1, (%rdi); movl $2, (%rsi); ret", "movl $2, (%rsi); movl $1, (%rdi); ret"),
    ("loads", "mov a, %eax; mov b, %ecx; ret", "mov b, %ecx; mov a, %eax; ret"),
    (
        "a load and a store",
        "mov (%rdi), %eax; mov %ecx, (%rsi)",
        "mov %ecx, (%rsi); mov (%rdi), %eax",
    ),
    ("read, then written", "mov %edi, %eax; mov $1, %edi", "mov $1, %edi; mov %edi, %eax"),
    ("written, then read", "mov $1, %edi; mov %edi, %eax", "mov %edi, %eax; mov $1, %edi"),
    ("written twice", "mov $1, %edi; mov $2, %edi", "mov $2, %edi; mov $1, %edi"),
    (
        "between two writes",
        "mov $1, %edi; mov %edi, %eax; mov $2, %edi",
        "mov $1, %edi; mov $2, %edi; mov %edi, %eax",
    ),
    ("a part of it", "mov $1, %dil; mov $512, %edi", "mov $512, %edi; mov $1, %dil"),
    ("a high part", "mov $1, %ah; mov %eax, %ecx", "mov %eax, %ecx; mov $1, %ah"),
    ("an index", "mov (%rax,%r9,4), %ecx; mov $1, %r9d", "mov $1, %r9d; mov (%rax,%r9,4), %ecx"),
    ("an address", "lea 4(%rdi), %rax; inc %rdi", "inc %rdi; lea 4(%rdi), %rax"),
    ("flags", "add $1, %eax; cmp $2, %ecx; ret", "cmp $2, %ecx; add $1, %eax; ret"),
    ("flags of a move", "cmp $2, %edx; cmovs %ecx, %eax", "cmovs %ecx, %eax; cmp $2, %edx"),
    ("what a move may leave", "mov $1, %eax; cmovs %ecx, %eax", "cmovs %ecx, %eax; mov $1, %eax"),
    ("what a move takes", "mov $1, %ecx; cmovs %ecx, %eax", "cmovs %ecx, %eax; mov $1, %ecx"),
    ("flags that are read", "cmp $2, %ecx; sete %al", "sete %al; cmp $2, %ecx"),
    ("over a call", f"{SECOND}; call g; ret", f"call g; {SECOND}; ret"),
    ("over a branch", f"{SECOND}; jz 1f; nop; 1: ret", f"jz 1f; {SECOND}; 1: ret"),
    ("over a target", f"jz 1f; call g; 1: {SECOND}; ret", f"jz 1f; call g; {SECOND}; 1: ret"),
    ("another target", "jz 1f; call g; 1: call h; 2: ret", "jz 2f; call g; 1: call h; 2: ret"),
    ("another condition", "jz 1f; call g; 1: ret", "jnz 1f; call g; 1: ret"),
    ("another function", "call g; ret", "call h; ret"),
    ("calls", "call g; call h; ret", "call h; call g; ret"),
    ("a push", "push $1; push $2", "push $2; push $1"),
    ("the stack", "sub $8, %rsp; mov %eax, -4(%rbp)", "mov %eax, -4(%rbp); sub $8, %rsp"),
    ("a prefix", "lock; addl $1, (%rdi)", "addl $1, (%rdi)"),
    ("a control register", "mov %rax, %cr3; mov $1, %ecx", "mov $1, %ecx; mov %rax, %cr3"),
    ("an unknown instruction", "cli; mov $1, %ecx", "mov $1, %ecx; cli"),
    ("an address and a constant", "movq $one, 0", f"movq $0, {C}+16"),
    ("another width", "movl $1, one", f"movw $1, {C}+16"),
    ("another string", "mov $.Lyes, %rdi; ret", "mov $.Lno, %rdi; ret"),
    ("a jump that is hidden", f"{FIRST}; {SECOND}; jmp *%rax", f"{SECOND}; {MOVED}; jmp *%rax"),
    (
        "a place in itself",
        f"mov $f+1, %rdx; {FIRST}; {SECOND}",
        f"mov $f+1, %rdx; {SECOND}; {MOVED}",
    ),
]
TAIL = """
.size f, . - f
.section .rodata.str1.1, "aMS", @progbits, 1
.Lyes: .asciz "yes"
.Lno: .asciz "no"
"""


def assembled(folder: Path, name: str, code: str, rest: str = "") -> Targets:
    """Return the object whose function `f` consists of these instructions."""
    source, out = folder / f"{name}.s", folder / f"{name}.o"
    head = '.section .text.f, "ax", @progbits\n.globl f\n.type f, @function\nf:\n'
    source.write_text(head + code.replace("; ", "\n") + TAIL + rest)
    subprocess.run([CC, "-c", str(source), "-o", str(out)], check=True)
    return Targets(read_object(out.read_bytes(), name))


def same(folder: Path, before: str, after: str, rest: str = "") -> bool:
    sides = assembled(folder, "a", before, rest), assembled(folder, "b", after, rest)
    return same_but_for_order(sides, "f", PLACES)


@pytest.mark.parametrize(
    ("before", "after"), [row[1:] for row in SAME], ids=[row[0] for row in SAME]
)
def test_the_same(tmp_path: Path, before: str, after: str) -> None:
    assert same(tmp_path, before, after)


@pytest.mark.parametrize(
    ("before", "after"), [row[1:] for row in OTHER], ids=[row[0] for row in OTHER]
)
def test_not_the_same(tmp_path: Path, before: str, after: str) -> None:
    assert not same(tmp_path, before, after)


@pytest.mark.parametrize(("entry", "found"), [("", True), ("f", True), ("f+3", False)])
def test_a_table_that_leads_into_the_function(tmp_path: Path, entry: str, found: bool) -> None:
    table = f'.section .table, "a"\n.quad {entry}\n' if entry else ""
    assert same(tmp_path, f"{FIRST}; {SECOND}", f"{SECOND}; {MOVED}", table) is found


@pytest.mark.parametrize(("constant", "found"), [("1", True), ("2", False)])
def test_constants_are_compared(tmp_path: Path, constant: str, found: bool) -> None:
    code = f"mov .Lc(%rip), %ecx; {FIRST}; {SECOND}", f"mov .Lc(%rip), %ecx; {SECOND}; {MOVED}"
    rest = '.section .rodata.cst4, "aM", @progbits, 4\n.Lc: .long '
    sides = (
        assembled(tmp_path, "a", code[0], rest + "1\n"),
        assembled(tmp_path, "b", code[1], f"{rest}{constant}\n"),
    )
    assert same_but_for_order(sides, "f", PLACES) is found
