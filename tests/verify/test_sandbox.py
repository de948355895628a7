"""The compilers in a sandbox: what bubblewrap is asked for, and what if there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.verify.building import CC, builds_of, script, two, verdicts
from vrefactor.errors import SANDBOX_MISSING, VrefactorError
from vrefactor.verify.run import VerifyOptions, build_and_compare
from vrefactor.verify.sandbox import sandbox_words

SOURCES = {"a.c": "int f(void) { return (1); }\n"}


def on_path(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a `bwrap` of this text first in PATH."""
    (folder / "bin").mkdir()
    script(folder / "bin" / "bwrap", text)
    path = f"{folder / 'bin'}:{os.environ['PATH']}"
    monkeypatch.setenv("PATH", path)


def test_all_compilers_run_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "log"
    text = f'echo "$*" >>"{log}"\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"'
    on_path(tmp_path, text, monkeypatch)
    before, after = two(tmp_path, SOURCES)
    options = VerifyOptions(jobs=1, build_dir=tmp_path / "build", sandbox=True)
    report = build_and_compare(before, after, builds_of(before, after), options)
    assert verdicts(report.objects) == {"a.o": "same"}
    calls = log.read_text().splitlines()
    assert [call.partition(" -- ")[2].split("/")[-1].split()[0] for call in calls] == [
        "true",
        "ninja",
        *([] if len(calls) == 2 else ["true", "ninja"]),
    ]
    assert "--unshare-all" in calls[1]
    assert "--ro-bind / /" in calls[1]
    assert f"--bind {tmp_path / 'build'} {tmp_path / 'build'}" in calls[1]


def test_none_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(VrefactorError) as caught:
        sandbox_words(tmp_path)
    assert caught.value.kind is SANDBOX_MISSING


def test_one_that_cannot_be_made_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_path(tmp_path, 'echo "bwrap: No permissions" >&2; exit 1', monkeypatch)
    with pytest.raises(VrefactorError) as caught:
        sandbox_words(tmp_path)
    assert (caught.value.kind, caught.value.detail) == (SANDBOX_MISSING, "bwrap: No permissions")


def _works() -> bool:
    if shutil.which("bwrap") is None:
        return False
    probe = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not _works(), reason="bubblewrap is not installed, or may not work here")
def test_a_compiler_can_write_nowhere_else(tmp_path: Path) -> None:
    before, after = two(tmp_path, SOURCES)
    out = tmp_path / "out"
    cc = script(
        tmp_path / "cc", f'case "$*" in *a.c*) touch "{out}" 2>/dev/null;; esac\nexec {CC} "$@"'
    )
    options = VerifyOptions(jobs=1, build_dir=tmp_path / "build", sandbox=True)
    report = build_and_compare(before, after, builds_of(before, after, cc), options)
    assert verdicts(report.objects) == {"a.o": "same"}
    assert not out.exists()
