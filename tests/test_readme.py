"""What the README shows is true: its commands run, and its patch excerpt is in the patch."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.program import environment

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


@pytest.mark.long
def test_every_command_runs(tmp_path: Path) -> None:
    variables = environment(tmp_path)
    work = tmp_path / "work"
    work.mkdir()
    shutil.copytree(MINIKERN, work / "minikern")
    assert len(COMMANDS) > 15
    for command in COMMANDS:
        done = subprocess.run(
            command, shell=True, cwd=work, env=variables, capture_output=True, check=False
        )
        # Status 1 of vrefactor means findings: the example kernel has two on purpose.
        allowed = (0, 1) if command.startswith("vrefactor ") else (0,)
        assert done.returncode in allowed, (command, done.stderr.decode())


def test_the_excerpt_is_of_the_real_patch(tmp_path: Path) -> None:
    assert EXCERPT is not None
    patch = tmp_path / "patch"
    command = ["vrefactor", "diff", str(MINIKERN), "--step", "1", "-q", "-o", str(patch)]
    subprocess.run(command, env=environment(tmp_path), check=False)
    assert EXCERPT[1].strip()
    assert EXCERPT[1] in patch.read_text(encoding="utf-8")
