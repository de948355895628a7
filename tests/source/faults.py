"""A tree to write, and the ways in which a write of it can be made to fail."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

from tests.source.helpers import contents, edit, lay_out, new_file
from vrefactor.source.tree import Tree
from vrefactor.source.walk import JOURNAL

BEFORE = {
    "a.c": b"int a;\r\n",
    "net/b.c": b"int \xe9;\n",
    "net/c.h": b"int c;",
    os.fsdecode(b"net/\xe9 d.c"): b"int d;\n",
    "other": b"left alone\n",
}
ODD = os.fsdecode(b"net/\xe9 d.c")
AFTER = {
    **BEFORE,
    "a.c": b"int V_a;\r\n",
    "net/b.c": b"int V_\xe9;\n",
    ODD: b"",
    "new/deep/v.h": b"#define V_a a\n",
    "net/v.h": b"",
}
# All that a write does to a disk.
MUTATORS = ("open", "mkdir", "write", "fsync", "fchmod", "replace", "unlink", "rmdir")
# A tree in any other state is half written.
STATES = (BEFORE, AFTER)


def planned(root: Path) -> Tree:
    """Lay out BEFORE in `root`, and plan AFTER."""
    lay_out(root, BEFORE)
    edits = [edit("a.c", 4, 4, b"V_"), edit("net/b.c", 4, 4, b"V_"), edit(ODD, 0, 7, b"")]
    new = [new_file("new/deep/v.h", AFTER["new/deep/v.h"]), new_file("net/v.h", b"")]
    return Tree.open(root).with_plan(edits, new)


def folders(root: Path) -> set[str]:
    return {place.name for place in root.rglob("*") if place.is_dir()}


def state(root: Path) -> dict[str, bytes]:
    return {path: data for path, data in contents(root).items() if JOURNAL not in path}


class Killed(BaseException):
    """Stands for the end of the process: nothing that comes after it has any effect."""


class Fault:
    """Counts the calls that change a disk, and fails from the call number `at` on."""

    def __init__(self, at: int, error: BaseException, until: int | None = None) -> None:
        self.calls = 0
        self._failing = range(at, sys.maxsize if until is None else until)
        self._error = error

    def __call__(self, *args: object) -> None:
        self.calls += 1
        if self.calls - 1 in self._failing:
            raise self._error


@contextmanager
def faulty(monkeypatch: pytest.MonkeyPatch, fault: Fault) -> Iterator[None]:
    """Have every call that changes a disk ask `fault` first; a write is done by half then."""

    def wrap(name: str) -> Callable[..., object]:
        real: Callable[..., object] = getattr(os, name)

        def call(*args: object, **named: object) -> object:
            reads = name == "open" and not int(str(args[1])) & (os.O_CREAT | os.O_WRONLY)
            if not reads:
                try:
                    fault()
                except BaseException:
                    if name == "write":
                        real(args[0], memoryview(args[1])[:1])  # type: ignore[arg-type]
                    raise
            return real(*args, **named)

        return call

    with monkeypatch.context() as patched:
        for name in MUTATORS:
            patched.setattr(os, name, wrap(name))
        yield


def count_calls(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> int:
    fault = Fault(sys.maxsize, Killed())
    with faulty(monkeypatch, fault):
        act()
    return fault.calls


def killed(*_: object) -> NoReturn:
    raise Killed


FULL = OSError(errno.ENOSPC, "No space left on device")
