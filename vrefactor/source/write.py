"""Writing a tree to disk: all of it or nothing, even if killed on the way.

Every changed file is staged in the journal, the files on disk are compared with what was
read, and then one rename commits.  A failure after that rolls back, by a journal of its
own; a kill after that is completed by `recover`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from vrefactor.errors import (
    APPLY_INTERRUPTED,
    TREE_CHANGED,
    TREE_PROTECTED,
    TREE_UNWRITABLE,
    VrefactorError,
)
from vrefactor.source.guard import deferred_signals, locked, naming
from vrefactor.source.journal import Journal, Operation, digest, read_in_place
from vrefactor.source.tree import Tree, TreeChange
from vrefactor.source.walk import JOURNAL


def write_tree(after: Tree) -> None:
    """Write what the plans laid over the tree on disk changed, all of it or nothing.

    Permission bits, owners and access control lists are kept.  Raises `VrefactorError`:
    TREE_CHANGED if a file is not as it was read, TREE_UNWRITABLE or TREE_PROTECTED naming the
    file (in all these cases nothing is changed), or
    APPLY_INTERRUPTED if an earlier write waits for `recover`, or if this one failed half way
    and could not be undone either, so that it now waits for `recover`.
    """
    changes = after.changes_since()
    if not changes:
        return
    root = os.path.realpath(after.root)
    journal = Journal(root)
    with locked(root):
        journal.begin()
        try:
            operations = [*_new_folders(journal, changes), *_replacements(journal, changes)]
            _check_places(journal, changes)
        except BaseException:
            journal.discard()
            raise
        with deferred_signals():
            _carry_out(journal, operations, changes)


def recover(root: Path) -> bool:
    """Finish the write that was interrupted in the tree at `root`; False if there was none.

    Raises `VrefactorError`: APPLY_INTERRUPTED, naming the file, if it cannot be finished;
    JOURNAL_BROKEN for a damaged journal; JOURNAL_FOREIGN for one that came with the tree.
    """
    real_root = os.path.realpath(root)
    if not os.path.lexists(f"{real_root}/{JOURNAL}"):
        return False
    journal = Journal(real_root)
    with locked(real_root):
        operations = journal.load()
        if operations is None:
            journal.discard()
            return False
        journal.check_pending(operations)
        with deferred_signals():
            try:
                journal.finish(operations)
            except VrefactorError as error:
                raise VrefactorError(APPLY_INTERRUPTED, error.detail, path=error.path) from error
    return True


def _new_folders(journal: Journal, changes: Mapping[str, TreeChange]) -> Iterator[Operation]:
    folders: set[bytes] = set()
    for path, change in changes.items():
        name = os.path.dirname(os.fsencode(path))
        while change.before is None and name and not os.path.isdir(journal.place(name)):
            folders.add(name)
            name = os.path.dirname(name)
    for name in sorted(folders):  # a folder sorts before those in it
        yield Operation("mkdir", name)


def _replacements(journal: Journal, changes: Mapping[str, TreeChange]) -> Iterator[Operation]:
    for path, change in changes.items():
        name = os.fsencode(path)
        number = journal.stage(path, change.after, _status(journal, path))
        before = "" if change.before is None else digest(change.before)
        yield Operation("replace", name, number, before, digest(change.after))


def _status(journal: Journal, path: str) -> os.stat_result | None:
    with naming(path), suppress(FileNotFoundError):
        return os.lstat(journal.place(os.fsencode(path)))
    return None


def _check_places(journal: Journal, changes: Mapping[str, TreeChange]) -> None:
    """Raise `VrefactorError` if a file is not as it was read, or cannot be renamed to its place."""
    for path, change in changes.items():
        place = journal.place(os.fsencode(path))
        is_new = change.before is None and not os.path.lexists(place)
        if not is_new and (change.before is None or read_in_place(place) != change.before):
            raise VrefactorError(TREE_CHANGED, path=path)
        with naming(path):
            _check_folder(journal, path, os.path.dirname(place))
            if change.before is not None:
                _check_writable(path, os.lstat(place))


def _check_writable(path: str, status: os.stat_result) -> None:
    """Raise `VrefactorError` TREE_PROTECTED for a file whose replacement changes more than it.

    One that nobody may write, not even root by its mode; and one that has another name, which
    would go on to have the old content.
    """
    if not status.st_mode & 0o222:
        raise VrefactorError(TREE_PROTECTED, "it is read-only", path=path)
    if status.st_nlink > 1:
        detail = f"it is a hard link: {status.st_nlink} names have this content"
        raise VrefactorError(TREE_PROTECTED, detail, path=path)


def _check_folder(journal: Journal, path: str, folder: str) -> None:
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    detail = ""
    if not os.access(folder, os.W_OK | os.X_OK):
        detail = "no permission to write in its directory"
    elif os.stat(folder).st_dev != os.stat(journal.root).st_dev:
        detail = "it is on another file system than the root of the tree"
    if detail:
        raise VrefactorError(TREE_UNWRITABLE, detail, path=path)


def _carry_out(
    journal: Journal, operations: Sequence[Operation], changes: Mapping[str, TreeChange]
) -> None:
    try:
        journal.commit(operations)
        journal.finish(operations)
    except VrefactorError as error:
        try:
            _roll_back(journal, operations, changes)
        except VrefactorError as second:
            detail = f"{error}; and it could not be undone: {second}"
            raise VrefactorError(APPLY_INTERRUPTED, detail, path=journal.root) from second
        raise


def _roll_back(
    journal: Journal, operations: Sequence[Operation], changes: Mapping[str, TreeChange]
) -> None:
    """Undo what was done of `operations`, by a journal that takes the place of theirs."""
    undone: list[Operation] = []
    for operation in reversed(operations):
        if not journal.is_done(operation):
            continue
        path = os.fsdecode(operation.path)
        if operation.kind == "mkdir":
            undone.append(Operation("rmdir", operation.path))
        elif (before := changes[path].before) is None:
            undone.append(Operation("remove", operation.path))
        else:
            number = journal.stage(path, before, _status(journal, path))
            digested = digest(changes[path].after)
            undone.append(Operation("replace", operation.path, number, digested, digest(before)))
    if undone:
        journal.commit(undone)
        journal.finish(undone)
    else:
        journal.discard()
