"""Which files a scan is about: subsystems of the rules, or folders of the tree."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from glob import escape

from msgspec.structs import replace

from vrefactor.errors import RULES_NAME, TREE_EMPTY, VrefactorError
from vrefactor.rules.bare import bare
from vrefactor.rules.globs import path_matcher
from vrefactor.rules.types import Exclude, RuleSet, Subsystem
from vrefactor.source.tree import Tree


def unruled(tree: Tree) -> RuleSet:
    """Return rules for a tree without any: each top-level folder is a subsystem.

    Sources at the root itself are a subsystem named like the root.
    """
    rules = bare(identifier(tree.root.resolve().name))
    sources = [path for path in tree.paths if path.endswith(tuple(rules.tree.suffixes))]
    folders = sorted({path.split("/", 1)[0] for path in sources if "/" in path})
    subsystems = [Subsystem(name=name, paths=(name,)) for name in folders]
    top = tuple(path for path in sources if "/" not in path)
    if top:
        name = rules.name
        while name in folders:
            name += "_top"
        subsystems.insert(0, Subsystem(name=name, paths=top))
    return replace(rules, subsystems=tuple(subsystems))


def excluding(rules: RuleSet, errors: Iterable[VrefactorError]) -> RuleSet:
    """Return the rules without the files that can't be read, each with the reason."""
    added = tuple(
        Exclude(
            path=escape(error.path), reason=f"line {error.line}: {error.kind.title}: {error.detail}"
        )
        for error in errors
        if error.path is not None
    )
    return replace(rules, tree=replace(rules.tree, exclude=(*rules.tree.exclude, *added)))


def identifier(text: str) -> str:
    """Return `text` made fit to be a C identifier."""
    word = re.sub(r"\W", "_", text, flags=re.ASCII)
    return word if re.match(r"[A-Za-z_]", word) else f"_{word}"


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
