"""Golden folders: `tests/golden/CASE` is a tree before and after step 1, and its patch.

    vrefactor.toml  the rules
    before/         the tree
    after/          the tree with step 1 applied
    step1.patch     what `vrefactor diff --step 1` prints
    stepN.patch     likewise for a later step N, on the result of those before it
    messages.txt    what it says on standard error: the totals and what is refused

Adding a test is adding a folder.  A case that is named like a folder of `examples/` has
that folder for its tree and its rules, and no `before/` and `after/`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.source.helpers import contents
from vrefactor.cli.main import call
from vrefactor.steps.registry import STEPS

GOLDEN = Path(__file__).parent / "golden"
EXAMPLES = Path(__file__).parent.parent / "examples"
CASES = sorted(path.name for path in GOLDEN.iterdir())
LATER = sorted(path for path in GOLDEN.glob("*/step*.patch") if path.stem != "step1")


def tree_of(case: str) -> Path:
    """Return the tree that a case starts from."""
    own = GOLDEN / case / "before"
    return own if own.is_dir() else EXAMPLES / case


def rules_of(case: str) -> Path:
    """Return the rules of a case."""
    own = GOLDEN / case / "vrefactor.toml"
    return own if own.is_file() else EXAMPLES / case / "vrefactor.toml"


@pytest.mark.parametrize("case", CASES)
def test_patch(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree, patch = str(tree_of(case)), tmp_path / "step1.patch"
    rules = str(rules_of(case))
    status = call(["diff", tree, "--step", "1", "--rules", rules, "-o", str(patch), "--no-cache"])
    messages = capsys.readouterr().err
    assert messages == (GOLDEN / case / "messages.txt").read_text()
    assert patch.read_bytes() == (GOLDEN / case / "step1.patch").read_bytes()
    assert status == int(": refused: " in messages)


@pytest.mark.parametrize("case", [case for case in CASES if (GOLDEN / case / "after").is_dir()])
def test_tree_after(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = shutil.copytree(tree_of(case), tmp_path / "tree")
    call(["apply", str(root), "--step", "1", "--rules", str(rules_of(case)), "--no-cache"])
    capsys.readouterr()
    assert contents(root) == contents(GOLDEN / case / "after")


@pytest.mark.parametrize("golden", LATER, ids=[f"{path.parent.name}-{path.stem}" for path in LATER])
def test_later_patch(golden: Path, tmp_path: Path) -> None:
    case, step = golden.parent.name, golden.stem.removeprefix("step")
    patch, rules = tmp_path / golden.name, str(rules_of(case))
    call(["diff", str(tree_of(case)), "--step", step, "--rules", rules, "-q", "-o", str(patch)])
    assert patch.read_bytes() == golden.read_bytes()


def test_every_later_step_has_a_golden_patch() -> None:
    assert {path.stem for path in LATER} == {f"step{step.number}" for step in STEPS[1:]}
