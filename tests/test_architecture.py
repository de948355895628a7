"""The rules of the house, checked on the sources themselves (ARCHITECTURE.md)."""

from __future__ import annotations

import ast
import statistics
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "vrefactor"

# The rooms, lowest first.  A module imports from its own room and from rooms further down;
# rooms on one level do not know each other.
LEVELS = (
    {"errors", "version"},
    {"rules"},
    {"source"},
    {"c"},
    {"index"},
    {"build"},
    {"plan"},
    {"verify"},
    {"audit", "scan", "confirm", "review", "report"},
    {"edit"},
    {"generated"},
    {"dialects"},
    {"steps"},
    {"api"},
    {PACKAGE},
    {"cli"},
    {"__main__"},
)
LEVEL_OF = {room: level for level, rooms in enumerate(LEVELS) for room in rooms}

# A library is imported in the rooms and modules named here and nowhere else.
HOMES_OF = {
    "capstone": ("verify",),
    "clang": ("confirm",),
    "click": ("cli",),
    "elftools": ("verify", "scan.objects"),
    "ninja": ("verify",),
    "tqdm": ("cli",),
    "tree_sitter": ("c",),
    "tree_sitter_c": ("c",),
}
# Distributions whose modules are named otherwise than the distribution.
MODULE_OF = {"libclang": "clang", "pyelftools": "elftools"}

STREAMS = {"stdout", "stderr", "__stdout__", "__stderr__"}

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
MAX_MEDIAN_FUNCTION_LINES = 15

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


def test_there_is_something_to_check() -> None:
    assert {module.name for module in SOURCES} >= {PACKAGE, f"{PACKAGE}.errors"}
    assert TESTS


def test_every_room_has_a_level() -> None:
    unplaced = {module.room for module in SOURCES} - LEVEL_OF.keys()
    assert not unplaced, f"give these rooms a place in LEVELS: {sorted(unplaced)}"


def test_imports_run_downwards_only() -> None:
    wrong = [
        f"{module.at(item.line)}: {module.room} imports {reached.room}"
        for module in SOURCES
        for item in module.imports
        if (reached := target(item)) is not None
        and reached.room != module.room
        and LEVEL_OF[reached.room] >= LEVEL_OF[module.room]
    ]
    assert not wrong, "\n".join(wrong)


def test_no_import_cycle() -> None:
    graph = {
        module.name: {
            reached.name
            for item in module.imports
            if (reached := target(item)) is not None and reached.name != module.name
        }
        for module in SOURCES
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize(("library", "homes"), sorted(HOMES_OF.items()))
def test_library_is_imported_at_home_only(library: str, homes: tuple[str, ...]) -> None:
    wrong = [
        module.at(item.line)
        for module in SOURCES
        if module.room not in homes and module.name.removeprefix(f"{PACKAGE}.") not in homes
        for item in module.imports
        if item.module.split(".")[0] == library
    ]
    assert not wrong, f"{library} belongs to {', '.join(homes)}: {wrong}"


def test_only_the_cli_prints() -> None:
    wrong = [
        module.at(line) for module in SOURCES if module.room != "cli" for line in _printing(module)
    ]
    assert not wrong, f"printing belongs to {PACKAGE}/cli: {wrong}"


def _printing(module: Module) -> Iterator[int]:
    """The lines that name `print`, `sys.stdout` or `sys.stderr` (click has a test above)."""
    for item in module.imports:
        if item.module == "sys" and item.name in STREAMS:
            yield item.line
    for node in ast.walk(module.tree):
        if (isinstance(node, ast.Name) and node.id == "print") or (
            isinstance(node, ast.Attribute)
            and node.attr in STREAMS
            and isinstance(node.value, ast.Name)
            and node.value.id == "sys"
        ):
            yield node.lineno


def test_no_private_name_crosses_a_module() -> None:
    wrong = [
        f"{module.at(line)}: {name}"
        for module in SOURCES + TESTS
        for line, name in _private_names_from_elsewhere(module)
    ]
    assert not wrong, "\n".join(wrong)


def _private_names_from_elsewhere(module: Module) -> Iterator[tuple[int, str]]:
    """Where a module takes a private name from another module of ours."""
    ours: set[str] = set()
    for item in module.imports:
        if item.module.split(".")[0] not in {PACKAGE, "tests"}:
            continue
        if is_private(item.name or item.module.split(".")[-1]):
            yield item.line, f"{item.module}.{item.name}"
        elif target(item) is not None:
            ours.add(item.name or item.module)
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.Attribute)
            and is_private(node.attr)
            and isinstance(node.value, ast.Name)
            and node.value.id in ours
        ):
            yield node.lineno, f"{node.value.id}.{node.attr}"


def test_files_are_short() -> None:
    long = {
        str(module.path.relative_to(ROOT)): count
        for module in SOURCES + TESTS
        if (count := len(module.text.splitlines())) >= MAX_FILE_LINES
    }
    assert not long, f"{MAX_FILE_LINES} lines or more: {long}"


def test_functions_are_short() -> None:
    lengths = {
        f"{module.at(node.lineno)} {node.name}": length(node)
        for module in SOURCES
        for node in functions(module)
    }
    long = {name: count for name, count in lengths.items() if count > MAX_FUNCTION_LINES}
    assert not long, f"more than {MAX_FUNCTION_LINES} lines: {long}"
    assert statistics.median(lengths.values()) <= MAX_MEDIAN_FUNCTION_LINES


def test_public_names_are_documented() -> None:
    wrong = [
        f"{module.at(node.lineno)}: {node.name}"
        for module in SOURCES
        for node in public_definitions(module)
        if not ast.get_docstring(node)
    ]
    assert not wrong, "no docstring: " + ", ".join(wrong)


def test_dependencies_are_those_imported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {_module_of(requirement) for requirement in project["dependencies"]}
    imported = {item.module.split(".")[0] for module in SOURCES for item in module.imports}
    third_party = imported - set(sys.stdlib_module_names) - {PACKAGE}
    assert third_party == declared


def _module_of(requirement: str) -> str:
    name = requirement.split(">")[0].strip()
    return MODULE_OF.get(name, name.replace("-", "_"))
