"""Golden folders: `tests/golden/CASE` is a tree, and what steps do to it.

    vrefactor.toml          the rules
    before/                 the tree
    after/                  the tree with all steps up to the last of the case applied
    stepN.patch             what `vrefactor diff --step N` prints
    stepN.messages.txt      what it says on standard error: the totals and what is refused

A case is about the steps N that it has patches of; each is planned on the result of the steps
before it.  Adding a test is adding a folder.  A case that is named like a folder of `examples/`
has that folder for its tree and its rules, and no `before/` and `after/`.
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


def steps_of(case: str) -> list[str]:
    """Return the numbers of the steps that a case is about, in their order."""
    named = {path.stem.removeprefix("step") for path in (GOLDEN / case).glob("step*.patch")}
    return [step.number for step in STEPS if step.number in named]


def tree_of(case: str) -> Path:
    """Return the tree that a case starts from."""
    own = GOLDEN / case / "before"
    return own if own.is_dir() else EXAMPLES / case


def rules_of(case: str) -> Path:
    """Return the rules of a case."""
    own = GOLDEN / case / "vrefactor.toml"
    return own if own.is_file() else EXAMPLES / case / "vrefactor.toml"


def test_every_case_has_a_step_and_every_step_a_case() -> None:
    assert all(steps_of(case) for case in CASES)
    assert {number for case in CASES for number in steps_of(case)} == {s.number for s in STEPS}


@pytest.mark.parametrize(
    ("case", "number"), [(case, number) for case in CASES for number in steps_of(case)]
)
def test_patch_and_messages(
    case: str, number: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree, patch = str(tree_of(case)), tmp_path / f"step{number}.patch"
    rules = ["--rules", str(rules_of(case)), "--no-cache"]
    status = call(["diff", tree, "--step", number, *rules, "-o", str(patch)])
    messages = capsys.readouterr().err
    assert messages == (GOLDEN / case / f"step{number}.messages.txt").read_text()
    assert patch.read_bytes() == (GOLDEN / case / patch.name).read_bytes()
    assert status == int(": refused: " in messages or ": finding: " in messages)


@pytest.mark.parametrize("case", [case for case in CASES if (GOLDEN / case / "after").is_dir()])
def test_tree_after(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = shutil.copytree(tree_of(case), tmp_path / "tree")
    rules = ["--rules", str(rules_of(case)), "--no-cache"]
    call(["apply", str(root), "--through", steps_of(case)[-1], *rules])
    capsys.readouterr()
    assert contents(root) == contents(GOLDEN / case / "after")
