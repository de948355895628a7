"""Asking about a whole tree: builds, headers, bad input."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import clang.cindex
import pytest

from tests.confirm.asking import ask, plan_of, told
from tests.source.helpers import contents, edit, new_file, open_tree
from vrefactor.build.model import BuildPlan, CompileCommand
from vrefactor.confirm import libclang
from vrefactor.confirm.run import confirm
from vrefactor.errors import VrefactorError

X = "file-scope variable `x`"


def test_each_configuration_says_what_it_sees(tmp_path: Path) -> None:
    source = b"extern int x;\n#ifdef A\nint f(void) { return x; }\n#endif\n"
    tree = open_tree(tmp_path / "tree", {"a.c": source})
    plans = [plan_of(tree), plan_of(tree, "-DA", configuration="with A")]
    found = confirm(tree, plans, ["x"])
    assert [(token.line, token.configurations) for token in found.tokens] == [
        (1, ("default", "with A")),
        (3, ("with A",)),
    ]
    assert found.parsed == 2


def test_what_it_is_may_depend_on_the_configuration(tmp_path: Path) -> None:
    source = b"extern int x;\n#ifdef A\n#define P int x\n#else\n#define P int y\n#endif\n"
    source += b"int f(P) { return x; }\n"
    tree = open_tree(tmp_path / "tree", {"a.c": source})
    plans = [plan_of(tree), plan_of(tree, "-DA", configuration="with A")]
    found = [token for token in confirm(tree, plans, ["x"]).tokens if token.line == 7]
    assert sorted((str(token.entity), token.configurations) for token in found) == [
        (X, ("default",)),
        ("parameter `x`", ("with A",)),
    ]


def test_any_number_of_processes_finds_the_same(tmp_path: Path) -> None:
    files = {
        f"d/{number}.c": b'#include "h.h"\nint f(void) { return x + M; }\n' + b"\n" * 60000
        for number in range(20)
    }
    files["d/h.h"] = b"extern int x;\n#define M x\nstatic inline int g(void) { return x; }\n"
    tree = open_tree(tmp_path / "tree", files)
    confirmation = confirm(tree, [plan_of(tree)], ["x"], jobs=1)
    assert confirmation.parsed == 20
    assert confirm(tree, [plan_of(tree)], ["x"], jobs=3) == confirmation


def test_progress_is_told(tmp_path: Path) -> None:
    tree = open_tree(tmp_path / "tree", {"a.c": b"int x;\n", "b.c": b"int x;\n"})
    heard: list[tuple[int, int]] = []
    confirm(tree, [plan_of(tree)], ["x"], report=lambda _, done, total: heard.append((done, total)))
    assert heard[-1] == (2, 2)


def test_a_file_without_the_names_is_not_parsed(tmp_path: Path) -> None:
    assert ask(tmp_path / "tree", {"a.c": b"int y;\n"}, "x").parsed == 0


def test_a_header_that_only_such_a_file_includes_is_seen(tmp_path: Path) -> None:
    files = {
        "a.c": b'#include "h.h"\nint y;\n',
        "h.h": b"extern int x;\nstatic inline int g(void) { return x; }\n",
    }
    found = ask(tmp_path / "tree", files, "x")
    assert told(found.tokens) == [f"1: declaration of {X}", f"2: {X}"]


def test_a_file_that_uses_a_macro_of_a_header_is_parsed(tmp_path: Path) -> None:
    files = {
        "a.c": b'#include "n.h"\nint f(void) { return N; }\n',
        "n.h": b'#include "m.h"\n#define N (M)\n',
        "m.h": b"extern int x;\n#define M x\n",
    }
    found = ask(tmp_path / "tree", files, "x")
    assert told(found.tokens) == [f"1: declaration of {X}", f"2: {X} expanded"]


def test_generated_headers_and_links(tmp_path: Path) -> None:
    files = {
        "a.c": b"#include <opt_a.h>\n#include <machine/m.h>\nint f(void) { return x; }\n",
        "arch/include/m.h": b"extern int x;\n",
    }
    tree = open_tree(tmp_path / "tree", files)
    plan = plan_of(
        tree,
        generated={"opt_a.h": b"#define A\n"},
        links=(("machine", "{tree}/arch/include"),),
    )
    found = confirm(tree, [plan], ["x"])
    assert not found.failures
    assert [(token.path, token.line) for token in found.tokens] == [
        ("a.c", 3),
        ("arch/include/m.h", 1),
    ]


def test_the_compilers_own_headers_are_found(tmp_path: Path) -> None:
    files = {"a.c": b"#include <stddef.h>\n#include <stdarg.h>\nsize_t x;\n"}
    tree = open_tree(tmp_path / "tree", files)
    plan = BuildPlan((CompileCommand("a.c", ("cc", "-Werror"), "default", 60.0),))
    found = confirm(tree, [plan], ["x"])
    assert not found.failures
    assert told(found.tokens) == [f"3: declaration of {X}"]


def test_a_planned_tree_is_read_from_memory(tmp_path: Path) -> None:
    tree = open_tree(tmp_path / "tree", {"a.c": b"int y;\n", "h.h": b"int y;\n"})
    before = contents(tmp_path / "tree")
    after = tree.with_plan(
        [edit("a.c", 0, 7, b'#include "sub/n.h"\n#include "h.h"\nint f(void) { return x; }\n')],
        [new_file("sub/n.h", b"extern int x;\n")],
    )
    found = confirm(after, [plan_of(after)], ["x"])
    assert not found.failures
    assert [(token.path, token.line) for token in found.tokens] == [
        ("a.c", 3),
        ("sub/n.h", 1),
    ]
    assert contents(tmp_path / "tree") == before


def test_odd_names_of_files_and_folders(tmp_path: Path) -> None:
    files = {
        "a b/\u00e9 'q'.c": b'#include "h h.h"\nint f(void) { return x; }\n',
        "a b/h h.h": b"extern int x;\n",
        os.fsdecode(b"l\xe9.c"): b"int x;\n",
    }
    found = ask(tmp_path / "tree with space", files, "x")
    assert not found.failures
    assert [token.path for token in found.tokens] == [
        "a b/h h.h",
        "a b/\u00e9 'q'.c",
        "l\udce9.c",
    ]


BAD = {
    "an error": (b"int x;\nint f(void) { return nowhere; }\n", "a.c:2: "),
    "a missing header": (b'#include "missing.h"\nint x;\n', "a.c:1: "),
    "not C": (b"x <<<<<<< HEAD ((((\n", "a.c:1: "),
    "an #error": (b"int x;\n#error no\n", "a.c:2: "),
    "a comment without an end": (b"int x;\n/* x\n", "a.c:2: "),
    "a NUL byte": (b"int x; \0 )\n", "a.c:1: "),
    "an empty declarator": (b"int x = ;\n", "a.c:1: "),
}


@pytest.mark.parametrize("case", BAD)
def test_a_file_that_cannot_be_parsed_is_listed(case: str, tmp_path: Path) -> None:
    source, where = BAD[case]
    found = ask(tmp_path / "tree", {"a.c": source, "b.c": b"int x;\n"}, "x")
    (failure,) = found.failures
    assert (failure.path, failure.configuration) == ("a.c", "default")
    assert failure.error.startswith(where)
    assert {token.path for token in found.tokens} == {"b.c"}
    assert found.parsed == 1


def test_a_bad_generated_header_is_told_without_its_folder(tmp_path: Path) -> None:
    tree = open_tree(tmp_path / "tree", {"a.c": b"#include <opt_a.h>\nint x;\n"})
    found = confirm(tree, [plan_of(tree, generated={"opt_a.h": b"#error no\n"})], ["x"])
    assert [failure.error for failure in found.failures] == ["{gen}/opt_a.h:1: no"]


def test_flags_that_libclang_does_not_know_are_told(tmp_path: Path) -> None:
    tree = open_tree(tmp_path / "tree", {"a.c": b"int x;\n"})
    found = confirm(tree, [plan_of(tree, "-fno-such-flag-at-all")], ["x"])
    (failure,) = found.failures
    assert "-fno-such-flag-at-all" in failure.error


def test_a_source_that_is_gone_is_told(tmp_path: Path) -> None:
    tree = open_tree(tmp_path / "tree", {"a.c": b"int x;\n"})
    shutil.rmtree(tmp_path / "tree")
    with pytest.raises(VrefactorError) as raised:
        confirm(tree, [plan_of(tree)], ["x"])
    assert raised.value.kind.code == "tree-changed"


def test_libclang_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = open_tree(tmp_path / "tree", {"a.c": b"int x;\n"})
    monkeypatch.setattr(clang.cindex.Config, "library_file", str(tmp_path / "libclang.so"))
    libclang.library.cache_clear()
    try:
        with pytest.raises(VrefactorError) as raised:
            confirm(tree, [plan_of(tree)], ["x"])
    finally:
        libclang.library.cache_clear()
    assert raised.value.kind.code == "libclang-missing"


def _die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_crash_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = open_tree(tmp_path / "tree", {"a.c": b"int x;\n"})
    monkeypatch.setattr("vrefactor.confirm.run.answers", _die)
    with pytest.raises(VrefactorError) as raised:
        confirm(tree, [plan_of(tree)], ["x"], jobs=2)
    assert raised.value.kind.code == "libclang-crashed"


def test_generated_headers_that_cannot_be_written(tmp_path: Path) -> None:
    tree = open_tree(tmp_path / "tree", {"a.c": b"int x;\n"})
    plan = plan_of(tree, generated={"d": b"", "d/h.h": b""})
    with pytest.raises(VrefactorError) as raised:
        confirm(tree, [plan], ["x"])
    assert raised.value.kind.code == "build-dir-unwritable"
