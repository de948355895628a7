"""Names that several files define: the source's word and the object files' agree."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.source.helpers import lay_out
from tests.steps.support import QUICK, rules_for
from vrefactor.index.build import build_index
from vrefactor.index.statics import shared_names
from vrefactor.scan import objects
from vrefactor.source.tree import Tree

FILES = {
    "net/a.c": b"static int one = 1;\nint two;\nstatic int three[3];\nint six = 6;\n"
    b"int *ua(void) { return one ? &three[0] : &one; }\n",
    "net/b.c": b"static int one;\nstatic int two = 2;\nextern int six;\n"
    b"int *ub(void) { static int seven; return two ? &one : six ? &two : &seven; }\n",
    "net/c.c": b"static int four;\n"
    b"int *uc(void) { static int seven = 7; return &seven + four++; }\n"
    b"struct five { int three; } five;\n",
}
NAMES = ("one", "two", "three", "four", "five", "six", "seven")
EXPECTED = {"one": ("net/a.c", "net/b.c"), "two": ("net/a.c", "net/b.c")}


def test_the_source(tmp_path: Path) -> None:
    tree = Tree.open(lay_out(tmp_path, FILES))
    index = build_index(tree, rules_for({}), NAMES, QUICK)
    assert shared_names(index, NAMES) == EXPECTED


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
def test_the_objects_agree(tmp_path: Path) -> None:
    lay_out(tmp_path, FILES)
    for path in FILES:
        command = ["cc", "-c", path, "-o", path.replace(".c", ".o")]
        subprocess.run(command, cwd=tmp_path, check=True)
    found = objects.shared_names(objects.data_symbols(tmp_path), NAMES)
    # GNU cc tells the assembler the file's name alone, clang the path that it was given.
    base = {name: tuple(Path(source).name for source in paths) for name, paths in found.items()}
    assert base == dict.fromkeys(EXPECTED, ("a.c", "b.c"))
