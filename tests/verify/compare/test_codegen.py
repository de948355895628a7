from __future__ import annotations

import platform
import subprocess
from pathlib import Path

import pytest

from tests.verify.building import CC, FLAGS, builds_of, make_tree
from vrefactor.errors import ExitCode, VrefactorError
from vrefactor.verify.compare.codegen import prove
from vrefactor.verify.object.containers import FieldNames, MovedVariables
from vrefactor.verify.object.disassemble import listing, side_by_side
from vrefactor.verify.object.elf import ObjectFile, Section
from vrefactor.verify.report import ObjectVerdict, VerifyReport
from vrefactor.verify.run import VerifyOptions, build_and_compare

pytestmark = pytest.mark.skipif(
    platform.machine() not in ("x86_64", "amd64", "i386", "i686"),
    reason="the proof knows the relocations of x86 only",
)

TYPES = "struct s { int a, b; struct s *next; };\nvoid use(int);\nvoid say(const char *);\n"
GLOBALS = """\
extern int one, two; extern char buf[100]; extern struct s head; extern long wide;
#define V_one one
#define V_two two
#define V_buf buf
#define V_head head
#define V_wide wide
"""
CONTAINER = """\
struct vnet_net { int _pad[3]; long _wide; int _one; char _buf[100]; struct s _head; int _two; };
extern struct vnet_net vnet_net_0;
#define V_one vnet_net_0._one
#define V_two vnet_net_0._two
#define V_buf vnet_net_0._buf
#define V_head vnet_net_0._head
#define V_wide vnet_net_0._wide
"""
DEFINITIONS = "int one, two; char buf[100]; struct s head; long wide;\n"
NAMES = ("one", "two", "buf", "head", "wide")
VIRTUALISED: FieldNames = {name: ("vnet_net_0", f"_{name}") for name in NAMES}

NOINLINE = "__attribute__((noinline)) static"
SWITCH = """\
int f(int x) {
	switch (x) {
	case 0: return (V_one);
	case 1: use(1); return (9);
	case 2: use(4); return (V_two);
	case 3: use(2); return (1);
	case 4: use(8); return (6);
	case 5: use(V_one); return (5);
	}
	return (0);
}
"""

# name, code: the same on both sides, and proved to be
PROVED = [
    ("load", "int f(void) { return (V_one); }"),
    ("store a constant", "void f(void) { V_one = 123456; V_two = 1; V_wide = 5; V_buf[7] = 3; }"),
    ("count", "void f(void) { V_one++; V_two--; V_wide += 70000; }"),
    ("member", "int f(void) { return (V_head.b); }"),
    ("address", "struct s *f(void) { return (&V_head); }"),
    ("address of a member", "struct s **f(void) { return (&V_head.next); }"),
    ("array", "char f(int i) { return (V_buf[i] + V_buf[3]); }"),
    ("test", "int f(void) { return (V_one == 77 && V_two > 3); }"),
    ("call", "void f(void) { use(V_one); use(V_two); }"),
    ("strings", 'void f(void) { say("one"); say("two" + (V_one == 3)); }'),
    ("plain global", "extern int other; int f(void) { use(other); return (V_one); }"),
    ("static", "static int n = 7; int f(void) { return (n++ + V_one); }"),
    ("static of a function", "int f(void) { static int n; return (n++ + V_one); }"),
    (
        "static function",
        f"{NOINLINE} int g(int x) {{ return (x * V_one); }} int f(void) {{ return (g(2)); }}",
    ),
    ("function pointer", "static void g(void) { V_one++; } void (*f(void))(void) { return (g); }"),
    ("table of addresses", "int *table[] = { &V_one, &V_two };\nchar *p = &V_buf[5];"),
    ("jump table", SWITCH),
    ("constants", "double f(void) { return (V_one * 1.25); }"),
]

