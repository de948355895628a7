"""The modules of the project, as the tests of its architecture look at them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "vrefactor"

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef


@dataclass(frozen=True)
class Import:
    """One imported name: the module it is taken from, the name (or None), and the line."""

    module: str
    name: str | None
    line: int


@dataclass(frozen=True)
class Module:
    """One source file of the project."""

    path: Path

    @cached_property
    def name(self) -> str:
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def room(self) -> str:
        return (*self.name.split("."), PACKAGE)[1]

    @property
    def folder(self) -> str:
        """The folder inside the room, or nothing for a module of the room itself."""
        parts = self.path.relative_to(ROOT / PACKAGE).parts
        return parts[1] if len(parts) > 2 else ""

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, str(self.path))

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        return tuple(self._imports())

    def _imports(self) -> Iterator[Import]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(alias.name, None, node.lineno)
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    yield Import(self._absolute(node), alias.name, node.lineno)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if node.level == 0:
            return node.module or ""
        package = self.name.split(".")
        if self.path.stem != "__init__":
            package.pop()
        base = package[: len(package) - node.level + 1]
        return ".".join([*base, *([node.module] if node.module else [])])

    def at(self, line: int) -> str:
        return f"{self.path.relative_to(ROOT)}:{line}"


def modules(folder: str) -> tuple[Module, ...]:
    return tuple(Module(path) for path in sorted((ROOT / folder).rglob("*.py")))


SOURCES = modules(PACKAGE)
TESTS = modules("tests")
BY_NAME = {module.name: module for module in SOURCES}


def target(item: Import) -> Module | None:
    """The module of ours that an import reaches, if it is one of ours."""
    if item.name is not None and f"{item.module}.{item.name}" in BY_NAME:
        return BY_NAME[f"{item.module}.{item.name}"]
    return BY_NAME.get(item.module)


def definitions(tree: ast.AST) -> Iterator[Definition]:
    for node in ast.walk(tree):
        if isinstance(node, Definition):
            yield node


def functions(module: Module) -> Iterator[Function]:
    return (node for node in definitions(module.tree) if isinstance(node, Function))


def length(node: Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def is_private(name: str) -> bool:
    return name.startswith("_") and not (name.startswith("__") and name.endswith("__"))


def public_definitions(module: Module) -> Iterator[Definition]:
    """The public functions and classes of a module, and the public methods of those."""
    for node in module.tree.body:
        if isinstance(node, Definition) and not is_private(node.name):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public_methods(node)


def _public_methods(node: ast.ClassDef) -> Iterator[Function]:
    for item in node.body:
        # Of the magic methods, Python says what they mean.
        if isinstance(item, Function) and not item.name.startswith("_"):
            yield item
