"""The kernel's generated files, made by the tree's own awk scripts in a temporary folder.

Only awk is run, never a shell: a rule of conf/files that needs more is not made, and the files
that include its result say so when they are compiled.
"""

from __future__ import annotations

import os
import posixpath
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from vrefactor.build.freebsd.files import FileEntry
from vrefactor.build.model import Generated, SourceFiles
from vrefactor.errors import AWK_MISSING, GENERATOR_FAILED, VrefactorError

_TIMEOUT = 60.0
"""Seconds for one script; each takes a fraction of one."""

_AWK_RULE = re.compile(r"\$\{AWK\}\s+-f\s+(\$S/[^\s;|&<>`$]+)((?:\s+(?:\$S/)?[^\s;|&<>`$]+)*)\s*")

_VNODE_SCRIPT = ("tools/vnode_if.awk", "kern/vnode_if.src")
_OBJECT_SCRIPT = "tools/makeobjops.awk"
"""The two rules of conf/kern.post.mk and conf/kern.pre.mk (`NORMAL_M`)."""


@dataclass(frozen=True, slots=True)
class _Job:
    """One run of awk: a script, its arguments (`$S/` stands for the tree), its input files."""

    script: str
    arguments: tuple[str, ...]
    inputs: tuple[str, ...]


def generate(
    tree: SourceFiles, entries: Iterable[FileEntry], methods: Iterable[str]
) -> tuple[Generated, ...]:
    """The files that awk makes: of the rules in conf/files, of vnode_if.src, of `methods` (*.m).

    Raises `AWK_MISSING`, or `GENERATOR_FAILED` with the script and what it said.
    """
    jobs = [*_entry_jobs(tree, entries), *_tree_jobs(tree, tuple(methods))]
    if not jobs:
        return ()
    awk = shutil.which("awk")
    if awk is None:
        raise VrefactorError(AWK_MISSING, f"{jobs[0].script} needs it")
    made: dict[str, Generated] = {}
    for job in jobs:
        made |= {item.path: item for item in _run(tree, awk, job)}
    return tuple(made[path] for path in sorted(made))


def _tree_jobs(tree: SourceFiles, methods: tuple[str, ...]) -> Iterable[_Job]:
    script, source = _VNODE_SCRIPT
    if script in tree and source in tree:
        yield _Job(script, (f"$S/{source}", "-c", "-h", "-p", "-q"), (source,))
    if _OBJECT_SCRIPT in tree and methods:
        arguments = (*(f"$S/{path}" for path in methods), "-c", "-h")
        yield _Job(_OBJECT_SCRIPT, arguments, methods)


def _entry_jobs(tree: SourceFiles, entries: Iterable[FileEntry]) -> Iterable[_Job]:
    for entry in entries:
        rule = _AWK_RULE.fullmatch(entry.argument("compile-with") or "")
        if rule is None:
            continue
        script, arguments = rule[1].removeprefix("$S/"), tuple(rule[2].split())
        inputs = tuple(arg.removeprefix("$S/") for arg in arguments if arg.startswith("$S/"))
        if all(path in tree for path in (script, *inputs)):
            yield _Job(script, arguments, inputs)


def _run(tree: SourceFiles, awk: str, job: _Job) -> tuple[Generated, ...]:
    contents = tuple((path, tree.read(path)) for path in (job.script, *job.inputs))
    return _made(awk, job, contents)


@lru_cache(maxsize=256)  # the tree before and the one after mostly have the same scripts and inputs
def _made(awk: str, job: _Job, contents: tuple[tuple[str, bytes], ...]) -> tuple[Generated, ...]:
    with TemporaryDirectory(prefix="vrefactor-gen-") as folder:
        root, out = Path(folder, "tree"), Path(folder, "gen")
        for path, content in contents:
            _copy(path, content, root)
        out.mkdir()
        argv = [awk, "-f", f"../tree/{job.script}"]
        argv += [arg.replace("$S/", "../tree/") for arg in job.arguments]
        _call(argv, out, job.script)
        return tuple(Generated(path.name, path.read_bytes()) for path in sorted(out.iterdir()))


def _copy(path: str, content: bytes, root: Path) -> None:
    if posixpath.normpath(path).startswith(("/", "..")):
        raise VrefactorError(GENERATOR_FAILED, "lies outside the tree", path=path)
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)


def _call(argv: list[str], folder: Path, script: str) -> None:
    environment = {**os.environ, "LC_ALL": "C"}
    try:
        done = subprocess.run(
            argv,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise VrefactorError(GENERATOR_FAILED, f"not done in {_TIMEOUT:g} s", path=script) from None
    if done.returncode:
        said = done.stderr[:2000].decode("utf-8", "replace").strip().splitlines()
        detail = said[0] if said else f"exit status {done.returncode}"
        raise VrefactorError(GENERATOR_FAILED, detail, path=script)
