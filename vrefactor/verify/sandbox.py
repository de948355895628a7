"""Compilers in a sandbox: they read the machine, write in the build directory, and reach nothing.

bubblewrap (`bwrap`) makes it: https://github.com/containers/bubblewrap.  The compilers need no
network, no other process and no file of the user's.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from vrefactor.errors import SANDBOX_MISSING, VrefactorError

_TEMPORARY = ".tmp"
_TIMEOUT = 30.0


def sandbox_words(build: Path) -> tuple[str, ...]:
    """Return what to put before a command that is run in the build directory.

    Raises `VrefactorError` SANDBOX_MISSING if bubblewrap is not there or cannot make one.
    """
    program = shutil.which("bwrap")
    if program is None:
        raise VrefactorError(SANDBOX_MISSING, "there is no bwrap")
    place = str(build.resolve())
    (build / _TEMPORARY).mkdir(parents=True, exist_ok=True)
    words = (
        *(program, "--unshare-all", "--die-with-parent", "--new-session"),
        *("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"),
        *("--bind", place, place, "--chdir", place),
        *("--setenv", "TMPDIR", f"{place}/{_TEMPORARY}", "--"),
    )
    probe = [*words, "true"]
    done = subprocess.run(
        probe, stdin=subprocess.DEVNULL, capture_output=True, timeout=_TIMEOUT, check=False
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        detail = said[0] if said else f"bwrap: exit status {done.returncode}"
        raise VrefactorError(SANDBOX_MISSING, detail)
    return words
