"""`vrefactor verify` and bad input: wrong calls, bad compilers, full disks, odd databases."""

from __future__ import annotations

import json
import resource
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.verifying import IF, RULES, Shell
from tests.verify.building import CC, script, snapshot

pytestmark = pytest.mark.skipif(shutil.which(CC) is None, reason="needs a C compiler")

# --- bad input ------------------------------------------------------------------------------------


WRONG_CALLS: list[tuple[list[str], int, str]] = [
    ([], 2, "give TREE and --step S, or the trees BEFORE and AFTER"),
    (["t"], 2, "give either --step S or --through S"),
    (["t", "t", "--step", "1"], 2, "for one tree, not for two"),
    (["t", "t", "t"], 2, "give TREE and --step S"),
    (["t", "none"], 3, "no such tree"),
    (["t", "--step", "9"], 2, "no step `9`"),
    (["t", "t", "--subsystem", "gnu"], 2, "gnu"),
    (["t", "t", "--cc", "no-such-cc"], 2, "no-such-cc"),
    (["t", "t", "--cc", "'"], 2, "No closing quotation"),
    (["t", "t", "--launcher", "no-such-launcher"], 2, "no-such-launcher"),
    (["t", "t", "--launcher", "'"], 2, "--launcher: No closing quotation"),
    (["t", "t", "--build-dir", "t/build"], 2, "it lies in the tree"),
    (["t", "t", "--compile-commands", "none.json"], 2, "none.json"),
    (["t", "t", "--kernconf", "GENERIC"], 2, "GENERIC"),
    (["t", "t", "--rules", "no-such-rules"], 2, "no-such-rules"),
]


@pytest.mark.parametrize(("arguments", "status", "says"), WRONG_CALLS)
def test_wrong_calls(
    shell: Shell,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    status: int,
    says: str,
) -> None:
    kept = snapshot(shell.tree("t"))
    monkeypatch.chdir(shell.folder)
    said = shell.verify(*arguments)
    assert (said.status, said.out) == (status, ""), said.all
    assert says in said.err
    assert snapshot(str(shell.folder / "t")) == kept


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [row for row in WRONG_CALLS if "--cc" not in row[0] and "--launcher" not in row[0]],
)
def test_the_compiler_is_looked_at_last(
    shell: Shell,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    status: int,
    says: str,
) -> None:
    shell.tree("t")
    monkeypatch.chdir(shell.folder)
    monkeypatch.setenv("CC", "no-such-cc")
    said = shell.verify(*arguments)
    assert (said.status, said.out) == (status, ""), said.all
    assert says in said.err


def test_how_the_trees_are_built_must_be_known(shell: Shell) -> None:
    trees = [shell.tree(name, {"vrefactor.toml": None}) for name in ("before", "after")]
    said = shell.verify(*trees)
    assert said.status == 2
    assert "it is not known how this tree is built" in said.err
    assert "--compile-commands" in said.err


def test_a_build_of_nothing(shell: Shell) -> None:
    rules = RULES.replace("**/*.c", "none/*.c")
    trees = [shell.tree(name, {"vrefactor.toml": rules}) for name in ("before", "after")]
    said = shell.verify(*trees)
    assert said.status == 2
    assert "nothing to build" in said.err


BAD_COMPILER = f"""\
case "$*" in
*kern/hang.c*) sleep 60 ;;
*kern/crash.c*) kill -SEGV $$ ;;
*kern/talk.c*) yes "kern/talk.c:1: error: blah blah" | head -n 200000; exit 1 ;;
esac
exec {CC} "$@"
"""


def test_compilers_that_misbehave(shell: Shell) -> None:
    bad = {f"kern/{name}.c": "int x;\n" for name in ("hang", "crash", "talk")}
    rules = RULES.replace("timeout = 30", "timeout = 2")
    trees = [shell.tree(name, {"vrefactor.toml": rules, **bad}) for name in ("before", "after")]
    cc = script(shell.folder / "badcc", BAD_COMPILER)
    said = shell.verify(*trees, "--cc", cc)
    assert said.status == 0
    lines = said.out.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("kern/crash.o: not covered: the compiler crashed")
    assert lines[1] == "kern/hang.o: not covered: timed out: after 2 s"
    assert lines[2] == "kern/talk.o: not covered: kern/talk.c:1: error: blah blah"
    assert "2 the same, 0 differ, 3 not covered" in said.err


