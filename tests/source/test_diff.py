"""Unified diffs: the text itself, and that `git apply` and `patch` make of it what we did."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.source.helpers import contents, edit, edits_of, lay_out, new_file, open_tree, texts
from vrefactor.source.diff import unified_diff
from vrefactor.source.edits import Edit, NewFile
from vrefactor.source.tree import Tree

ANCHOR = {"anchor.c": b""}  # a tree without a C source is none

GIT = ("git", "apply", "-p1", "--whitespace=nowarn")
PATCH = ("patch", "-p1", "--silent", "--fuzz=0", "--no-backup-if-mismatch")
TOOLS = {"git": GIT, "patch": PATCH}


def applied(tool: str, diff: bytes, root: Path, context: int = 3) -> dict[str, bytes]:
    """Let `tool` apply `diff` in `root`, and return what is there then."""
    command = list(TOOLS[tool])
    if tool == "git" and context == 0:
        command.append("--unidiff-zero")
    if diff:
        done = subprocess.run(command, cwd=root, input=diff, capture_output=True, check=False)
        assert done.returncode == 0, (done, diff)
    return contents(root)


def result(after: Tree) -> dict[str, bytes]:
    return {path: after.read(path) for path in after.paths}


@pytest.fixture(scope="module", params=list(TOOLS))
def tool(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    return name


def one_file(root: Path, before: bytes, edits: list[Edit], context: int = 3) -> str:
    tree = open_tree(root, {"f.c": before})
    diff = unified_diff(tree, tree.with_plan(edits), context)
    return diff.decode("latin-1").removeprefix("diff --git a/f.c b/f.c\n--- a/f.c\n+++ b/f.c\n")


TEN = b"".join(b"%d\n" % number for number in range(1, 11))


@pytest.mark.parametrize(
    "edits",
    [
        pytest.param([], id="no edit"),
        pytest.param([edit("f.c", 2, 2, b"")], id="nothing inserted"),
        pytest.param([edit("f.c", 0, len(TEN), TEN)], id="replaced by itself"),
        pytest.param([edit("f.c", 0, 2, b""), edit("f.c", 2, 2, b"1\n")], id="cut and put back"),
    ],
)
@pytest.mark.parametrize("context", [0, 3])
def test_no_op(tmp_path: Path, edits: list[Edit], context: int) -> None:
    assert one_file(tmp_path, TEN, edits, context) == ""


@pytest.mark.parametrize(
    ("before", "edits", "context", "text"),
    [
        pytest.param(
            TEN,
            [edit("f.c", 8, 8, b"V_")],
            3,
            "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+V_5\n 6\n 7\n 8\n",
            id="one line",
        ),
        pytest.param(
            TEN, [edit("f.c", 8, 10, b"")], 0, "@@ -5 +4,0 @@\n-5\n", id="lines taken out"
        ),
        pytest.param(
            TEN, [edit("f.c", 8, 8, b"x\n")], 0, "@@ -4,0 +5 @@\n+x\n", id="lines put between"
        ),
        pytest.param(
            TEN, [edit("f.c", 0, 0, b"x\n")], 1, "@@ -1 +1,2 @@\n+x\n 1\n", id="at the start"
        ),
        pytest.param(
            TEN, [edit("f.c", 21, 21, b"x")], 1,
            "@@ -10 +10,2 @@\n 10\n+x\n\\ No newline at end of file\n", id="at the end",
        ),
        pytest.param(
            TEN, [edit("f.c", 2, 8, b"2\nx\n4\n")], 0, "@@ -3 +3 @@\n-3\n+x\n", id="trimmed"
        ),
        pytest.param(
            TEN, [edit("f.c", 2, 4, b"2\n2\n")], 0, "@@ -2,0 +3 @@\n+2\n", id="line doubled"
        ),
        pytest.param(
            TEN,
            [edit("f.c", 2, 12, b"a\n3\n4\nb\nc\n6\n")],
            0,
            "@@ -2 +2 @@\n-2\n+a\n@@ -5 +5,2 @@\n-5\n+b\n+c\n",
            id="equal lines within",
        ),
        pytest.param(
            TEN,
            [edit("f.c", 2, 2, b"a"), edit("f.c", 4, 4, b"b")],
            0,
            "@@ -2,2 +2,2 @@\n-2\n-3\n+a2\n+b3\n",
            id="adjacent lines",
        ),
        pytest.param(
            TEN,
            [edit("f.c", 2, 2, b"a"), edit("f.c", 8, 8, b"b")],
            1,
            "@@ -1,6 +1,6 @@\n 1\n-2\n+a2\n 3\n 4\n-5\n+b5\n 6\n",
            id="contexts that touch",
        ),
        pytest.param(
            TEN,
            [edit("f.c", 2, 2, b"a"), edit("f.c", 10, 10, b"b")],
            1,
            "@@ -1,3 +1,3 @@\n 1\n-2\n+a2\n 3\n@@ -5,3 +5,3 @@\n 5\n-6\n+b6\n 7\n",
            id="contexts apart",
        ),
        pytest.param(
            b"a\nb", [edit("f.c", 2, 3, b"c")], 3,
            "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n"
            "+c\n\\ No newline at end of file\n", id="no newline at the end",
        ),
        pytest.param(
            b"a\na\na", [edit("f.c", 4, 5, b"")], 0,
            "@@ -2,2 +2 @@ a\n a\n-a\n\\ No newline at end of file\n", id="end taken out",
        ),
        pytest.param(
            b"a\nb", [edit("f.c", 3, 3, b"\n")], 3,
            "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n", id="newline added",
        ),
        pytest.param(
            b"a\nb", [edit("f.c", 0, 0, b"x")], 3,
            "@@ -1,2 +1,2 @@\n-a\n+xa\n b\n\\ No newline at end of file\n", id="none in context",
        ),
        pytest.param(
            b"a\r\n\xe9\r\n\x0c\x85\n", [edit("f.c", 3, 3, b"+")], 1,
            "@@ -1,3 +1,3 @@\n a\r\n-\xe9\r\n+\xe9+\r\n \x0c\x85\n".replace("\xe9+", "+\xe9"),
            id="CRLF, Latin-1, other line ends",
        ),
        pytest.param(b"", [edit("f.c", 0, 0, b"x\n")], 3, "@@ -0,0 +1 @@\n+x\n", id="from empty"),
        pytest.param(b"x\n", [edit("f.c", 0, 2, b"")], 3, "@@ -1 +0,0 @@\n-x\n", id="to empty"),
    ],
)  # fmt: skip
def test_text(tmp_path: Path, before: bytes, edits: list[Edit], context: int, text: str) -> None:
    assert one_file(tmp_path, before, edits, context) == text


C = b"""\
static int
f(a, b)
\tint a;
{
\tx();
\tx();
again:
\tx();
\tx();
}
$g
#define G 1
_h(void)  \r
\tx();
"""


def test_heading_is_that_of_diff_p(tmp_path: Path) -> None:
    edits = [edit("f.c", at, at + 1, b"y") for at in range(len(C)) if C[at : at + 2] == b"x("]
    heads = [line for line in one_file(tmp_path, C, edits, 0).splitlines() if line[:2] == "@@"]
    assert heads == [
        "@@ -5,2 +5,2 @@ f(a, b)",
        "@@ -8,2 +8,2 @@ again:",
        "@@ -14 +14 @@ _h(void)",
    ]


def test_heading_is_cut_and_inherited(tmp_path: Path) -> None:
    before = b"f" * 99 + b"\n\t1\n\t2\n\t3\n"
    edits = [edit("f.c", at, at, b"x") for at in (101, 107)]
    text = one_file(tmp_path, before, edits, 0)
    assert text.count("@@ " + "f" * 80 + "\n") == 2


def test_no_heading_in_other_files(tmp_path: Path) -> None:
    tree = open_tree(tmp_path, {**ANCHOR, "Makefile": b"all:\n\t@x\n"})
    assert b"@@\n" in unified_diff(tree, tree.with_plan([edit("Makefile", 7, 7, b"V_")]), 0)


def test_a_whole_large_file_replaced(tmp_path: Path, tool: str) -> None:
    before = b"".join(b"%d\n" % number for number in range(1000))
    middle = b"".join(b"x%d\n" % number for number in range(998))
    tree = open_tree(tmp_path, {"f.c": before})
    after = tree.with_plan([edit("f.c", 0, len(before), b"0\n" + middle + b"999\n")])
    diff = unified_diff(tree, after)
    assert b"\n 0\n-1\n" in diff
    assert diff.endswith(b"\n+x997\n 999\n")
    assert applied(tool, diff, tmp_path) == result(after)


def test_new_file(tmp_path: Path) -> None:
    tree = open_tree(tmp_path, ANCHOR)
    assert unified_diff(tree, tree.with_plan([], [new_file("sys/v.h", b"a\nb")])) == (
        b"diff --git a/sys/v.h b/sys/v.h\nnew file mode 100644\n--- /dev/null\n+++ b/sys/v.h\n"
        b"@@ -0,0 +1,2 @@\n+a\n+b\n\\ No newline at end of file\n"
    )


def test_files_are_in_order(tmp_path: Path) -> None:
    tree = open_tree(tmp_path, {"b.c": b"1\n", "a/z.c": b"1\n", "a.c": b"1\n"})
    edits = [edit(path, 0, 0, b"x") for path in ("b.c", "a.c", "a/z.c")]
    diff = unified_diff(tree, tree.with_plan(edits))
    names = [line.split()[-1] for line in diff.splitlines() if line[:4] == b"diff"]
    assert names == [b"b/a.c", b"b/a/z.c", b"b/b.c"]


def test_one_step_of_a_series(tmp_path: Path) -> None:
    first = open_tree(tmp_path, {"f.c": b"a\nb\n"})
    second = first.with_plan([edit("f.c", 0, 1, b"A")])
    third = second.with_plan([edit("f.c", 2, 3, b"B")])
    assert b"\n A\n-b\n+B\n" in unified_diff(second, third)
    assert b"\n-a\n-b\n+A\n+B\n" in unified_diff(first, third)


def test_negative_context(tmp_path: Path) -> None:
    tree = open_tree(tmp_path, {"f.c": b"a\n"})
    with pytest.raises(ValueError, match="negative"):
        unified_diff(tree, tree.with_plan([edit("f.c", 0, 0, b"x")]), -1)


NAMES = [
    b"plain.c",
    b"with space.c",
    b"t\xe9l\xe9.c",
    "t\u00e9l\u00e9 2.c".encode(),
    b'quo"te.c',
    b"back\\slash.c",
    b"tab\t.c",
    b"bell\x07\x01\x7f.c",
    b"a b/c d/e.c",
]


@pytest.mark.parametrize("name", NAMES)
def test_odd_names(tmp_path: Path, tool: str, name: bytes) -> None:
    path, new = os.fsdecode(name), os.fsdecode(b"new " + name)
    tree = open_tree(tmp_path, {path: b"1\n2\n"})
    after = tree.with_plan([edit(path, 2, 2, b"x")], [new_file(new, b"3\n")])
    diff = unified_diff(tree, after)
    assert diff.isascii()
    assert applied(tool, diff, tmp_path) == result(after)


def test_quotes_as_git_does(tmp_path: Path) -> None:
    paths = [os.fsdecode(name) for name in NAMES]
    tree = open_tree(tmp_path, dict.fromkeys(paths, b"1\n"))
    git = ("git", "-c", "user.name=t", "-c", "user.email=t@t")
    for command in (("init", "-q"), ("add", "."), ("commit", "-qm", "all")):
        subprocess.run((*git, *command), cwd=tmp_path, check=True)
    after = tree.with_plan([edit(path, 0, 0, b"x") for path in paths])
    lay_out(tmp_path, result(after))
    theirs = subprocess.run((*git, "diff"), cwd=tmp_path, check=True, capture_output=True).stdout
    lines = [line for line in theirs.splitlines(True) if not line.startswith(b"index ")]
    assert unified_diff(tree, after) == b"".join(lines)


@pytest.mark.parametrize("context", range(6))
@pytest.mark.parametrize(
    ("before", "edits", "new"),
    [
        pytest.param({}, [], {"new.h": b""}, id="empty new file"),
        pytest.param({}, [], {"sys/new/v.h": b"a\n"}, id="new folder"),
        pytest.param({"f.c": b""}, [edit("f.c", 0, 0, b"a")], {}, id="empty file filled"),
        pytest.param({"f.c": b"a\nb\n"}, [edit("f.c", 0, 4, b"")], {}, id="file emptied"),
        pytest.param({"f.c": b"\n\n\n"}, [edit("f.c", 1, 1, b"\n")], {}, id="only empty lines"),
        pytest.param({"f.c": b"a\r\nb"}, [edit("f.c", 4, 4, b"\r\n")], {}, id="CRLF"),
        pytest.param({"f.c": b"a\na\na"}, [edit("f.c", 4, 5, b"")], {}, id="end taken out"),
        pytest.param({"f.c": b"a\na\na"}, [edit("f.c", 1, 5, b"\n")], {}, id="longer end"),
        pytest.param({"f.c": b"a"}, [edit("f.c", 0, 1, b"")], {}, id="only line taken out"),
        pytest.param({"f.c": b"a\n-- b\n"}, [edit("f.c", 2, 2, b"--- ")], {}, id="like a header"),
    ],
)
def test_edges(
    tmp_path: Path,
    tool: str,
    before: Mapping[str, bytes],
    edits: list[Edit],
    new: Mapping[str, bytes],
    context: int,
) -> None:
    tree = open_tree(tmp_path, {**ANCHOR, **before})
    after = tree.with_plan(edits, [new_file(path, content) for path, content in new.items()])
    diff = unified_diff(tree, after, context)
    assert applied(tool, diff, tmp_path, context) == result(after)


@given(data=st.data(), context=st.integers(0, 5))
def test_applied_it_gives_the_result(tool: str, data: st.DataObject, context: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        files = {f"{number}.c": data.draw(texts()) for number in range(3)}
        before = open_tree(Path(name), {**ANCHOR, **files})
        after = before
        for _ in range(2):
            edits = [edit for path in files for edit in data.draw(edits_of(path, after.read(path)))]
            after = after.with_plan(edits)
        new = [NewFile("n/new.h", data.draw(texts()), "prefix", "a test")]
        after = after.with_plan([], new)
        diff = unified_diff(before, after, context)
        assert applied(tool, diff, Path(name), context) == result(after)
        assert (diff == b"") == (before.paths == after.paths and result(before) == result(after))
