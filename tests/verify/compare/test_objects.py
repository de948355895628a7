from __future__ import annotations

from pathlib import Path

import pytest

from tests.verify.building import make_tree, verdicts, verify_files
from vrefactor.errors import ExitCode, VrefactorError
from vrefactor.verify.report import Cause, ObjectVerdict, md5_lists
from vrefactor.verify.run import write_md5_files

HEAD = """\
#define KEEP static __attribute__((used))
void die(int);
extern int tcpstat, udpstat;
extern const char *why;
"""

# name, before, after: nothing that is compiled changes
SAME = [
    ("equal", "int f(void) { return (tcpstat); }", "int f(void) { return (tcpstat); }"),
    ("comment", "int f(void) { return (1); }", "/* why\n */\nint f(void) { return (1); }"),
    (
        "prefix",
        "int f(void) { return (tcpstat); }",
        "#define V_tcpstat tcpstat\nint f(void) { return (V_tcpstat); }",
    ),
    (
        "line numbers",
        "void f(int x) {\n\tx++;\n\tdie(__LINE__ + x);\n}",
        "void f(int x) {\n\n\n\tx++;\n\t;\n\tdie(__LINE__ + x);\n}",
    ),
    (
        "file name",
        "const char *f(void) { return (__FILE__); }",
        "\nconst char *f(void) { return (__FILE__); }",
    ),
    ("unused static", "int a = 1;", "static inline int f(void) { return (1); }\nint a = 1;"),
    ("extern", "int a = 1;", "extern int b;\nint a = 1;"),
]

# name, before, after, cause, what is named
DIFFERENT = [
    (
        "wrong global",
        "int f(void) { return (tcpstat); }",
        "int f(void) { return (udpstat); }",
        Cause.RELOCATION,
        "tcpstat",
    ),
    (
        "wrong function",
        "void f(void) { die(1); }",
        "void kill(int);\nvoid f(void) { kill(1); }",
        Cause.RELOCATION,
        "kill",
    ),
    (
        "local prefixed",
        "int f(int tcpstat) { return (tcpstat); }",
        "int f(int x) { return (tcpstat); }",
        Cause.CODE,
        "f",
    ),
    (
        "dropped use",
        "void f(void) { tcpstat++; udpstat++; }",
        "void f(void) { udpstat++; }",
        Cause.CODE,
        "f",
    ),
    (
        "moved line",
        "void f(void) { tcpstat++; die(1); udpstat++; }",
        "void f(void) { tcpstat++; udpstat++; die(1); }",
        Cause.RELOCATION,
        "f",
    ),
    (
        "assertion",
        "#line 50\nvoid f(void) { die(__LINE__); }",
        "#line 53\nvoid f(void) { die(__LINE__); }",
        Cause.LINE,
        "50 -> 53",
    ),
    (
        "time stamp",
        'const char *why = "Jan  1 2009 12:00:01";',
        'const char *why = "Jan  2 2009 12:30:07";',
        Cause.TIME,
        "Jan",
    ),
    ("time in data", 'char t[] = "12:00:01";', 'char t[] = "12:00:02";', Cause.TIME, "t"),
    ("string", 'const char *why = "tcp";', 'const char *why = "udp";', Cause.STRING, "'udp'"),
    (
        "static order",
        "KEEP int a[3] = { 1 }; KEEP int b[3] = { 2 };",
        "KEEP int b[3] = { 2 }; KEEP int a[3] = { 1 };",
        Cause.ORDER,
        "a",
    ),
    (
        "linkage",
        "static int a = 4;\nint *f(void) { return (&a); }",
        "int a = 4;\nint *f(void) { return (&a); }",
        Cause.SYMBOL,
        "static in .data -> external in .data",
    ),
    ("renamed", "int a = 4;", "int b = 4;", Cause.SYMBOL, "only before"),
    (
        "new function",
        "int f(void) { return (1); }",
        "int g(void) { return (2); }\nint f(void) { return (1); }",
        Cause.SYMBOL,
        "g",
    ),
    ("initial value", "int a[2] = { 4, 70000 };", "int a[2] = { 4, 80000 };", Cause.DATA, "a"),
    ("initialised or not", "int a = 4;", "int a;", Cause.SYMBOL, ".data"),
    (
        "section",
        "int a = 4;",
        'int a __attribute__((section("set_x"))) = 4;',
        Cause.SECTION,
        "set_x",
    ),
    (
        "alignment",
        "int a = 4;",
        "int a __attribute__((aligned(64))) = 4;",
        Cause.SECTION,
        "alignment",
    ),
    (
        "table of addresses",
        "int *p[] = { &tcpstat };",
        "int *p[] = { &udpstat };",
        Cause.RELOCATION,
        "udpstat",
    ),
]


