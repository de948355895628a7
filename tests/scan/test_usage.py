"""Who defines, declares, exports, reads and writes a variable."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scan.support import QUICK, row, rows, scan_files
from vrefactor.index.pool import RunOptions
from vrefactor.scan.model import SourcePlace

READS = {
    "expression": "return (x + 1);",
    "condition": "if (x) return (1); return (0);",
    "argument": "return (g(x));",
    "member": "return (x.a);",
    "element": "return (x[1]);",
    "argument of a macro that reads it": "return (GET(x));",
    "right side": "int a; a = x; return (a);",
    "source of a copy": "return (memcpy(&a, &x, 4));",
}
WRITES = {
    "assignment": "x = 1;",
    "compound assignment": "x |= 1;",
    "increment": "x++;",
    "decrement in front": "--x;",
    "member of a member": "x.a.b = 1;",
    "element": "x[1] = 1;",
    "argument of a macro that assigns it": "SET(x);",
}
PASSED = {
    "address": "g(&x);",
    "address that is kept": "p = &x;",
    "address of a member": "g(&x.a);",
    "target of a copy": "memcpy(&x, &a, 4);",
    "address in a macro": "GET(&x);",
}
MACROS = "#define GET(v) ((v) + 1)\n#define SET(v) ((v) = 1)\n"


@pytest.mark.parametrize("body", READS.values(), ids=READS.keys())
def test_a_read(tmp_path: Path, body: str) -> None:
    assert counts(tmp_path, body) == (1, 0, 0)


@pytest.mark.parametrize("body", WRITES.values(), ids=WRITES.keys())
def test_a_write(tmp_path: Path, body: str) -> None:
    assert counts(tmp_path, body) == (0, 1, 0)


@pytest.mark.parametrize("body", PASSED.values(), ids=PASSED.keys())
def test_an_address_that_is_handed_out(tmp_path: Path, body: str) -> None:
    assert counts(tmp_path, body) == (0, 0, 1)


NOT_USES = {
    "tag": "struct x a;",
    "member of another": "a.x = a->x;",
    "local": "int x; x = 1;",
    "label": "goto x; x: ;",
    "string and comment": 'g("x"); /* x = 1; */',
}


@pytest.mark.parametrize("body", NOT_USES.values(), ids=NOT_USES.keys())
def test_what_is_no_use_at_all(tmp_path: Path, body: str) -> None:
    assert counts(tmp_path, body) == (0, 0, 0)


def counts(root: Path, body: str) -> tuple[int, int, int]:
    """Return how often `x` is read, written and handed out in one function."""
    usage = row(root, f"{MACROS}int x;\nint f(void) {{ {body} }}\n").variable.usage
    return usage.reads, usage.writes, usage.passed


def test_an_array_is_handed_out_by_its_name(tmp_path: Path) -> None:
    code = "static char x[8];\nvoid f(void) { g(x); h(x[1]); }\n"
    usage = row(tmp_path, code).variable.usage
    assert (usage.reads, usage.writes, usage.passed) == (1, 0, 1)


FILES = {
    "net/var.h": "extern int shared;\n#define SHARED() (shared)\n",
    "net/a.c": '#include "var.h"\nint shared;\nstatic int own;\nvoid f(void) { own = shared++; }\n',
    "net/b.c": '#include "var.h"\nstatic long own;\nint g(void) { return (own + shared); }\n',
    "other/c.c": "#include <net/var.h>\nint h(int own) { shared = own; return (SHARED()); }\n",
}


def test_uses_are_counted_over_the_whole_tree(tmp_path: Path) -> None:
    found = rows(scan_files(tmp_path, {**FILES, "net/b.c": ""}, subsystems=["net"]))
    shared = found["shared"].variable
    assert shared.defined == (SourcePlace("net/a.c", 2),)
    assert shared.declared == (SourcePlace("net/var.h", 1),)
    assert not shared.internal
    assert shared.usage.writing_files == ("net/a.c", "other/c.c")
    assert shared.usage.reading_files == ("net/var.h",)
    assert shared.usage.writers == ("f", "h")


def test_statics_of_one_name_are_two_variables(tmp_path: Path) -> None:
    found = [row for row in scan_files(tmp_path, FILES).rows if row.variable.name == "own"]
    assert [(row.variable.path, row.variable.internal) for row in found] == [
        ("net/a.c", True),
        ("net/b.c", True),
    ]
    first, second = (row.variable.usage for row in found)
    assert (first.reads, first.writes) == (0, 1)
    assert (second.reads, second.writes) == (1, 0)


def test_a_tentative_definition_gives_way_to_the_one_with_a_value(tmp_path: Path) -> None:
    found = row(tmp_path, "static int x;\nstatic int x = 3;\n").variable
    assert found.defined == (SourcePlace("net/a.c", 2), SourcePlace("net/a.c", 1))


def test_a_prototype_by_a_type_of_functions_is_no_variable(tmp_path: Path) -> None:
    code = "static ng_newhook_t hook;\nstatic int\nhook(void)\n{\n\treturn (0);\n}\nint x;\n"
    found = scan_files(tmp_path, {"net/a.c": code})
    assert list(rows(found)) == ["x"]


def test_exports_say_what_can_be_set_and_when(tmp_path: Path) -> None:
    code = (
        "int x, y, z, plain;\nstruct s s;\n"
        'SYSCTL_INT(_net, OID_AUTO, x, CTLFLAG_RW, &x, 0, "the plain x");\n'
        'SYSCTL_INT(_net, OID_AUTO, s, CTLFLAG_RD, &s.member, 0, "");\n'
        'SYSCTL_PROC(_net, 1, plain, CTLTYPE_INT | CTLFLAG_RDTUN, &y, 0, handler, "I", "");\n'
        'TUNABLE_INT("net.z", &z);\n'
    )
    found = rows(scan_files(tmp_path, {"net/a.c": code}))
    exports = {
        name: [
            (export.macro, export.name, export.writable, export.boot)
            for export in found[name].variable.exports
        ]
        for name in found
    }
    assert exports == {
        "x": [("SYSCTL_INT", "_net.x", True, False)],
        "y": [("SYSCTL_PROC", "_net.plain", False, True)],
        "z": [("TUNABLE_INT", "net.z", False, True)],
        "s": [("SYSCTL_INT", "_net.s", False, False)],
        "plain": [],
    }


def test_any_number_of_workers_finds_the_same(tmp_path: Path) -> None:
    assert scan_files(tmp_path, FILES, options=QUICK) == scan_files(
        tmp_path, FILES, options=RunOptions(jobs=2, cache=False)
    )
