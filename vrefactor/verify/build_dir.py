"""Both trees laid out for the compiler, in one build directory, outside either of them.

    a/ b/           the tree before and the tree after, padded
    gen/a/p0/ …     the generated headers of each plan of each tree

`a` and `b` have equal lengths, so that the compile commands of both sides do too.  A second
lay-out writes only what differs, so that time stamps tell ninja what to build again.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from vrefactor.build.model import TREE_MARK, BuildPlan
from vrefactor.errors import BUILD_DIR_TAKEN, BUILD_DIR_UNWRITABLE, VrefactorError
from vrefactor.source.journal import read_in_place
from vrefactor.source.seal import is_sealed, seal
from vrefactor.source.tree import Tree

MARKER = ".vrefactor-verify"
"""The file that says that a directory is a build directory of ours: it holds a seal."""

_SEALED = b"build directory"


class Side(StrEnum):
    """One of the two builds; the value is its directory."""

    BEFORE = "a"
    AFTER = "b"


@dataclass(frozen=True, slots=True)
class Builds:
    """How to build each side: as many plans for each, in the same order.

    After them, the side after may have plans with options that a step claims.
    """

    before: tuple[BuildPlan, ...]
    after: tuple[BuildPlan, ...]

    def of(self, side: Side) -> tuple[BuildPlan, ...]:
        """Return the plans of one side."""
        return self.before if side is Side.BEFORE else self.after


def generated_dir(side: Side, plan: int) -> str:
    """Return the directory of the generated headers of plan number `plan`."""
    return f"gen/{side}/p{plan}"


def check_place(build: Path, trees: Sequence[Path]) -> None:
    """Raise BUILD_DIR_TAKEN if the build directory would lie in one of the trees."""
    real = build.resolve()
    for tree in trees:
        if real == tree.resolve() or tree.resolve() in real.parents:
            raise VrefactorError(BUILD_DIR_TAKEN, f"it lies in the tree {tree}", path=str(build))


def prepare(build: Path) -> None:
    """Make the build directory, or take one that an earlier run of this user has made here.

    A marker tells, with a seal of the user's own key: what is in the directory is removed when
    it is not wanted, so a directory that only looks like one of ours is left alone.

    Raises `VrefactorError` BUILD_DIR_TAKEN if it holds something else, or belongs to somebody
    else, BUILD_DIR_UNWRITABLE, and what `seal` raises.
    """
    real = os.path.realpath(build)
    with writing(build):
        build.mkdir(parents=True, exist_ok=True)
        if os.stat(real).st_uid != os.geteuid():
            raise VrefactorError(BUILD_DIR_TAKEN, "it is somebody else's", path=str(build))
        sealed = read_in_place(f"{real}/{MARKER}")
        if sealed is not None:
            if not is_sealed(real, _SEALED, sealed.decode("utf-8", "replace")):
                raise VrefactorError(BUILD_DIR_TAKEN, "you did not make it here", path=str(build))
        elif os.listdir(real):
            raise VrefactorError(BUILD_DIR_TAKEN, "it holds other files", path=str(build))
        else:
            Path(real, MARKER).write_text(seal(real, _SEALED))


@contextmanager
def writing(build: Path) -> Iterator[None]:
    """Turn an `OSError` in the build directory into BUILD_DIR_UNWRITABLE (disk full and so on)."""
    try:
        yield
    except OSError as error:
        path = os.fsdecode(error.filename) if error.filename else str(build)
        detail = error.strerror or str(error)
        raise VrefactorError(BUILD_DIR_UNWRITABLE, detail, path=path) from error


def lay_out(build: Path, before: Tree, after: Tree, builds: Builds) -> None:
    """Write both trees, already padded, and their generated headers into `build`.

    Raises `VrefactorError` as `Tree.read` does, and BUILD_DIR_UNWRITABLE.
    """
    with writing(build):
        _clear(f"{build}/{Side.BEFORE}", {*before.paths, *before.links})
        for path in before.paths:
            put(f"{build}/{Side.BEFORE}/{path}", before.read(path))
        _clear(f"{build}/{Side.AFTER}", {*after.paths, *after.links})
        for path in after.paths:
            if path in before and before.has_same(path, after):
                _share(f"{build}/{Side.BEFORE}/{path}", f"{build}/{Side.AFTER}/{path}", after, path)
            else:
                put(f"{build}/{Side.AFTER}/{path}", after.read(path))
        for side, tree in ((Side.BEFORE, before), (Side.AFTER, after)):
            names = [*tree.paths, *_link(build, str(side), _tree_links(tree))]
            for number, plan in enumerate(builds.of(side)):
                names += _generate(build, side, generated_dir(side, number), plan)
            put(f"{build}/{side}.paths", os.fsencode("\n".join(names)))


def _tree_links(tree: Tree) -> dict[str, str]:
    return {
        path: os.path.relpath(target, os.path.dirname(path) or ".")
        for path, target in tree.links.items()
    }


def _generate(build: Path, side: Side, place: str, plan: BuildPlan) -> list[str]:
    """Write the generated headers of one plan; return the names of all that is there."""
    links = {name: target for name, target in plan.links if TREE_MARK not in target}
    for name, target in plan.links:
        if TREE_MARK in target:
            inside = target.replace(TREE_MARK, str(side))
            links[name] = os.path.relpath(inside, os.path.dirname(f"{place}/{name}"))
    _clear(f"{build}/{place}", {*links, *(file.path for file in plan.generated)})
    for file in plan.generated:
        put(f"{build}/{place}/{file.path}", file.content)
    os.makedirs(f"{build}/{place}", exist_ok=True)
    return [*(f"{place}/{file.path}" for file in plan.generated), *_link(build, place, links)]


def put(path: str, content: bytes) -> None:
    """Make `path` a file with `content`; leave it alone, time stamp and all, if it is one."""
    with suppress(FileNotFoundError):
        status = os.lstat(path)
        if stat.S_ISREG(status.st_mode) and status.st_size == len(content):
            with open(path, "rb", buffering=0) as file:
                if file.read() == content:
                    return
        os.unlink(path)  # never written through: it may share its bytes with the other side
    try:
        file = open(path, "xb", buffering=0)  # noqa: SIM115 (closed below)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        file = open(path, "xb", buffering=0)  # noqa: SIM115
    with file:
        written = file.write(content)
        if written != len(content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)


def _share(source: str, path: str, tree: Tree, name: str) -> None:
    """Make `path` a second name of `source`, which has the same content, if it is not there.

    Only a missing file may be linked: its time stamp can then be older than an object, but a
    new path rebuilds all of its side anyway (see `SIDE.paths` in the build graph).
    """
    if not os.path.lexists(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with suppress(OSError):
            os.link(source, path)
            return
    put(path, tree.read(name))


def _link(build: Path, place: str, links: Mapping[str, str]) -> list[str]:
    """Make symbolic links in `place`; return what tells them from others."""
    for name, target in links.items():
        path = f"{build}/{place}/{name}"
        if os.path.islink(path) and os.readlink(path) == target:
            continue
        with suppress(FileNotFoundError):
            os.unlink(path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.symlink(target, path)
    return [f"{name} -> {target}" for name, target in links.items()]


def _clear(top: str, wanted: set[str]) -> None:
    """Remove from `top` what an earlier run left and this one does not want.

    No link is followed, that of `top` itself neither.
    """
    if os.path.islink(top):
        os.unlink(top)
    above = {name[:at] for name in wanted for at in _slashes(name)}
    todo = [""]
    while todo:
        base = todo.pop()
        with suppress(FileNotFoundError), os.scandir(f"{top}/{base}") as entries:
            for entry in entries:
                name = f"{base}{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    if name in above:
                        todo.append(f"{name}/")
                    else:
                        shutil.rmtree(entry.path)
                elif name not in wanted:
                    os.unlink(entry.path)


def _slashes(name: str) -> Iterator[int]:
    at = name.find("/")
    while at >= 0:
        yield at
        at = name.find("/", at + 1)
