"""Asking libclang about small programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.source.helpers import open_tree
from vrefactor.build.model import BuildPlan, CompileCommand, Generated
from vrefactor.confirm.run import Confirmation, confirm
from vrefactor.index.compiled_tokens import CompiledToken
from vrefactor.source.tree import Tree

FLAGS = ("-nostdinc", "-I{tree}", "-I{gen}")


def plan_of(
    tree: Tree,
    *flags: str,
    configuration: str = "default",
    generated: Mapping[str, bytes] | None = None,
    links: tuple[tuple[str, str], ...] = (),
) -> BuildPlan:
    """Return the plan that compiles every .c file of a tree with `flags`."""
    commands = tuple(
        CompileCommand(path, ("cc", *FLAGS, *flags), configuration, 60.0)
        for path in tree.paths
        if path.endswith(".c")
    )
    headers = tuple(Generated(path, content) for path, content in (generated or {}).items())
    return BuildPlan(commands, headers, links)


def ask(root: Path, files: Mapping[str, bytes], *names: str) -> Confirmation:
    """Lay out a program and ask what each token spelled as one of `names` is."""
    tree = open_tree(root, files)
    return confirm(tree, [plan_of(tree)], names)


def told(tokens: Iterable[CompiledToken]) -> list[str]:
    """Return the tokens as text: line, entity, and `expanded` if it is."""
    return [
        f"{token.line}: {token.entity}" + (" expanded" if token.expanded else "")
        for token in tokens
    ]
