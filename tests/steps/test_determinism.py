"""The same bytes, whatever the number of workers and the seed of the hashes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.steps.support import PARALLEL, check, rules_for, run_step1
from vrefactor.rules import load
from vrefactor.source.diff import unified_diff
from vrefactor.source.tree import Tree

ROOT = Path(__file__).parent.parent.parent
GOLDEN = ROOT / "tests" / "golden"
CASES = sorted(path.name for path in GOLDEN.iterdir() if (path / "before").is_dir())


@pytest.mark.parametrize("case", CASES)
def test_invariants_and_jobs(case: str) -> None:
    tree, rules = Tree.open(GOLDEN / case / "before"), load(GOLDEN / case / "vrefactor.toml")
    stage = run_step1(tree, rules)
    if case != "overrides":  # its form stands in place of the name
        check(stage, rules)
    assert run_step1(tree, rules, PARALLEL).plan == stage.plan


def test_example_kernel() -> None:
    kernel = ROOT / "examples" / "minikern"
    tree, rules = Tree.open(kernel), load(kernel / "vrefactor.toml")
    stage, two = run_step1(tree, rules), run_step1(tree, rules, PARALLEL)
    assert stage.plan == two.plan
    assert unified_diff(tree, stage.after) == unified_diff(tree, two.after)


@pytest.mark.parametrize("case", ["conditionals", "macros", "overrides"])
def test_hash_seeds(case: str) -> None:
    program = "import sys; from vrefactor.cli.main import call; sys.exit(call(sys.argv[1:]))"
    arguments = [
        "diff",
        str(GOLDEN / case / "before"),
        "--step=1",
        f"--rules={GOLDEN / case / 'vrefactor.toml'}",
        "--no-cache",
    ]
    printed = [
        subprocess.run(
            [sys.executable, "-c", program, *arguments],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed, "LC_ALL": locale},
            capture_output=True,
            check=False,
        )
        for seed, locale in (("1", "C"), ("2", "C.UTF-8"))
    ]
    assert printed[0].stdout == printed[1].stdout != b""
    assert printed[0].stderr == printed[1].stderr


def test_rules_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_bytes(b"int foo;\n")
    stage = run_step1(Tree.open(tmp_path), rules_for({}))
    assert stage.plan.edits == ()
    assert stage.plan.sites == ()
