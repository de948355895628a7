"""A step is one folder and one golden folder: a toy step is added to a copy of the project.

What is added is in `tests/toy_step`, and CONTRIBUTING.md shows it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CLI = "from vrefactor.cli.main import run; run()"
TOY = Path(__file__).resolve().parent / "toy_step"

REGISTERED = {
    "    sysctl,\n": "    sysctl,\n    toy,\n",
    "    sysctl.STEP,\n": "    sysctl.STEP,\n    toy.STEP,\n",
}
"""What changes in the registry: the import, and the place of the step in the series."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with the toy step."""
    root = tmp_path_factory.mktemp("project")
    ignored = shutil.ignore_patterns("__pycache__")
    for folder in ("vrefactor", "rules", "examples", "tests"):
        shutil.copytree(ROOT / folder, root / folder, ignore=ignored)
    shutil.copytree(TOY / "toy", root / "vrefactor/steps/toy")
    shutil.copytree(TOY / "golden", root / "tests/golden/toy")
    shutil.copy(ROOT / "pyproject.toml", root)
    registry = root / "vrefactor/steps/registry.py"
    text = registry.read_text()
    for old, new in REGISTERED.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    registry.write_text(text)
    return root


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python on the copy."""
    environment = {**os.environ, "PYTHONPATH": str(project), "PYTHONSAFEPATH": "1"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=project, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_its_golden_folder_is_all_that_its_test_needs(project: Path) -> None:
    options = ("-q", "-p", "no:cacheprovider", "-k", "toy or test_every_case_has")
    done = run(project, "-m", "pytest", *options, "tests/test_golden.py")
    assert (done.returncode, "3 passed" in done.stdout) == (0, True), done.stdout


def test_the_command_line_knows_it(project: Path, tmp_path: Path) -> None:
    tree = shutil.copytree(TOY / "golden/before", tmp_path / "tree")
    options = ("--rules", str(TOY / "golden/vrefactor.toml"), "--no-cache")
    done = run(project, "-c", CLI, "apply", str(tree), "--through", "toy", *options)
    assert "step 1.6 toy: 2 sites in 1 files: 2 rewritten, 0 refused" in done.stderr
    assert "/* Of one stack. */" in (tree / "net/a.c").read_text()
    again = run(project, "-c", CLI, "diff", str(tree), "--step", "1.6", *options)
    assert (again.returncode, again.stdout) == (0, "")
