"""The rules of the house, checked on the sources themselves (ARCHITECTURE.md)."""

from __future__ import annotations

import ast
import statistics
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.modules import (
    PACKAGE,
    ROOT,
    SOURCES,
    TESTS,
    Module,
    functions,
    is_private,
    length,
    public_definitions,
    target,
)

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

# The folders of the front end, lowest first.  A folder knows those in front of it, and itself.
FRONT_END = ("preprocess", "parse", "facts", "query")

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

MAX_MODULES = 25
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
MAX_MEDIAN_FUNCTION_LINES = 15


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


def test_the_front_end_is_in_layers() -> None:
    rank = {folder: number for number, folder in enumerate(FRONT_END)}
    wrong = [
        f"{module.at(item.line)}: {reached.name}"
        for module in SOURCES
        for item in module.imports
        if (reached := target(item)) is not None
        and module.room == reached.room == "c"
        and rank.get(reached.folder, -1) > rank.get(module.folder, -1)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_step_knows_another() -> None:
    folders = {module.folder for module in SOURCES if module.room == "steps"} - {""}
    assert len(folders) > 1
    wrong = [
        f"{module.at(item.line)}: {reached.name}"
        for module in SOURCES
        for item in module.imports
        if (reached := target(item)) is not None
        and module.room == reached.room == "steps"
        and module.folder in folders
        and reached.folder not in {module.folder, ""}
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


def test_folders_are_small() -> None:
    counts = Counter(
        str(module.path.parent.relative_to(ROOT))
        for module in SOURCES
        if module.path.stem != "__init__"
    )
    large = {folder: count for folder, count in counts.items() if count > MAX_MODULES}
    assert not large, f"more than {MAX_MODULES} modules: {large}"


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
