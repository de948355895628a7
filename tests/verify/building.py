"""Small trees and their builds, for the tests of the engine and of the comparison."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from vrefactor.build.model import BuildPlan, CompileCommand
from vrefactor.source.tree import Tree
from vrefactor.verify.build_dir import Builds
from vrefactor.verify.report import ObjectReport, VerifyReport
from vrefactor.verify.run import VerifyOptions, build_and_compare

CC = os.environ.get("CC", "cc")
"""The compiler of this machine."""

FLAGS = ("-O1", "-fno-pic", "-I{tree}", "-I{gen}")

Files = Mapping[str, str | bytes]


def make_tree(root: Path, files: Files) -> Tree:
    """Write `files` below `root` and open them as a tree."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return Tree.open(root)


def two(folder: Path, files: Files) -> tuple[Tree, Tree]:
    """Make the same tree twice."""
    return make_tree(folder / "before", files), make_tree(folder / "after", files)


def snapshot(root: str | Path) -> dict[str, tuple[int, int, bytes]]:
    """Every entry below `root`: its time stamp, its links, its bytes."""
    return {
        str(path): (
            path.lstat().st_mtime_ns,
            path.lstat().st_nlink,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in sorted(Path(root).rglob("*"))
    }


def plan_of(
    sources: Iterable[str],
    cc: str = CC,
    flags: Sequence[str] = FLAGS,
    configuration: str = "default",
) -> BuildPlan:
    """Return the plan that compiles `sources` with the same command."""
    argv = (cc, *flags)
    return BuildPlan(tuple(CompileCommand(source, argv, configuration, 60.0) for source in sources))


def c_files(tree: Tree) -> list[str]:
    """Return the .c files of a tree."""
    return [path for path in tree.paths if path.endswith(".c")]


def builds_of(before: Tree, after: Tree, cc: str = CC, flags: Sequence[str] = FLAGS) -> Builds:
    """Return builds of all .c files of each tree."""
    plans = [plan_of(c_files(tree), cc, flags) for tree in (before, after)]
    return Builds((plans[0],), (plans[1],))


def verify_files(folder: Path, before: Files, after: Files) -> VerifyReport:
    """Build two small trees below `folder` and compare them."""
    trees = make_tree(folder / "before", before), make_tree(folder / "after", after)
    return build_and_compare(*trees, builds_of(*trees), VerifyOptions(jobs=2))


def verdicts(objects: Iterable[ObjectReport]) -> dict[str, str]:
    """Return the verdict of each object by its name."""
    return {found.name: found.verdict.value for found in objects}


def script(path: Path, text: str) -> str:
    """Make an executable shell script, for example a compiler that misbehaves; return its path."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)
