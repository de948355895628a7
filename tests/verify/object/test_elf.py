from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.verify.building import CC
from vrefactor.errors import VrefactorError
from vrefactor.verify.object.elf import STT_FUNC, ObjectFile, Section, read_object, stripped_md5

CODE = """\
static int n = 3; extern int other; const char *s = "text";
static int helper(int x) { return (x + n++); }
int f(int x) { return (helper(x) + other); }
"""


def compiled(folder: Path, code: str, *flags: str, cc: str = CC) -> bytes:
    (folder / "x.c").write_text(code)
    subprocess.run([cc, "-O1", *flags, "-c", "x.c", "-o", "x.o"], cwd=folder, check=True)
    return (folder / "x.o").read_bytes()


def md5(data: bytes) -> str:
    return stripped_md5(read_object(data, "x.o"))


def test_debug_information_does_not_count(tmp_path: Path) -> None:
    plain, debug = compiled(tmp_path, CODE, "-g0"), compiled(tmp_path, CODE, "-g")
    assert plain != debug
    assert md5(plain) == md5(debug)


@pytest.mark.skipif(shutil.which("strip") is None, reason="no strip(1) here")
def test_what_strip_leaves_out_does_not_count(tmp_path: Path) -> None:
    data = compiled(tmp_path, CODE, "-g")
    subprocess.run(["strip", "-g", "x.o"], cwd=tmp_path, check=True)
    stripped = (tmp_path / "x.o").read_bytes()
    assert len(stripped) < len(data)
    assert md5(stripped) == md5(data)


def test_names_of_unneeded_statics_do_not_count(tmp_path: Path) -> None:
    inlined = "static inline int NAME(int x) { return (x + 1); } int f(int x) { return (NAME(x)); }"
    first = compiled(tmp_path, inlined.replace("NAME", "one"))
    assert md5(compiled(tmp_path, inlined.replace("NAME", "two"))) == md5(first)


@pytest.mark.parametrize(
    "code",
    [
        CODE.replace("n = 3", "n = 4"),
        CODE.replace("other", "another"),
        CODE.replace("text", "test"),
        CODE.replace("int f(", "int g("),
        CODE.replace("static int n", "int n"),
        CODE + "int unused;",
        CODE.replace("x + n++", "x - n++"),
        CODE.replace("int f(", '__attribute__((visibility("hidden"))) int f('),
    ],
)
def test_what_counts(tmp_path: Path, code: str) -> None:
    assert md5(compiled(tmp_path, code)) != md5(compiled(tmp_path, CODE))


def test_what_an_object_holds(tmp_path: Path) -> None:
    file = read_object(compiled(tmp_path, CODE, "-g", "-ffunction-sections"), "x.o")
    functions = [symbol.name for symbol in file.symbols if symbol.kind == STT_FUNC]
    assert "f" in functions
    assert ".text.f" in [section.name for section in file.kept]
    assert not any("debug" in section.name for section in file.kept)
    assert any(file.relocations.values())


@pytest.mark.skipif(shutil.which("clang") is None, reason="no cross compiler here")
@pytest.mark.parametrize("machine", ["i386", "aarch64", "powerpc64", "mips", "mips64", "sparc64"])
def test_other_machines(tmp_path: Path, machine: str) -> None:
    target = f"{machine}-unknown-freebsd"

    def of(code: str, *flags: str) -> str:
        return md5(compiled(tmp_path, code, "-target", target, *flags, cc="clang"))

    if not can_make(target, tmp_path):
        pytest.skip("this clang does not know the target")
    assert of(CODE) == of(CODE, "-g")
    assert of(CODE) != of(CODE.replace("other", "another"))
    assert of(CODE) != of(CODE.replace("x + n++", "x - n++"))


def can_make(target: str, folder: Path) -> bool:
    (folder / "probe.c").write_text("int x;\n")
    argv = ["clang", "-target", target, "-c", "probe.c", "-o", "probe.o"]
    return subprocess.run(argv, cwd=folder, capture_output=True, check=False).returncode == 0


BAD: list[tuple[str, bytes, str]] = [
    ("empty", b"", "does not start"),
    ("text", b"int x;\n", "does not start"),
    ("bit code", b"BC\xc0\xde" + bytes(60), "bit code"),
    ("half a header", b"\x7fELF\2\1\1" + bytes(9), ""),
    ("Mach-O", b"\xcf\xfa\xed\xfe" + bytes(100), "does not start"),
]


@pytest.mark.parametrize(("data", "text"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_no_object(data: bytes, text: str) -> None:
    with pytest.raises(VrefactorError) as caught:
        read_object(data, "net/x.o")
    assert caught.value.kind.code == "object-not-elf"
    assert caught.value.path == "net/x.o"
    assert text in caught.value.detail


def test_a_cut_object_is_an_error_or_the_same(tmp_path: Path) -> None:
    data = compiled(tmp_path, CODE)
    whole = md5(data)
    for size in range(0, len(data), 97):
        try:
            assert md5(data[:size]) == whole
        except VrefactorError as error:
            assert error.kind.code == "object-not-elf"


def test_a_program_is_no_object(tmp_path: Path) -> None:
    (tmp_path / "m.c").write_text("int main(void) { return (0); }\n")
    subprocess.run([CC, "m.c", "-o", "m"], cwd=tmp_path, check=True)
    with pytest.raises(VrefactorError) as caught:
        read_object((tmp_path / "m").read_bytes(), "m")
    assert "ET_" in caught.value.detail


def test_sections_of_one_name_are_told_apart() -> None:
    def labels(names: Sequence[str]) -> tuple[str, ...]:
        sections = tuple(
            Section(index, name, "SHT_PROGBITS", 2, 1, 0, 0, 0, 0, b"")
            for index, name in enumerate(names)
        )
        return ObjectFile("EM_X86_64", (), 64, "<", sections).section_names

    assert labels(["", ".text", ".text", ".data"]) == ("", ".text", ".text#2", ".data")
