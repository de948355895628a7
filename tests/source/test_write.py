"""Writing a tree: all or nothing, whatever fails, wherever it is killed."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import NoReturn

import msgspec
import pytest

from tests.source.helpers import contents, edit, lay_out, new_file
from vrefactor.errors import (
    APPLY_INTERRUPTED,
    JOURNAL_BROKEN,
    PATH_OUTSIDE,
    TREE_CHANGED,
    TREE_UNWRITABLE,
    ErrorKind,
    VrefactorError,
)
from vrefactor.source.guard import deferred_signals, locked
from vrefactor.source.journal import Operation
from vrefactor.source.tree import Tree
from vrefactor.source.walk import JOURNAL, MANIFEST
from vrefactor.source.write import recover, write_tree

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
# The states in between, which no one may ever see: some files before, some after.
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


# --- without faults -------------------------------------------------------------


def test_no_op(tmp_path: Path) -> None:
    lay_out(tmp_path, BEFORE)
    tree = Tree.open(tmp_path)
    stamps = {path: tree.stamp(path) for path in tree.paths}
    write_tree(tree)
    write_tree(tree.with_plan([edit("a.c", 0, 3, b"int")]))
    assert recover(tmp_path) is False
    again = Tree.open(tmp_path)
    assert {path: again.stamp(path) for path in again.paths} == stamps


def test_writes(tmp_path: Path) -> None:
    after = planned(tmp_path)
    left_alone = (tmp_path / "other").stat()
    write_tree(after)
    assert contents(tmp_path) == AFTER
    assert folders(tmp_path) == {"net", "new", "deep"}
    assert (tmp_path / "other").stat() == left_alone


def test_keeps_modes(tmp_path: Path) -> None:
    after = planned(tmp_path)
    (tmp_path / "a.c").chmod(0o754)
    (tmp_path / "net/b.c").chmod(0o444)
    write_tree(after)
    modes = [(tmp_path / name).stat().st_mode & 0o7777 for name in ("a.c", "net/b.c")]
    assert modes == [0o754, 0o444]


def test_keeps_the_owner_if_permitted(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    after = planned(tmp_path)
    os.chown(tmp_path / "a.c", 1234, 5678)
    write_tree(after)
    status = (tmp_path / "a.c").stat()
    assert (status.st_uid, status.st_gid) == (1234, 5678)


def test_root_behind_a_link(tmp_path: Path) -> None:
    planned(tmp_path / "sys")
    (tmp_path / "link").symlink_to("sys")
    write_tree(Tree.open(tmp_path / "link").with_plan([edit("a.c", 4, 4, b"V_")]))
    assert (tmp_path / "sys/a.c").read_bytes() == AFTER["a.c"]


# --- trees that are not as they were read -----------------------------------------


def grow(root: Path) -> None:
    (root / "net/b.c").write_bytes(b"int \xe9;\n/* another hand */\n")


def same_size_and_times(root: Path) -> None:
    place = root / "net/b.c"
    times = place.stat()
    place.write_bytes(b"int X;\n")
    os.utime(place, ns=(times.st_atime_ns, times.st_mtime_ns))


def link_out(root: Path) -> None:
    outside = root.parent / "outside"
    (root / "net").rename(outside)
    (root / "net").symlink_to(outside)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (grow, "net/b.c"),
        (same_size_and_times, "net/b.c"),
        (lambda root: (root / "net/b.c").unlink(), "net/b.c"),
        (lambda root: (root / "net/v.h").write_bytes(b""), "net/v.h"),
        (lambda root: (root / "net/v.h").symlink_to("nowhere"), "net/v.h"),
        (lambda root: (root / "net/v.h").mkdir(), "net/v.h"),
        (link_out, "net/b.c"),
    ],
    ids=["grown", "same stamp", "gone", "new is there", "new is a link", "new is a dir", "link"],
)
def test_a_tree_that_changed(tmp_path: Path, change: Callable[[Path], None], path: str) -> None:
    after = planned(tmp_path / "sys")
    change(tmp_path / "sys")
    found = contents(tmp_path)
    with pytest.raises(VrefactorError) as caught:
        write_tree(after)
    assert (caught.value.kind, caught.value.path) == (TREE_CHANGED, path)
    assert contents(tmp_path) == found
    assert not (tmp_path / "sys" / JOURNAL).exists()


def test_no_folder_for_the_journal(tmp_path: Path) -> None:
    after = planned(tmp_path)
    (tmp_path / JOURNAL).symlink_to("net")
    with pytest.raises(VrefactorError) as caught:
        write_tree(after)
    assert (caught.value.kind, caught.value.path) == (TREE_UNWRITABLE, JOURNAL)
    assert contents(tmp_path) == BEFORE


def test_folder_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    after = planned(tmp_path)
    real = os.access
    closed = str(tmp_path / "net")
    monkeypatch.setattr(os, "access", lambda path, mode: path != closed and real(path, mode))
    with pytest.raises(VrefactorError, match="no permission") as caught:
        write_tree(after)
    assert (caught.value.kind, caught.value.path) == (TREE_UNWRITABLE, "net/b.c")
    assert contents(tmp_path) == BEFORE


def test_two_at_once(tmp_path: Path) -> None:
    after = planned(tmp_path)
    with locked(str(tmp_path)), pytest.raises(VrefactorError, match="another vrefactor") as caught:
        write_tree(after)
    assert caught.value.kind is TREE_UNWRITABLE
    assert contents(tmp_path) == BEFORE
    write_tree(after)


# --- killed ---------------------------------------------------------------------


def test_killed_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = planned(tmp_path / "whole")
    calls = count_calls(monkeypatch, lambda: write_tree(whole))
    outcomes = []
    for at in range(calls):
        root = tmp_path / str(at)
        after = planned(root)
        with faulty(monkeypatch, Fault(at, Killed())), pytest.raises(Killed):
            write_tree(after)
        committed = (root / MANIFEST).exists()
        if committed:
            with pytest.raises(VrefactorError) as caught:
                Tree.open(root)
            assert caught.value.kind is APPLY_INTERRUPTED
        else:
            assert state(root) in STATES
        outcomes.append(committed)
        assert recover(root) is committed
        if state(root) == BEFORE:
            write_tree(planned(root))
        assert contents(root) == AFTER
        assert not (root / JOURNAL).exists()
    assert {True, False} == set(outcomes)


def test_killed_anywhere_in_a_recovery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(name: str) -> Path:
        root = tmp_path / name
        after = planned(root)
        with monkeypatch.context() as patched:
            patched.setattr("vrefactor.source.journal.Journal.finish", killed)
            with pytest.raises(Killed):
                write_tree(after)
        return root

    whole = interrupted("whole")
    assert state(whole) == BEFORE
    for at in range(count_calls(monkeypatch, lambda: recover(whole))):
        root = interrupted(str(at))
        with faulty(monkeypatch, Fault(at, Killed())), pytest.raises(Killed):
            recover(root)
        recover(root)
        assert contents(root) == AFTER
    assert contents(whole) == AFTER


def killed(*_: object) -> NoReturn:
    raise Killed


def test_really_killed(tmp_path: Path) -> None:
    """A process that ends itself while it renames; the tree is finished by the next."""
    root = lay_out(tmp_path, BEFORE)
    script = """if True:
        import os, signal, sys
        from pathlib import Path
        from tests.source.test_write import planned
        from vrefactor.source.write import write_tree
        after, real, count = planned(Path(sys.argv[1])), os.replace, 0
        def replace(source, target):
            global count
            count += 1
            if count == 4:
                os.kill(os.getpid(), signal.SIGKILL)
            real(source, target)
        os.replace = replace
        write_tree(after)
    """
    done = subprocess.run([sys.executable, "-c", script, root], check=False)
    assert done.returncode == -signal.SIGKILL
    assert state(root) not in STATES
    assert recover(root) is True
    assert contents(root) == AFTER


# --- failing --------------------------------------------------------------------

FULL = OSError(errno.ENOSPC, "No space left on device")


def test_one_failure_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = planned(tmp_path / "whole")
    calls = count_calls(monkeypatch, lambda: write_tree(whole))
    seen = set()
    for at in range(calls):
        root = tmp_path / str(at)
        after = planned(root)
        try:
            with faulty(monkeypatch, Fault(at, FULL, until=at + 1)):
                write_tree(after)
            assert state(root) == AFTER  # what failed was the removal of a staged file
        except VrefactorError as error:
            assert error.kind is TREE_UNWRITABLE
            assert error.path is not None
            assert "No space left" in error.detail
            assert state(root) == BEFORE
            assert folders(root) <= {"net", JOURNAL}
            seen.add(error.path)
        assert not (root / MANIFEST).exists()
        write_tree(planned(root))
        assert contents(root) == AFTER
    assert seen >= {"a.c", "net/b.c", ODD, "new", "new/deep", "new/deep/v.h", JOURNAL}


def test_failing_for_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = planned(tmp_path / "whole")
    calls = count_calls(monkeypatch, lambda: write_tree(whole))
    kinds: set[ErrorKind] = set()
    for at in range(calls):
        root = tmp_path / str(at)
        after = planned(root)
        with faulty(monkeypatch, Fault(at, FULL)):
            try:
                write_tree(after)
            except VrefactorError as error:
                kinds.add(error.kind)
                if error.kind is TREE_UNWRITABLE:
                    assert state(root) == BEFORE
            else:
                assert state(root) == AFTER
        recover(root)
        assert contents(root) in STATES
    assert kinds == {TREE_UNWRITABLE, APPLY_INTERRUPTED}


def test_killed_anywhere_in_a_roll_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.replace

    def failing(source: str, target: str) -> None:
        if target.endswith("/net/v.h") and os.path.basename(source).isdigit():
            raise FULL
        real(source, target)

    monkeypatch.setattr(os, "replace", failing)
    results = []
    for at in range(1000):
        root = tmp_path / str(at)
        after = planned(root)
        try:
            with faulty(monkeypatch, Fault(at, Killed())):
                write_tree(after)
        except Killed:
            monkeypatch.setattr(os, "replace", real)
            recover(root)
            monkeypatch.setattr(os, "replace", failing)
            results.append(contents(root) == AFTER)
            assert results[-1] or contents(root) == BEFORE
        except VrefactorError as error:
            assert (error.kind, error.path) == (TREE_UNWRITABLE, "net/v.h")
            break
    assert contents(root) == BEFORE
    # Killed before the commit, after it, and after the commit of the roll-back.
    assert [state for state, _ in groupby(results)] == [False, True, False]


@pytest.mark.parametrize("at", [3, 12])
def test_interrupted_by_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    after = planned(tmp_path)
    fault = Fault(at, KeyboardInterrupt(), until=at + 1)
    with faulty(monkeypatch, fault), pytest.raises(KeyboardInterrupt):
        write_tree(after)
    assert contents(tmp_path) == BEFORE
    assert not (tmp_path / JOURNAL).exists()


def test_file_system_that_cannot_sync_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    after = planned(tmp_path)
    real = os.fsync

    def fsync(descriptor: int) -> None:
        if os.path.isdir(f"/proc/self/fd/{descriptor}"):
            raise OSError(errno.EINVAL, "Invalid argument")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    write_tree(after)
    assert contents(tmp_path) == AFTER


# --- recovery -------------------------------------------------------------------


@pytest.fixture
def committed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a tree whose write was killed right after its commit."""
    after = planned(tmp_path / "sys")
    with monkeypatch.context() as patched:
        patched.setattr("vrefactor.source.journal.Journal.finish", killed)
        with pytest.raises(Killed):
            write_tree(after)
    return tmp_path / "sys"


