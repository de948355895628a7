"""What guards a write: a lock on the tree, deferred signals, errors that name the file."""

from __future__ import annotations

import fcntl
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from vrefactor.errors import TREE_UNWRITABLE, VrefactorError

_DEFERRED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def naming(path: str) -> Iterator[None]:
    """Turn an `OSError` within the block into a `VrefactorError` TREE_UNWRITABLE of `path`."""
    try:
        yield
    except OSError as error:
        detail = error.strerror or str(error)
        raise VrefactorError(TREE_UNWRITABLE, detail, path=path) from error


@contextmanager
def locked(root: str) -> Iterator[None]:
    """Hold the lock of the tree at `root`, so that two applies cannot mix.

    The lock is on the directory itself: it leaves no file, and dies with the process.
    Raises `VrefactorError` TREE_UNWRITABLE if another process holds it, or there is no `root`.
    """
    with naming(root):
        descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise VrefactorError(
            TREE_UNWRITABLE, "another vrefactor writes to it", path=root
        ) from error
    except OSError:
        pass  # a file system without locks (NFS wants a descriptor that is open for writing)
    try:
        yield
    finally:
        os.close(descriptor)


@contextmanager
def deferred_signals() -> Iterator[None]:
    """Hold back the signals that end a program, and deliver them at the end of the block."""
    caught: list[int] = []
    handlers = {}
    if threading.current_thread() is threading.main_thread():  # no other may set handlers
        for number in _DEFERRED:
            handler = signal.getsignal(number)
            if handler not in (signal.SIG_IGN, None):
                handlers[number] = handler
                signal.signal(number, lambda caught_number, _: caught.append(caught_number))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for caught_number in caught:
            signal.raise_signal(caught_number)
