"""A write is all or nothing, whatever fails, wherever it is killed."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
from itertools import groupby
from pathlib import Path

import pytest

from tests.source.faults import (
    AFTER,
    BEFORE,
    FULL,
    ODD,
    STATES,
    Fault,
    Killed,
    count_calls,
    faulty,
    folders,
    killed,
    planned,
    state,
)
from tests.source.helpers import contents, lay_out
from vrefactor.errors import (
    APPLY_INTERRUPTED,
    TREE_UNWRITABLE,
    ErrorKind,
    VrefactorError,
)
from vrefactor.source.tree import Tree
from vrefactor.source.walk import JOURNAL, MANIFEST
from vrefactor.source.write import recover, write_tree

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


def test_really_killed(tmp_path: Path) -> None:
    """A process that ends itself while it renames; the tree is finished by the next."""
    root = lay_out(tmp_path, BEFORE)
    script = """if True:
        import os, signal, sys
        from pathlib import Path
        from tests.source.faults import planned
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
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    write_tree(after)
    assert contents(tmp_path) == AFTER
