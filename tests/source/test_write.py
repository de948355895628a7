"""Writing a tree: what is written, and which trees are refused."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.source.faults import (
    AFTER,
    BEFORE,
    folders,
    planned,
    state,
)
from tests.source.helpers import contents, edit, lay_out
from vrefactor.errors import (
    TREE_CHANGED,
    TREE_PROTECTED,
    TREE_UNWRITABLE,
    VrefactorError,
)
from vrefactor.source.guard import deferred_signals, locked
from vrefactor.source.tree import Tree
from vrefactor.source.walk import JOURNAL
from vrefactor.source.write import recover, write_tree

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
    (tmp_path / "net/b.c").chmod(0o600)
    write_tree(after)
    modes = [(tmp_path / name).stat().st_mode & 0o7777 for name in ("a.c", "net/b.c")]
    assert modes == [0o754, 0o600]


def _make_read_only(place: Path) -> None:
    place.chmod(0o444)


def _make_hard_link(place: Path) -> None:
    os.link(place, place.parents[2] / "twin")


@pytest.mark.parametrize(
    ("protect", "why"), [(_make_read_only, "read-only"), (_make_hard_link, "2 names")]
)
def test_a_protected_file_is_an_error(
    tmp_path: Path, protect: Callable[[Path], None], why: str
) -> None:
    after = planned(tmp_path / "sys")
    protect(tmp_path / "sys/net/b.c")
    with pytest.raises(VrefactorError, match=why) as caught:
        write_tree(after)
    assert (caught.value.kind, caught.value.path) == (TREE_PROTECTED, "net/b.c")
    assert contents(tmp_path / "sys") == BEFORE


def test_keeps_attributes(tmp_path: Path) -> None:
    after = planned(tmp_path)
    try:
        os.setxattr(tmp_path / "a.c", "user.note", b"kept")
    except (AttributeError, OSError):
        pytest.skip("no extended attributes here")
    write_tree(after)
    assert os.getxattr(tmp_path / "a.c", "user.note") == b"kept"


def test_a_change_right_before_the_rename_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Someone writes to a file behind the last look at all files, before its own turn."""
    after = planned(tmp_path)
    real = os.replace

    def replace(source: str, target: str) -> None:
        real(source, target)
        if target.endswith("/a.c"):
            (tmp_path / "net/b.c").write_bytes(b"later work\n")

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", replace)
        with pytest.raises(VrefactorError) as caught:
            write_tree(after)
    assert (caught.value.kind, caught.value.path) == (TREE_CHANGED, "net/b.c")
    assert contents(tmp_path) == {**BEFORE, "net/b.c": b"later work\n"}


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


@pytest.mark.parametrize("act", [write_tree, lambda after: recover(after.root)])
def test_a_link_in_place_of_the_journal(tmp_path: Path, act: Callable[[Tree], object]) -> None:
    after = planned(tmp_path / "sys")
    elsewhere = lay_out(tmp_path / "elsewhere", {"manifest": b"precious"})
    (tmp_path / "sys" / JOURNAL).symlink_to(elsewhere)
    with pytest.raises(VrefactorError) as caught:
        act(after)
    assert (caught.value.kind, caught.value.path) == (TREE_UNWRITABLE, JOURNAL)
    assert contents(tmp_path / "sys") == BEFORE
    assert contents(elsewhere) == {"manifest": b"precious"}


def test_no_folder_for_the_journal(tmp_path: Path) -> None:
    after = planned(tmp_path)
    (tmp_path / JOURNAL).write_bytes(b"")
    with pytest.raises(VrefactorError) as caught:
        write_tree(after)
    assert (caught.value.kind, caught.value.path) == (TREE_UNWRITABLE, JOURNAL)
    assert state(tmp_path) == BEFORE


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
    found: list[dict[str, bytes]] = []
    earlier = signal.signal(number, lambda *_: found.append(contents(tmp_path)))
    try:
        write_tree(after)
    finally:
        signal.signal(number, earlier)
    assert found
    assert all(each == AFTER for each in found)


def test_ignored_signals_stay_ignored() -> None:
    earlier = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with deferred_signals():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, earlier)
