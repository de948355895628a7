"""What is asked of the files of one kind."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker does with each file of a batch."""

    header: bool
    excluded: bool
    names: frozenset[bytes]
    macros: frozenset[bytes]

    def key(self) -> bytes:
        """Return a digest that stands for the whole of the question."""
        parts = [b"header" if self.header else b"source", b"excluded" if self.excluded else b""]
        parts += [*sorted(self.names), b"", *sorted(self.macros)]
        return hashlib.blake2b(b"\n".join(parts), digest_size=16).digest()
