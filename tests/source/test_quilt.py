"""A series as a folder: quilt, `git am` and patch take it; nothing of others is overwritten."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.source.helpers import contents, edit, lay_out, new_file
from vrefactor.errors import SERIES_TAKEN, TREE_UNWRITABLE, VrefactorError
from vrefactor.source.diff import unified_diff
from vrefactor.source.quilt import Patch, write_series
from vrefactor.source.tree import Tree

FILES = {"net/if.c": b"int if_index;\n/* \xe9 */\n", "dos.c": b"int a;\r\n", "end.c": b"int b;"}
PROSE = """Prefix every use with V_

From here on a use of a global reads V_x.

12 sites, > quoted, and na\u00efve UTF-8."""
# Each of these is something to git or to patch, where it stands.
TRAPS = """\
From: is no header here, nor is
Subject: this
From the first line, 12:34 2009
diff --git a/x b/x
  --- a/x
  +++ b/x
@@ -1 +1 @@
---
12,13d
Index: x"""


def series_of(root: Path) -> tuple[Tree, list[Patch]]:
    """Lay out FILES in `root`, and make a series of two patches for them."""
    first = Tree.open(lay_out(root, FILES))
    edits = [edit(path, 4, 4, b"V_") for path in ("net/if.c", "end.c")]
    second = first.with_plan(edits, [new_file("sys/v.h", b"#define V_b b\n")])
    third = second.with_plan([edit("net/if.c", 6, 8, b"IF"), edit("sys/v.h", 0, 0, b"\n")])
    names = (
        ("prefix", f"{PROSE}\n{TRAPS}", first, second),
        ("statics", "Rename statics", second, third),
    )
    return third, [Patch(n, text, unified_diff(a, b)) for n, text, a, b in names]


def result(after: Tree) -> dict[str, bytes]:
    return {path: after.read(path) for path in after.paths}


def run(command: Sequence[str], cwd: Path, **env: str) -> str:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **env}, capture_output=True, check=False
    )
    assert done.returncode == 0, done
    return done.stdout.decode()


def test_text(tmp_path: Path) -> None:
    write_series(tmp_path, [("one", "First\n\nWhy.", b"D1\n"), ("two", "Second", b"D2\n")])
    start = (
        b"From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001\n"
        b"From: vrefactor <vrefactor@localhost>\n"
        b"Date: Mon, 17 Sep 2001 00:00:00 +0000\n"
        b"Subject: [PATCH %d/2] %s\n"
        b"MIME-Version: 1.0\n"
        b"Content-Type: text/plain; charset=UTF-8\n"
        b"Content-Transfer-Encoding: 8bit\n\n"
    )
    assert contents(tmp_path) == {
        "series": b"# A series of patches made by vrefactor; a new run replaces it.\n"
        b"0001-one.patch\n0002-two.patch\n",
        "0001-one.patch": start % (1, b"First") + b"Why.\n\n---\nD1\n",
        "0002-two.patch": start % (2, b"Second") + b"---\nD2\n",
    }


def test_quilt_pushes_all(tmp_path: Path) -> None:
    after, patches = series_of(tmp_path / "sys")
    write_series(tmp_path / "series.d", patches)
    env = {"QUILT_PATCHES": str(tmp_path / "series.d"), "QUILT_PC": str(tmp_path / "pc")}
    run(("quilt", "--quiltrc=-", "push", "-a"), tmp_path / "sys", **env)
    assert contents(tmp_path / "sys") == result(after)
    run(("quilt", "--quiltrc=-", "pop", "-a"), tmp_path / "sys", **env)
    assert contents(tmp_path / "sys") == FILES


def test_patch_takes_them(tmp_path: Path) -> None:
    after, patches = series_of(tmp_path / "sys")
    write_series(tmp_path / "out", patches)
    for name in ("0001-prefix.patch", "0002-statics.patch"):
        run(("patch", "-p1", "--fuzz=0", "-i", str(tmp_path / "out" / name)), tmp_path / "sys")
    assert contents(tmp_path / "sys") == result(after)


def test_git_am_takes_them(tmp_path: Path) -> None:
    root = tmp_path / "sys"
    after, patches = series_of(root)
    write_series(tmp_path / "out", patches)
    names = sorted(str(place) for place in (tmp_path / "out").glob("*.patch"))
    who = {
        f"GIT_{role}_{key}": "t@t" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")
    }
    for command in (("init", "-q"), ("add", "."), ("commit", "-qm", "all"), ("am", "-q", *names)):
        run(("git", *command), root, **who)
    found = {path: data for path, data in contents(root).items() if not path.startswith(".git/")}
    assert found == result(after)
    log = run(("git", "log", "--format=%an <%ae>%n%B", "--reverse", "HEAD~2.."), root)
    bars = "\n".join(f"| {line}" for line in TRAPS.splitlines())
    who_line = "vrefactor <vrefactor@localhost>"
    assert log == f"{who_line}\n{PROSE}\n{bars}\n\n{who_line}\nRename statics\n\n"


# --- the directory --------------------------------------------------------------

ONE = [Patch("one", "First", b"D1\n"), Patch("two", "Second", b"D2\n")]
OTHER = [Patch("zero", "Zeroth", b"D0\n")]


def test_no_op_when_written_again(tmp_path: Path) -> None:
    write_series(tmp_path / "a/b", ONE)
    found = contents(tmp_path)
    write_series(tmp_path / "a/b", ONE)
    assert contents(tmp_path) == found


def test_replaces_an_earlier_series(tmp_path: Path) -> None:
    write_series(tmp_path / "out", ONE)
    write_series(tmp_path / "out", OTHER)
    write_series(tmp_path / "new", OTHER)
    assert contents(tmp_path / "out") == contents(tmp_path / "new")
    assert set(contents(tmp_path / "out")) == {"series", "0001-zero.patch"}


@pytest.mark.parametrize(
    "files",
    [
        {"README": b"mine"},
        {"series": b"mine.patch\n", "mine.patch": b"D"},
        {"0001-mine.patch": b"From: me\n"},
        {"sub/0001-one.patch": b""},
    ],
    ids=["a file", "another series", "a patch", "a folder"],
)
@pytest.mark.parametrize("earlier", [False, True])
def test_refuses_what_is_not_ours(tmp_path: Path, files: dict[str, bytes], earlier: bool) -> None:
    if earlier:
        write_series(tmp_path, ONE)
    found = contents(lay_out(tmp_path, files))
    with pytest.raises(VrefactorError) as caught:
        write_series(tmp_path, OTHER)
    assert (caught.value.kind, caught.value.path) == (SERIES_TAKEN, str(tmp_path))
    assert any(name.split("/")[0] in caught.value.detail for name in files)
    assert contents(tmp_path) == found


def test_refuses_a_link_and_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/series").symlink_to("../file")
    for name in ("file", "out"):
        with pytest.raises(VrefactorError) as caught:
            write_series(tmp_path / name, OTHER)
        assert caught.value.kind is SERIES_TAKEN


@pytest.mark.parametrize(("name", "diff"), [("a/b", b"D"), ("", b"D"), ("a b", b"D"), ("a", b"")])
def test_no_patch_of_a_series(tmp_path: Path, name: str, diff: bytes) -> None:
    with pytest.raises(ValueError, match="not a patch"):
        write_series(tmp_path / "out", [(name, "First", diff)])
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("earlier", [False, True])
def test_all_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, earlier: bool) -> None:
    if earlier:
        write_series(tmp_path / "out", ONE)
    found = contents(tmp_path)
    calls = []

    def fsync(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(VrefactorError, match="No space") as caught:
        write_series(tmp_path / "out", [*OTHER, *ONE])
    assert (caught.value.kind, caught.value.path) == (TREE_UNWRITABLE, str(tmp_path / "out"))
    assert contents(tmp_path) == found
    assert (tmp_path / "out").exists() is earlier


@pytest.mark.parametrize("at", range(3))
def test_an_interrupted_replacement_is_completed_by_a_rerun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    write_series(tmp_path / "out", OTHER)
    real = os.replace
    calls = []

    def replace(source: Path, target: Path) -> None:
        calls.append(target)
        if len(calls) == at + 1:
            raise KeyboardInterrupt
        real(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", replace)
        with pytest.raises(KeyboardInterrupt):
            write_series(tmp_path / "out", ONE)
    assert not (tmp_path / "out/series").exists()  # not mistaken for a whole one
    write_series(tmp_path / "out", ONE)
    write_series(tmp_path / "new", ONE)
    assert contents(tmp_path / "out") == contents(tmp_path / "new")
