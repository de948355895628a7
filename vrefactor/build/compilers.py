"""Is the compiler there, and can it build for the target?  Asked once, before any build."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from vrefactor.errors import COMPILER_MISSING, COMPILER_UNFIT, VrefactorError

_TIMEOUT = 60.0
_ELF_MAGIC = b"\x7fELF"


def compiler_words(cc: str) -> tuple[str, ...]:
    """A compiler as the user names it (`clang`, `cc -m32`), as words of a command.

    Raises `COMPILER_MISSING` when no such program can be run.
    """
    try:
        words = shlex.split(cc)
    except ValueError as error:
        raise VrefactorError(COMPILER_MISSING, f"{cc!r}: {error}") from None
    require_program(words[0] if words else "")
    return tuple(words)


def require_program(program: str) -> None:
    """Raises `COMPILER_MISSING` unless this program can be run."""
    if shutil.which(program) is None:
        raise VrefactorError(COMPILER_MISSING, program or "the name is empty")


def check_compiler(cc: str, flags: Sequence[str] = ()) -> None:
    """Compile one line with these flags and look at the object.

    Raises `COMPILER_MISSING`, or `COMPILER_UNFIT` with the first thing that the compiler said.
    """
    words = compiler_words(cc)
    with TemporaryDirectory(prefix="vrefactor-cc-") as folder:
        source, target = Path(folder, "probe.c"), Path(folder, "probe.o")
        source.write_text("int vrefactor_probe(int x) { return x + 1; }\n")
        argv = [*words, *flags, "-c", str(source), "-o", str(target)]
        said = _run(argv)
        if said is None and target.is_file() and target.read_bytes()[:4] == _ELF_MAGIC:
            return
    raise VrefactorError(COMPILER_UNFIT, f"{cc}: {said or 'it does not make ELF objects'}")


def _run(argv: Sequence[str]) -> str | None:
    """None when the command succeeds, otherwise the first line of what it said."""
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=_TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        return f"not done in {_TIMEOUT:g} s"
    except OSError as error:
        return str(error)
    if done.returncode == 0:
        return None
    lines = done.stderr[:2000].decode("utf-8", "replace").strip().splitlines()
    return lines[0] if lines else f"exit status {done.returncode}"
