"""The journal of a write: staged files and a manifest, whose rename is the commit point.

A journal is a folder at the root of the tree.  Without a manifest in it, it is the debris of
a write that never was, and is discarded.  With one, the write has happened, and what is
left of it can be finished at any time, any number of times: each staged file that is still
there is renamed to its place.

A tree may bring such a folder along.  So the manifest bears a seal (`source.seal`), and
holds the digest of each staged file; and what no step could have written is not
written, whoever asks for it.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
from collections.abc import Sequence
from contextlib import suppress
from typing import Literal

import msgspec

from vrefactor.errors import (
    APPLY_INTERRUPTED,
    JOURNAL_BROKEN,
    JOURNAL_FOREIGN,
    PATH_OUTSIDE,
    TREE_CHANGED,
    TREE_UNWRITABLE,
    VrefactorError,
)
from vrefactor.source.guard import naming
from vrefactor.source.seal import is_sealed, seal
from vrefactor.source.walk import JOURNAL, MANIFEST, SKIPPED

# Some file systems cannot sync a directory; they order renames by other means.
_NO_DIRECTORY_SYNC = (errno.EINVAL, errno.EBADF, errno.ENOTSUP)


class Operation(msgspec.Struct, frozen=True):
    """One act of a write: on `path` (bytes, relative to the root), with the file `staged`.

    `before` is the digest of the content that `replace` replaces, empty if there is none;
    `after` that of the staged file.
    """

    kind: Literal["mkdir", "replace", "remove", "rmdir"]
    path: bytes
    staged: int = -1
    before: str = ""
    after: str = ""


class _Manifest(msgspec.Struct, frozen=True):
    """Committed operations, as they are encoded, and their seal."""

    operations: bytes
    seal: str


def digest(content: bytes) -> str:
    """Return what tells a content from any other."""
    return hashlib.sha256(content).hexdigest()


def read_in_place(place: str) -> bytes | None:
    """Return the content of the regular file at `place`; None if there is no such thing."""
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    with open(descriptor, "rb", buffering=0) as file:
        return file.read()


class Journal:
    """The journal of the tree at `root`, which is a real path.

    Raises `VrefactorError` TREE_UNWRITABLE if a link is in its place, which may lead anywhere.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self._folder = f"{root}/{JOURNAL}"
        self._manifest = f"{root}/{MANIFEST}"
        self._staged = 0
        if os.path.islink(self._folder):
            raise VrefactorError(TREE_UNWRITABLE, "a link is in its place", path=JOURNAL)

    def begin(self) -> None:
        """Make the empty journal, in place of the debris of a write that never was.

        Raises `VrefactorError`: APPLY_INTERRUPTED if there is a committed journal,
        TREE_UNWRITABLE if none can be made.
        """
        if os.path.lexists(self._manifest):
            raise VrefactorError(APPLY_INTERRUPTED, path=self.root)
        self.discard()
        with naming(JOURNAL):
            os.mkdir(self._folder, 0o700)

    def stage(self, path: str, content: bytes, like: os.stat_result | None) -> int:
        """Write `content` into the journal, for `path`, and return the number it has there.

        `like` is the file whose mode and, as far as permitted, owner it gets; None for a new
        one.  Raises `VrefactorError` TREE_UNWRITABLE, naming `path`.
        """
        number = self._staged
        self._staged += 1
        with naming(path):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            descriptor = os.open(self._staging_place(number), flags, 0o666)
            try:
                _write(descriptor, content)
                if like is not None:
                    _make_like(descriptor, like)
                    _copy_attributes(self.place(os.fsencode(path)), descriptor)
            finally:
                os.close(descriptor)
        return number

    def commit(self, operations: Sequence[Operation]) -> None:
        """Make `operations` bound to happen: after this, any `finish` carries them out.

        Raises `VrefactorError` TREE_UNWRITABLE.
        """
        for operation in operations:
            if operation.kind == "replace":
                with naming(os.fsdecode(operation.path)):
                    _sync(self._staging_place(operation.staged))
        with naming(JOURNAL):
            draft = f"{self._manifest}.new"
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                encoded = msgspec.json.encode(operations)
                manifest = _Manifest(encoded, seal(self.root, encoded))
                _write(descriptor, msgspec.json.encode(manifest))
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            os.replace(draft, self._manifest)
            _sync_folder(self._folder)
            _sync_folder(self.root)

    def load(self) -> list[Operation] | None:
        """Return the committed operations, or None if nothing is committed.

        Raises `VrefactorError`: JOURNAL_FOREIGN for one that this user has not made here,
        JOURNAL_BROKEN for a manifest that cannot be understood.
        """
        if not os.path.lexists(self._manifest):
            return None
        try:
            manifest = msgspec.json.decode(read_in_place(self._manifest) or b"", type=_Manifest)
        except (OSError, msgspec.DecodeError) as error:
            raise VrefactorError(JOURNAL_BROKEN, str(error), path=MANIFEST) from error
        if not is_sealed(self.root, manifest.operations, manifest.seal):
            raise VrefactorError(JOURNAL_FOREIGN, path=f"{self.root}/{JOURNAL}")
        try:
            return msgspec.json.decode(manifest.operations, type=list[Operation])
        except msgspec.DecodeError as error:
            raise VrefactorError(JOURNAL_BROKEN, str(error), path=MANIFEST) from error

    def check_pending(self, operations: Sequence[Operation]) -> None:
        """Raise `VrefactorError` APPLY_INTERRUPTED if an operation would destroy later work.

        Likewise if a staged file is not the one that was committed.
        """
        for operation in operations:
            if operation.kind != "replace" or self.is_done(operation):
                continue
            staged = read_in_place(self._staging_place(operation.staged))
            if staged is None or digest(staged) != operation.after:
                detail = "what the journal holds for this file is not what was put there"
                raise VrefactorError(APPLY_INTERRUPTED, detail, path=os.fsdecode(operation.path))
            content = read_in_place(self.place(operation.path))
            if operation.before != ("" if content is None else digest(content)):
                detail = "this file was changed since then; first put its old content back"
                raise VrefactorError(APPLY_INTERRUPTED, detail, path=os.fsdecode(operation.path))

    def finish(self, operations: Sequence[Operation]) -> None:
        """Carry out what is left of the committed `operations`, and remove the journal.

        Raises `VrefactorError` TREE_UNWRITABLE, naming the file; the journal then stays.
        """
        for operation in operations:
            with naming(os.fsdecode(operation.path)):
                self._carry_out(operation)
        for folder in sorted({os.path.dirname(self.place(each.path)) for each in operations}):
            with naming(folder), suppress(FileNotFoundError):
                _sync_folder(folder)
        with naming(JOURNAL):
            os.unlink(self._manifest)
        self.discard()

    def discard(self) -> None:
        """Remove the journal; staged files that cannot be removed do no harm.

        Raises `VrefactorError` TREE_UNWRITABLE if the manifest cannot be removed.
        """
        with naming(JOURNAL), suppress(FileNotFoundError, NotADirectoryError):
            os.unlink(self._manifest)
        shutil.rmtree(self._folder, ignore_errors=True)

    def is_done(self, operation: Operation) -> bool:
        """Tell whether a committed `mkdir` or `replace` has been carried out."""
        if operation.kind == "mkdir":
            return os.path.isdir(self.place(operation.path))
        return not os.path.lexists(self._staging_place(operation.staged))

    def place(self, name: bytes) -> str:
        """Return the absolute place of a path in the tree.

        Raises `VrefactorError`: PATH_OUTSIDE for one that is not within the tree,
        or that is version control's own; TREE_CHANGED if a directory on its way is a link
        (they were not when it was read).
        """
        path = os.fsdecode(name)
        if not {"", ".", "..", *SKIPPED}.isdisjoint(path.split("/")):
            raise VrefactorError(PATH_OUTSIDE, path=path)
        folder = os.path.dirname(f"{self.root}/{path}")
        if os.path.realpath(folder) != folder:
            raise VrefactorError(TREE_CHANGED, "a link leads to its place", path=path)
        return f"{self.root}/{path}"

    def _carry_out(self, operation: Operation) -> None:
        place = self.place(operation.path)
        if operation.kind == "mkdir":
            with suppress(FileExistsError):
                os.mkdir(place)
        elif operation.kind == "replace":
            if not self.is_done(operation):
                self._check_unchanged(operation, place)
                os.replace(self._staging_place(operation.staged), place)
        elif operation.kind == "remove":
            with suppress(FileNotFoundError):
                os.unlink(place)
        else:
            with suppress(FileNotFoundError):
                os.rmdir(place)

    def _check_unchanged(self, operation: Operation, place: str) -> None:
        """Raise `VrefactorError` TREE_CHANGED if a file is not what is to be replaced.

        Asked right before the rename: others may write to the tree meanwhile.
        """
        content = read_in_place(place)
        there = "" if content is None else digest(content)
        if there != operation.before or (content is None and os.path.lexists(place)):
            raise VrefactorError(TREE_CHANGED, path=os.fsdecode(operation.path))

    def _staging_place(self, number: int) -> str:
        return f"{self._folder}/{number}"


def _write(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _make_like(descriptor: int, like: os.stat_result) -> None:
    now = os.fstat(descriptor)
    if (now.st_uid, now.st_gid) != (like.st_uid, like.st_gid):
        with suppress(OSError):
            os.fchown(descriptor, like.st_uid, like.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(like.st_mode))


def _copy_attributes(source: str, descriptor: int) -> None:
    """Copy the extended attributes of a file, access control lists among them.

    Raises OSError for an access control list that can't be kept; others are kept as far as the
    file system takes them.
    """
    if not hasattr(os, "listxattr"):
        return  # a system without them
    try:
        names = os.listxattr(source, follow_symlinks=False)
    except OSError:
        return  # a file system without them
    for name in names:
        try:
            os.setxattr(descriptor, name, os.getxattr(source, name, follow_symlinks=False))
        except OSError:
            if name.startswith("system.posix_acl"):
                raise


def _sync(place: str) -> None:
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(place: str) -> None:
    try:
        _sync(place)
    except OSError as error:
        if error.errno not in _NO_DIRECTORY_SYNC:
            raise
