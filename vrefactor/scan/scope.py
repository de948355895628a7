"""The subsystems of a tree without rules, and files that are left out of a scan."""

from __future__ import annotations

import re
from collections.abc import Iterable
from glob import escape

from msgspec.structs import replace

from vrefactor.errors import VrefactorError
from vrefactor.rules.loader import bare
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