@pytest.fixture(scope="module")
def same(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("same files")
    before = {f"{name}.c": HEAD + old for name, old, _ in SAME}
    after = {f"{name}.c": HEAD + new for name, _, new in SAME}
    report = verify_files(folder, before, after)
    assert report.exit_code is ExitCode.OK
    return verdicts(report.objects)


@pytest.mark.parametrize("name", [row[0] for row in SAME])
def test_same(same: dict[str, str], name: str) -> None:
    assert same[f"{name}.o"] == "same"


@pytest.fixture(scope="module")
def different(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[str, str]]]:
    folder = tmp_path_factory.mktemp("different")
    before = {f"{row[0]}.c": HEAD + row[1] for row in DIFFERENT}
    after = {f"{row[0]}.c": HEAD + row[2] for row in DIFFERENT}
    report = verify_files(folder, before, after)
    assert report.exit_code is ExitCode.FINDINGS
    assert report.counts == {ObjectVerdict.DIFFERENT: len(DIFFERENT)}
    return {
        found.name: [(reason.cause.value, str(reason)) for reason in found.reasons]
        for found in report.objects
    }


@pytest.mark.parametrize(("name", "cause", "text"), [(row[0], row[3], row[4]) for row in DIFFERENT])
def test_different(
    different: dict[str, list[tuple[str, str]]], name: str, cause: Cause, text: str
) -> None:
    reasons = different[f"{name}.o"]
    assert any(found == cause and text in shown for found, shown in reasons), reasons


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    good, bad = "int a = 1;\n", "int a = ;\n"
    folder = tmp_path_factory.mktemp("mixed")
    before = {"both.c": bad, "after.c": good, "before.c": bad, "gone.c": good, "good.c": good}
    after = {
        "both.c": bad,
        "after.c": bad,
        "before.c": good,
        "new.c": good,
        "good.c": good,
        "newbad.c": bad,
    }
    report = verify_files(folder, before, after)
    assert report.exit_code is ExitCode.FINDINGS
    assert {line.split()[1] for line in md5_lists(report.objects)[1].splitlines()} == {
        "(before.o)",
        "(good.o)",
        "(new.o)",
    }
    return {found.name: (found.verdict.value, found.detail) for found in report.objects}


@pytest.mark.parametrize(
    ("name", "verdict", "fails"),
    [
        ("both", ObjectVerdict.NOT_COVERED, True),
        ("after", ObjectVerdict.BROKEN, True),
        ("before", ObjectVerdict.MENDED, True),
        ("gone", ObjectVerdict.REMOVED, False),
        ("new", ObjectVerdict.ADDED, False),
        ("newbad", ObjectVerdict.BROKEN, True),
        ("good", ObjectVerdict.SAME, False),
    ],
)
def test_what_does_not_compile(
    mixed: dict[str, tuple[str, str]], name: str, verdict: ObjectVerdict, fails: bool
) -> None:
    found, detail = mixed[f"{name}.o"]
    assert found == verdict
    assert ("error" in detail and ".c:1" in detail) if fails else detail == ""


def test_nothing_compared_is_a_finding(tmp_path: Path) -> None:
    report = verify_files(tmp_path, {"x.c": "int a = ;"}, {"x.c": "int a = ;"})
    assert report.counts == {ObjectVerdict.NOT_COVERED: 1}
    assert report.exit_code is ExitCode.FINDINGS


def test_md5_files_are_as_md5_prints_them(tmp_path: Path) -> None:
    files = {"z.c": "int z = 1;", "net/a.c": "int a = 1;"}
    report = verify_files(tmp_path, files, {**files, "z.c": "int z = 2;"})
    write_md5_files(report.objects, tmp_path / "lists")
    before, after = (
        (tmp_path / "lists" / f"{side}.md5").read_text().splitlines()
        for side in ("before", "after")
    )
    assert [line[:15] for line in before] == ["MD5 (net/a.o) =", "MD5 (z.o) = " + before[1][12:15]]
    assert before[0] == after[0] and before[1] != after[1]
    assert len(before[0].split()[-1]) == 32


def test_md5_files_in_an_impossible_place(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(VrefactorError) as caught:
        write_md5_files((), tmp_path / "file" / "lists")
    assert caught.value.kind.code == "build-dir-unwritable"


def test_md5s_do_not_depend_on_the_place(tmp_path: Path) -> None:
    files = {"net/a.c": "const char *f(void) { return (__FILE__); }"}
    reports = [verify_files(tmp_path / name, files, files) for name in ("here", "somewhere else")]
    assert reports[0].objects == reports[1].objects


def test_added_lines_do_not_reach_debug_or_symbols(tmp_path: Path) -> None:
    make_tree(tmp_path / "x", {"a.c": ""})
    report = verify_files(
        tmp_path, {"a.c": "int f(void) { return 1; }"}, {"a.c": "int\nf(void)\n{ return 1; }"}
    )
    assert report.counts == {ObjectVerdict.SAME: 1}