# name, before, after, the function, what is said
UNPROVED = [
    (
        "wrong field",
        "int f(void) { return (V_one); }",
        "int f(void) { return (V_two); }",
        "f",
        "not vnet_net_0+",
    ),
    (
        "wrong addend",
        "char f(void) { return (V_buf[3]); }",
        "char f(void) { return (V_buf[4]); }",
        "f",
        "vnet_net_0+",
    ),
    (
        "wrong global",
        "extern int a, b; int f(void) { return (a); }",
        "extern int a, b; int f(void) { return (b); }",
        "f",
        "-> b",
    ),
    (
        "a global kept",
        "int f(void) { return (V_one); }",
        "extern int kept; int f(void) { return (kept); }",
        "f",
        "kept",
    ),
    ("another constant", "void f(void) { V_one = 3; }", "void f(void) { V_one = 4; }", "f", "->"),
    ("dropped", "void f(void) { V_one++; V_two++; }", "void f(void) { V_one++; }", "f", "bytes"),
    (
        "string",
        'void f(void) { say("one"); }',
        'void f(void) { say("two"); }',
        "f",
        "'one' -> 'two'",
    ),
    (
        "table",
        "int *t[] = { &V_one, &V_two };",
        "int *t[] = { &V_two, &V_one };",
        "t",
        "vnet_net_0",
    ),
    ("value", "int a[] = { 1, 2 };", "int a[] = { 1, 3 };", "a", "->"),
]


def sources(rows: list[tuple[str, str]], head: str) -> dict[str, str]:
    return {f"{name}.c": f'#include "v.h"\n{code}\n' for name, code in rows} | {"v.h": TYPES + head}


def run(folder: Path, rows: list[tuple[str, str, str]], machine: str) -> VerifyReport:
    old = sources([(row[0], row[1]) for row in rows], GLOBALS)
    new = sources([(row[0], row[2]) for row in rows], CONTAINER)
    old["defs.c"] = f'#include "v.h"\n{DEFINITIONS}'
    new["defs.c"] = '#include "v.h"\nstruct vnet_net vnet_net_0;\n'
    before, after = make_tree(folder / "before", old), make_tree(folder / "after", new)
    options = VerifyOptions(jobs=2, moved=MovedVariables(VIRTUALISED))
    builds = builds_of(before, after, flags=(*FLAGS, "-fno-pie", machine))
    return build_and_compare(before, after, builds, options)


@pytest.fixture(scope="module", params=["-m64", "-m32"])
def machine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory, machine: str) -> VerifyReport:
    rows = [(name, code, code) for name, code in PROVED]
    report = run(tmp_path_factory.mktemp("proved"), rows, machine)
    assert report.codegen is not None
    assert report.codegen.functions >= len(PROVED)
    assert report.codegen.objects >= 3
    return report


@pytest.mark.parametrize("name", [row[0] for row in PROVED])
def test_proved(proved: VerifyReport, name: str) -> None:
    assert proved.codegen is not None
    assert [found for found in proved.codegen.unproved if found.object == f"{name}.o"] == []
    found = next(found for found in proved.objects if found.name == f"{name}.o")
    assert (found.verdict, found.detail) == (ObjectVerdict.SAME, "")
    assert proved.exit_code is ExitCode.OK


@pytest.fixture(scope="module")
def unproved(tmp_path_factory: pytest.TempPathFactory, machine: str) -> VerifyReport:
    report = run(tmp_path_factory.mktemp("unproved"), [row[:3] for row in UNPROVED], machine)
    assert report.exit_code is ExitCode.FINDINGS
    return report


@pytest.mark.parametrize(
    ("name", "function", "text"), [(row[0], row[3], row[4]) for row in UNPROVED]
)
def test_unproved(unproved: VerifyReport, name: str, function: str, text: str) -> None:
    assert unproved.codegen is not None
    found = [row for row in unproved.codegen.unproved if row.object == f"{name}.o"]
    assert [row.name for row in found] == [function]
    assert text in found[0].detail
    if function == "f" and name != "string":  # there the instruction is the same
        assert len(found[0].before) == len(found[0].after) > 0


def test_a_lost_initial_value_is_not_proved(tmp_path: Path) -> None:
    before = make_tree(tmp_path / "before", {"x.c": "int one = 5;\n"})
    code = "struct vnet_net { int _one; } vnet_net_0;\n"
    after = make_tree(tmp_path / "after", {"x.c": code})
    options = VerifyOptions(jobs=1, moved=MovedVariables({"one": ("vnet_net_0", "_one")}))
    report = build_and_compare(before, after, builds_of(before, after), options)
    assert report.codegen is not None
    assert [(row.name, "initial value" in row.detail) for row in report.codegen.unproved] == [
        ("one", True)
    ]


