"""Kinds and proposals: what is to be left alone first, then what is to be virtualised."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scan.support import row, rows, scan_files
from vrefactor.scan.model import Proposal, VariableKind

USE = "void f(void) { g(&x); }"
SET = "void f(void) { x = 1; }"
OPS = "int f(void);\n"

LEFT = {
    "const": ("const int x = 1;", VariableKind.CONSTANT),
    "const array": (f"static const char *const x[] = {{ 0 }};\n{USE}", VariableKind.CONSTANT),
    "mutex": (f"static struct mtx x;\n{USE}", VariableKind.LOCK),
    "reader-writer lock": (f"struct rwlock x;\n{USE}", VariableKind.LOCK),
    "sx lock": (f"struct sx x;\n{USE}", VariableKind.LOCK),
    "pointer to a lock": (f"struct mtx *x;\n{SET}", VariableKind.LOCK),
    "hook": (f"int (*x)(struct mbuf *);\n{SET}", VariableKind.HOOK),
    "hook of a named type": (f"typedef int hook_t(int);\nhook_t *x = 0;\n{SET}", VariableKind.HOOK),
    "hook of a pointer's type": (
        f"typedef int (*hook_t)(int);\nhook_t x;\n{SET}",
        VariableKind.HOOK,
    ),
    "packet filter's hooks": (f"struct pfil_head x;\n{USE}", VariableKind.HOOK),
    "zone": (f"uma_zone_t x;\n{SET}", VariableKind.ZONE),
    "event handler": (f"static eventhandler_tag x;\n{SET}", VariableKind.HANDLE),
    "device": (f"static struct cdev *x;\n{SET}", VariableKind.HANDLE),
    "task": (f"static struct task x;\n{USE}", VariableKind.TASK),
    "task queue": (f"static struct taskqueue *x;\n{SET}", VariableKind.TASK),
    "packet queue": (f"struct ifqueue x;\n{USE}", VariableKind.QUEUE),
    "operations": (f"{OPS}static struct pr_usrreqs x = {{ f }};\n{USE[:-1]}}}", VariableKind.TABLE),
    "designated operations": (f"{OPS}struct cdevsw x = {{ .d_open = f }};\n", VariableKind.TABLE),
    "table of operations that is handed out": (
        f"{OPS}static struct domain x = {{ 1, f }};\nvoid h(void) {{ g(&x); }}",
        VariableKind.TABLE,
    ),
    "values that are only read": (
        "static int x[] = { 1, 2 };\nint f(int i) { return (x[i]); }",
        VariableKind.TABLE,
    ),
    "values that a macro writes out": (
        "static struct d x[] = ALL_DESCRIPTIONS;\nstruct t t = { &x[0] };",
        VariableKind.TABLE,
    ),
    "structure that nothing writes": (
        "static struct in6_addr x;\nint f(void) { return (x.a); }",
        VariableKind.NEVER_WRITTEN,
    ),
    "array that is only copied from": (
        "static char x[8];\nvoid f(char *a) { bcopy(x, a, 8); }",
        VariableKind.NEVER_WRITTEN,
    ),
    "structure that is only compared": (
        "static struct s x;\nint f(void *a) { return (bcmp(&x, a, 8)); }",
        VariableKind.NEVER_WRITTEN,
    ),
}


@pytest.mark.parametrize(("code", "kind"), LEFT.values(), ids=LEFT.keys())
def test_these_are_left_to_all_stacks(tmp_path: Path, code: str, kind: VariableKind) -> None:
    found = row(tmp_path, code)
    assert (found.kind, found.proposal) == (kind, Proposal.LEAVE)
    assert found.reason


VIRTUALISED = {
    "number": (f"static int x;\n{SET}", VariableKind.STATE),
    "pointer": (f"struct ifnet *x;\n{SET}", VariableKind.STATE),
    "structure": (f"struct inpcbinfo x;\n{USE}", VariableKind.STATE),
    "member": ("struct s x;\nvoid f(void) { x.a.b[1]++; }", VariableKind.STATE),
    "array that is filled": (
        "static char x[8];\nvoid f(void *a) { bcopy(a, x, 8); }",
        VariableKind.STATE,
    ),
    "statistics": ("struct ipstat x;\nvoid f(void) { x.ips_total++; }", VariableKind.STATISTICS),
    "statistics of a type": ("ahstat_t x;\nvoid f(void) { x.in++; }", VariableKind.STATISTICS),
    "timer": (f"static struct callout x;\n{USE}", VariableKind.TIMER),
    "list": ("LIST_HEAD(, q) x;\nvoid f(void) { LIST_INIT(&x); }", VariableKind.LIST),
    "list of a type": (f"struct inpcbhead x;\n{USE}", VariableKind.LIST),
    "list that holds itself": (
        "struct llinfo x = { &x, &x };\nvoid f(void) { x.next = 0; }",
        VariableKind.STATE,
    ),
    "number that is exported": (
        'static int x = 1;\nSYSCTL_INT(_net, 1, x, CTLFLAG_RW, &x, 0, "x");',
        VariableKind.TUNABLE,
    ),
    "number that is fetched at boot": (
        'int x = 1;\nTUNABLE_INT("net.x", &x);',
        VariableKind.TUNABLE,
    ),
    "text that is exported": (
        'char x[8];\nSYSCTL_STRING(_net, 1, x, CTLFLAG_RW, x, 8, "x");',
        VariableKind.TUNABLE,
    ),
    "number that nothing sets": (
        "int x = 3;\nint f(void) { return (x); }",
        VariableKind.NEVER_WRITTEN,
    ),
    "number that can only be looked at": (
        f'static int x;\nSYSCTL_INT(_net, 1, x, CTLFLAG_RD, &x, 0, "x");\n{SET}',
        VariableKind.STATE,
    ),
    "written through a macro": (
        "#define INC(v) ((v)++)\nstatic struct { int n; } x;\nvoid f(void) { INC(x.n); }",
        VariableKind.STATE,
    ),
    "assigned by a macro": (
        "#define SET(v, to) do { (v) = (to); } while (0)\nint x;\nvoid f(void) { SET(x, 1); }",
        VariableKind.STATE,
    ),
}


@pytest.mark.parametrize(("code", "kind"), VIRTUALISED.values(), ids=VIRTUALISED.keys())
def test_these_are_proposed(tmp_path: Path, code: str, kind: VariableKind) -> None:
    found = row(tmp_path, code)
    assert (found.kind, found.proposal) == (kind, Proposal.VIRTUALISE)
    assert found.reason


ASKED = {
    "set once": "static u_long x;\nvoid a_init(void) { x = htonl(1); }",
    "held by another's initialiser": "static struct s x;\nstruct t t = { &x };",
    "shared with another system": f"#ifdef __NetBSD__\n#endif\nstatic int x;\n{SET}",
    "shared with user space": f"#ifndef _KERNEL\n#endif\nint x;\n{SET}",
}


@pytest.mark.parametrize("code", ASKED.values(), ids=ASKED.keys())
def test_a_person_decides_about_these(tmp_path: Path, code: str) -> None:
    found = row(tmp_path, code)
    assert found.proposal is Proposal.ASK
    assert found.reason


MODULES = {
    "node type": "NETGRAPH_INIT(a, &type);",
    "node type that is handed out": "static struct ng_type type = { 1 };\n"
    "void h(void) { ng_newtype(&type); }",
    "interface that is cloned": "IFC_SIMPLE_DECLARE(a, 0);",
    "line discipline": "static struct linesw disc = { 1 };\nvoid h(void) { l_register(1, &disc); }",
}


@pytest.mark.parametrize("sign", MODULES.values(), ids=MODULES.keys())
def test_state_of_a_plugged_in_module_is_left_to_its_instances(tmp_path: Path, sign: str) -> None:
    code = f"static int x;\n{SET}\n{sign}\n"
    assert row(tmp_path, code).proposal is Proposal.LEAVE


def test_a_node_type_that_is_not_handed_out_makes_no_module(tmp_path: Path) -> None:
    code = f"static int x;\n{SET}\nstatic struct ng_type dead;\nstruct ng_node n = {{ &dead }};\n"
    assert row(tmp_path, code).proposal is Proposal.VIRTUALISE


def test_what_others_read_of_a_module_is_not_its_own(tmp_path: Path) -> None:
    files = {
        "net/if_var.h": "extern struct ifnet *loif;\n",
        "net/if_loop.c": "struct ifnet *loif;\nvoid f(void) { loif = 0; }\nIFC_DECLARE(lo, 1);\n",
        "netinet/a.c": "#include <net/if_var.h>\nint a(void) { return (loif != 0); }\n",
        "netinet6/b.c": "#include <net/if_var.h>\nint b(void) { return (loif != 0); }\n",
    }
    found = rows(scan_files(tmp_path, files))["loif"]
    assert found.proposal is Proposal.VIRTUALISE
    assert "2 other files" in found.reason
