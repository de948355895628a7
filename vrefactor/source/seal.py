"""The seal of a journal: what tells the user's own journal from one that came with a tree.

The key lies outside of all trees, in the user's own state folder, and nobody else can read
it.  A tree can bring any file along, but no seal that this key has made for this place.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path

from vrefactor.errors import STATE_UNSAFE, VrefactorError
from vrefactor.source.guard import naming

_SIZE = 32


def state_folder() -> Path:
    """Return the folder of the user's state: `$XDG_STATE_HOME/vrefactor`, or below `~`.

    The XDG Base Directory Specification takes a relative path there for none.
    """
    base = os.environ.get("XDG_STATE_HOME", "")
    home = base if os.path.isabs(base) else os.path.expanduser("~/.local/state")
    return Path(home) / "vrefactor"


def seal(root: str, content: bytes) -> str:
    """Return the seal of a journal's `content` for the tree at `root`, a real path.

    The key is made when there is none yet.  Raises `VrefactorError`: STATE_UNSAFE if others
    may have written the key, TREE_UNWRITABLE if none can be made.
    """
    return _seal(_key() or _make_key(), root, content)


def is_sealed(root: str, content: bytes, claimed: str) -> bool:
    """Say whether `claimed` is the seal that this user's key makes of a journal's content.

    Raises `VrefactorError` STATE_UNSAFE if others may have written the key.
    """
    key = _key()
    return key is not None and hmac.compare_digest(_seal(key, root, content), claimed)


def _seal(key: bytes, root: str, content: bytes) -> str:
    message = os.fsencode(root) + b"\0" + content
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def _key() -> bytes | None:
    """Return the user's key, or None if there is none yet."""
    place = state_folder() / "key"
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise VrefactorError(STATE_UNSAFE, error.strerror or "", path=str(place)) from error
    with open(descriptor, "rb", buffering=0) as file:
        status = os.fstat(descriptor)
        private = stat.S_ISREG(status.st_mode) and not stat.S_IMODE(status.st_mode) & 0o077
        if not private or status.st_uid != os.geteuid():
            raise VrefactorError(STATE_UNSAFE, "others may write or read it", path=str(place))
        key = file.read(_SIZE + 1)
    if len(key) != _SIZE:
        raise VrefactorError(STATE_UNSAFE, f"it has not {_SIZE} bytes", path=str(place))
    return key


def _make_key() -> bytes:
    folder = state_folder()
    with naming(str(folder)):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f"key.{secrets.token_hex(8)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            with open(descriptor, "wb", buffering=0) as file:
                file.write(secrets.token_bytes(_SIZE))
                os.fsync(descriptor)
            # Whoever was faster has made it: his key is the user's key, too.
            os.link(draft, folder / "key")
        except FileExistsError:
            pass
        finally:
            os.unlink(draft)
    made = _key()
    if made is None:
        raise VrefactorError(STATE_UNSAFE, "it went away again", path=str(folder / "key"))
    return made
