"""What the README shows is true: its commands run, and its patch excerpt is in the patch."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MINIKERN = ROOT / "examples" / "minikern"

COMMANDS = [
    line.removeprefix("$ ")
    for block in re.findall(r"^```console\n(.*?)^```", README, re.M | re.S)
    for line in block.splitlines()
    if line.startswith("$ ")
]
EXCERPT = re.search(r"<!-- excerpt -->\n```diff\n(.*?)^```", README, re.M | re.S)

pytestmark = pytest.mark.timeout(600)


def _environment(folder: Path) -> dict[str, str]:
    """Return an environment whose `vrefactor` is this checkout's."""
    programs = folder / "bin"
    programs.mkdir()
    program = programs / "vrefactor"
    program.write_text(
        f"#!{sys.executable}\n"
        f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n"
        "from vrefactor.cli.main import run\nrun()\n",
        encoding="utf-8",
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "XDG_CACHE_HOME": str(folder / "cache")}


def test_every_command_runs(tmp_path: Path) -> None:
    environment = _environment(tmp_path)
    work = tmp_path / "work"
    work.mkdir()
    shutil.copytree(MINIKERN, work / "minikern")
    assert len(COMMANDS) > 15
    for command in COMMANDS:
        done = subprocess.run(
            command, shell=True, cwd=work, env=environment, capture_output=True, check=False
        )
        # Status 1 of vrefactor means findings: the example kernel has two on purpose.
        allowed = (0, 1) if command.startswith("vrefactor ") else (0,)
        assert done.returncode in allowed, (command, done.stderr.decode())


def test_the_excerpt_is_of_the_real_patch(tmp_path: Path) -> None:
    assert EXCERPT is not None
    patch = tmp_path / "patch"
    command = ["vrefactor", "diff", str(MINIKERN), "--step", "1", "-q", "-o", str(patch)]
    subprocess.run(command, env=_environment(tmp_path), check=False)
    assert EXCERPT[1].strip()
    assert EXCERPT[1] in patch.read_text(encoding="utf-8")
