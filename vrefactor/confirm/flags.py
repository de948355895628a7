"""From the command of a compiler to the arguments of libclang."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from functools import cache

_QUIET = ("-w", "-fno-spell-checking")
"""Warnings are no matter here, and a misspelt name must not be taken for another."""

_NO_HEADERS = frozenset({"-nostdinc", "-nobuiltininc"})
_TIMEOUT = 60.0


def arguments(argv: Sequence[str]) -> list[str]:
    """Return the arguments that make libclang parse as the compiler of `argv` would."""
    first = next((at for at, word in enumerate(argv) if word.startswith("-")), len(argv))
    flags = [word for word in argv[first:] if not word.startswith("-Werror")]
    if _NO_HEADERS.isdisjoint(flags):
        flags += _compiler_headers(tuple(argv[:first]))
    return [*flags, *_QUIET]


@cache
def _compiler_headers(compiler: tuple[str, ...]) -> tuple[str, ...]:
    """Return where the compiler keeps its own headers (<stddef.h>): libclang comes with none."""
    try:
        done = subprocess.run(
            [*compiler, "-print-file-name=include"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    return ("-idirafter", done.stdout.decode("utf-8", "surrogateescape").strip())
