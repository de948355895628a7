"""Steps 1 to 1.5.2 on the example kernel: it builds without a warning, and runs as before."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.steps.support import QUICK
from vrefactor.cli.main import call
from vrefactor.rules import load
from vrefactor.source.tree import Tree
from vrefactor.source.write import write_tree
from vrefactor.steps.registry import find
from vrefactor.steps.series import run_series

GOLDEN = Path(__file__).parents[2] / "golden"
MINIKERN = Path(__file__).parents[3] / "examples" / "minikern"


@pytest.mark.skipif(
    shutil.which("make") is None or shutil.which("cc") is None, reason="needs make and cc"
)
@pytest.mark.parametrize("subsystems", [(), ("netinet6",)], ids=["all", "netinet6 alone"])
def test_the_example_kernel_runs_as_before(tmp_path: Path, subsystems: tuple[str, ...]) -> None:
    root = tmp_path / "minikern"
    shutil.copytree(MINIKERN, root, ignore=shutil.ignore_patterns("build"))
    rules = load(root / "vrefactor.toml")
    stages = run_series(Tree.open(root), rules, find("1.5.2"), subsystems, QUICK)
    write_tree(stages[-1].after)
    code = b"".join(path.read_bytes() for path in root.rglob("*.c"))
    assert code.count(b"INIT_VNET_INET6(") > 5
    assert b"CURVNET_SET((struct vnet *) " in code
    assert (b"VNET_FOREACH(" in code) == (not subsystems)
    call = ["make", "--no-print-directory", f"OBJDIR={tmp_path / 'o'}", "CFLAGS=-O1 -Werror", "run"]
    done = subprocess.run(call, cwd=root, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (root / "expected.txt").read_text()


def test_the_patch_of_the_example_kernel(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    patch = tmp_path / "step1.5.2.patch"
    call(["diff", str(MINIKERN), "--step", "1.5.2", "-o", str(patch), "-q", "--no-cache"])
    capsys.readouterr()
    assert patch.read_bytes() == (GOLDEN / "minikern" / patch.name).read_bytes()
