"""Mutated sources of the example kernel: an error of the catalogue, or every candidate judged."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.plainlexer import count
from tests.source.helpers import lay_out
from tests.steps.support import check_edits, rules_for, run_step1
from vrefactor.errors import VrefactorError
from vrefactor.rules import load
from vrefactor.source.tree import Tree

KERNEL = Path(__file__).parent.parent.parent / "examples" / "minikern"
SOURCES = [path.read_bytes() for path in sorted(KERNEL.glob("net*/*.[ch]"))]
NAMES = frozenset(symbol.name for symbol in load(KERNEL / "vrefactor.toml").symbols)
RULES = rules_for(dict.fromkeys(sorted(NAMES), "net/globals.c"))
GLOBALS = "".join(f"int {name};\n" for name in sorted(NAMES)).encode()
INSERTED = (
    b"{",
    b"}",
    b"(",
    b")",
    b";",
    b",",
    b"*",
    b"##",
    b"#",
    b'"',
    b"'",
    b"/*",
    b"*/",
    b"//",
    b"\\\n",
    b"\n#if X\n",
    b"\n#else\n",
    b"\n#endif\n",
    b"\n#if 0\n",
    b"\n#define ifnet",
    b"\r",
    b"\xe9",
    b"\0",
    b" ifnet ",
    b"struct ",
    b"typedef ",
    b"...",
    b"->",
    b"goto ",
    b"sizeof(",
    b"extern ",
    b"ipstat *",
)


@st.composite
def mutants(draw: st.DrawFn) -> bytes:
    """Draw a source with a few things deleted, inserted or put under a condition."""
    data = draw(st.sampled_from(SOURCES))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        lines = [match.start() for match in re.finditer(rb"^", data, re.M)]
        first = draw(st.sampled_from(lines))
        last = data.find(b"\n", min(first + draw(st.integers(0, 400)), len(data))) + 1
        kind = draw(st.sampled_from(("bytes", "lines", "insert", "wrap", "cut")))
        if kind == "bytes":
            data = data[:at] + data[at + draw(st.integers(1, 9)) :]
        elif kind == "lines":
            data = data[:first] + data[last:]
        elif kind == "insert":
            data = data[:at] + draw(st.sampled_from(INSERTED)) + data[at:]
        elif kind == "wrap" and last:
            data = data[:first] + b"#ifdef X\n" + data[first:last] + b"#endif\n" + data[last:]
        elif kind == "cut":
            data = data[:at]
    return data


@given(mutants())
def test_no_candidate_is_lost(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = {"net/globals.c": GLOBALS, "net/mutant.c": data}
        tree = Tree.open(lay_out(Path(folder) / "tree", files))
        try:
            plan = run_step1(tree, RULES).plan
        except VrefactorError as error:
            assert error.path == "net/mutant.c"
            assert error.line is not None
            return
        check_edits(tree, plan)
    judged = [site for site in plan.sites if site.path == "net/mutant.c"]
    assert len(judged) == count(data, NAMES)
