"""What is told from the source of two trees: changed functions, and new ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.verify.building import make_tree
from vrefactor.verify.compare.sources import FunctionSources
from vrefactor.verify.object.dwarf import DebugDefinition

F = "int f(int x)\n{\n\tg(x, 1);\n\treturn (x);\n}\n"

# name, the file before, the file after, the function, what is said
CHANGES = [
    ("nothing", F, F, "f", ""),
    ("blanks", F, F.replace("g(x, 1);", "g(x,\n\t    1);"), "f", ""),
    ("a comment", F, F.replace("return", "/* so */ return"), "f", ""),
    ("a directive", F, F.replace("\treturn", "#ifdef A\n#endif\n\treturn"), "f", ""),
    ("outside", F, "int y;\n" + F + "int h(void) { return (1); }\n", "f", ""),
    ("another function", F + "int h(int x) { }\n", F + "int h(int x) { g(x, 2); }\n", "f", ""),
    ("not there before", "int y;\n", F, "f", ""),
    ("not there after", F, "int y;\n", "f", ""),
    ("a declaration", "int f(int);\n" + F, "int f(long);\n" + F, "f", ""),
    ("not C", F, F + "/* no end", "f", ""),
    ("a statement", F, F.replace("\treturn", "\tg(0, 0);\n\treturn"), "f", "+7 -0"),
    ("a token", F, F.replace("1", "2"), "f", "+1 -1"),
    ("a parameter", F, F.replace("int x", "long x"), "f", "+1 -1"),
    ("a branch", F, F.replace("\treturn", "#ifdef A\n\tx++;\n#endif\n\treturn"), "f", "+4 -0"),
    ("in a string", 'void f(void) { g("a b"); }\n', 'void f(void) { g("a  b"); }\n', "f", "+1 -1"),
    ("a second definition", F, f"#if A\n{F}#else\n{F.replace('1', '2')}#endif\n", "f", "+19 -0"),
]


def sources(folder: Path, before: str, after: str) -> FunctionSources:
    trees = (make_tree(folder / "a", {"x.c": before}), make_tree(folder / "b", {"x.c": after}))
    return FunctionSources(*trees)


@pytest.mark.parametrize(
    ("before", "after", "name", "said"), [r[1:] for r in CHANGES], ids=[r[0] for r in CHANGES]
)
def test_change(tmp_path: Path, before: str, after: str, name: str, said: str) -> None:
    found = sources(tmp_path, before, after).change("x.c", name)
    assert found == (f"in x.c, {said} tokens" if said else "")


def test_a_file_of_one_tree_has_no_change(tmp_path: Path) -> None:
    assert sources(tmp_path, F, F).change("y.c", "f") == ""


# name, the file before, the file after, the line of the definition after
ALONE = [
    ("new", "int y;\n", "int y;\nDECLARE(net);\n", 2, True),
    ("its line is old", "DECLARE(net);\n", "DECLARE(net);\n", 1, False),
    ("its line is old but for blanks", "DECLARE( net);\n", "int y;\nDECLARE(net);\n", 2, False),
    ("its name is old", "extern int modinfo;\n", "int modinfo;\n", 1, False),
    ("no such line", "int y;\n", "int y;\n", 9, False),
    ("an empty line", "int y;\n", "int y;\n\n", 2, False),
]


@pytest.mark.parametrize(
    ("before", "after", "line", "found"), [r[1:] for r in ALONE], ids=[r[0] for r in ALONE]
)
def test_what_one_tree_has_alone(
    tmp_path: Path, before: str, after: str, line: int, found: bool
) -> None:
    at = DebugDefinition("x.c", line)
    assert sources(tmp_path / "1", before, after).added("modinfo", at) is found
    assert sources(tmp_path / "2", after, before).removed("modinfo", at) is found


def test_a_file_of_one_tree(tmp_path: Path) -> None:
    trees = make_tree(tmp_path / "a", {"x.c": F}), make_tree(tmp_path / "b", {"x.c": F, "y.c": F})
    assert FunctionSources(*trees).added("f", DebugDefinition("y.c", 1))
    assert not FunctionSources(*trees).added("f", DebugDefinition("z.c", 1))
    assert not FunctionSources(*trees).removed("f", DebugDefinition("y.c", 1))