def test_recovers_once(committed: Path) -> None:
    assert recover(committed) is True
    assert contents(committed) == AFTER
    assert recover(committed) is False


def test_no_write_before_recovery(committed: Path) -> None:
    held = (committed / JOURNAL).rename(committed.parent / "held")
    after = Tree.open(committed).with_plan([edit("a.c", 0, 0, b"x")])
    held.rename(committed / JOURNAL)
    with pytest.raises(VrefactorError) as caught:
        write_tree(after)
    assert caught.value.kind is APPLY_INTERRUPTED
    assert recover(committed) is True


def test_recovery_spares_later_work(committed: Path) -> None:
    (committed / "net/b.c").write_bytes(b"later work\n")
    with pytest.raises(VrefactorError, match="changed since") as caught:
        recover(committed)
    assert (caught.value.kind, caught.value.path) == (APPLY_INTERRUPTED, "net/b.c")
    assert state(committed) == {**BEFORE, "net/b.c": b"later work\n"}
    (committed / "net/b.c").write_bytes(BEFORE["net/b.c"])
    assert recover(committed) is True
    assert contents(committed) == AFTER


def test_recovery_that_cannot_finish(committed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with faulty(monkeypatch, Fault(0, FULL)), pytest.raises(VrefactorError) as caught:
        recover(committed)
    assert caught.value.kind is APPLY_INTERRUPTED
    assert recover(committed) is True


@pytest.mark.parametrize(
    "manifest", [b"", b"[", b"{}", b'[{"kind":"format","path":""}]', b'[{"kind":"mkdir"}]']
)
def test_damaged_journal(committed: Path, manifest: bytes) -> None:
    (committed / MANIFEST).write_bytes(manifest)
    with pytest.raises(VrefactorError) as caught:
        recover(committed)
    assert (caught.value.kind, caught.value.path) == (JOURNAL_BROKEN, MANIFEST)
    assert state(committed) == BEFORE


@pytest.mark.parametrize("path", [b"../victim.c", b"/etc/victim.c", b"net/../../victim.c", b""])
def test_a_journal_never_leads_out(committed: Path, path: bytes) -> None:
    victim = lay_out(committed.parent, {"victim.c": b"precious\n"}) / "victim.c"
    for kind in ("replace", "remove", "mkdir", "rmdir"):
        operation = Operation(kind, path, 0)
        (committed / MANIFEST).write_bytes(msgspec.json.encode([operation]))
        with pytest.raises(VrefactorError) as caught:
            recover(committed)
        assert caught.value.kind in (PATH_OUTSIDE, APPLY_INTERRUPTED)
        assert state(committed) == BEFORE
    assert victim.read_bytes() == b"precious\n"


# --- signals --------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_wait_for_the_renames(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    after = planned(tmp_path)
    real = os.replace

    def replace(source: str, target: str) -> None:
        signal.raise_signal(number)
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    caught: list[int] = []
    earlier = signal.signal(number, lambda signum, _: caught.append(signum))
    try:
        write_tree(after)
    finally:
        signal.signal(number, earlier)
    assert contents(tmp_path) == AFTER
    assert set(caught) == {number}


def test_ignored_signals_stay_ignored() -> None:
    earlier = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with deferred_signals():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, earlier)
