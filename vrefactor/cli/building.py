"""How a tree is built: the options that say so, shared by `verify` and `diff --confirm`."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from vrefactor.build.model import BuildPlan
from vrefactor.errors import BUILD_UNKNOWN, USAGE, VrefactorError
from vrefactor.rules import RuleSet
from vrefactor.source.tree import Tree

COMPILE_COMMANDS = click.option(
    "--compile-commands",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Build as this compile_commands.json says.",
)
KERNCONF = click.option(
    "--kernconf",
    "kernconfs",
    multiple=True,
    metavar="NAME",
    help="Build this kernel configuration (repeatable): GENERIC, LINT+OPTION~OPTION, …",
)
ARCH = click.option(
    "--arch",
    default="amd64",
    show_default=True,
    metavar="NAME",
    help="The architecture of the kernel configurations.",
)
ALSO = click.option(
    "--also",
    multiple=True,
    metavar="GLOB",
    help="Build these .c files too, in every kernel configuration (repeatable).",
)
DEFINE = click.option(
    "--define",
    "defines",
    multiple=True,
    metavar="NAME[=VALUE]",
    help="Define this macro in every compile of both trees (repeatable).",
)
CC = click.option("--cc", metavar="COMMAND", help="The C compiler (default: CC, then the rules).")

TIMEOUT = 120.0
"""Seconds that one file may take to compile, where no rules say otherwise."""

DEFAULT_KERNCONFS = ("GENERIC",)
"""The kernel configurations of a kernel tree if none is named."""

_MACRO = re.compile(r"[A-Za-z_]\w*", re.ASCII)

_KERNEL_MARK = "conf/files"
"""The file that config(8) reads first: a tree that has it is a FreeBSD kernel."""


@dataclass(frozen=True, slots=True)
class Building:
    """The options that say how a tree is built.

    `defines` are macros, `NAME` or `NAME=VALUE`, that every compile command defines besides.
    """

    compile_commands: Path | None
    kernconfs: tuple[str, ...]
    arch: str
    cc: str | None
    also: tuple[str, ...]
    defines: tuple[str, ...] = ()

    def check_unused(self) -> None:
        """Raise USAGE if one is given, for a run that builds nothing."""
        if self.compile_commands or self.kernconfs or self.cc or self.also:
            detail = "--compile-commands, --kernconf, --cc and --also need --confirm"
            raise VrefactorError(USAGE, detail)

    def is_kernel(self, tree: Tree, rules: RuleSet) -> bool:
        """Say whether `tree` is built by kernel configurations."""
        if self.compile_commands is not None:
            return False
        return bool(self.kernconfs) or (rules.build is None and _KERNEL_MARK in tree)

    @property
    def kernel_compiler(self) -> str:
        """The compiler of kernels: the user's, else clang, which cross-compiles.

        FreeBSD's own `cc` is clang too.
        """
        return self.cc or os.environ.get("CC") or ("clang" if shutil.which("clang") else "cc")


def build_plans(
    tree: Tree,
    rules: RuleSet,
    building: Building,
    made_at: Path | None = None,
    *,
    assertions: bool = False,
) -> list[BuildPlan]:
    """Find out how `tree` is built: one plan for each kernel configuration, else a single one.

    The first of these that there is: a `compile_commands.json`, the kernel configurations, the
    `[build]` table of the rules, the configuration GENERIC of a FreeBSD kernel tree.  A
    database names files where it was made: at `made_at`, or where the tree is on disk.  With
    `assertions`, a kernel keeps the options of its configuration that record line numbers: for
    those who want as much code compiled as may be, and compare no objects.

    Raises `VrefactorError` BUILD_UNKNOWN if there is none of them, USAGE for a macro that has
    no C name, and what the makers of build plans raise.
    """
    flags = _macro_flags(building.defines)
    plans = _plans(tree, rules, building, made_at, assertions=assertions)
    return [_with_flags(plan, flags) for plan in plans] if flags else plans


def _macro_flags(defines: Sequence[str]) -> tuple[str, ...]:
    for define in defines:
        if not _MACRO.fullmatch(define.partition("=")[0]):
            raise VrefactorError(USAGE, f"--define takes NAME or NAME=VALUE, not {define}")
    return tuple(f"-D{define}" for define in defines)


def _with_flags(plan: BuildPlan, flags: tuple[str, ...]) -> BuildPlan:
    commands = tuple(replace(command, argv=(*command.argv, *flags)) for command in plan.commands)
    return replace(plan, commands=commands)


def _plans(
    tree: Tree, rules: RuleSet, building: Building, made_at: Path | None, *, assertions: bool
) -> list[BuildPlan]:
    # Loaded here, because `diff` has these options too and mostly builds nothing.
    from vrefactor.build.database import compdb_plan
    from vrefactor.build.freebsd import DEFAULT_NOOPTIONS, kernel_plan
    from vrefactor.build.table import table_plan

    timeout = float(rules.build.timeout) if rules.build else TIMEOUT
    if building.compile_commands is not None:
        root = made_at or tree.root
        return [compdb_plan(tree, building.compile_commands, root, cc=building.cc, timeout=timeout)]
    if not building.is_kernel(tree, rules):
        if rules.build is None:
            raise VrefactorError(BUILD_UNKNOWN, path=str(tree.root))
        return [table_plan(tree, rules.build, cc=building.cc or os.environ.get("CC"))]
    return [
        kernel_plan(
            tree,
            name,
            arch=building.arch,
            cc=building.kernel_compiler,
            no_options=() if assertions else DEFAULT_NOOPTIONS,
            also=building.also,
            timeout=timeout,
        )
        for name in building.kernconfs or DEFAULT_KERNCONFS
    ]
