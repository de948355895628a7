"""The kernel's generated files: what our own reading of their inputs makes of them.

In a kernel build the tree's own awk scripts make them.  Scripts of a tree can do anything: run
programs, write files anywhere.  So they are run only for a user who trusts the tree; even then
only awk is run, in a temporary folder, and never a shell.  A rule of conf/files that needs more
is not made, and the files that include its result say so when they are compiled.
"""

from __future__ import annotations

import os
import posixpath
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from vrefactor.build.freebsd.device_ids import (
    acpi_header,
    mii_header,
    pccard_header,
    usb_header,
    usb_table,
)
from vrefactor.build.freebsd.files import FileEntry
from vrefactor.build.freebsd.interfaces import interface_header
from vrefactor.build.freebsd.vnode_ops import vnode_headers
from vrefactor.build.model import Generated, SourceFiles
from vrefactor.errors import AWK_MISSING, GENERATOR_FAILED, VrefactorError

_TIMEOUT = 60.0
"""Seconds for one script; each takes a fraction of one."""

_AWK_RULE = re.compile(r"\$\{AWK\}\s+-f\s+(\$S/[^\s;|&<>`$]+)((?:\s+(?:\$S/)?[^\s;|&<>`$]+)*)\s*")

_VNODE_SCRIPT = ("tools/vnode_if.awk", "kern/vnode_if.src")
_OBJECT_SCRIPT = "tools/makeobjops.awk"
"""The two rules of conf/kern.post.mk and conf/kern.pre.mk (`NORMAL_M`)."""


_Maker = Callable[[str, bytes], Generated]
_MAKERS: Mapping[str, Mapping[str, _Maker]] = {
    "acpi_quirks2h.awk": {"": acpi_header},
    "miidevs2h.awk": {"": mii_header},
    "pccarddevs2h.awk": {"": pccard_header},
    "usbdevs2h.awk": {"-h": usb_header, "-d": usb_table},
}
"""What we make ourselves instead of a script, by the option that the script gets for it."""


@dataclass(frozen=True, slots=True)
class _Job:
    """One run of awk: a script, its arguments (`$S/` stands for the tree), its input files."""

    script: str
    arguments: tuple[str, ...]
    inputs: tuple[str, ...]


def generate(
    tree: SourceFiles, entries: Iterable[FileEntry], methods: Iterable[str], *, trust: bool
) -> tuple[Generated, ...]:
    """The generated files: of the rules in conf/files, of vnode_if.src, of `methods` (*.m).

    With `trust`, the tree's own scripts make them.  Without it, those are made of which the
    inputs are known to us.  Raises `GENERATOR_FAILED` with the script or the input and what is
    wrong, and `AWK_MISSING` if a script is to be run.
    """
    if trust:
        return _by_scripts(tree, entries, tuple(methods))
    made = [
        make(job.inputs[0], tree.read(job.inputs[0]))
        for job in _entry_jobs(tree, entries)
        for make in _makers(job)
    ]
    source = _VNODE_SCRIPT[1]
    if source in tree:
        made += vnode_headers(source, tree.read(source))
    made += [interface_header(path, tree.read(path)) for path in methods]
    by_path = {generated.path: generated for generated in made}
    return tuple(by_path[path] for path in sorted(by_path))


def unknown_rule(entry: FileEntry) -> bool:
    """Say whether awk would make this file, by a script whose inputs are not known to us."""
    rule = _AWK_RULE.fullmatch(entry.argument("compile-with") or "")
    return rule is not None and rule[1].rpartition("/")[2] not in _MAKERS


def _makers(job: _Job) -> list[_Maker]:
    """The makers of what a rule's script makes."""
    by_option = _MAKERS.get(job.script.rpartition("/")[2], {}) if len(job.inputs) == 1 else {}
    return [make for option, make in by_option.items() if not option or option in job.arguments]


def _by_scripts(
    tree: SourceFiles, entries: Iterable[FileEntry], methods: tuple[str, ...]
) -> tuple[Generated, ...]:
    jobs = [*_entry_jobs(tree, entries), *_tree_jobs(tree, methods)]
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
