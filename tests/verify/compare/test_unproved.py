"""Causes that a person has to look at, and those that take the object as a whole."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from tests.verify.building import FLAGS, builds_of, make_tree, verdicts
from vrefactor.errors import ExitCode
from vrefactor.verify.compare.container_layouts import difference
from vrefactor.verify.compare.unoptimised import UnoptimisedCode
from vrefactor.verify.object.containers import FieldNames, MovedVariables
from vrefactor.verify.object.dwarf import Layout
from vrefactor.verify.report import CodeCause, CodegenReport, VerifyReport
from vrefactor.verify.run import VerifyOptions, build_and_compare

compiled = pytest.mark.skipif(
    platform.machine() not in ("x86_64", "amd64"), reason="the instructions are those of x86-64"
)

NAMES = ("stat", "count", "limit")
FIELDS: FieldNames = {name: ("vnet_net_0", f"_{name}") for name in NAMES}
H = """\
#ifndef MAX
#define MAX 4
#endif
"""
OLD = H + "extern int stat[MAX], count, limit;\n#define V_count count\n#define V_limit limit\n"
NEW = (
    H
    + "struct vnet_net { int _stat[MAX], _count, _limit; };\nextern struct vnet_net vnet_net_0;\n"
    + "#define V_count vnet_net_0._count\n#define V_limit vnet_net_0._limit\n"
)
HOME = '#include "v.h"\n#ifdef OLD\nint stat[MAX], count, limit;\n#else\n'
HOME += "struct vnet_net vnet_net_0;\n#endif\n"
USE = "int f(void) { return (V_count); }\n"


def verify(
    folder: Path, before: str, after: str, flags: tuple[str, ...] = ("-O2",)
) -> tuple[VerifyReport, CodegenReport]:
    """Compare `y.c` of two trees that have the same variables."""
    homes = {"v.h": "#define OLD\n" + OLD, "x.c": HOME}, {"v.h": NEW, "x.c": HOME}
    trees = (
        make_tree(folder / "a", {**homes[0], "y.c": before}),
        make_tree(folder / "b", {**homes[1], "y.c": after}),
    )
    options = VerifyOptions(jobs=2, moved=MovedVariables(FIELDS, dict.fromkeys(NAMES, "x.c")))
    report = build_and_compare(*trees, builds_of(*trees, flags=(*FLAGS, *flags)), options)
    assert report.codegen is not None
    return report, report.codegen


def causes(codegen: CodegenReport) -> list[tuple[str, CodeCause]]:
    return [(report.name, report.cause) for report in codegen.unproved]


@compiled
def test_another_layout_of_the_container(tmp_path: Path) -> None:
    """As a macro has another value here: the file by itself is in order."""
    text = f'#define MAX 6\n#include "v.h"\n{USE}int g(int x) {{ return (x); }}\n'
    report, codegen = verify(tmp_path, text, text)
    assert causes(codegen) == [("f", CodeCause.LAYOUT)]
    assert codegen.unproved[0].evidence == (
        "the first member of vnet_net that differs is _count, behind _stat: at 0x18, and at 0x10 "
        "in the file that defines the instance"
    )
    assert (codegen.compared, report.exit_code) == ((2, 0), ExitCode.FINDINGS)


@compiled
def test_an_initialiser_with_another_layout(tmp_path: Path) -> None:
    text = '#define MAX 6\n#include "v.h"\nint *p = &V_limit;\n'
    assert causes(verify(tmp_path, text, text)[1]) == [("p", CodeCause.LAYOUT)]


@compiled
def test_the_same_layout_is_no_cause(tmp_path: Path) -> None:
    wrong = '#include "v.h"\n#undef V_count\n#define V_count vnet_net_0._limit\n' + USE
    found = verify(tmp_path, '#include "v.h"\n' + USE, wrong)[1]
    assert causes(found) == [("f", CodeCause.UNEXPLAINED)]


LAYOUTS = [
    ("the same", {"a": 0, "b": 4}, ""),
    ("shifted", {"a": 0, "b": 8}, "the first member of s that differs is b, behind a: at 0x8"),
    ("the first one", {"a": 4, "b": 8}, "the first member of s that differs is a: at 0x4"),
    ("missing", {"a": 0}, "s has no b here, behind a"),
    ("more", {"a": 0, "b": 4, "c": 8}, "s has a c here alone"),
]


@pytest.mark.parametrize(
    ("here", "said"), [row[1:] for row in LAYOUTS], ids=[row[0] for row in LAYOUTS]
)
def test_difference_of_layouts(here: dict[str, int], said: str) -> None:
    found = difference(Layout("s", {"a": 0, "b": 4}), Layout("s", here))
    assert found.startswith(said) and bool(found) is bool(said)


@compiled
@pytest.mark.parametrize("flags", [("-gdwarf-2", "-gstrict-dwarf"), ("-gdwarf-4",), ("-gdwarf-5",)])
def test_changed_and_added_source(tmp_path: Path, flags: tuple[str, ...]) -> None:
    """A statement that a step inserts is a finding, and named; what it adds is not one."""
    head = '#include "v.h"\nvoid enter(void *);\n#define DECLARE(n) static int n ## _info = 3\n'
    after = head + "DECLARE(net);\n" + USE.replace("{", "{ enter(&net_info);")
    report, codegen = verify(tmp_path, head + USE, after, ("-O2", *flags))
    assert causes(codegen) == [("f", CodeCause.SOURCE)]
    assert codegen.unproved[0].evidence == "in y.c, +6 -0 tokens"
    assert [(function_report.name, function_report.cause) for function_report in codegen.lone] == [
        ("net_info", CodeCause.ADDED)
    ]
    assert report.exit_code is ExitCode.FINDINGS


@compiled
def test_what_is_added_is_no_finding_and_what_is_removed_is(tmp_path: Path) -> None:
    head = '#include "v.h"\n' + USE
    more = head + "int info = 3;\nint g(void) { return (4); }\n"
    report, codegen = verify(tmp_path / "1", head, more)
    assert {(function_report.name, function_report.cause) for function_report in codegen.lone} == {
        ("g", CodeCause.ADDED),
        ("info", CodeCause.ADDED),
    }
    assert report.exit_code is ExitCode.OK
    report, codegen = verify(tmp_path / "2", more, head)
    assert {function_report.cause for function_report in codegen.lone} == {CodeCause.REMOVED}
    assert report.exit_code is ExitCode.FINDINGS
    assert verdicts(report.objects) == {"x.o": "same", "y.o": "different"}


@compiled
def test_changed_source_of_what_is_inlined(tmp_path: Path) -> None:
    text = '#include "v.h"\nstatic int g(int x) { return (x + V_count); }\n'
    text += "int f(int x) { return (g(x) * g(2 * x)); }\n"
    found = verify(tmp_path, text, text.replace("x +", "x -"))[1]
    assert causes(found) == [("f", CodeCause.SOURCE)]
    assert found.unproved[0].evidence == "that of what it refers to: g in y.c, +1 -1 tokens"


@compiled
def test_changed_source_explains_nothing_else(tmp_path: Path) -> None:
    """What a changed function may have inlined is not covered by its change."""
    text = '#include "v.h"\n#define PLUS(a, b) a + b\n'
    text += "static int g(int x) { return (PLUS(x, V_count)); }\nint f(int x) { return (g(x)); }\n"
    after = text.replace("a + b", "a - b").replace("(g(x))", "(g(x) + 1)")
    assert causes(verify(tmp_path, text, after)[1]) == [("f", CodeCause.UNEXPLAINED)]


ASM = """\
__asm__(".section .text.f, \\"ax\\"\\n.globl f\\n.type f, @function\\nf:\\n"
    {code} "ret\\n.size f, .-f\\n.text\\n");
"""


@compiled
def test_the_same_instructions_in_another_order(tmp_path: Path) -> None:
    first, second = '"mov $7, %eax\\n"', '"mov $8, %ecx\\n"'
    old, new = ASM.format(code=first + second), ASM.format(code=second + first)
    report, codegen = verify(tmp_path, old, new)
    assert causes(codegen) == [("f", CodeCause.REORDERED)]
    assert report.exit_code is ExitCode.FINDINGS


def test_what_is_doubtful_without_the_optimiser() -> None:
    """At any depth, and round a ring; what is proved at one level need not be at another."""
    plain = UnoptimisedCode(
        own={"f", "ring", "k"}, needs={"f": {"ring"}, "ring": {"f", "g"}, "g": {"k"}}
    )
    plain.needs |= {"k": set(), "h": {"k"}}
    assert plain.doubtful("f") == {"g"}
    assert plain.doubtful("h") == {"h"}
    assert plain.doubtful("k") == plain.doubtful("unknown") == set()
    plain.own.add("g")
    assert plain.doubtful("f") == set()
