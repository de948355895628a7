"""The standard streams and the signals of the program: full, closed, ended from outside."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.verifying import FILES
from tests.program import environment
from tests.verify.building import CC, make_tree, script

FULL = Path("/dev/full")

needs_full = pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")


def shell(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the shell beside the tree `t`."""
    make_tree(folder / "t", FILES)
    return subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )


@needs_full
@pytest.mark.parametrize(
    "command",
    [
        "vrefactor diff t --step 1 -q >/dev/full",
        "vrefactor scan t -q >/dev/full",
        "vrefactor verify --print-recipe >/dev/full",
        "vrefactor --help >/dev/full",
        "vrefactor diff t --step 1 -q -o /dev/full",
        "vrefactor diff t --step 1 -q --json /dev/full",
    ],
)
def test_a_full_output(tmp_path: Path, command: str) -> None:
    done = shell(tmp_path, command)
    assert done.returncode == 2
    assert "the output cannot be written: No space left on device" in done.stderr
    assert "internal error" not in done.stderr
    assert "Exception" not in done.stderr


@needs_full
def test_a_full_standard_error(tmp_path: Path) -> None:
    done = shell(tmp_path, "vrefactor diff t --step 1 2>/dev/full")
    assert done.returncode == 2
    assert done.stdout.startswith("diff --git ")


def test_a_closed_output(tmp_path: Path) -> None:
    done = shell(tmp_path, "vrefactor diff t --step 1 -q >&-")
    assert done.returncode == 2
    assert "standard output: the output cannot be written: it is closed" in done.stderr


@pytest.mark.parametrize("closed", ["0<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_no_file_takes_the_place_of_a_closed_stream(tmp_path: Path, closed: str) -> None:
    done = shell(tmp_path, f"vrefactor diff t --step 1 -o out {closed}")
    assert (done.returncode, done.stdout) == (0, "")
    assert (tmp_path / "out").read_text().startswith("diff --git ")
    assert "step 1 prefix" not in (tmp_path / "out").read_text()


def test_who_reads_the_patch_may_go(tmp_path: Path) -> None:
    done = shell(tmp_path, "{ vrefactor diff t --step 1 -q; echo $? >status; } | :")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "status").read_text() in ("0\n", "141\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    make_tree(tmp_path / "t", FILES)
    started = tmp_path / "started"
    slow = script(tmp_path / "slow", f'case "$*" in *net/if.c*) : >"{started}"; sleep 60;; esac')
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    program = environment(tmp_path)
    probing = f'case "$*" in *probe.c*) exec {CC} "$@";; esac'
    fit = script(tmp_path / "cc", f'{probing}\nexec "{slow}" "$@"')
    command = ["vrefactor", "verify", "t", "--step", "1", "--cc", fit]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env={**program, "TMPDIR": str(temporary)},
        executable=shutil.which("vrefactor", path=program["PATH"]),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        deadline = time.monotonic() + 60
        while not started.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert os.listdir(temporary)
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert said.lstrip().startswith("vrefactor: ")
    assert os.listdir(temporary) == []
