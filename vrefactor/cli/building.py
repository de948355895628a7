"""How a tree is built: the options that say so, shared by `verify` and `diff --confirm`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import click

from vrefactor.commands import BuildPlan
from vrefactor.errors import BUILD_UNKNOWN, VrefactorError
from vrefactor.rules import RuleSet
from vrefactor.source.tree import Tree
from vrefactor.verify.buildtable import table_plan
from vrefactor.verify.compdb import compdb_plan
from vrefactor.verify.kernel import kernel_plan

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
CC = click.option("--cc", metavar="COMMAND", help="The C compiler (default: CC, then the rules).")

TIMEOUT = 120.0
"""Seconds that one file may take to compile, where no rules say otherwise."""

_KERNEL_MARK = "conf/files"
"""The file that config(8) reads first: a tree that has it is a FreeBSD kernel."""


def build_plans(
    tree: Tree,
    rules: RuleSet,
    compile_commands: Path | None,
    kernconfs: Sequence[str],
    arch: str,
    cc: str | None,
    also: Sequence[str],
) -> list[BuildPlan]:
    """Find out how `tree` is built: one plan for each kernel configuration, else a single one.

    The first of these that there is: `compile_commands`, the kernel configurations, the
    `[build]` table of the rules, the configuration GENERIC of a FreeBSD kernel tree.
    `compile_commands` names files where the tree is on disk (`tree.root`).

    Raises `VrefactorError` BUILD_UNKNOWN if there is none of them, and what the makers of
    build plans raise.
    """
    timeout = float(rules.build.timeout) if rules.build else TIMEOUT
    if compile_commands is not None:
        return [compdb_plan(tree, compile_commands, tree.root, cc=cc, timeout=timeout)]
    chosen = cc or os.environ.get("CC")
    if not kernconfs and rules.build is not None:
        return [table_plan(tree, rules.build, cc=chosen)]
    if not kernconfs and _KERNEL_MARK not in tree:
        raise VrefactorError(BUILD_UNKNOWN, path=str(tree.root))
    compiler = chosen or _kernel_compiler()
    return [
        kernel_plan(tree, name, arch=arch, cc=compiler, also=also, timeout=timeout)
        for name in kernconfs or ("GENERIC",)
    ]


def _kernel_compiler() -> str:
    """Return clang, which cross-compiles; FreeBSD's own `cc` is clang too."""
    return "clang" if shutil.which("clang") else "cc"
