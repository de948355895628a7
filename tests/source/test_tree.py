"""Trees: what a walk finds and leaves alone, snapshots, and plans laid over them."""

from __future__ import annotations

import os
import pickle
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.source.helpers import edit, lay_out, new_file, open_tree
from vrefactor.errors import (
    APPLY_INTERRUPTED,
    EDIT_BOUNDS,
    EDIT_OVERLAP,
    NEW_FILE_TAKEN,
    PATH_OUTSIDE,
    TREE_CHANGED,
    TREE_EMPTY,
    TREE_MISSING,
    TREE_NOT_DIR,
    TREE_UNREADABLE,
    ErrorKind,
    VrefactorError,
)
from vrefactor.source.compose import Splice
from vrefactor.source.edits import NewFile
from vrefactor.source.journal import Journal
from vrefactor.source.tree import Tree, TreeChange
from vrefactor.source.walk import JOURNAL, MANIFEST, Note, NoteReason, Stamp

FILES = {"net/if.c": b"int if_index;\n", "net/if.h": b"", "Makefile": b"all:\n"}


# --- the walk -------------------------------------------------------------------


def test_lists_regular_files_in_order(tmp_path: Path) -> None:
    tree = open_tree(
        tmp_path, {**FILES, "net/if/x.c": b"", "net/if-a.c": b"", "B.c": b"", "a": b""}
    )
    assert tree.paths == (
        "B.c",
        "Makefile",
        "a",
        "net/if-a.c",
        "net/if.c",
        "net/if.h",
        "net/if/x.c",
    )
    assert (dict(tree.links), tree.notes) == ({}, ())


@pytest.mark.parametrize("folder", [".git", ".svn", "CVS", ".hg", ".pc", ".vrefactor-journal"])
def test_skips_what_is_not_source(tmp_path: Path, folder: str) -> None:
    tree = open_tree(tmp_path, {**FILES, f"{folder}/a.c": b"", f"net/{folder}/b.c": b""})
    assert set(tree.paths) == set(FILES)


@pytest.mark.parametrize(
    "name",
    [b"with space.c", b"t\xe9l\xe9.c", "t\u00e9l\u00e9.c".encode(), b'quo"te\\.c', b"tab\tnl\n.c"],
)
def test_any_name(tmp_path: Path, name: bytes) -> None:
    (tmp_path / os.fsdecode(name)).write_bytes(b"\xff\n")
    tree = Tree.open(tmp_path)
    assert [os.fsencode(path) for path in tree.paths] == [name]
    assert tree.read(tree.paths[0]) == b"\xff\n"


def test_sorts_by_bytes_whatever_the_encoding(tmp_path: Path) -> None:
    names = [b"\xe9.c", "\U0001f600.c".encode(), b"a.c"]
    tree = open_tree(tmp_path, {os.fsdecode(name): b"" for name in names})
    assert [os.fsencode(path) for path in tree.paths] == sorted(names)


def test_links_within_the_tree(tmp_path: Path) -> None:
    lay_out(tmp_path, {**FILES, "amd64/include/cpu.h": b""})
    (tmp_path / "machine").symlink_to("amd64/include")
    (tmp_path / "net/again.c").symlink_to("if.c")
    (tmp_path / "chain").symlink_to(tmp_path / "machine/cpu.h")
    tree = Tree.open(tmp_path)
    assert set(tree.paths) == {*FILES, "amd64/include/cpu.h"}
    assert tree.links == {
        "chain": "amd64/include/cpu.h",
        "machine": "amd64/include",
        "net/again.c": "net/if.c",
    }
    assert tree.notes == ()


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("../outside", NoteReason.LEAVES),
        ("..", NoteReason.LEAVES),
        ("/dev/null", NoteReason.LEAVES),
        ("nowhere.c", NoteReason.DANGLES),
        ("link", NoteReason.LOOPS),
        (".", NoteReason.LOOPS),
        (".git/x.c", NoteReason.SKIPPED),
        ("pipe", NoteReason.SPECIAL),
    ],
)
def test_links_not_followed(tmp_path: Path, target: str, reason: NoteReason) -> None:
    root = lay_out(tmp_path / "sys", {**FILES, ".git/x.c": b""})
    lay_out(tmp_path / "outside", {"secret.c": b""})
    os.mkfifo(root / "pipe")
    (root / "link").symlink_to(target)
    tree = Tree.open(root)
    assert set(tree.paths) == set(FILES)
    assert (*tree.links, "link" in tree) == (False,)
    pipe = Note("pipe", NoteReason.SPECIAL)
    assert tree.notes == (Note("link", reason, target), pipe)


def test_a_link_to_the_folder_above_is_a_loop(tmp_path: Path) -> None:
    lay_out(tmp_path, FILES)
    (tmp_path / "net/up").symlink_to("../net")
    assert Tree.open(tmp_path).notes == (Note("net/up", NoteReason.LOOPS, "../net"),)


