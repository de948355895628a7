"""The compiler flags of a kernel, from conf/kern.pre.mk and conf/kern.mk, as data."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from vrefactor.build.freebsd.kernconf import KernelConfig
from vrefactor.build.freebsd.options import GLOBAL_HEADER
from vrefactor.build.freebsd.words import decode
from vrefactor.build.model import GEN_MARK, TREE_MARK, SourceFiles
from vrefactor.errors import USAGE, VrefactorError

_PRE_MK = "conf/kern.pre.mk"


@dataclass(frozen=True, slots=True)
class Architecture:
    """A target: its name in the tree, the compiler's triple, and the flags of conf/kern.mk."""

    name: str
    triple: str
    flags: tuple[str, ...]


ARCHITECTURES = {
    arch.name: arch
    for arch in (
        Architecture(
            "amd64",
            "x86_64-unknown-freebsd",
            (
                "-mcmodel=kernel",
                "-mno-red-zone",
                "-mno-mmx",
                "-mno-sse",
                "-mno-sse2",
                "-msoft-float",
                "-fno-asynchronous-unwind-tables",
            ),
        ),
        Architecture(
            "i386",
            "i386-unknown-freebsd",
            ("-march=i486", "-mno-mmx", "-mno-sse", "-mno-sse2"),
        ),
    )
}

OLD_CODE: tuple[tuple[str, str], ...] = (
    ("-fgnu89-inline", "gcc 4.2 gave `inline` and `extern inline` their GNU meaning under c99 too"),
    ("-w", "warnings are the compiler's, not the patch's; gcc 4.2 knew few of them"),
    ("-Wno-implicit-function-declaration", "an error since clang 16, a warning in gcc 4.2"),
    ("-Wno-implicit-int", "an error since clang 16, a warning in gcc 4.2"),
    ("-Wno-int-conversion", "an error since clang 15, a warning in gcc 4.2"),
    ("-Wno-return-type", "`return;` with no value in a function that has one: C89 allowed it"),
    ("-Wno-incompatible-function-pointer-types", "an error since clang 16, a warning in gcc 4.2"),
    ("-Wno-unknown-warning-option", "older and newer clangs do not know all of these"),
    ("-Qunused-arguments", "flags of gcc 4.2 in the tree that clang takes and ignores"),
)
"""Flags that make a clang of today take C that gcc 4.2 took, each with the reason."""


def architecture(name: str) -> Architecture:
    """The architecture of that name.  Raises `USAGE`, naming those that are known."""
    if name not in ARCHITECTURES:
        known = ", ".join(sorted(ARCHITECTURES))
        raise VrefactorError(USAGE, f"no kernel flags for architecture {name}; known: {known}")
    return ARCHITECTURES[name]


def target_flags(arch: Architecture) -> tuple[str, ...]:
    """The flags that a compiler must take to be fit for the target."""
    return (f"--target={arch.triple}", *arch.flags)


def kernel_flags(tree: SourceFiles, arch: Architecture, config: KernelConfig) -> tuple[str, ...]:
    """`${CFLAGS}` of a kernel build, without the compiler.

    Left out of kern.pre.mk: warnings, debugging symbols, profiling, and the inlining limits,
    which only gcc knows.
    """
    makefile = decode(tree.read(_PRE_MK)) if _PRE_MK in tree else ""
    dialect = re.search(r"^\s*C_DIALECT\s*[?+]?=\s*(-std=\S+)", makefile, re.MULTILINE)
    everywhere = _include_folders(makefile, conditional=False)
    return (
        *target_flags(arch),
        "-O2",
        "-fno-strict-aliasing",
        dialect[1] if dialect else "-std=c99",
        "-nostdinc",
        *(f"-I{folder}" for folder in (GEN_MARK, TREE_MARK, *everywhere)),
        "-D_KERNEL",
        "-DHAVE_KERNEL_OPTION_HEADERS",
        "-include",
        GLOBAL_HEADER,
        "-fno-common",
        "-ffreestanding",
        *(flag for flag, _ in OLD_CODE),
        *config_flags(config),
    )


def config_flags(config: KernelConfig) -> list[str]:
    """The flags that a kernel configuration has of its own (`makeoptions CONF_CFLAGS=...`)."""
    return shlex.split(config.makeoptions.get("CONF_CFLAGS", ""))


def unlisted_flags(tree: SourceFiles) -> tuple[str, ...]:
    """Flags for a file that no conf/files lists: the folders that `make depend` adds for all."""
    makefile = decode(tree.read(_PRE_MK)) if _PRE_MK in tree else ""
    return tuple(f"-I{folder}" for folder in _include_folders(makefile, conditional=True))


def _include_folders(makefile: str, *, conditional: bool) -> list[str]:
    """The folders of `INCLUDES+= -I$S/...`: outside any `.if`, for every file; or inside one."""
    folders: list[str] = []
    depth = 0
    for line in makefile.splitlines():
        directive = re.match(r"\.\s*(if|endif)", line)
        depth += {"if": 1, "endif": -1}[directive[1]] if directive else 0
        if (depth > 0) == conditional and re.match(r"INCLUDES\s*\+?=", line):
            folders += (f"{TREE_MARK}/{name}" for name in re.findall(r"-I\$S/(\S+)", line))
    return folders


def extra_flags(rule: str | None) -> tuple[str, ...]:
    """The flags that a `compile-with` string adds to those of every file (`-I`, `-D`, ...)."""
    words = (rule or "").replace("$S/", f"{TREE_MARK}/").split()
    return tuple(
        word for word in words if word.startswith("-") and "$" not in word and word != "-c"
    )
