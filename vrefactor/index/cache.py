"""Answers kept from one run to the next.

A file's answer depends on its bytes, on what was asked for and on this program.  The last
two select the cache file; the first is vouched for by what stat(2) says (size, times,
inode), as git's index does, and like there a file that was written just before it was
read is not trusted.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from vrefactor.source.walk import Stamp
from vrefactor.version import __version__

_KEPT_FILES = 24
_RACY_NANOSECONDS = 50_000_000

Entry = tuple[int, int, int, int, bytes]
_READERS = ("c", "index", "audit")
"""The rooms whose code reads files: answers of another version of it do not count."""

_decoder = msgspec.msgpack.Decoder(dict[str, Entry])


def directory() -> Path:
    """Return the folder of the caches: `$XDG_CACHE_HOME/vrefactor`, or below `~/.cache`."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(base) / "vrefactor"


@cache
def _program() -> str:
    """Return what stands for this program: answers of any other version do not count."""
    package = Path(__file__).parent.parent
    sources = (source for room in _READERS for source in sorted((package / room).rglob("*.py")))
    code = b"".join(source.read_bytes() for source in sources)
    return __version__ + hashlib.blake2b(code, digest_size=8).hexdigest()


class AnswerCache:
    """The answers of one tree's files to one question; they are of one `kind`.

    Does nothing if `enabled` is false.
    """

    def __init__(self, root: Path, question: bytes, kind: object, *, enabled: bool = True) -> None:
        self._enabled = enabled
        self._entries: dict[str, Entry] = {}
        self._changed = False
        if not enabled:
            return
        seed = repr((_program(), str(root.resolve()))).encode() + question
        name = hashlib.blake2b(seed, digest_size=16).hexdigest()
        self._path = directory() / f"{name}.answers"
        self._decoder: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(kind)
        self._opened = time.time_ns()
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            self._entries = _decoder.decode(self._path.read_bytes())

    def get(self, path: str, stamp: Stamp | None) -> tuple[bool, Any]:
        """Return whether the answer of the file `path` is known, and that answer."""
        entry = self._entries.get(path)
        if entry is None or stamp is None or entry[:4] != tuple(stamp):
            return False, None
        try:
            return True, self._decoder.decode(entry[4])
        except msgspec.MsgspecError:
            return False, None

    def put(self, path: str, stamp: Stamp | None, answer: object) -> None:
        """Keep the answer of the file `path`, unless it was written too recently to be sure."""
        if not self._enabled or stamp is None:
            return
        if max(stamp.mtime_ns, stamp.ctime_ns) > self._opened - _RACY_NANOSECONDS:
            return
        size, mtime, inode, ctime = stamp
        self._entries[path] = (size, mtime, inode, ctime, msgspec.msgpack.encode(answer))
        self._changed = True

    def save(self) -> None:
        """Write the cache; that it can't be written is no error, only slow."""
        if not self._changed:
            return
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=self._path.parent, prefix=".new")
            with os.fdopen(descriptor, "wb") as file:
                file.write(msgspec.msgpack.encode(self._entries))
            os.replace(temporary, self._path)
            _prune(self._path.parent)


def _prune(folder: Path) -> None:
    files = sorted(folder.glob("*.answers"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files[_KEPT_FILES:]:
        path.unlink(missing_ok=True)
