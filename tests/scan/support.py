"""Scanning a few files that a test lays out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from tests.source.helpers import lay_out
from vrefactor.index.pool import RunOptions
from vrefactor.rules.types import RuleSet
from vrefactor.scan.model import Scan, ScanRow
from vrefactor.scan.run import scan
from vrefactor.scan.scope import unruled
from vrefactor.source.tree import Tree

QUICK = RunOptions(jobs=1, cache=False)


def scan_files(
    root: Path,
    files: Mapping[str, str],
    *,
    subsystems: Collection[str] = (),
    rules: RuleSet | None = None,
    options: RunOptions = QUICK,
) -> Scan:
    """Lay out `files` and scan them; without rules, as a tree that has none."""
    tree = Tree.open(lay_out(root, {path: text.encode() for path, text in files.items()}))
    return scan(tree, unruled(tree) if rules is None else rules, subsystems, options)


def rows(found: Scan) -> dict[str, ScanRow]:
    """Return the rows by the variables' names, which must all differ."""
    table = {row.variable.name: row for row in found.rows}
    assert len(table) == len(found.rows)
    return table


def row(root: Path, code: str, name: str = "x") -> ScanRow:
    """Scan one source file and return the row of one variable."""
    return rows(scan_files(root, {"net/a.c": code}))[name]
