"""Building the index of a small tree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.source.helpers import lay_out
from tests.steps.support import MACROS
from vrefactor.index.build import Indexer
from vrefactor.index.index import Index
from vrefactor.index.pool import RunOptions
from vrefactor.rules import Exclude, RuleSet, TreeRules
from vrefactor.source.tree import Tree

NAMES = ("foo", "bar")
ALONE = RunOptions(jobs=1, cache=False)


def rules_of() -> RuleSet:
    """Return a rule set that says no more than what the index asks for."""
    tree = TreeRules(
        exclude=(Exclude(path="contrib/**", reason="not ours"),), include_dirs=(".", "include")
    )
    return RuleSet(name="toy", tree=tree, macros=MACROS)


def index_of(
    root: Path,
    files: Mapping[str, str],
    names: Iterable[str] = NAMES,
    options: RunOptions = ALONE,
) -> Index:
    """Lay out `files` and return their index."""
    lay_out(root, {path: text.encode() for path, text in files.items()})
    return index_at(root, names, options)


def index_at(root: Path, names: Iterable[str] = NAMES, options: RunOptions = ALONE) -> Index:
    """Return the index of the tree at `root`."""
    tree = Tree.open(root)
    with Indexer(tree, rules_of(), names, options) as indexer:
        return indexer.index(tree)
