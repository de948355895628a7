"""The variables of object files, as nm(1) shows them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.scan.support import scan_files
from tests.source.helpers import lay_out
from vrefactor.cli.main import main
from vrefactor.errors import OBJECT_NOT_ELF, OBJECTS_MISSING, VrefactorError
from vrefactor.scan.objects import Collision, DataSymbol, collisions, data_symbols

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


FILES = {
    "net/a.c": "static int one = 1;\nint two;\nstatic int three[3];\nint six = 6;\n"
    "int *ua(void) { return one ? &three[0] : &one; }\n",
    "net/b.c": "static int one;\nstatic int two = 2;\nextern int six;\n"
    "int *ub(void) { static int seven; return two ? &one : six ? &two : &seven; }\n",
    "net/c.c": "static int four;\n#ifdef MORE\nstatic int six;\n#endif\n"
    "int *uc(void) { static int seven = 7; return &seven + four++; }\n"
    "struct five { int three; } five;\n",
}
AGREED = [
    Collision("one", ("net/a.c", "net/b.c"), ("net/a.c", "net/b.c")),
    Collision("two", ("net/a.c", "net/b.c"), ("net/a.c", "net/b.c")),
]


def symbols_of(tree: Path, folder: Path, *flags: str) -> tuple[DataSymbol, ...]:
    """Compile the sources of a tree, from a folder beside it as a kernel is."""
    folder.mkdir()
    for path in FILES:
        source = f"../{tree.name}/{path}"
        command = ["cc", "-c", source, "-o", path.replace("/", "-") + ".o", *flags]
        subprocess.run(command, cwd=folder, check=True)
    return data_symbols(folder)


@needs_compiler
def test_source_and_objects_agree(tmp_path: Path) -> None:
    found = scan_files(tmp_path / "tree", FILES)
    symbols = symbols_of(tmp_path / "tree", tmp_path / "obj", "-DMORE")
    six = ("net/a.c", "net/c.c")
    assert collisions(found.rows, symbols) == [
        AGREED[0],
        Collision("six", six, six),
        AGREED[1],
    ]


@needs_compiler
def test_what_a_build_leaves_out_only_the_source_knows(tmp_path: Path) -> None:
    found = scan_files(tmp_path / "tree", FILES)
    symbols = symbols_of(tmp_path / "tree", tmp_path / "obj")
    expected = [AGREED[0], Collision("six", ("net/a.c", "net/c.c"), ()), AGREED[1]]
    assert collisions(found.rows, symbols) == expected


@needs_compiler
def test_the_command_marks_what_one_side_knows(tmp_path: Path) -> None:
    lay_out(tmp_path / "tree", {path: text.encode() for path, text in FILES.items()})
    symbols_of(tmp_path / "tree", tmp_path / "obj")
    arguments = ["scan", str(tmp_path / "tree"), "--objects", str(tmp_path / "obj"), "-q"]
    done = CliRunner().invoke(main, [*arguments, "--no-cache"])
    assert done.exit_code == 0
    _, title, listed = done.stdout.partition("collisions: 3 names")
    assert title
    assert "  one\n    net/a.c\n    net/b.c\n" in listed
    absent = "(not in the objects)"
    assert f"  six\n    net/a.c {absent}\n    net/c.c {absent}\n" in listed


def symbol(name: str, source: str, letter: str) -> DataSymbol:
    return DataSymbol(name, source, letter, source + ".o")


@pytest.mark.parametrize(
    ("letters", "shared"),
    [("bb", True), ("bD", True), ("Cd", True), ("BD", False), ("CC", False)],
)
def test_a_name_collides_if_one_is_local(letters: str, shared: bool, tmp_path: Path) -> None:
    rows = scan_files(tmp_path, FILES).rows
    symbols = [symbol("x", f"net/{file}.c", name) for file, name in zip("ab", letters, strict=True)]
    found = [collision for collision in collisions(rows, symbols) if collision.name == "x"]
    assert found == ([Collision("x", (), ("net/a.c", "net/b.c"))] if shared else [])


@pytest.mark.parametrize(
    ("source", "known"),
    [
        ("../../../net/b.c", True),
        ("/usr/src/sys/net/b.c", True),
        ("b.c", True),
        ("xnet/b.c", False),
        ("net/z.c", False),
    ],
)
def test_sources_as_compilers_record_them(source: str, known: bool, tmp_path: Path) -> None:
    rows = scan_files(tmp_path, FILES).rows
    symbols = [symbol("x", "net/a.c", "b"), symbol("x", source, "b")]
    assert any(collision.name == "x" for collision in collisions(rows, symbols)) == known


def test_one_source_in_two_objects_is_one(tmp_path: Path) -> None:
    rows = scan_files(tmp_path, FILES).rows
    places = ("kernel/a.o", "module/a.o")
    twice = [DataSymbol("x", "net/a.c", "b", place) for place in places]
    assert [collision.name for collision in collisions(rows, twice)] == ["one", "six", "two"]


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
