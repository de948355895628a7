"""Final names: unique among the symbols, because the `V_` macros share one name space."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from vrefactor.rules.types import RuleSet
from vrefactor.scan.model import ScanRow
from vrefactor.scan.scope import identifier
from vrefactor.source.tree import Tree

Owner = tuple[str, str]
"""A variable in the tree: its name, and the file of its definition."""


def final_names(tree: Tree, rules: RuleSet, rows: Iterable[ScanRow]) -> dict[Owner, str]:
    """Return the final name of each row's variable.

    Of several variables of one name the first keeps it.  The twin in a folder of IPv6
    gets a `6` behind it, any other the name of its file in front: `rtq_timeout6`,
    `pf_subr_isn_secret`.  So does one whose `V_` name means something else in the tree.
    """
    sources = _Sources(tree, rules)
    taken = sources.foreign(rules.prefix.prefix)
    final: dict[Owner, str] = {}
    used: set[str] = set()
    for row in sorted(rows, key=lambda scan_row: (_is_twin(scan_row), scan_row.variable.path)):
        name, path = row.variable.name, row.variable.path
        for choice in _choices(row):
            if choice in used or choice in taken:
                continue
            if choice == name or not sources.mention(choice):
                used.add(choice)
                final[name, path] = choice
                break
    return final


def _is_twin(row: ScanRow) -> bool:
    """Say whether the variable lies in a folder of IPv6, by the way such folders are named."""
    return row.variable.path.rpartition("/")[0].endswith("6")


def _choices(row: ScanRow) -> Iterator[str]:
    """Yield names for a variable, the best first, without end."""
    name, path = row.variable.name, row.variable.path
    yield name
    if _is_twin(row):
        yield f"{name}6"
    whole = identifier(path.rpartition(".")[0])
    stem = identifier(path.rpartition("/")[2].rpartition(".")[0])
    yield f"{stem}_{name}"
    yield f"{whole}_{name}"
    number = 2
    while True:
        yield f"{whole}_{name}{number}"
        number += 1


class _Sources:
    """Searches over the text of all sources of a tree."""

    def __init__(self, tree: Tree, rules: RuleSet) -> None:
        suffixes = tuple(rules.tree.suffixes)
        self._tree = tree
        self._paths = [path for path in tree.paths if path.endswith(suffixes)]

    def foreign(self, prefix: str) -> set[str]:
        """Return the names whose prefixed form the tree uses for something else.

        `#define V_x x` makes it the name that step 1 gives, in a tree where that is done.
        """
        start = prefix.encode()
        word = re.compile(rb"(?<!\w)" + re.escape(start) + rb"(\w+)")
        own = re.compile(
            rb"^[ \t]*#[ \t]*define[ \t]+" + re.escape(start) + rb"(\w+)[ \t]+.*(?<!\w)\1(?!\w)",
            re.M,
        )
        found: set[bytes] = set()
        made: set[bytes] = set()
        for path in self._paths:
            data = self._tree.read(path)
            if start in data:
                found.update(word.findall(data))
                made.update(own.findall(data))
        return {name.decode("latin-1") for name in found - made}

    def mention(self, name: str) -> bool:
        """Say whether the word occurs anywhere in the tree."""
        text = name.encode()
        word = re.compile(rb"(?<!\w)" + re.escape(text) + rb"(?!\w)")
        for path in self._paths:
            data = self._tree.read(path)
            if text in data and word.search(data):
                return True
        return False
