"""A question to many files: the answers are remembered, but not for files that change."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.index.building import ALONE, NAMES, rules_of
from tests.source.helpers import edit, lay_out
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.index.build import Indexer
from vrefactor.index.pool import RunOptions
from vrefactor.source.tree import Tree

PATHS = ["net/a.c", "net/b.c"]
ASKED: list[str] = []


def size(path: str, data: bytes, macros: MacroMatcher) -> int:
    """Answer with the size of a file, and note that it was asked."""
    ASKED.append(path)
    return len(data)


def empty(root: Path) -> Tree:
    return Tree.open(lay_out(root, dict.fromkeys(PATHS, b"int foo;\n")))


@pytest.mark.parametrize(("key", "again"), [(b"size", ["net/b.c"]), (b"", PATHS)])
def test_only_what_has_changed_is_asked_again(tmp_path: Path, key: bytes, again: list[str]) -> None:
    tree = empty(tmp_path)
    with Indexer(tree, rules_of(), NAMES, ALONE) as indexer:
        ASKED.clear()
        assert indexer.index(tree).ask(PATHS, size, int, key) == [9, 9]
        assert ASKED == PATHS
        later = tree.with_plan([edit("net/b.c", 0, 0, b"static ")])
        index = indexer.index(later)
        ASKED.clear()
        assert index.ask(PATHS, size, int, key) == [9, 16]
        assert again == ASKED


def test_a_tree_that_has_been_followed_answers_no_more(tmp_path: Path) -> None:
    tree = empty(tmp_path)
    with Indexer(tree, rules_of(), NAMES, ALONE) as indexer:
        index = indexer.index(tree)
        indexer.index(tree.with_plan([edit("net/b.c", 0, 0, b"static ")]))
        with pytest.raises(ValueError, match="followed"):
            index.ask(PATHS, size, int, b"")


def attributes(path: str, data: bytes, macros: MacroMatcher) -> int:
    """Answer with how many words of a file the rules know for attributes."""
    return len(list(macros.attribute.finditer(data)))


def test_what_other_macros_answered_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("vrefactor.index.cache._RACY_NANOSECONDS", -(10**12))
    tree = Tree.open(lay_out(tmp_path / "tree", {"net/a.c": b"int foo __odd;\n"}))
    rules, found = rules_of(), []
    for known in (rules.macros, replace(rules.macros, attribute=("__odd",)), rules.macros):
        with Indexer(tree, replace(rules, macros=known), NAMES, RunOptions(jobs=1)) as indexer:
            found += indexer.index(tree).ask(["net/a.c"], attributes, int, b"attributes")
    assert found == [0, 1, 0]