@pytest.mark.parametrize(
    ("name", "text", "status", "says"),
    [
        (
            "no ELF",
            'for out; do case $out in obj/*/net/if.o) echo text > "$out"; exit;; esac; done',
            2,
            "not an ELF object",
        ),
        (
            "the compiler's disk is full",
            'case "$*" in *net/if.c*) echo "if.s: No space left on device"; exit 1;; esac',
            3,
            "No space left on device",
        ),
        ("it makes nothing at all", "exit 0", 2, "cannot build for the target"),
    ],
)
def test_compilers_that_are_no_use(
    shell: Shell, name: str, text: str, status: int, says: str
) -> None:
    trees = shell.tree("before"), shell.tree("after")
    kept = snapshot(trees[0]), snapshot(trees[1])
    cc = script(shell.folder / "cc", f'{text}\nexec {CC} "$@"')
    said = shell.verify(*trees, "--cc", cc)
    assert (said.status, said.out) == (status, ""), said.all
    assert says in said.err
    assert (snapshot(trees[0]), snapshot(trees[1])) == kept


def test_a_full_disk(shell: Shell) -> None:
    big = {"net/big.h": "/* long */\n" * 100_000}
    trees = [shell.tree(name, big) for name in ("before", "after")]
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        said = shell.verify(*trees, "--build-dir", shell.folder / "b")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (said.status, said.out) == (3, "")
    assert "the build directory cannot be written" in said.err
    assert shell.verify(*trees, "--build-dir", shell.folder / "b", "-q").status == 0


# --- compile_commands.json ------------------------------------------------------------------------


def database(shell: Shell, *entries: Mapping[str, object]) -> Path:
    path = shell.folder / "before" / "out" / "compile_commands.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(entries))
    return path


def test_a_compilation_database_is_for_both_trees(shell: Shell) -> None:
    bare: dict[str, str | None] = {"vrefactor.toml": None, "net/if.c": IF}
    before = shell.tree("before", bare)
    after = shell.tree("after", {**bare, "net/if.c": IF.replace("+= n", "-= n")})
    flags = "-O1 -I.. -DQUOTED='\"a b\"'"
    found = database(
        shell,
        {"directory": ".", "file": "../net/if.c", "command": f"{CC} {flags} -c ../net/if.c -o x.o"},
        {"directory": f"{before}/kern", "file": "main.c", "arguments": [CC, "-I..", "main.c"]},
        {"directory": ".", "file": "../net/gone.c", "command": f"{CC} -c ../net/gone.c"},
        {"directory": ".", "file": "/elsewhere/x.c", "command": f"{CC} -c /elsewhere/x.c"},
    )
    said = shell.verify(before, before, "--compile-commands", found)
    assert said.status == 0
    assert said.out.splitlines() == [
        "/elsewhere/x.c: not built: outside the tree",
        "net/gone.c: not built: not in the tree",
    ]
    said = shell.verify(before, after, "--compile-commands", found)
    assert said.status == 1
    assert "-MD5 (net/if.o)" in said.out
    assert "1 the same, 1 differ" in said.err


def test_a_database_that_is_none(shell: Shell) -> None:
    before = shell.tree("before")
    found = database(shell)
    for text, says in (
        ('[{"directory": ".", "file": "x.c"', "compile_commands.json: not a usable"),
        ("[]", "it lists no command"),
        ('[{"directory": ".", "file": "../net/if.c", "command": "cc \'"}]', "No closing quotation"),
    ):
        found.write_text(text)
        said = shell.verify(before, before, "--compile-commands", found)
        assert (said.status, said.out) == (2, ""), text
        assert says in said.err