def test_root_behind_a_link(tmp_path: Path) -> None:
    lay_out(tmp_path / "sys", FILES)
    (tmp_path / "sys/x.c").symlink_to("net/if.c")
    (tmp_path / "link").symlink_to("sys")
    tree = Tree.open(tmp_path / "link")
    assert set(tree.paths) == set(FILES)
    assert tree.links == {"x.c": "net/if.c"}


# --- trees that cannot be opened ------------------------------------------------


def test_bad_roots(tmp_path: Path) -> None:
    lay_out(tmp_path, {"file.c": b"", "empty/README": b""})
    for name, kind in {"none": TREE_MISSING, "file.c": TREE_NOT_DIR, "empty": TREE_EMPTY}.items():
        with pytest.raises(VrefactorError) as caught:
            Tree.open(tmp_path / name)
        assert caught.value.kind is kind
        assert caught.value.path == str(tmp_path / name)


def test_interrupted_apply(tmp_path: Path) -> None:
    root = lay_out(tmp_path, {**FILES, f"{JOURNAL}/left": b""})
    Journal(os.path.realpath(root)).commit([])
    with pytest.raises(VrefactorError) as caught:
        Tree.open(root)
    assert caught.value.kind is APPLY_INTERRUPTED


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """Give a directory, and no privileges that would override its permissions."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        is_root = os.geteuid() == 0
        if is_root:
            os.chown(name, 65534, -1)
            os.seteuid(65534)
        try:
            yield Path(name)
        finally:
            if is_root:
                os.seteuid(0)


def test_closed_folder_is_named(unprivileged: Path) -> None:
    root = lay_out(unprivileged / "sys", FILES)
    (root / "net").chmod(0)
    with pytest.raises(VrefactorError) as caught:
        Tree.open(root)
    (root / "net").chmod(0o700)
    assert (caught.value.kind, caught.value.path) == (TREE_UNREADABLE, "net")


def test_closed_file_is_named(unprivileged: Path) -> None:
    root = lay_out(unprivileged / "sys", FILES)
    (root / "net/if.c").chmod(0)
    with pytest.raises(VrefactorError) as caught:
        Tree.open(root).read("net/if.c")
    assert (caught.value.kind, caught.value.path) == (TREE_UNREADABLE, "net/if.c")


# --- reading --------------------------------------------------------------------


def test_reads_and_contains(tmp_path: Path) -> None:
    tree = open_tree(tmp_path, FILES)
    assert {path: tree.read(path) for path in tree.paths} == FILES
    assert "net/if.c" in tree
    assert "net" not in tree
    with pytest.raises(VrefactorError) as caught:
        tree.read("net")
    assert (caught.value.kind, caught.value.path) == (TREE_UNREADABLE, "net")


def test_stamp_is_that_of_stat(tmp_path: Path) -> None:
    tree = open_tree(tmp_path, FILES)
    assert tree.stamp("net/if.c") == Stamp.of((tmp_path / "net/if.c").stat())
    assert tree.stamp("none.c") is None


@pytest.mark.parametrize("how", ["grown", "touched", "gone", "replaced", "linked"])
def test_a_file_that_changed_is_not_read(tmp_path: Path, how: str) -> None:
    tree = open_tree(tmp_path / "sys", FILES)
    place = tmp_path / "sys/net/if.c"
    status = place.stat()
    if how == "grown":
        place.write_bytes(FILES["net/if.c"] + b"\n")
    elif how == "touched":
        os.utime(place, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    else:
        place.rename(tmp_path / "old.c")
    if how == "replaced":
        place.write_bytes(FILES["net/if.c"])
        os.utime(place, ns=(status.st_atime_ns, status.st_mtime_ns))
    elif how == "linked":
        place.symlink_to(tmp_path / "old.c")
    with pytest.raises(VrefactorError) as caught:
        tree.read("net/if.c")
    assert (caught.value.kind, caught.value.path) == (TREE_CHANGED, "net/if.c")


def test_a_new_mode_is_no_change(tmp_path: Path) -> None:
    tree = open_tree(tmp_path, FILES)
    (tmp_path / "net/if.c").chmod(0o600)
    assert tree.read("net/if.c") == FILES["net/if.c"]


def test_pickles(tmp_path: Path) -> None:
    tree = open_tree(tmp_path, FILES).with_plan([edit("net/if.c", 4, 4, b"V_")])
    copy = pickle.loads(pickle.dumps(tree))
    assert copy.paths == tree.paths
    assert copy.read("net/if.c") == b"int V_if_index;\n"


# --- plans ----------------------------------------------------------------------


def test_no_op_plans(tmp_path: Path) -> None:
    tree = open_tree(tmp_path, FILES)
    for after in (
        tree.with_plan([], []),
        tree.with_plan([edit("net/if.c", 0, 3, b"int")]),
        tree.with_plan([], [new_file("net/if.c", FILES["net/if.c"])]),
        tree.with_plan([edit("net/if.c", 0, 0, b"x")]).with_plan([edit("net/if.c", 0, 1, b"")]),
    ):
        assert after.paths == tree.paths
        assert {path: after.read(path) for path in after.paths} == FILES
        assert after.changes_since(tree) == after.changes_since() == {}


def test_a_plan_is_laid_over(tmp_path: Path) -> None:
    tree = open_tree(tmp_path, FILES)
    new = new_file("sys/vimage.h", b"#define V_x x\n")
    after = tree.with_plan([edit("net/if.c", 4, 4, b"V_")], [new])
    assert after.read("net/if.c") == b"int V_if_index;\n"
    assert after.read("sys/vimage.h") == new.content
    assert after.paths == ("Makefile", "net/if.c", "net/if.h", "sys/vimage.h")
    assert (after.stamp("net/if.c"), after.stamp("sys/vimage.h")) == (None, None)
    assert after.stamp("net/if.h") == tree.stamp("net/if.h")
    assert (tree.read("net/if.c"), "sys/vimage.h" in tree) == (FILES["net/if.c"], False)
    assert not (tmp_path / "sys").exists()


def test_a_series_is_a_fold(tmp_path: Path) -> None:
    first = open_tree(tmp_path, FILES)
    second = first.with_plan([edit("net/if.c", 4, 4, b"V_")], [new_file("v.h", b"a")])
    third = second.with_plan([edit("net/if.c", 6, 8, b"IF"), edit("v.h", 1, 1, b"b")])
    assert third.changes_since(second) == {
        "net/if.c": TreeChange(b"int V_if_index;\n", b"int V_IF_index;\n", (Splice(6, 8, b"IF"),)),
        "v.h": TreeChange(b"a", b"ab", (Splice(1, 1, b"b"),)),
    }
    assert (
        third.changes_since(first)
        == third.changes_since()
        == {
            "net/if.c": TreeChange(
                b"int if_index;\n", b"int V_IF_index;\n", (Splice(4, 6, b"V_IF"),)
            ),
            "v.h": TreeChange(None, b"ab", ()),
        }
    )
    assert third.changes_since(third) == {}


def test_trees_of_two_chains(tmp_path: Path) -> None:
    tree = open_tree(tmp_path, FILES)
    with pytest.raises(ValueError, match="chain"):
        tree.changes_since(tree.with_plan([]))


def test_overlap_in_a_plan(tmp_path: Path) -> None:
    tree = open_tree(tmp_path, FILES)
    with pytest.raises(VrefactorError) as caught:
        tree.with_plan([edit("net/if.c", 4, 4, b"a"), edit("net/if.c", 4, 4, b"b")])
    assert caught.value.kind is EDIT_OVERLAP


def test_edit_of_no_file(tmp_path: Path) -> None:
    tree = open_tree(tmp_path, FILES)
    with pytest.raises(VrefactorError, match="no such file") as caught:
        tree.with_plan([edit("net/new.c", 0, 0, b"a")], [new_file("net/new.c", b"b")])
    assert (caught.value.kind, caught.value.path) == (EDIT_BOUNDS, "net/new.c")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("net/if.c", NEW_FILE_TAKEN),
        ("net/if.c/x.h", NEW_FILE_TAKEN),
        ("link.h", NEW_FILE_TAKEN),
        ("dir/x.h", NEW_FILE_TAKEN),
        ("out", NEW_FILE_TAKEN),
        ("out/x.h", NEW_FILE_TAKEN),
        ("net", NEW_FILE_TAKEN),
        ("/etc/x.h", PATH_OUTSIDE),
        ("../x.h", PATH_OUTSIDE),
        ("net/../../x.h", PATH_OUTSIDE),
        ("./x.h", PATH_OUTSIDE),
        ("", PATH_OUTSIDE),
        (MANIFEST, PATH_OUTSIDE),
        ("net/.git/x.h", PATH_OUTSIDE),
    ],
)
def test_new_file_without_a_place(tmp_path: Path, path: str, kind: ErrorKind) -> None:
    root = lay_out(tmp_path / "sys", FILES)
    (root / "link.h").symlink_to("net/if.h")
    (root / "dir").symlink_to("net")
    (root / "out").symlink_to("..")
    with pytest.raises(VrefactorError) as caught:
        Tree.open(root).with_plan([], [new_file(path, b"new")])
    assert (caught.value.kind, caught.value.path) == (kind, path)


def test_two_new_files_of_one_path(tmp_path: Path) -> None:
    tree = open_tree(tmp_path, FILES)
    twice = [new_file("v.h", b"a"), NewFile("v.h", b"a", "other", "the same")]
    assert tree.with_plan([], twice).read("v.h") == b"a"
    with pytest.raises(VrefactorError, match="step other: different"):
        tree.with_plan([], [twice[0], NewFile("v.h", b"b", "other", "different")])
