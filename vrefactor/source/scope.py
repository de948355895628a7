"""Which files a run is about: subsystems of the rules, or folders of the tree."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from msgspec.structs import replace

from vrefactor.errors import RULES_NAME, TREE_EMPTY, VrefactorError
from vrefactor.rules.globs import path_matcher
from vrefactor.rules.types import RuleSet, Subsystem
from vrefactor.source.tree import Tree


def with_folders(tree: Tree, rules: RuleSet, names: Iterable[str]) -> RuleSet:
    """Return the rules with a subsystem for each name that is only a folder of the tree.

    Raises RULES_NAME for a name that is neither.
    """
    known = {subsystem.name for subsystem in rules.subsystems}
    added: list[Subsystem] = []
    for name in dict.fromkeys(names):
        folder = name.rstrip("/")
        if name in known:
            continue
        if not folder or not any(path.startswith(folder + "/") for path in tree.paths):
            detail = f"subsystem `{name}`; there are: {', '.join(sorted(known)) or 'none'}"
            raise VrefactorError(RULES_NAME, f"{detail}; and no such folder", path=rules.origin)
        added.append(Subsystem(name=name, paths=(folder,)))
    return replace(rules, subsystems=(*rules.subsystems, *added))


def files_in_scope(tree: Tree, rules: RuleSet, names: Collection[str]) -> list[str]:
    """Return the sources of the named subsystems; of all, if none is named; of the whole
    tree, if the rules have none.

    Raises TREE_EMPTY if there is no source.
    """
    chosen = [subsystem for subsystem in rules.subsystems if not names or subsystem.name in names]
    prefixes = tuple(path for subsystem in chosen for path in subsystem.paths)
    excluded = path_matcher([exclude.path for exclude in rules.tree.exclude])
    found = [
        path
        for path in tree.paths
        if path.endswith(tuple(rules.tree.suffixes))
        and not excluded(path)
        and (not chosen or any(_below(path, prefix) for prefix in prefixes))
    ]
    if not found:
        raise VrefactorError(TREE_EMPTY, path=str(tree.root))
    return found


def subsystem_of(rules: RuleSet, path: str) -> Subsystem | None:
    """Return the subsystem that holds a file, by the longest of the paths that fit."""
    fitting = [
        (len(prefix), subsystem)
        for subsystem in rules.subsystems
        for prefix in subsystem.paths
        if _below(path, prefix)
    ]
    return max(fitting, key=lambda item: item[0])[1] if fitting else None


def _below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(prefix + "/")
