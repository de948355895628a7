from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verify.building import make_tree, verdicts, verify_files
from vrefactor.source.edits import Edit
from vrefactor.verify.align import align
from vrefactor.verify.padding import LineMap, counterpatch, pad_file, pad_trees

# name, before, after, both padded
CASES = [
    ("equal", b"a\nb\n", b"a\nb\n", b"a\nb\n", b"a\nb\n"),
    ("empty", b"", b"", b"", b""),
    (
        "changed line",
        b"a\nx = 1;\nc\n",
        b"a\nV_x = 1;\nc\n",
        b"a\nx = 1;\nc\n",
        b"a\nV_x = 1;\nc\n",
    ),
    ("added line", b"a\nc\n", b"a\nb\nc\n", b"a\n\nc\n", b"a\nb\nc\n"),
    ("removed line", b"a\nb\nc\n", b"a\nc\n", b"a\nb\nc\n", b"a\n\nc\n"),
    ("added at the start", b"a\n", b"b\nc\na\n", b"\n\na\n", b"b\nc\na\n"),
    ("added at the end", b"a\n", b"a\nb\n", b"a\n\n", b"a\nb\n"),
    ("no line end", b"a", b"a\nb", b"a\n\n", b"a\nb"),
    (
        "a long block that is indented, between new lines",
        b"".join(b"a%d;\n" % n for n in range(30)),
        b"do {\n" + b"".join(b"\ta%d;\n" % n for n in range(30)) + b"}\n",
        b"\n" + b"".join(b"a%d;\n" % n for n in range(30)) + b"\n",
        b"do {\n" + b"".join(b"\ta%d;\n" % n for n in range(30)) + b"}\n",
    ),
    ("new after an open line", b"a\nb", b"a\nb\nc\n", b"a\nb\n\n", b"a\nb\nc\n"),
    (
        "inside a macro",
        b"#define M \\\n\tf(x)\n",
        b"#define M \\\n\tinit(); \\\n\tf(x)\n",
        b"#define M \\\n\\\n\tf(x)\n",
        b"#define M \\\n\tinit(); \\\n\tf(x)\n",
    ),
    (
        "after a macro",
        b"#define M f(x)\nint a;\n",
        b"#define M f(x)\nint b;\nint a;\n",
        b"#define M f(x)\n\nint a;\n",
        b"#define M f(x)\nint b;\nint a;\n",
    ),
    (
        "inside a continued string",
        b'char s[] = "a\\\nb";\n',
        b'char s[] = "a\\\nmore\\\nb";\n',
        b'char s[] = "a\\\n\\\nb";\n',
        b'char s[] = "a\\\nmore\\\nb";\n',
    ),
    (
        "carriage returns",
        b"a\\\r\nc\r\n",
        b"a\\\r\nb\\\r\nc\r\n",
        b"a\\\r\n\\\r\nc\r\n",
        b"a\\\r\nb\\\r\nc\r\n",
    ),
    (
        "a changed line keeps its number beside an added one",
        b"{\n\tlock(tcbinfo, 1);\n}\n",
        b"{\n\tINIT(curvnet);\n\tlock(V_tcbinfo, 1);\n}\n",
        b"{\n\n\tlock(tcbinfo, 1);\n}\n",
        b"{\n\tINIT(curvnet);\n\tlock(V_tcbinfo, 1);\n}\n",
    ),
    (
        "a wrapped line",
        b"a\nfoo(x, bar, long_name);\nb\n",
        b"a\nfoo(V_x, bar,\n    long_name);\nb\n",
        b"a\nfoo(x, bar, long_name);\n\nb\n",
        b"a\nfoo(V_x, bar,\n    long_name);\nb\n",
    ),
]


@pytest.mark.parametrize(
    ("before", "after", "old", "new"), [row[1:] for row in CASES], ids=[row[0] for row in CASES]
)
def test_counterpatch(before: bytes, after: bytes, old: bytes, new: bytes) -> None:
    assert counterpatch(before, after) == (old, new)


LINES = st.sampled_from(
    [
        b"",
        b"}",
        b"\tx = 1;",
        b"\tV_x = 1;",
        b"#define M \\",
        b"\tf(); \\",
        b"\tg();",
        b"a\\\r",
        b"/*",
        b"*/",
    ]
)
TEXTS = st.tuples(st.lists(LINES, max_size=12), st.booleans()).map(
    lambda drawn: b"\n".join(drawn[0]) + (b"\n" if drawn[1] and drawn[0] else b"")
)


def lines_of(data: bytes) -> list[bytes]:
    return data.split(b"\n")


@given(TEXTS, TEXTS)
def test_padding_only_adds_lines_that_mean_nothing(before: bytes, after: bytes) -> None:
    padding = pad_file("x.c", before, after)
    for data, edits in ((before, padding.before), (after, padding.after)):
        for edit in edits:
            assert edit.start == edit.end
            assert re.fullmatch(rb"(?:\r?\n)?(?:\\?\r?\n)+", edit.replacement)
            above = data[: edit.start].removesuffix(b"\n").rpartition(b"\n")[2]
            assert above.rstrip().endswith(b"\\") == (b"\\" in edit.replacement)


