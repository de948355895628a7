from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.build.freebsd.minitree import Files
from vrefactor.build.database import compdb_plan
from vrefactor.build.model import BuildPlan
from vrefactor.errors import BUILD_EMPTY, COMPDB_INVALID, COMPILER_MISSING, VrefactorError

TREE = Files(dict.fromkeys(["src/a.c", "src/b c.c", "src/é.c", "src/m.cc", "src/conf.h"], ""))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The tree on disk; the database goes into its folder `build`."""
    for path in TREE.paths:
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).touch()
    (tmp_path / "build").mkdir()
    return tmp_path


def plan(root: Path, *entries: Mapping[str, object], cc: str | None = None) -> BuildPlan:
    database = root / "build" / "compile_commands.json"
    database.write_text(json.dumps(entries))
    return compdb_plan(TREE, database, root, cc=cc, timeout=9)


def argv(root: Path, *words: str, directory: str = "..") -> tuple[str, ...]:
    """What becomes of the words that follow the compiler."""
    entry = {"directory": directory, "file": "src/a.c", "arguments": ["true", *words]}
    (command,) = plan(root, entry).commands
    return command.argv[1:]


KEPT = {
    "nothing": [],
    "plain flags": ["-O2", "-Wall", "-std=c99", "-DX=1", "-U", "Y"],
    "a macro that holds a path": ['-DHERE="/src/a"'],
    "a folder outside": ["-I/usr/include/x", "-isystem", "/opt/x"],
    "a folder of the sysroot": ["-I=/include"],
    "a header from the include path": ["-include", "found-elsewhere.h"],
    "flags that begin like others": ["-march=native", "-mcmodel=kernel", "-include-pch"],
}


@pytest.mark.parametrize("words", KEPT.values(), ids=KEPT)
def test_kept(root: Path, words: list[str]) -> None:
    assert argv(root, *words) == tuple(words)


CHANGED = {
    "source": (["-g", "src/a.c"], ["-g"]),
    "source spelled otherwise": (["./src/../src/a.c"], []),
    "output": (["-c", "-o", "a.o", "-g"], ["-g"]),
    "output joined": (["-oa.o"], []),
    "dependencies": (["-MD", "-MMD", "-MP", "-MF", "x.d", "-MTx", "-MQ", "y", "-MJ", "z"], []),
    "dependencies through the preprocessor": (["-Wp,-MMD,x/.a.d"], []),
    "end of options": (["-g", "--", "src/a.c"], ["-g"]),
    "folder": (["-Isrc", "-I", "src/inc"], ["-I{tree}/src", "-I", "{tree}/src/inc"]),
    "the root": (["-I.", "-I", "build/.."], ["-I{tree}", "-I", "{tree}"]),
    "system folders": (
        ["-isystem", "src", "--sysroot=src"],
        ["-isystem", "{tree}/src", "--sysroot={tree}/src"],
    ),
    "other folders": (
        ["-iquotesrc", "-idirafter", "src"],
        ["-iquote{tree}/src", "-idirafter", "{tree}/src"],
    ),
    "forced header": (["-include", "src/conf.h"], ["-include", "{tree}/src/conf.h"]),
}


@pytest.mark.parametrize(("words", "expected"), CHANGED.values(), ids=CHANGED)
def test_changed(root: Path, words: list[str], expected: list[str]) -> None:
    assert argv(root, *words) == tuple(expected)


def test_absolute_paths_into_the_tree_are_marked(root: Path) -> None:
    assert argv(root, f"-I{root}/src", f"{root}/src/a.c") == ("-I{tree}/src",)


def test_the_tree_may_be_reached_through_a_link(root: Path) -> None:
    link = root.parent / f"{root.name}-link"
    link.symlink_to(root)
    database = root / "build" / "compile_commands.json"
    entry = {"directory": str(root), "file": "src/a.c", "arguments": ["true", f"-I{link}/src"]}
    database.write_text(json.dumps([entry]))
    (command,) = compdb_plan(TREE, database, link, timeout=9).commands
    assert (command.source, command.argv) == ("src/a.c", ("true", "-I{tree}/src"))


def test_relative_folders_go_out_from_the_directory(root: Path) -> None:
    entry = {"directory": "../src", "file": "a.c", "arguments": ["true", "-Iinc", "-I../.."]}
    (command,) = plan(root, entry).commands
    assert command.source == "src/a.c"
    assert command.argv == ("true", "-I{tree}/src/inc", f"-I{root.parent}")


QUOTED = {
    "plain": ("true -c -DX=1 src/a.c", ("-DX=1",)),
    "single": ("true '-DX=a b' src/a.c", ("-DX=a b",)),
    "double": ('true "-DX=\\"a\\"" src/a.c', ('-DX="a"',)),
    "backslash": ("true -DX=a\\ b src/a.c", ("-DX=a b",)),
}


@pytest.mark.parametrize(("command", "expected"), QUOTED.values(), ids=QUOTED)
def test_shell_quoting(root: Path, command: str, expected: tuple[str, ...]) -> None:
    found = plan(root, {"directory": str(root), "file": "src/a.c", "command": command})
    assert found.commands[0].argv[1:] == expected


@pytest.mark.parametrize("source", ["src/b c.c", "src/é.c"])
def test_names_with_blanks_and_beyond_ascii(root: Path, source: str) -> None:
    found = plan(root, {"directory": str(root), "file": source, "arguments": ["true", source]})
    assert [(item.source, item.argv) for item in found.commands] == [(source, ("true",))]


def test_configuration_and_limit(root: Path) -> None:
    (command,) = plan(root, {"directory": "..", "file": "src/a.c", "command": "true"}).commands
    assert (command.configuration, command.timeout) == ("default", 9)


def test_a_file_twice_is_once_unless_its_flags_differ(root: Path) -> None:
    same = {"directory": "..", "file": "src/a.c", "command": "true -DA"}
    other = {**same, "command": "true -DB"}
    found = plan(root, same, other, {**same, "output": "x.o"}).commands
    assert [item.argv for item in found] == [("true", "-DA"), ("true", "-DB")]


def test_what_cannot_be_built_is_listed(root: Path) -> None:
    entries = [
        {"directory": "..", "file": path, "command": "true"}
        for path in ("src/a.c", "src/gone.c", "src/m.cc", "/elsewhere/x.c")
    ]
    entries.append({"directory": "..", "file": "src/b c.c", "command": "true @flags"})
    found = plan(root, *entries)
    assert [item.source for item in found.commands] == ["src/a.c"]
    assert dict(found.skipped) == {
        "/elsewhere/x.c": "outside the tree",
        "src/b c.c": "its command is in a response file (@file)",
        "src/gone.c": "not in the tree",
        "src/m.cc": "not C",
    }


def test_the_compiler(root: Path) -> None:
    entry = {"directory": "..", "file": "src/a.c", "command": "no-such-cc -O2"}
    assert plan(root, entry, cc="true -m32").commands[0].argv == ("true", "-m32", "-O2")
    with pytest.raises(VrefactorError) as caught:
        plan(root, entry)
    assert (caught.value.kind, caught.value.detail) == (COMPILER_MISSING, "no-such-cc")


def test_a_compiler_with_a_relative_path(root: Path) -> None:
    compiler = root / "src" / "cc"
    compiler.write_text("#!/bin/sh\n")
    compiler.chmod(0o755)
    found = plan(root, {"directory": "../src", "file": "a.c", "command": "./cc a.c"})
    assert found.commands[0].argv == (str(compiler),)


INVALID = {
    "not JSON": ("[\n{]", 2, "byte 3"),
    "not a list": ("{}", None, "array"),
    "no file": ('[{"directory": "."}]', None, "file"),
    "wrong type": ('[{"directory": 1, "file": "a.c"}]', None, "$[0].directory"),
    "no command": ('[{"directory": ".", "file": "a.c"}]', None, "entry 1 (a.c) has neither"),
    "bad quoting": ('[{"directory": ".", "file": "a.c", "command": "cc \'"}]', None, "entry 1"),
}


@pytest.mark.parametrize(("text", "line", "detail"), INVALID.values(), ids=INVALID)
def test_invalid(root: Path, text: str, line: int | None, detail: str) -> None:
    database = root / "compile_commands.json"
    database.write_text(text)
    with pytest.raises(VrefactorError) as caught:
        compdb_plan(TREE, database, root, timeout=9)
    assert caught.value.kind is COMPDB_INVALID
    assert (caught.value.path, caught.value.line) == (str(database), line)
    assert detail in caught.value.detail


def test_missing_database(root: Path) -> None:
    with pytest.raises(VrefactorError) as caught:
        compdb_plan(TREE, root / "none.json", root, timeout=9)
    assert caught.value.kind is COMPDB_INVALID


@pytest.mark.parametrize(
    ("entries", "detail"),
    [
        ([], "it lists no command"),
        ([{"directory": "..", "file": "gone.c", "command": "true"}], "gone.c: not in the tree"),
    ],
)
def test_nothing_to_build(root: Path, entries: list[dict[str, object]], detail: str) -> None:
    with pytest.raises(VrefactorError) as caught:
        plan(root, *entries)
    assert (caught.value.kind, caught.value.detail) == (BUILD_EMPTY, detail)
