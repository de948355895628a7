"""Which words of a command describe a compile, and which do more."""

from __future__ import annotations

from pathlib import Path

import pytest

from vrefactor.build.model import BuildPlan, CompileCommand
from vrefactor.build.trust import beyond_compiling, check_trust, lies_in
from vrefactor.errors import BUILD_UNTRUSTED, VrefactorError

DESCRIBES = [
    "-D_KERNEL -DX=1 -D Y -UZ -U W",
    "-I{tree} -I /usr/include -isystem include -iquote . -idirafter x -include opt.h -imacros m.h",
    "-std=gnu99 -std=c++17 -ansi -pedantic -pedantic-errors -x c",
    "-O -O0 -O2 -Os -Ofast -g -g3 -ggdb -gdwarf-4",
    "-w -Wall -Wno-unused -Werror=implicit -Wformat=2 -Wframe-larger-than=4096",
    "-fno-common -ffreestanding -fvisibility=hidden -ffile-prefix-map=a=b -fstack-protector-strong",
    "-fno-strict-aliasing -fgnu89-inline -fsanitize=undefined -fno-builtin-printf -fPIC",
    "-m32 -mcmodel=kernel -march=i486 -mno-sse2 -mtune=generic -msoft-float",
    "--target=x86_64-unknown-freebsd -target i386-elf -Qunused-arguments",
    "-c -pipe -pthread -nostdinc -nobuiltininc -nostdlib -undef",
]
DOES_MORE = [
    "-fplugin=x.so",
    "-fplugin-arg-x=1",
    "-fpass-plugin=x.so",
    "-fdump-tree-all",
    "-fopt-info=out",
    "-foptimization-record-file=/home/x",
    "-ftime-trace=out",
    "-fmodules",
    "-fmodule-mapper=|sh",
    "-fprofile-use=/x",
    "-fcrash-diagnostics-dir=/home",
    "-fuse-ld=/tmp/ld",
    "-flto",
    "-no-integrated-as",
    "-fno-integrated-as",
    "-fvisibility=/x",
    "-wrapper",
    "-specs=x",
    "-B.",
    "--gcc-toolchain=.",
    "--sysroot=.",
    "-Wa,-x",
    "-Wp,-MD,/home/x",
    "-Wl,x",
    "-Xclang",
    "-mllvm",
    "-save-temps",
    "-o",
    "-S",
    "@file",
    "file.o",
    "-MF",
    "-I@file",
    "--param",
    "-print-prog-name=sh",
]


@pytest.mark.parametrize("words", DESCRIBES)
def test_what_describes(words: str) -> None:
    assert list(beyond_compiling(words.split())) == []


@pytest.mark.parametrize("word", [word for word in DOES_MORE if word != "-I@file"])
def test_what_does_more(word: str) -> None:
    assert list(beyond_compiling(["-O2", word, "-g"])) == [word]


@pytest.mark.parametrize("word", ["-D", "-I", "-include"])
def test_a_value_that_is_missing_or_a_response_file(word: str) -> None:
    assert list(beyond_compiling(["-O2", word])) == [word]
    assert list(beyond_compiling([word, "@x"])) == [f"{word} @x"]


def test_another_language() -> None:
    assert list(beyond_compiling(["-x", "assembler"])) == ["-x assembler"]


COMPILERS = {
    "cc": True,
    "clang": True,
    "gcc-12": True,
    "clang-18.1": True,
    "x86_64-linux-gnu-gcc-12": True,
    "/usr/bin/cc": False,
    "./cc": False,
    "sh": False,
    "cc -m32": False,
    "mycc.sh": False,
    "": False,
}


@pytest.mark.parametrize(("name", "known"), COMPILERS.items())
def test_the_compiler_is_one_by_its_name(name: str, known: bool) -> None:
    assert list(beyond_compiling([name, "-O2"], compiler=True)) == ([] if known else [name])


def test_what_would_be_run_is_shown() -> None:
    commands = tuple(
        CompileCommand(source, ("cc", *flags), "default", 1.0)
        for source, flags in (("a.c", ()), ("b.c", ("-fplugin=./x y.so",)))
    )
    check_trust([BuildPlan(commands)])
    with pytest.raises(VrefactorError) as caught:
        check_trust([BuildPlan(commands), BuildPlan(commands, beyond=("-fplugin=./x y.so",))])
    assert caught.value.kind is BUILD_UNTRUSTED
    assert caught.value.detail == "`-fplugin=./x y.so`, in: cc '-fplugin=./x y.so' -c b.c"


def test_what_lies_in_a_tree(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "rules.toml").touch()
    (tmp_path / "tree" / "link.toml").symlink_to(tmp_path / "rules.toml")
    (tmp_path / "link").symlink_to(tmp_path / "tree")
    assert lies_in(tmp_path / "tree" / "x.toml", tmp_path / "tree")
    assert lies_in(tmp_path / "link" / "x.toml", tmp_path / "tree")
    assert not lies_in(tmp_path / "tree" / "link.toml", tmp_path / "tree")
    assert not lies_in(tmp_path / "tree2" / "x.toml", tmp_path / "tree")
