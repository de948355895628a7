"""Writing one file that a user has named: a stream as a stream, a file all or nothing."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from vrefactor.errors import OUTPUT_UNWRITABLE, VrefactorError

_STANDARD = (1, 2)  # standard output and standard error


def write_file(path: Path, content: bytes) -> None:
    """Write `content` to `path`: as the shell's `>` would, but a regular file all or nothing.

    A regular file is replaced by one with its mode; a link to one is followed.  A device, a
    FIFO and the process's own output are written to and never replaced.  The new content
    waits under a name that nobody can foresee, beside the file.
    Raises `VrefactorError` OUTPUT_UNWRITABLE, naming `path`.
    """
    try:
        status = _status(path)
        if status is not None and not _is_replaced(status):
            _write_stream(path, status, content)
        else:
            _replace(os.path.realpath(path), status, content)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        detail = getattr(error, "strerror", None) or str(error)
        raise VrefactorError(OUTPUT_UNWRITABLE, detail, path=str(path)) from error


def _status(path: Path) -> os.stat_result | None:
    """Return what is at `path`, behind links; None if there is nothing."""
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _is_replaced(status: os.stat_result) -> bool:
    """Say whether what is there is a regular file, and not where this process writes anyway."""
    if not stat.S_ISREG(status.st_mode):
        return False
    for descriptor in _STANDARD:
        with suppress(OSError):
            if os.path.samestat(status, os.fstat(descriptor)):
                return False
    return True


def _write_stream(path: Path, status: os.stat_result, content: bytes) -> None:
    """Write to what is there.

    If it is the process's own output, by its own descriptor: it goes on where that one is.
    """
    for descriptor in _STANDARD:
        with suppress(OSError):
            if os.path.samestat(status, os.fstat(descriptor)):
                _write_all(os.dup(descriptor), content)
                return
    _write_all(os.open(path, os.O_WRONLY | os.O_NOCTTY), content)


def _write_all(descriptor: int, content: bytes) -> None:
    with open(descriptor, "wb", buffering=0) as file:
        rest = memoryview(content)
        while rest:
            rest = rest[file.write(rest) or 0 :]


def _replace(place: str, status: os.stat_result | None, content: bytes) -> None:
    folder, name = os.path.split(place)
    # As tempfile does it: O_EXCL and O_NOFOLLOW, and a name that is drawn by chance.
    descriptor, temporary = tempfile.mkstemp(prefix=f".{name[:100]}.", dir=folder)
    try:
        os.fchmod(descriptor, _default_mode() if status is None else stat.S_IMODE(status.st_mode))
        _write_all(descriptor, content)
        os.replace(temporary, place)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _default_mode() -> int:
    """Return the mode of a new file: the umask can only be asked by setting it."""
    umask = os.umask(0o077)
    os.umask(umask)
    return 0o666 & ~umask
