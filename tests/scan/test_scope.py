"""Which files a scan is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scan.support import QUICK, rows, scan_files
from tests.source.helpers import lay_out
from tests.steps.support import rules_for
from vrefactor.errors import (
    RULES_NAME,
    SOURCE_BINARY,
    SOURCE_UNTERMINATED,
    TREE_EMPTY,
    VrefactorError,
    VrefactorErrors,
)
from vrefactor.rules import Exclude, Subsystem, TreeRules
from vrefactor.scan.run import scan
from vrefactor.scan.scope import unruled
from vrefactor.source.scope import files_in_scope, subsystem_of, with_folders
from vrefactor.source.tree import Tree

FILES = {"net/a.c": "int a;\n", "net/sub/b.c": "int b;\n", "network/c.c": "int c;\n", "d.h": ""}


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A tree with two folders whose names begin alike, and a file at its root."""
    return Tree.open(lay_out(tmp_path / "my-src", {k: v.encode() for k, v in FILES.items()}))


def test_a_tree_without_rules_has_its_folders_as_subsystems(tree: Tree) -> None:
    found = unruled(tree)
    assert found.name == "my_src"
    assert {subsystem.name: subsystem.paths for subsystem in found.subsystems} == {
        "my_src": ("d.h",),
        "net": ("net",),
        "network": ("network",),
    }
    assert found.macros.sysctl


def test_scope_is_the_subsystems_named_or_all(tree: Tree) -> None:
    rules = rules_for({})
    assert files_in_scope(tree, rules, ()) == ["net/a.c", "net/sub/b.c"]
    assert files_in_scope(tree, with_folders(tree, rules, ["network/"]), ["network/"]) == [
        "network/c.c"
    ]
    assert files_in_scope(tree, unruled(tree), ["my_src"]) == ["d.h"]


def test_what_the_rules_exclude_is_out_of_scope(tree: Tree) -> None:
    exclude = TreeRules(exclude=(Exclude(path="net/sub", reason="r"),))
    assert files_in_scope(tree, rules_for({}, tree=exclude), ()) == ["net/a.c"]


def test_the_longest_path_names_the_subsystem(tree: Tree) -> None:
    subsystems = (
        Subsystem(name="sub", paths=("net/sub",)),
        Subsystem(name="one", paths=("net/a.c",)),
        Subsystem(name="net", paths=("net",)),
    )
    rules = rules_for({}, subsystems=subsystems, containers=())
    found = [subsystem_of(rules, path) for path in (*tree.paths, "net/z.c")]
    names = [None if subsystem is None else subsystem.name for subsystem in found]
    assert names == [None, "one", "sub", None, "net"]


@pytest.mark.parametrize("name", ["nonet", "", "/", "d.h", "ne"])
def test_a_name_that_is_neither_is_refused(tree: Tree, name: str) -> None:
    with pytest.raises(VrefactorError) as caught:
        with_folders(tree, rules_for({}), [name])
    assert caught.value.kind is RULES_NAME
    assert "there are: net" in caught.value.detail


def test_a_subsystem_without_a_source_is_refused(tree: Tree) -> None:
    rules = rules_for({}, subsystems=(Subsystem(name="gone", paths=("gone",)),), containers=())
    with pytest.raises(VrefactorError) as caught:
        files_in_scope(tree, rules, ())
    assert caught.value.kind is TREE_EMPTY


def test_all_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    files = {"net/a.c": "int a;\0", "net/b.c": "int b;\n/* ", "net/c.c": "int c;\n"}
    with pytest.raises(VrefactorErrors) as caught:
        scan_files(tmp_path, files)
    assert [(error.kind, error.path, error.line) for error in caught.value.errors] == [
        (SOURCE_BINARY, "net/a.c", 1),
        (SOURCE_UNTERMINATED, "net/b.c", 2),
    ]


def test_files_that_cannot_be_read_may_be_left_out(tmp_path: Path) -> None:
    files = {"net/a.c": b"int a;\0", "net/b.c": b"int b;\n/* ", "net/c.c": b"int c;\n"}
    tree = Tree.open(lay_out(tmp_path, files))
    found = scan(tree, unruled(tree), (), QUICK, leave_out=True)
    assert [(error.path, error.line) for error in found.unread] == [("net/a.c", 1), ("net/b.c", 2)]
    assert (set(rows(found)), found.files) == ({"c"}, 1)


def test_files_out_of_scope_too_may_be_left_out(tmp_path: Path) -> None:
    files = {"net/a.c": b"int a;\n", "kern/b.c": b"extern int a;\nint b;\n/* "}
    tree = Tree.open(lay_out(tmp_path, files))
    found = scan(tree, unruled(tree), ("net",), QUICK, leave_out=True)
    assert [(error.path, error.line) for error in found.unread] == [("kern/b.c", 3)]
    assert set(rows(found)) == {"a"}
    with pytest.raises(VrefactorErrors):
        scan(tree, unruled(tree), ("net",), QUICK)


def test_latin1_crlf_and_no_newline_at_the_end_are_read(tmp_path: Path) -> None:
    lay_out(tmp_path, {"net/a.c": b"/* \xe9 */\r\nint a;\r\n#define X \\\r\n1\r\nint b"})
    found = scan_files(tmp_path, {"net/b.c": "int c; /* no newline */"})
    assert {"a", "c"} <= set(rows(found))
    assert rows(found)["a"].variable.defined[0].line == 2
