"""A tree: an immutable snapshot of source bytes, on disk or with plans laid over it.

Nothing here writes.  `with_plan` gives a new tree that shares all that the plan leaves
alone with the old one, so a series of steps is a fold over `with_plan`.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from vrefactor.errors import (
    APPLY_INTERRUPTED,
    EDIT_BOUNDS,
    NEW_FILE_TAKEN,
    PATH_OUTSIDE,
    TREE_CHANGED,
    TREE_EMPTY,
    TREE_MISSING,
    TREE_NOT_DIR,
    TREE_UNREADABLE,
    VrefactorError,
)
from vrefactor.source.compose import Splice, compose, splices_of
from vrefactor.source.edits import Edit, NewFile, apply_edits, check_edits, describe
from vrefactor.source.journal import Journal
from vrefactor.source.walk import MANIFEST, SKIPPED, Note, Stamp, walk

# Gone, or a link in its place or on the way (ELOOP on Linux, EMLINK on FreeBSD: open(2)).
_NO_SUCH_FILE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EMLINK})


class TreeChange(NamedTuple):
    """What became of one file between two trees; `before` is None if the file is new."""

    before: bytes | None
    after: bytes
    splices: tuple[Splice, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """An immutable snapshot of source bytes.

    `paths` are the regular files, sorted by their bytes, relative to `root`, each once under
    its real path; `links` are the links within the tree (link path to the path it leads to);
    `notes` are the links and special files that are left alone.  Paths are `str` as
    `os.fsdecode` makes them, so any name survives.
    """

    root: Path
    paths: tuple[str, ...]
    links: Mapping[str, str]
    notes: tuple[Note, ...]
    _stamps: Mapping[str, Stamp] = field(repr=False)
    _contents: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    _changes: Mapping[str, TreeChange] = field(default_factory=dict, repr=False)
    _parent: Tree | None = field(default=None, repr=False)

    @classmethod
    def open(cls, root: Path) -> Tree:
        """Walk the directory `root` and return it as a tree; no file is read yet.

        Raises `VrefactorError`: TREE_MISSING, TREE_NOT_DIR, TREE_UNREADABLE (naming the
        directory), TREE_EMPTY (no .c or .h file), APPLY_INTERRUPTED if an apply was
        interrupted here after its commit (see `vrefactor.source.write.recover`), or what
        `Journal.load` raises for a journal that is not this user's.
        """
        _check_root(root)
        found = walk(root)
        paths = tuple(sorted(found.stamps, key=os.fsencode))
        if not any(path.endswith((".c", ".h")) for path in paths):
            raise VrefactorError(TREE_EMPTY, path=str(root))
        return cls(root, paths, found.links, tuple(found.notes), found.stamps)

    def __contains__(self, path: object) -> bool:
        return path in self._contents or path in self._stamps

    def read(self, path: str) -> bytes:
        """Return the content of the file `path`.

        Raises `VrefactorError` TREE_UNREADABLE if it is not there or cannot be read, and
        TREE_CHANGED if it has changed on disk since the tree was opened.
        """
        content = self._contents.get(path)
        return self._read_disk(path) if content is None else content

    def stamp(self, path: str) -> Stamp | None:
        """Return what `stat` said of `path` when the tree was opened.

        None for a file whose content is not that on disk, but what a plan made of it.
        """
        return None if path in self._contents else self._stamps.get(path)

    def has_same(self, path: str, other: Tree) -> bool:
        """Say whether `path`, which both trees have, has the same content in both.

        Raises `VrefactorError` as `read` does.
        """
        stamps = self.stamp(path), other.stamp(path)
        if self.root == other.root and stamps[0] is not None and stamps[0] == stamps[1]:
            return True  # neither has changed it, and both show the same file on disk
        return self.read(path) == other.read(path)

    def differing(self, other: Tree) -> tuple[str, ...]:
        """Return the files that differ, and those that one tree alone has, in order.

        The other tree may be from anywhere.  Raises `VrefactorError` as `read` does.
        """
        common = {path for path in self.paths if path in other}
        changed = {path for path in common if not self.has_same(path, other)}
        lone = {*self.paths, *other.paths} - common
        return tuple(sorted(changed | lone))

    def with_plan(self, edits: Iterable[Edit], new_files: Iterable[NewFile] = ()) -> Tree:
        """Return this tree with `edits` carried out and `new_files` added; nothing is written.

        A new file that is there already with the same content is no change.  Raises
        `VrefactorError`: as `apply_edits` does; EDIT_BOUNDS for an edit of a file that is not
        in the tree; NEW_FILE_TAKEN or PATH_OUTSIDE for a new file that cannot have its place.
        """
        changes = dict(self._added(new_files))
        changes |= self._edited(edits)
        contents = {path: change.after for path, change in changes.items()}
        added = [path for path, change in changes.items() if change.before is None]
        return Tree(
            self.root,
            tuple(sorted({*self.paths, *added}, key=os.fsencode)) if added else self.paths,
            self.links,
            self.notes,
            self._stamps,
            {**self._contents, **contents},
            changes,
            self,
        )

    def changes_since(self, before: Tree | None = None) -> dict[str, TreeChange]:
        """Return, by path in order, the files that differ from those of `before`.

        `before` is a tree that this one comes from by `with_plan`; None means the tree on
        disk.  Raises ValueError if this tree does not come from it.
        """
        total: dict[str, TreeChange] = {}
        for layer in reversed(list(self._layers_since(before))):
            for path, change in layer.items():
                earlier = total.get(path)
                total[path] = change if earlier is None else _then(earlier, change)
        ordered = sorted(total, key=os.fsencode)
        return {path: total[path] for path in ordered if total[path].before != total[path].after}

    def _layers_since(self, before: Tree | None) -> Iterator[Mapping[str, TreeChange]]:
        tree = self
        while tree is not before:
            yield tree._changes
            if tree._parent is None:
                if before is None:
                    return
                raise ValueError("the trees are not of one chain")
            tree = tree._parent

    def _edited(self, edits: Iterable[Edit]) -> Iterator[tuple[str, TreeChange]]:
        ordered = sorted(edits, key=attrgetter("path"))
        for path, group in groupby(ordered, key=attrgetter("path")):
            own = list(group)
            if path not in self:
                detail = f"{describe(own[0])}: there is no such file"
                raise VrefactorError(EDIT_BOUNDS, detail, path=path)
            before = self.read(path)
            after = apply_edits(before, own)
            yield path, TreeChange(before, after, splices_of(check_edits(len(before), own)))

    def _added(self, new_files: Iterable[NewFile]) -> Iterator[tuple[str, TreeChange]]:
        contents: dict[str, bytes] = {}
        for new in new_files:
            self._check_place(new)
            content = self.read(new.path) if new.path in self else contents.get(new.path)
            if content is None:
                contents[new.path] = new.content
                yield new.path, TreeChange(None, new.content, ())
            elif content != new.content:
                detail = f"there is another file there (step {new.step}: {new.reason})"
                raise VrefactorError(NEW_FILE_TAKEN, detail, path=new.path)

    def _check_place(self, new: NewFile) -> None:
        parts = new.path.split("/")
        if not SKIPPED.union(("", ".", "..")).isdisjoint(parts):
            raise VrefactorError(PATH_OUTSIDE, f"step {new.step}: {new.reason}", path=new.path)
        noted = {note.path for note in self.notes}
        above = ["/".join(parts[:count]) for count in range(1, len(parts))]
        for path in above:
            if path in self or path in self.links or path in noted:
                detail = f"{path} is not a directory (step {new.step}: {new.reason})"
                raise VrefactorError(NEW_FILE_TAKEN, detail, path=new.path)
        is_folder = any(path.startswith(f"{new.path}/") for path in self.paths)
        if is_folder or new.path in self.links or new.path in noted:
            detail = f"there is a directory or a link (step {new.step}: {new.reason})"
            raise VrefactorError(NEW_FILE_TAKEN, detail, path=new.path)

    def _read_disk(self, path: str) -> bytes:
        stamp = self._stamps.get(path)
        if stamp is None:
            raise VrefactorError(TREE_UNREADABLE, "there is no such file in the tree", path=path)
        try:
            # A link that has taken the place of the file since must not lead elsewhere.
            descriptor = os.open(f"{self.root}/{path}", os.O_RDONLY | os.O_NOFOLLOW)
            with open(descriptor, "rb", buffering=0) as file:
                now = Stamp.of(os.fstat(descriptor))
                content = file.read()
        except OSError as error:
            if error.errno in _NO_SUCH_FILE:
                raise VrefactorError(TREE_CHANGED, "it is gone", path=path) from error
            raise VrefactorError(TREE_UNREADABLE, error.strerror or "", path=path) from error
        # A change of the mode or of the link count alone moves ctime, and is no change to us.
        if now[:3] != stamp[:3] or len(content) != stamp.size:
            raise VrefactorError(TREE_CHANGED, path=path)
        return content


def _then(first: TreeChange, second: TreeChange) -> TreeChange:
    splices = () if first.before is None else compose(first.splices, second.splices)
    return TreeChange(first.before, second.after, splices)


def _check_root(root: Path) -> None:
    try:
        is_dir = root.is_dir()
        is_there = is_dir or root.exists()
        interrupted = is_dir and os.path.lexists(root / MANIFEST)
    except OSError as error:
        raise VrefactorError(TREE_UNREADABLE, error.strerror or "", path=str(root)) from error
    if not is_there:
        raise VrefactorError(TREE_MISSING, path=str(root))
    if not is_dir:
        raise VrefactorError(TREE_NOT_DIR, path=str(root))
    # One that came with the tree, or that is damaged, is another error.
    if interrupted and Journal(os.path.realpath(root)).load() is not None:
        raise VrefactorError(APPLY_INTERRUPTED, path=str(root))
