"""Recovery: finishing a write that was killed after its commit."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import msgspec
import pytest

from tests.source.faults import (
    AFTER,
    BEFORE,
    FULL,
    Fault,
    Killed,
    faulty,
    killed,
    planned,
    state,
)
from tests.source.helpers import contents, edit, lay_out
from vrefactor.errors import (
    APPLY_INTERRUPTED,
    JOURNAL_BROKEN,
    JOURNAL_FOREIGN,
    PATH_OUTSIDE,
    STATE_UNSAFE,
    VrefactorError,
)
from vrefactor.source.journal import Journal, Operation
from vrefactor.source.seal import seal, state_folder
from vrefactor.source.tree import Tree
from vrefactor.source.walk import JOURNAL, MANIFEST
from vrefactor.source.write import recover, write_tree

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


@pytest.mark.parametrize("kind", ["replace", "remove", "mkdir", "rmdir"])
@pytest.mark.parametrize("path", [b"net/b.c", b".git/hooks/pre-commit", b"../victim.c"])
def test_a_journal_that_came_with_the_tree_is_not_carried_out(
    committed: Path, kind: Literal["replace", "remove", "mkdir", "rmdir"], path: bytes
) -> None:
    """It has a seal of another key, or of another place, or none."""
    lay_out(committed, {".git/config": b"[core]\n"})
    there = contents(committed)
    operations = msgspec.json.encode([Operation(kind, path, 0)])
    own = seal(os.path.realpath(committed.parent), operations)
    for claimed in ("", "0" * 64, own):
        manifest = {"operations": operations, "seal": claimed}
        (committed / MANIFEST).write_bytes(msgspec.json.encode(manifest))
        for act in (recover, Tree.open):
            with pytest.raises(VrefactorError) as caught:
                act(committed)
            assert caught.value.kind is JOURNAL_FOREIGN
            assert "run the same" not in caught.value.kind.help
        there[MANIFEST] = (committed / MANIFEST).read_bytes()
        assert contents(committed) == there


def test_a_key_that_others_can_write_is_not_trusted(committed: Path) -> None:
    key = state_folder() / "key"
    key.chmod(0o620)
    try:
        with pytest.raises(VrefactorError) as caught:
            recover(committed)
    finally:
        key.chmod(0o600)
    assert caught.value.kind is STATE_UNSAFE
    assert recover(committed) is True


def test_a_staged_file_that_was_changed_is_not_installed(committed: Path) -> None:
    staged = next(one for one in sorted((committed / JOURNAL).iterdir()) if one.name == "0")
    staged.write_bytes(b"something else\n")
    with pytest.raises(VrefactorError, match="not what was put there"):
        recover(committed)
    assert state(committed) == BEFORE


@pytest.mark.parametrize(
    "path",
    [b"../victim.c", b"/etc/victim.c", b"net/../../victim.c", b"", b".git/config", b"net/.git/x"],
)
def test_a_journal_never_leads_out(committed: Path, path: bytes) -> None:
    victim = lay_out(committed.parent, {"victim.c": b"precious\n"}) / "victim.c"
    for kind in ("replace", "remove", "mkdir", "rmdir"):
        operation = Operation(kind, path, 0)
        operation = Operation(kind, path, 0)
        Journal(os.path.realpath(committed)).commit([operation])
        with pytest.raises(VrefactorError) as caught:
            recover(committed)
        assert caught.value.kind in (PATH_OUTSIDE, APPLY_INTERRUPTED)
        assert state(committed) == BEFORE
    assert victim.read_bytes() == b"precious\n"
