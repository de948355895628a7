"""The build directory: what it may be, and that nothing of anybody else is removed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.verify.building import builds_of, snapshot, two, verdicts
from vrefactor.errors import VrefactorError
from vrefactor.verify.build_dir import MARKER, Side
from vrefactor.verify.run import VerifyOptions, build_and_compare

GOOD = "int f(void) { return (1); }\n"


@pytest.mark.parametrize("place", ["before/build", "after", "taken", "file/build"])
def test_bad_build_directories(tmp_path: Path, place: str) -> None:
    before, after = two(tmp_path, {"x.c": GOOD})
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "letter").touch()
    (tmp_path / "file").touch()
    kept = snapshot(tmp_path)
    with pytest.raises(VrefactorError) as caught:
        options = VerifyOptions(jobs=1, build_dir=tmp_path / place)
        build_and_compare(before, after, builds_of(before, after), options)
    wanted = "build-dir-unwritable" if place == "file/build" else "build-dir-taken"
    assert caught.value.kind.code == wanted
    assert snapshot(tmp_path) == kept


def test_a_planted_build_directory_is_left_alone(tmp_path: Path) -> None:
    """It came with a tree, say: with the marker, and with a link to what is to be removed."""
    before, after = two(tmp_path, {"x.c": GOOD})
    options = VerifyOptions(jobs=1, build_dir=tmp_path / "build")
    build_and_compare(before, after, builds_of(before, after), options)
    marker = (tmp_path / "build" / MARKER).read_bytes()
    for content in (b"", marker):
        planted = tmp_path / f"planted{len(content)}"
        planted.mkdir()
        (planted / MARKER).write_bytes(content)
        (planted / "kept").touch()
        kept = snapshot(tmp_path)
        with pytest.raises(VrefactorError) as caught:
            options = VerifyOptions(jobs=1, build_dir=planted)
            build_and_compare(before, after, builds_of(before, after), options)
        assert caught.value.kind.code == "build-dir-taken"
        assert snapshot(tmp_path) == kept


def test_nothing_behind_a_link_is_removed(tmp_path: Path) -> None:
    """Though the directory is ours: something else may have put the link there since."""
    before, after = two(tmp_path, {"x.c": GOOD})
    options = VerifyOptions(jobs=1, build_dir=tmp_path / "build")
    build_and_compare(before, after, builds_of(before, after), options)
    (tmp_path / "victim").mkdir()
    (tmp_path / "victim" / "letter").touch()
    for side in Side:
        shutil.rmtree(tmp_path / "build" / side)
        (tmp_path / "build" / side).symlink_to(tmp_path / "victim")
    report = build_and_compare(before, after, builds_of(before, after), options)
    assert verdicts(report.objects) == {"x.o": "same"}
    assert [path.name for path in (tmp_path / "victim").iterdir()] == ["letter"]
