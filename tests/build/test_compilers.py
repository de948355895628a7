from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from vrefactor.build.compilers import check_compiler, compiler_words
from vrefactor.build.freebsd.plan import check_kernel_compiler
from vrefactor.errors import COMPILER_MISSING, COMPILER_UNFIT, VrefactorError

needs_clang = pytest.mark.skipif(shutil.which("clang") is None, reason="needs clang")


def fake(folder: Path, script: str) -> str:
    """A compiler that is a shell script."""
    path = folder / "fake-cc"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_words() -> None:
    assert compiler_words("true -m32 '-DX=a b'") == ("true", "-m32", "-DX=a b")


@pytest.mark.parametrize("cc", ["", "no-such-cc", "no-such-cc -m32", "'open"])
def test_missing(cc: str) -> None:
    with pytest.raises(VrefactorError) as caught:
        check_compiler(cc)
    assert caught.value.kind is COMPILER_MISSING


UNFIT = {
    "refuses the target": ("echo 'bad option --target' >&2; exit 1", "bad option --target"),
    "says nothing": ("exit 3", "exit status 3"),
    "makes nothing": ("exit 0", "it does not make ELF objects"),
    "makes another format": ('for o; do :; done; echo MZ > "$o"', "it does not make ELF objects"),
}


@pytest.mark.parametrize(("script", "detail"), UNFIT.values(), ids=UNFIT)
def test_unfit(tmp_path: Path, script: str, detail: str) -> None:
    with pytest.raises(VrefactorError) as caught:
        check_compiler(fake(tmp_path, script), ("--target=x",))
    assert caught.value.kind is COMPILER_UNFIT
    assert caught.value.detail.endswith(detail)


def test_not_a_program_at_all(tmp_path: Path) -> None:
    path = tmp_path / "cc"
    path.write_bytes(b"\x00\x01")
    path.chmod(0o755)
    with pytest.raises(VrefactorError) as caught:
        check_compiler(str(path))
    assert caught.value.kind is COMPILER_UNFIT


def test_fit(tmp_path: Path) -> None:
    check_compiler(fake(tmp_path, "for o; do :; done; printf '\\177ELF' > \"$o\""))


@needs_clang
@pytest.mark.parametrize("arch", ["amd64", "i386"])
def test_clang_builds_kernels(arch: str) -> None:
    check_kernel_compiler("clang", arch)
