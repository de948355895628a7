"""The library: the script that README shows, and what `import vrefactor` gives and costs."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import vrefactor
from tests.program import environment
from vrefactor import api

ROOT = Path(__file__).resolve().parent.parent
MINIKERN = ROOT / "examples" / "minikern"
SCRIPT = ROOT / "examples" / "library.py"


def run(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        env={**environment(folder), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs cc")
def test_the_script_does_what_the_commands_do(tmp_path: Path) -> None:
    tree = tmp_path / "minikern"
    shutil.copytree(MINIKERN, tree)
    done = run(SCRIPT, tree, folder=tmp_path)
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "net/netisr.c:28: ifnet: operand of #",
        "net/netisr.c:48: ifnet: operand of ##",
    ]
    listed, mark, patch = done.stdout.partition("diff --git ")
    assert "netinet/ip_input.c\tipstat\t" in listed
    before = vrefactor.open_tree(MINIKERN)
    (stage,) = vrefactor.plan_steps(before, vrefactor.load_rules(before), "1")
    assert (mark + patch).encode() == vrefactor.diff_trees(stage.before, stage.after)
    done_tree = vrefactor.open_tree(tree)
    (stage,) = vrefactor.plan_steps(done_tree, vrefactor.load_rules(done_tree), "1")
    assert vrefactor.diff_trees(stage.before, stage.after) == b"", "it is carried out"


def test_the_readme_shows_the_script() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```python\n(.*?)^```", readme, re.M | re.S)
    assert SCRIPT.read_text(encoding="utf-8").endswith(shown)


@pytest.mark.parametrize("name", vrefactor.__all__)
def test_each_name_is_there_and_documented(name: str) -> None:
    found = getattr(vrefactor, name)
    assert name in dir(vrefactor)
    if name != "__version__":
        assert found is getattr(api, name)
        assert found.__doc__


def test_the_names_are_those_of_the_library() -> None:
    assert sorted(vrefactor.__all__) == sorted([*api.__all__, "__version__"])
    with pytest.raises(AttributeError, match="no attribute 'scan_trees'"):
        vrefactor.scan_trees  # type: ignore[attr-defined]  # noqa: B018


def test_the_command_line_does_not_load_the_library(tmp_path: Path) -> None:
    code = "import sys, vrefactor.cli.diff; print(*(m for m in sys.modules if 'vrefactor' in m))"
    loaded = run("-c", code, folder=tmp_path).stdout.split()
    assert "vrefactor.steps.series" in loaded
    assert not {"vrefactor.api", "vrefactor.verify.run", "vrefactor.audit.run"} & set(loaded)


def test_errors_have_a_kind() -> None:
    with pytest.raises(vrefactor.VrefactorError) as caught:
        vrefactor.open_tree("no such tree")
    assert caught.value.kind.code == "tree-missing"


def test_a_tree_without_rules(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "if.c").write_text("int count;\nint f(void) { return count++; }\n")
    found = vrefactor.scan_tree(vrefactor.open_tree(str(tmp_path)))
    assert [row.variable.name for row in found.rows] == ["count"]
