"""The variables of object files, as nm(1) shows them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from vrefactor.errors import OBJECT_NOT_ELF, OBJECTS_MISSING, VrefactorError
from vrefactor.scan.objects import DataSymbol, data_symbols, shared_names

SOURCE = """\
static int zeroed;
static int filled = 1;
int shown;
int shown_filled = 2;
const int constant = 3;
static const int hidden_constant = 4;
extern int elsewhere;
static int function(void) { static int inner; return inner++; }
int *use(void)
{
    return zeroed + function() + hidden_constant > elsewhere ? &zeroed : &filled;
}
"""
needs_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")


def compiled(folder: Path, *flags: str) -> set[tuple[str, str]]:
    (folder / "a.c").write_text(SOURCE)
    command = ["cc", "-c", "a.c", *flags]
    subprocess.run(command, cwd=folder, check=True)
    symbols = data_symbols(folder)
    assert {Path(symbol.source).name for symbol in symbols} == {"a.c"}
    assert {symbol.object for symbol in symbols} == {str(folder / "a.o")}
    return {(symbol.name, symbol.letter) for symbol in symbols}


VARIABLES = {("zeroed", "b"), ("filled", "d"), ("shown", "B"), ("shown_filled", "D")}


@needs_compiler
@pytest.mark.parametrize("flag", ["-O0", "-fdata-sections"])
def test_letters_are_those_of_nm(flag: str, tmp_path: Path) -> None:
    assert compiled(tmp_path, "-fno-common", flag) == VARIABLES


@needs_compiler
def test_common_symbols_are_shown_to_all(tmp_path: Path) -> None:
    assert ("shown", "C") in compiled(tmp_path, "-fcommon")


@needs_compiler
@pytest.mark.skipif(shutil.which("nm") is None, reason="there is no nm")
def test_nm_agrees(tmp_path: Path) -> None:
    found = compiled(tmp_path, "-fno-common")
    said = subprocess.run(["nm", "a.o"], cwd=tmp_path, check=True, capture_output=True, text=True)
    rows = [line.split()[-2:] for line in said.stdout.splitlines()]
    data = {(name, letter) for letter, name in rows if letter in "bBdD" and "." not in name}
    assert found == data


def symbol(name: str, source: str, letter: str) -> DataSymbol:
    return DataSymbol(name, source, letter, source + ".o")


@pytest.mark.parametrize(
    ("letters", "shared"),
    [("bb", True), ("bD", True), ("Cd", True), ("BD", False), ("CC", False)],
)
def test_a_name_is_shared_if_one_is_local(letters: str, shared: bool) -> None:
    symbols = [symbol("x", f"{at}.c", letter) for at, letter in enumerate(letters)]
    assert shared_names(symbols) == ({"x": ("0.c", "1.c")} if shared else {})
    assert shared_names(symbols, ["y"]) == {}


def test_one_source_in_two_objects_is_one() -> None:
    twice = [DataSymbol("x", "a.c", "b", "kernel/a.o"), DataSymbol("x", "a.c", "b", "module/a.o")]
    assert shared_names(twice) == {}


def test_a_directory_without_objects(tmp_path: Path) -> None:
    with pytest.raises(VrefactorError) as caught:
        data_symbols(tmp_path)
    assert caught.value.kind is OBJECTS_MISSING


@pytest.mark.parametrize("content", [b"", b"\x7fELF", b"!<arch>\n", b"BC\xc0\xde" * 20])
def test_what_is_no_elf_object(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "bad.o").write_bytes(content)
    with pytest.raises(VrefactorError) as caught:
        data_symbols(tmp_path)
    assert caught.value.kind is OBJECT_NOT_ELF
    assert caught.value.path == str(tmp_path / "bad.o")