def test_functions_of_one_side_are_not_counted(tmp_path: Path) -> None:
    both = "int f(void) { return (1); }\n"
    before = make_tree(tmp_path / "before", {"x.c": both + "int old(void) { return (2); }\n"})
    after = make_tree(tmp_path / "after", {"x.c": both + "int new(void) { return (3); }\n"})
    options = VerifyOptions(jobs=1, moved=MovedVariables({}))
    report = build_and_compare(before, after, builds_of(before, after), options)
    assert report.codegen is not None
    assert report.codegen.functions == 1
    assert [row.name for row in report.codegen.only_before] == ["old"]
    assert [row.name for row in report.codegen.only_after] == ["new"]


@pytest.mark.parametrize(
    ("home", "verdict"), [("x.c", ObjectVerdict.SAME), ("y.c", ObjectVerdict.DIFFERENT)]
)
def test_a_static_of_the_same_name_elsewhere(
    tmp_path: Path, home: str, verdict: ObjectVerdict
) -> None:
    code = "int *f(void) { return (&V_one); }\n"
    container = "struct vnet_net { int _pad, _one; } vnet_net_0;\n#define V_one vnet_net_0._one\n"
    before = make_tree(tmp_path / "before", {"x.c": "static int one;\n#define V_one one\n" + code})
    after = make_tree(tmp_path / "after", {"x.c": container + code})
    where = {"one": ("vnet_net_0", "_one")}
    options = VerifyOptions(jobs=1, moved=MovedVariables(where, {"one": home}))
    report = build_and_compare(before, after, builds_of(before, after), options)
    assert [found.verdict for found in report.objects] == [verdict]


@pytest.mark.parametrize("code", ["extern struct vnet_net { int _one; } vnet_net_0;", "int other;"])
def test_a_container_that_nothing_defines(tmp_path: Path, code: str) -> None:
    tree = make_tree(tmp_path, {"x.c": code})
    options = VerifyOptions(jobs=1, moved=MovedVariables({"one": ("vnet_net_0", "_one")}))
    with pytest.raises(VrefactorError) as caught:
        build_and_compare(tree, tree, builds_of(tree, tree), options)
    assert caught.value.kind.code == "container-unknown"


def test_another_machine_is_refused() -> None:
    file = ObjectFile("EM_MIPS", (), 64, "<", ())
    assert prove(file, file, {}).functions == []  # nothing to compare, nothing to know
    with pytest.raises(VrefactorError) as caught:
        prove(with_function(file), with_function(file), {})
    assert caught.value.kind.code == "codegen-machine"


def with_function(file: ObjectFile) -> ObjectFile:
    names = b"\0f\0"
    symbol = b"\1\0\0\0\x12\0\1\0" + bytes(8) + (4).to_bytes(8, "little")
    sections = (
        Section(0, "", "SHT_NULL", 0, 0, 0, 0, 0, 0, b""),
        Section(1, ".text", "SHT_PROGBITS", 6, 4, 4, 0, 0, 0, b"abcd"),
        Section(2, ".strtab", "SHT_STRTAB", 0, 1, 3, 0, 0, 0, names),
        Section(3, ".symtab", "SHT_SYMTAB", 0, 8, 24, 24, 2, 0, symbol),
        Section(4, ".rela", "SHT_RELA", 0, 8, 24, 24, 3, 1, bytes(24)),
    )
    return ObjectFile(file.machine, file.header, file.bits, file.order, sections)


def test_without_a_disassembler_bytes_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("one", 1), ("two", 2)):
        source = tmp_path / f"{name}.c"
        source.write_text(f"void g(void);\nint f(void) {{ g(); return ({value}); }}\n")
        subprocess.run([CC, "-O1", "-c", source, "-o", tmp_path / f"{name}.o"], check=True)
    monkeypatch.setattr("vrefactor.verify.object.disassemble._program", lambda: None)
    found = side_by_side("f", tmp_path / "one.o", tmp_path / "two.o")
    assert len(found.before) == len(found.after) > 0
    assert any("g" in line for line in listing(tmp_path / "one.o", "f"))
    assert listing(tmp_path / "one.o", "no such function") == []
