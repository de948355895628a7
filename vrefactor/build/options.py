"""What a user says of how a tree is built."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from vrefactor.errors import USAGE, VrefactorError

DEFAULT_KERNCONFS = ("GENERIC",)
"""The kernel configurations of a kernel tree if none is named."""

_MACRO = re.compile(r"[A-Za-z_]\w*", re.ASCII)


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What a user says of how a tree is built; by default the tree and its rules say all.

    `compile_commands` is a compilation database, `kernconfs` are FreeBSD kernel configurations
    (`GENERIC`, `LINT+OPTION~OPTION`) of the architecture `arch`, and `also` are globs of files
    to build beyond these.  `cc` is the compiler, as words of a shell.  `defines` are macros,
    `NAME` or `NAME=VALUE`, that every compile defines besides.  With `trust`, what the tree
    itself says of its build may do more than describe: flags that load code are taken, and its
    own scripts make the generated files of a kernel.
    """

    compile_commands: Path | None = None
    kernconfs: tuple[str, ...] = ()
    arch: str = "amd64"
    cc: str | None = None
    also: tuple[str, ...] = ()
    defines: tuple[str, ...] = ()
    trust: bool = False

    @property
    def compiler(self) -> str | None:
        """The compiler that the user has chosen, by option or by the variable CC, if any."""
        return self.cc or os.environ.get("CC") or None

    @property
    def kernel_compiler(self) -> str:
        """The compiler of kernels: the user's, else clang, which cross-compiles.

        FreeBSD's own `cc` is clang too.
        """
        return self.compiler or ("clang" if shutil.which("clang") else "cc")

    @property
    def macro_flags(self) -> tuple[str, ...]:
        """The flags that define the macros; raises USAGE for one that has no C name."""
        for define in self.defines:
            if not _MACRO.fullmatch(define.partition("=")[0]):
                raise VrefactorError(USAGE, f"--define takes NAME or NAME=VALUE, not {define}")
        return tuple(f"-D{define}" for define in self.defines)
