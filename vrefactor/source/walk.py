"""The walk over a tree on disk: its regular files, each once, and its symbolic links."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from vrefactor.errors import TREE_UNREADABLE, VrefactorError

JOURNAL = ".vrefactor-journal"
"""The folder, at the root of a tree, that an apply under way keeps its state in."""
MANIFEST = f"{JOURNAL}/manifest"
"""The file that says that an apply has been committed but is not finished."""

# Version control's own copies, and those that quilt keeps of the files it has patched
# (quilt(1), ".pc"): to rewrite one of them would destroy what it is for.
SKIPPED = frozenset({".git", ".hg", ".bzr", ".svn", "CVS", ".pc", JOURNAL})


class NoteReason(StrEnum):
    """Why an entry of the tree is left alone."""

    LEAVES = "a link that leaves the tree"
    DANGLES = "a link to nothing"
    LOOPS = "a link that loops"
    SKIPPED = "a link into a folder that is not read"
    SPECIAL = "neither a file nor a directory"


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """An entry that is left alone: its path, why, and (of a link) what it says."""

    path: str
    reason: NoteReason
    target: str = ""


class Stamp(NamedTuple):
    """What tells cheaply whether a file has changed: bytes, nanoseconds, inode, nanoseconds."""

    size: int
    mtime_ns: int
    inode: int
    ctime_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> Stamp:
        """Return the stamp of a file from its `stat` result."""
        return cls(status.st_size, status.st_mtime_ns, status.st_ino, status.st_ctime_ns)


@dataclass(slots=True)
class Walk:
    """What a walk found.  Paths are relative to the root, with `/`."""

    stamps: dict[str, Stamp] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)


def walk(root: Path) -> Walk:
    """Walk the directory `root`, following no link.

    Raises `VrefactorError` TREE_UNREADABLE, naming the directory, if one cannot be listed.
    """
    found = Walk()
    links: list[str] = []
    folders = [""]
    while folders:
        folder = folders.pop()
        for path, status in _entries(root, folder):
            if stat.S_ISLNK(status.st_mode):
                links.append(path)
            elif stat.S_ISDIR(status.st_mode):
                folders.append(path + "/")
            elif stat.S_ISREG(status.st_mode):
                found.stamps[path] = Stamp.of(status)
            else:
                found.notes.append(Note(path, NoteReason.SPECIAL))
    _resolve_links(root, sorted(links), found)
    return found


def _entries(root: Path, folder: str) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the path and the status of what is in a folder."""
    try:
        with os.scandir(f"{root}/{folder}") as entries:
            for entry in entries:
                if entry.name not in SKIPPED:
                    yield folder + entry.name, entry.stat(follow_symlinks=False)
    except OSError as error:
        path = folder.rstrip("/") or str(root)
        raise VrefactorError(TREE_UNREADABLE, error.strerror or "", path=path) from error


def _resolve_links(root: Path, links: list[str], found: Walk) -> None:
    if not links:
        return
    real_root = os.path.realpath(root)
    for path in links:
        target, reason = _target(real_root, path)
        if reason is None:
            found.links[path] = target
        else:
            says = os.readlink(f"{real_root}/{path}")
            found.notes.append(Note(path, reason, says))
    found.notes.sort()


def _target(real_root: str, path: str) -> tuple[str, NoteReason | None]:
    """Return the path in the tree that a link leads to in the end, or why it is not followed."""
    link = f"{real_root}/{path}"
    try:
        real = os.path.realpath(link, strict=True)
    except FileNotFoundError:
        return "", NoteReason.DANGLES
    except PermissionError:
        return "", NoteReason.LEAVES  # a closed directory of the tree would have ended the walk
    except OSError:
        return "", NoteReason.LOOPS
    if not _within(real_root, real):
        return "", NoteReason.LEAVES
    if _within(real, os.path.dirname(link)):
        return "", NoteReason.LOOPS
    target = real[len(real_root) :].lstrip("/")
    if not SKIPPED.isdisjoint(target.split("/")):
        return "", NoteReason.SKIPPED
    ordinary = os.path.isfile(real) or os.path.isdir(real)
    return target, None if ordinary else NoteReason.SPECIAL


def _within(folder: str, path: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
