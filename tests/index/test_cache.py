"""The facts kept between runs: used when they hold, and never when they may not."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.index.building import index_at, index_of
from vrefactor.c.model import Role
from vrefactor.index.cache import directory
from vrefactor.index.pool import RunOptions
from vrefactor.source.tree import Tree

CACHED = RunOptions(jobs=1)
FILES = {"a.c": "int foo;\nint f(void) { return foo; }\n", "a.h": "extern int foo;\n", "b.c": ""}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a tree whose files are old enough to be trusted, with an empty cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    # What counts as just written is told by the change time, which no one can set: so the
    # clock of the cache is put forward instead.
    real = time.time_ns
    monkeypatch.setattr("vrefactor.index.cache.time.time_ns", lambda: real() + 10**9)
    index_of(tmp_path / "tree", FILES, options=CACHED)
    return tmp_path / "tree"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list of files that are read from now on."""
    seen: list[str] = []
    real = Tree.read

    def read(tree: Tree, path: str) -> bytes:
        seen.append(path)
        return real(tree, path)

    monkeypatch.setattr(Tree, "read", read)
    return seen


def test_unchanged_files_are_not_read(tree: Path, reads: list[str]) -> None:
    found = index_at(tree, options=CACHED).facts
    assert reads == []
    assert found == index_at(tree).facts


def test_a_changed_file_is_read(tree: Path, reads: list[str]) -> None:
    (tree / "a.c").write_text("int foo;\nint g(int foo) { return foo; }\n")
    roles = [site.role for site in index_at(tree, options=CACHED).facts["a.c"].sites]
    assert reads == ["a.c"]
    assert roles == [Role.DECLARATION, Role.PARAMETER, Role.PARAMETER]


def test_the_same_size_and_time_is_not_the_same_file(tree: Path, reads: list[str]) -> None:
    before = (tree / "a.c").stat()
    (tree / "a.c").write_text("int bar;\nint f(void) { return bar; }\n")
    os.utime(tree / "a.c", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert {site.name for site in index_at(tree, options=CACHED).facts["a.c"].sites} == {"bar"}
    assert reads == ["a.c"]


def test_other_names_are_another_question(tree: Path, reads: list[str]) -> None:
    index_at(tree, ("bar",), CACHED)
    assert sorted(reads) == ["a.c", "a.h", "b.c"]


@pytest.mark.parametrize("content", [b"", b"\x00", b"\xc1", b"garbage", b"\x80"])
def test_a_corrupt_cache_is_ignored(tree: Path, reads: list[str], content: bytes) -> None:
    for file in directory().glob("*.answers"):
        file.write_bytes(content)
    found = index_at(tree, options=CACHED).facts
    assert sorted(reads) == ["a.c", "a.h", "b.c"]
    assert found == index_at(tree).facts


def test_a_truncated_cache_is_ignored(tree: Path, reads: list[str]) -> None:
    for file in directory().glob("*.answers"):
        file.write_bytes(file.read_bytes()[:-3])
    index_at(tree, options=CACHED)
    assert sorted(reads) == ["a.c", "a.h", "b.c"]


def test_a_file_just_written_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reads: list[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("vrefactor.index.cache.time.time_ns", lambda: 0)
    index_of(tmp_path / "tree", FILES, options=CACHED)
    index_at(tmp_path / "tree", options=CACHED)
    assert sorted(reads) == sorted(2 * ["a.c", "a.h", "b.c"])


def test_a_cache_that_cannot_be_written_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").write_text("a file where the folder would be")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    real = time.time_ns
    monkeypatch.setattr("vrefactor.index.cache.time.time_ns", lambda: real() + 10**9)
    assert "a.c" in index_of(tmp_path / "tree", FILES, options=CACHED).facts


def test_without_the_cache_none_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    index_of(tmp_path / "tree", FILES)
    assert not (tmp_path / "cache").exists()
