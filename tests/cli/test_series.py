"""The README of a series: its commands run as they stand, and what needs a person is named."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.cli.verifying import FILES, IF
from tests.program import environment
from tests.verify.building import make_tree
from vrefactor.cli.main import call
from vrefactor.cli.options import StepOptions
from vrefactor.cli.series_text import PatchMade
from vrefactor.cli.verify import verify
from vrefactor.rules.vocabulary import Vocabulary
from vrefactor.steps.registry import STEPS
from vrefactor.steps.step import Step

PASTED = "#define WHO(x) #x\nchar f(void) { return (WHO(ifcount)[0]); }\n"

pytestmark = pytest.mark.timeout(300)


def _series(folder: Path, *options: str, status: int = 0, **more: str) -> str:
    """Make the series of a small tree as folder/PATCHES; return its README."""
    make_tree(folder / "TREE", {**FILES, **more})
    made = ["series", str(folder / "TREE"), "-o", str(folder / "PATCHES"), "-q", *options]
    assert call(made) == status
    return (folder / "PATCHES/README").read_text(encoding="utf-8")


def _commands(readme: str) -> list[str]:
    """Return what the README shows as commands: one text for each block."""
    blocks = re.findall(r"(?:^    .*\n)+", readme, re.M)
    return ["".join(line[4:] + "\n" for line in block.splitlines()) for block in blocks]


def test_the_commands_run_and_prove_the_claims(tmp_path: Path) -> None:
    covered = IF.replace("NEVER", "_KERNEL")
    commands = _commands(_series(tmp_path, "--step", "1", status=0, **{"net/if.c": covered}))
    variables = environment(tmp_path)
    assert [command.split()[0] for command in commands] == [
        "vrefactor",  # makes the series
        "QUILT_PATCHES=PATCHES",
        "before=TREE",
        "vrefactor",  # proves its one claim
    ]
    made = (tmp_path / "PATCHES/0001-prefix.patch").read_bytes()
    for command in (commands[0], *commands[2:]):
        done = subprocess.run(command, shell=True, cwd=tmp_path, env=variables, check=False)
        assert done.returncode == 0, command
    assert (tmp_path / "PATCHES/0001-prefix.patch").read_bytes() == made
    assert "V_ifcount" in (tmp_path / "0001-prefix/net/if.c").read_text()


def test_a_proof_fails_where_the_claim_does(tmp_path: Path) -> None:
    commands = _commands(_series(tmp_path, "--step", "1"))
    variables = environment(tmp_path)
    subprocess.run(commands[2], shell=True, cwd=tmp_path, env=variables, check=True)
    source = tmp_path / "0001-prefix/net/if.c"
    source.write_text(source.read_text().replace("+= n", "-= n"))
    done = subprocess.run(commands[-1], shell=True, cwd=tmp_path, env=variables, check=False)
    assert done.returncode == 1


def test_names_what_needs_a_person(tmp_path: Path) -> None:
    readme = _series(tmp_path, "--step", "1", status=1, **{"net/who.c": PASTED})
    assert "Refused, for a person to decide (1):\n  net/who.c:2: ifcount: refused:" in readme


@pytest.mark.parametrize("step", STEPS, ids=[step.name for step in STEPS])
def test_each_step_claims_something_that_verify_can_be_asked(step: Step) -> None:
    assert step.claims
    for claim in (claim.worded(Vocabulary()) for claim in step.claims):
        context = verify.make_context("verify", ["BEFORE", "AFTER", *claim.verify])
        assert context.params["trees"] == (Path("BEFORE"), Path("AFTER"))


def test_the_options_are_shown_that_make_it() -> None:
    made = PatchMade("my rules", ("net",), StepOptions(None, "2.1", wrap=True), context=5)
    assert made.command()[5:] == [
        *("--rules", "my rules", "--subsystem", "net", "--through", "2.1", "--wrap"),
        *("--context", "5"),
    ]
