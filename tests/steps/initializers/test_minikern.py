"""Step 2.1 on the example kernel: after boot every virtualised variable holds what it held."""

from __future__ import annotations

import shutil
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from tests.kernels import SteppedKernels
from vrefactor.rules import load

MINIKERN = Path(__file__).parents[3] / "examples" / "minikern"
NOINET6 = ("OPTIONS=-DINET -DINVARIANTS", "NETINET6=")

pytestmark = pytest.mark.skipif(
    any(shutil.which(tool) is None for tool in ("make", "cc", "nm")),
    reason="needs make, cc and nm",
)

DUMP = r"""
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void	kern_boot(void);

/* Print where the heap begins and ends, then for each "address size" its bytes. */
int
main(void)
{
	unsigned long address, size, i;
	void *first = malloc(1);

	kern_boot();
	printf("%lx %lx\n", (unsigned long)first, (unsigned long)sbrk(0));
	while (scanf("%lx %lx", &address, &size) == 2) {
		for (i = 0; i < size; i++)
			printf("%02x", ((unsigned char *)address)[i]);
		printf("\n");
	}
	return (0);
}
"""


@dataclass(frozen=True)
class Symbol:
    name: str
    address: int
    size: int


def lay_out(stepped: SteppedKernels, root: Path, step: str) -> tuple[Path, set[str]]:
    """Return the example kernel after a step, and the names of its virtualised variables."""
    shutil.copytree(stepped.after(step), root)
    (root / "user" / "dump.c").write_text(DUMP)
    return root, {symbol.name for symbol in load(root / "vrefactor.toml").symbols}


def make(root: Path, objects: Path, *arguments: str) -> Path:
    call = ["make", "--no-print-directory", f"OBJDIR={objects}", *arguments, "minikern"]
    done = subprocess.run(call, cwd=root, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    return objects / "minikern"


def symbols_of(program: Path) -> list[Symbol]:
    done = subprocess.run(["nm", "-S", program], capture_output=True, text=True, check=True)
    rows = (line.split() for line in done.stdout.splitlines())
    found = [Symbol(row[3], int(row[0], 16), int(row[1], 16)) for row in rows if len(row) == 4]
    return [symbol for symbol in found if symbol.address >= 4096]  # the others are a thread's own


def dump(root: Path, objects: Path, names: set[str], *options: str) -> dict[str, list[str]]:
    """Return the bytes of each variable after boot, word by word.

    A pointer is what it points into, with the distance: addresses are the linker's.
    """
    flags = ("CFLAGS=-O0 -no-pie -fno-pie -static", "USER=user/dump.c")
    program = make(root, objects, *flags, *options)
    symbols = symbols_of(program)
    wanted = sorted(
        (symbol for symbol in symbols if symbol.name in names), key=lambda symbol: symbol.name
    )
    asked = "".join(f"{symbol.address:x} {symbol.size:x}\n" for symbol in wanted)
    done = subprocess.run([program], input=asked, capture_output=True, text=True, check=True)
    heap, *rows = done.stdout.splitlines()[-len(wanted) - 1 :]
    start, end = (int(part, 16) for part in heap.split())
    places, literals = [*symbols, Symbol("[heap]", start, end - start)], literals_of(program)
    return {
        symbol.name: [where(word, places, literals) for word in words(bytes.fromhex(row))]
        for symbol, row in zip(wanted, rows, strict=True)
    }


def words(data: bytes) -> list[int]:
    whole = data + bytes(-len(data) % 8)
    return list(struct.unpack(f"<{len(whole) // 8}Q", whole))


def literals_of(program: Path) -> tuple[int, bytes]:
    """Return where a program's string literals are, and what they are."""
    with program.open("rb") as file:
        section = ELFFile(file).get_section_by_name(".rodata")
        assert section is not None
        return section["sh_addr"], section.data()


def where(word: int, places: list[Symbol], literals: tuple[int, bytes]) -> str:
    for symbol in places:
        if symbol.address <= word < symbol.address + symbol.size:
            return f"{symbol.name}+{word - symbol.address}"
    start, data = literals
    if start <= word < start + len(data):
        return repr(data[word - start :].partition(b"\0")[0])
    return f"{word:x}"


@pytest.fixture(scope="module")
def before(
    stepped: SteppedKernels, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, set[str]]:
    return lay_out(stepped, tmp_path_factory.mktemp("before") / "minikern", "1.5.3")


@pytest.fixture(scope="module")
def after(
    stepped: SteppedKernels, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, set[str]]:
    return lay_out(stepped, tmp_path_factory.mktemp("after") / "minikern", "2.1")


Laid = tuple[Path, set[str]]
Dumped = dict[str, list[str]]


@pytest.fixture(scope="module")
def old(before: Laid, tmp_path_factory: pytest.TempPathFactory) -> Dumped:
    """What the variables hold after boot, before the step."""
    return dump(before[0], tmp_path_factory.mktemp("old"), before[1])


def test_every_variable_is_what_it_was(
    old: Dumped, before: Laid, after: Laid, tmp_path: Path
) -> None:
    assert set(old) == before[1]
    assert old["inet_stattab"][:2] == ["b'ip'", "ipstat+0"]
    assert old["nd6_hint"] == ["llinfo_nd6+0"]
    assert old["ip_policy"][0] == f"{int.from_bytes(b'strict', 'little'):x}"
    assert dump(after[0], tmp_path / "new", after[1]) == old


def test_without_ipv6_too(before: Laid, after: Laid, tmp_path: Path) -> None:
    old = dump(before[0], tmp_path / "old", before[1], *NOINET6)
    assert 40 < len(old) < len(before[1])
    assert dump(after[0], tmp_path / "new", after[1], *NOINET6) == old


def test_a_wrong_value_is_seen(old: Dumped, after: Laid, tmp_path: Path) -> None:
    root = tmp_path / "minikern"
    shutil.copytree(after[0], root)
    path = root / "netinet" / "ip_input.c"
    right = path.read_text()
    path.write_text(right.replace("V_ip_dscpmap[2] = 0x48;", "V_ip_dscpmap[2] = 0x49;"))
    assert path.read_text() != right
    new = dump(root, tmp_path / "new", after[1])
    assert [name for name in old if old[name] != new[name]] == ["ip_dscpmap"]


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_it_runs_as_before(compiler: str, after: Laid, tmp_path: Path) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"there is no {compiler}")
    flags = (f"CC={compiler}", "CFLAGS=-O1 -Werror")
    program = make(after[0], tmp_path / "all", *flags)
    done = subprocess.run([program], capture_output=True, text=True, check=True)
    assert done.stdout == (MINIKERN / "expected.txt").read_text()
    program = make(after[0], tmp_path / "some", *flags, *NOINET6)
    done = subprocess.run([program], capture_output=True, text=True, check=True)
    assert "net.inet.tcp.stats:" in done.stdout
    assert "net.inet6." not in done.stdout
