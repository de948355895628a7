"""A stranger's tree can describe its build, and have nothing run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.verifying import IF, RULES, Shell
from tests.verify.building import CC, script
from vrefactor.cli.main import call

pytestmark = pytest.mark.skipif(shutil.which(CC) is None, reason="needs a C compiler")

COVERED = {"net/if.c": IF.replace("NEVER", "_KERNEL")}


def rules(shell: Shell, *, cc: str = "cc", flag: str = "-O1") -> str:
    """Rules that name a compiler, or a flag."""
    return RULES.replace("[build]\n", f'[build]\ncc = "{cc}"\n').replace('"-O1"', f'"{flag}"')


@pytest.fixture
def evil(shell: Shell) -> str:
    """A compiler that leaves a file behind."""
    return script(shell.folder / "evil", f'touch "{shell.folder}/ran"\nexec {CC} "$@"')


def ran(shell: Shell) -> bool:
    return (shell.folder / "ran").exists()


def test_a_compiler_of_the_tree_is_not_run(shell: Shell, evil: str) -> None:
    tree = shell.tree("t", {**COVERED, "vrefactor.toml": rules(shell, cc=evil)})
    shell.monkeypatch.delenv("CC", raising=False)
    said = shell.verify(tree, "--step", "1")
    assert (said.status, said.out) == (2, "")
    assert f"the tree asks for more than compiling: `{evil}`, in: {evil} -O1" in said.err
    assert "--trust-build" in said.err
    assert call(["diff", tree, "--step", "1", "--confirm", "--no-cache", "-q"]) == 2
    assert not ran(shell)
    assert shell.verify(tree, "--step", "1", "-q", "--cc", CC).status == 0
    assert not ran(shell)
    assert shell.verify(tree, "--step", "1", "-q", "--trust-build").status == 0
    assert ran(shell)


def test_nor_is_one_of_two_trees(shell: Shell, evil: str) -> None:
    changed = {**COVERED, "vrefactor.toml": rules(shell, cc=evil)}
    shell.monkeypatch.delenv("CC", raising=False)
    assert shell.verify(shell.tree("before", changed), shell.tree("after", changed)).status == 2
    assert not ran(shell)


@pytest.mark.parametrize("flag", ["-fplugin=./x.so", "-B.", "-wrapper", "@x", "-Xclang"])
def test_flags_that_load_or_run_are_not_taken(shell: Shell, flag: str) -> None:
    tree = shell.tree("t", {**COVERED, "vrefactor.toml": rules(shell, flag=flag)})
    for more in ((), ("--cc", CC)):
        said = shell.verify(tree, "--step", "1", *more)
        assert (said.status, said.out) == (2, "")
        assert f"the tree asks for more than compiling: `{flag}`, in: " in said.err
    command = ["diff", tree, "--step", "1", "--confirm", "--cc", CC, "--no-cache", "-q"]
    assert call(command) == 2


def test_rules_of_the_user_may_say_what_they_like(shell: Shell, evil: str) -> None:
    tree = shell.tree("t", {**COVERED, "vrefactor.toml": None})
    own = shell.folder / "own.toml"
    own.write_text(rules(shell, cc=evil))
    shell.monkeypatch.delenv("CC", raising=False)
    assert shell.verify(tree, "--step", "1", "-q", "--rules", own).status == 0
    assert ran(shell)


@pytest.mark.parametrize("inside", [True, False])
def test_a_compilation_database_in_the_tree(shell: Shell, evil: str, inside: bool) -> None:
    tree = Path(shell.tree("t", COVERED))
    entry = {"directory": str(tree), "file": "net/if.c", "arguments": [evil, "-I.", "net/if.c"]}
    database = (tree if inside else shell.folder) / "compile_commands.json"
    database.write_text(json.dumps([entry]))
    said = shell.verify(tree, "--step", "1", "--compile-commands", database, "--allow-uncovered")
    assert said.status == (2 if inside else 0)
    assert ran(shell) != inside
