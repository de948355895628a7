"""Facts kept from one run to the next.

A file's facts depend on its bytes, on what was asked for and on this program.  The last
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
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from vrefactor import __version__
from vrefactor.source.walk import Stamp

_KEPT_FILES = 24
_RACY_NANOSECONDS = 50_000_000

Entry = tuple[int, int, int, int, bytes | None]
_READERS = ("c", "audit")
"""The rooms whose code reads files: answers of another version of it do not count."""

_decoder = msgspec.msgpack.Decoder(dict[str, Entry])

Facts = TypeVar("Facts")


def directory() -> Path:
    """Return the folder of the caches: `$XDG_CACHE_HOME/vrefactor`, or below `~/.cache`."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(base) / "vrefactor"


def _program() -> str:
    """Return what stands for this program: facts made by any other front end do not count."""
    package = Path(__file__).parent.parent
    sources = (source for room in _READERS for source in sorted((package / room).rglob("*.py")))
    code = b"".join(source.read_bytes() for source in sources)
    return __version__ + hashlib.blake2b(code, digest_size=8).hexdigest()


class FactsCache(Generic[Facts]):
    """The facts of one tree for one question, which are of one `kind`.

    Does nothing if `enabled` is false.
    """

    def __init__(
        self, root: Path, question: bytes, kind: type[Facts], *, enabled: bool = True
    ) -> None:
        seed = repr((_program(), str(root.resolve()))).encode() + question
        name = hashlib.blake2b(seed, digest_size=16).hexdigest()
        self._path = directory() / f"{name}.facts"
        self._facts: msgspec.msgpack.Decoder[Facts] = msgspec.msgpack.Decoder(kind)
        self._enabled = enabled
        self._opened = time.time_ns()
        self._entries: dict[str, Entry] = {}
        self._changed = False
        if enabled:
            with contextlib.suppress(OSError, msgspec.MsgspecError):
                self._entries = _decoder.decode(self._path.read_bytes())

    def get(self, path: str, stamp: Stamp | None) -> tuple[bool, Facts | None]:
        """Return whether the facts of `path` are known, and those facts."""
        entry = self._entries.get(path)
        if entry is None or stamp is None or entry[:4] != tuple(stamp):
            return False, None
        if entry[4] is None:
            return True, None
        try:
            return True, self._facts.decode(entry[4])
        except msgspec.MsgspecError:
            return False, None

    def put(self, path: str, stamp: Stamp | None, facts: Facts | None) -> None:
        """Keep the facts of `path`, unless it was written too recently to be sure."""
        if not self._enabled or stamp is None:
            return
        if max(stamp.mtime_ns, stamp.ctime_ns) > self._opened - _RACY_NANOSECONDS:
            return
        encoded = None if facts is None else msgspec.msgpack.encode(facts)
        size, mtime, inode, ctime = stamp
        self._entries[path] = (size, mtime, inode, ctime, encoded)
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
    files = sorted(folder.glob("*.facts"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files[_KEPT_FILES:]:
        path.unlink(missing_ok=True)