@given(TEXTS, TEXTS)
def test_common_lines_have_the_same_number(before: bytes, after: bytes) -> None:
    old, new = (lines_of(data) for data in counterpatch(before, after))
    rows = align(*(data.splitlines(keepends=True) for data in (before, after)))
    # Whatever is not paired in place on one side is padding on the other.
    assert abs(len(old) - len(new)) <= 1
    paired = sum(1 for pair in rows if None not in pair)
    blank = sum(
        1 for a, b in zip(old, new, strict=False) if {a.strip(b"\\\r"), b.strip(b"\\\r")} & {b""}
    )
    assert paired + blank >= min(len(old), len(new)) - 1


@given(st.lists(LINES, max_size=14), st.data())
def test_lines_that_are_only_added_move_no_other(lines: list[bytes], data: st.DataObject) -> None:
    after: list[bytes] = []
    for line in lines:
        after += data.draw(st.lists(LINES, max_size=2))
        after.append(line)
    old, new = (b"".join(line + b"\n" for line in version) for version in (lines, after))
    padded, same = counterpatch(old, new)
    assert same == new
    for a, b in zip(lines_of(padded), lines_of(same), strict=True):
        assert a == b or a.strip(b"\\\r") == b""


@given(TEXTS, TEXTS)
def test_alignment_has_every_line_once_and_in_order(before: bytes, after: bytes) -> None:
    old, new = lines_of(before), lines_of(after)
    rows = align(old, new)
    assert [row[0] for row in rows if row[0] is not None] == list(range(len(old)))
    assert [row[1] for row in rows if row[1] is not None] == list(range(len(new)))
    assert (None, None) not in rows


def test_alignment_of_large_files_is_found() -> None:
    old = [b"%d" % (number % 7) for number in range(3000)]
    new = [
        line
        for number, line in enumerate(old)
        for line in ([line, b"new"] if number % 500 == 0 else [line])
    ]
    rows = align(old, new)
    assert sum(1 for row in rows if row[0] is None) == 6


def test_objects_that_record_lines_are_the_same_when_lines_are_only_added(tmp_path: Path) -> None:
    head = "void at(int);\n#define A(x) do { at(__LINE__); \\\n\tx++; } while (0)\n"
    body = "".join(
        f"int f{number}(int x) {{\n\tA(x);\n\tA(x);\n\treturn (x);\n}}\n" for number in range(9)
    )
    source = head + body
    more = source.replace("\tA(x);\n\tA(x);", "\t/* INIT */;\n\tA(x);\n\n\tA(x);").replace(
        "at(__LINE__); \\\n", "; \\\n\tat(__LINE__); \\\n\\\n"
    )
    assert more.count("\n") == source.count("\n") + 20
    found = verify_files(tmp_path, {"x.c": source}, {"x.c": more})
    assert verdicts(found.objects) == {"x.o": "same"}


def test_only_changed_c_files_of_both_trees_are_padded(tmp_path: Path) -> None:
    same = {"same.c": "int a;\n", "notes": "a\n"}
    before = make_tree(tmp_path / "before", {**same, "x.h": "int x;\n", "old.c": "int o;\n"})
    after = make_tree(
        tmp_path / "after", {**same, "notes": "a\nb\n", "x.h": "\nint x;\n", "new.c": "int n;\n"}
    )
    padding = pad_trees(before, after)
    assert [edit.path for edit in padding.before] == ["x.h"]
    assert padding.after == ()


def test_a_line_map_follows_the_padding(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, {"x.c": "a\nb\nc\n"})
    edits = [Edit("x.c", 2, 2, b"\n\n", "s", "r"), Edit("x.c", 4, 4, b"\n", "s", "r")]
    lines = LineMap.of(tree, edits)
    assert [lines.padded("x.c", line) for line in (1, 2, 3)] == [1, 4, 6]
    assert lines.padded("other.c", 7) == 7


@pytest.mark.parametrize(
    ("name", "before", "after", "changed"),
    [
        ("nothing", b"a\nb\n", b"a\nb\n", []),
        ("a line that is another", b"a\nb\nc\n", b"a\nx\nc\n", [2]),
        ("a line gone", b"a\nb\nc\n", b"a\nc\n", [2]),
        ("a line more", b"a\nb\nc\n", b"a\nb\nx\nc\n", [2]),
        ("a line more in front", b"a\nb\n", b"x\na\nb\n", [1]),
        ("into an empty file", b"", b"x\n", [1]),
        ("an unterminated end", b"a\nb", b"a\nb\n", [2]),
    ],
)
def test_changed_lines(name: str, before: bytes, after: bytes, changed: list[int]) -> None:
    assert pad_file("x.c", before, after).changed == tuple(("x.c", line) for line in changed)
