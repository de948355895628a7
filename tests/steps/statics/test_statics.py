"""Step 1.5.1: which statics get another name, what moves along, and what stays."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.steps.planning import Planned, plan_step
from tests.steps.support import rules_for
from vrefactor.plan.model import Verdict
from vrefactor.plan.reasons import CommonRefusal
from vrefactor.rules import RuleSet, Symbol
from vrefactor.steps.statics.reasons import StaticsRefusal
from vrefactor.steps.statics.step import conventional

VIMAGE = b"#define\tV_ttl ttl\n#define\tV_ttl6 ttl\n"
SYSCTL = (
    b"#define SYSCTL_INT(p, n, name, a, ptr, v, d) SYSCTL_OID(p, n, name, a, ptr, v, d)\n"
    b"#define SYSCTL_OID(p, n, name, a, ptr, v, d) int *o_##p##_##name = ptr; char *c = #name\n"
    b"#define TUNABLE_INT(path, var) char *t = path; int *u = (var)\n"
)
IPV4 = b"#include <sys/vimage.h>\nstatic int ttl = 4;\nint f(void) { return V_ttl; }\n"
HEAD = b"#include <sys/vimage.h>\n#include <sys/sysctl.h>\n"


def rules() -> RuleSet:
    """Return two symbols, of which the second is to be renamed."""
    renamed = Symbol(
        name="ttl6", was="ttl", file="net6/ip6.c", container="vnet_net", origin=("t", 2)
    )
    plain = rules_for({"ttl": "net/ip.c"})
    return msgspec.structs.replace(plain, symbols=(*plain.symbols, renamed))


def plan(root: Path, ipv6: bytes, **more: bytes) -> Planned:
    files = {
        "sys/vimage.h": VIMAGE,
        "sys/sysctl.h": SYSCTL,
        "net/ip.c": IPV4,
        "net6/ip6.c": HEAD + ipv6,
        **{path.replace("__", "/").replace("_dot_", "."): data for path, data in more.items()},
    }
    return plan_step(root, files, rules(), "1.5.1")


STAYS = {
    "a local": "int f(void) { int ttl = 1; return ttl; }",
    "a parameter": "int f(int ttl) { return ttl; }",
    "a member": "struct s { int ttl; }; int f(struct s *s) { return s->ttl; }",
    "a tag": "struct ttl { int x; }; struct ttl *p;",
    "a label": "int f(void) { goto ttl; ttl: return 0; }",
    "a string": 'char *s = "ttl";',
    "the name of a sysctl": "int x; SYSCTL_INT(_net, 1, ttl, 0, &x, 0, 0);",
    "a macro's parameter": "#define TWICE(ttl) ((ttl) * 2)",
    "an undefined macro": "#undef ttl",
    "a directive": "#ifdef ttl\n#endif",
    "a dotted name in a comment": "/* net.inet6.ttl sets it */",
    "a member in a comment": "/* see ip->ttl */",
    "a longer word in a comment": "/* ttls and ttl_max */",
}


@pytest.mark.parametrize("line", STAYS.values(), ids=STAYS.keys())
def test_it_stays(line: str, tmp_path: Path) -> None:
    planned = plan(tmp_path, b"static int ttl;\n" + line.encode() + b"\n")
    assert planned.text("net6/ip6.c").endswith("static int ttl6;\n" + line + "\n")


MOVES = {
    "the definition": ("static int ttl;", "static int ttl6;"),
    "a tentative definition": ("static int ttl;\nstatic int ttl;", "static int ttl6;\n" * 2),
    "an initialiser": ("static int ttl = 6;", "static int ttl6 = 6;"),
    "an array": ("static int ttl[2] = { 1 };", "static int ttl6[2] = { 1 };"),
    "a use": (
        "static int ttl;\nint f(void) { return ttl + sizeof(ttl); }",
        "static int ttl6;\nint f(void) { return ttl6 + sizeof(ttl6); }",
    ),
    "a sysctl": (
        "static int ttl;\nSYSCTL_INT(_net, 1, ttl, 0, &ttl, 0, 0);",
        "static int ttl6;\nSYSCTL_INT(_net, 1, ttl, 0, &ttl6, 0, 0);",
    ),
    "a tunable": (
        'static int ttl;\nTUNABLE_INT("net.ttl", &ttl);',
        'static int ttl6;\nTUNABLE_INT("net.ttl", &ttl6);',
    ),
    "a macro's body": (
        "static int ttl;\n#define HALF(x) ((x) + ttl / 2)",
        "static int ttl6;\n#define HALF(x) ((x) + ttl6 / 2)",
    ),
    "every branch": (
        "#ifdef A\nstatic int ttl;\n#else\nstatic int ttl = 1;\n#endif",
        "#ifdef A\nstatic int ttl6;\n#else\nstatic int ttl6 = 1;\n#endif",
    ),
    "a comment": (
        "static int ttl;\t/* ttl: time to live */\n// no more than ttl.",
        "static int ttl6;\t/* ttl6: time to live */\n// no more than ttl6.",
    ),
    "what a local hides, elsewhere": (
        "static int ttl;\nint f(void) { { int ttl = 0; ttl++; } return ttl; }",
        "static int ttl6;\nint f(void) { { int ttl = 0; ttl++; } return ttl6; }",
    ),
}


@pytest.mark.parametrize(("before", "after"), MOVES.values(), ids=MOVES.keys())
def test_it_moves_along(before: str, after: str, tmp_path: Path) -> None:
    planned = plan(tmp_path, before.encode() + b"\n")
    assert planned.text("net6/ip6.c") == HEAD.decode() + after.rstrip("\n") + "\n"
    assert not planned.sites(Verdict.REFUSED)
    assert planned.text("sys/vimage.h") == "#define\tV_ttl ttl\n#define\tV_ttl6 ttl6\n"
    assert planned.text("net/ip.c") == IPV4.decode()


def test_a_portable_block_moves_along(tmp_path: Path) -> None:
    block = b"#if 0\n#include <sys/vimage.h>\n#else\n#define\tV_ttl6 ttl\n#endif\n"
    planned = plan(tmp_path, block + b"static int ttl;\nint f(void) { return V_ttl6; }\n")
    assert "#define\tV_ttl6 ttl6\n" in planned.text("net6/ip6.c")


def test_a_renamed_tree_is_left_alone(tmp_path: Path) -> None:
    files = {
        "sys/vimage.h": VIMAGE.replace(b"V_ttl6 ttl", b"V_ttl6 ttl6"),
        "net/ip.c": IPV4,
        "net6/ip6.c": b"static int ttl6; /* ttl */\n",
    }
    assert plan_step(tmp_path, files, rules(), "1.5.1").plan.edits == ()


TAKEN = {
    "by a header's declaration": (b'#include "x.h"\n', b"extern int ttl6;\n", "net6/x.h:1"),
    "by a header's macro": (b'#include "x.h"\n', b"\n#define ttl6 0\n", "net6/x.h:2"),
    "by a function of its file": (b"int ttl6(void);\n", b"", "net6/ip6.c:3"),
    "by a local of its file": (b"int f(void) { int ttl6 = 1; return ttl6; }\n", b"", "ip6.c:3"),
}


@pytest.mark.parametrize(("lead", "header", "place"), TAKEN.values(), ids=TAKEN.keys())
def test_a_taken_name_is_refused(lead: bytes, header: bytes, place: str, tmp_path: Path) -> None:
    planned = plan(tmp_path, lead + b"static int ttl;\n/* ttl */\n", net6__x_dot_h=header)
    refused = planned.sites(Verdict.REFUSED)
    assert [site.name for site in refused] == ["ttl", "ttl"]
    assert {site.reason for site in refused} == {StaticsRefusal.NAME_TAKEN}
    assert all(place in site.detail for site in refused)
    assert planned.plan.edits == ()


FREE = {
    "a tag": b"struct ttl6 { int x; };\n",
    "a member": b"struct s { int x; } s;\nint f(void) { return s.ttl6; }\n",
    "a sysctl's name": b"int x;\nSYSCTL_INT(_net, 1, ttl6, 0, &x, 0, 0);\n",
    "a comment": b"/* ttl6 */\n",
}


@pytest.mark.parametrize("line", FREE.values(), ids=FREE.keys())
def test_a_name_in_another_name_space_is_free(line: bytes, tmp_path: Path) -> None:
    planned = plan(tmp_path, line + b"static int ttl;\n")
    assert "static int ttl6;" in planned.text("net6/ip6.c")


def test_a_prototype_of_a_header_does_not_take_a_name(tmp_path: Path) -> None:
    header = b"int g(int ttl6);\n"
    planned = plan(tmp_path, b'#include "x.h"\nstatic int ttl;\n', net6__x_dot_h=header)
    assert "static int ttl6;" in planned.text("net6/ip6.c")


def test_a_pasted_name_is_refused(tmp_path: Path) -> None:
    planned = plan(tmp_path, b"static int ttl;\n#define G(x) ttl##x\n")
    assert [site.reason for site in planned.sites(Verdict.REFUSED)] == [CommonRefusal.PASTED]


def test_a_static_that_sees_the_macro_of_its_namesake(tmp_path: Path) -> None:
    module = b"#include <sys/vimage.h>\nstatic int ttl; /* ttl */\nint g(void) { return ttl; }\n"
    planned = plan(tmp_path, b"static int ttl;\n", contrib__pf__net__pf_subr_dot_c=module)
    text = planned.text("contrib/pf/net/pf_subr.c")
    assert text.endswith("static int pf_ttl; /* pf_ttl */\nint g(void) { return pf_ttl; }\n")
    (note,) = planned.plan.notes
    assert note.startswith("contrib/pf/net/pf_subr.c: ttl becomes pf_ttl: V_ttl means")


def test_a_static_that_does_not_see_the_macro_stays(tmp_path: Path) -> None:
    planned = plan(tmp_path, b"static int ttl;\n", pf__pf_dot_c=b"static int ttl;\n")
    assert planned.text("pf/pf.c") == "static int ttl;\n"


def test_a_subsystem_alone_leaves_the_namesakes_of_the_old_name(tmp_path: Path) -> None:
    both = rules()
    alone = msgspec.structs.replace(both, symbols=both.symbols[1:])
    files = {"sys/vimage.h": VIMAGE, "net/ip.c": IPV4, "net6/ip6.c": HEAD + b"static int ttl;\n"}
    planned = plan_step(tmp_path, files | {"sys/sysctl.h": SYSCTL}, alone, "1.5.1")
    assert planned.text("net/ip.c") == IPV4.decode()
    assert planned.text("net6/ip6.c").endswith("static int ttl6;\n")


def test_a_name_by_convention_that_is_taken(tmp_path: Path) -> None:
    module = b'#include <sys/vimage.h>\n#include "pf.h"\nstatic int ttl;\n'
    planned = plan(
        tmp_path, b"static int ttl;\n", pf__pf_dot_c=module, pf__pf_dot_h=b"extern int pf_ttl;\n"
    )
    (refused,) = planned.sites(Verdict.REFUSED)
    assert (refused.path, refused.detail) == ("pf/pf.c", "pf_ttl, see pf/pf.h:1")
    assert planned.plan.notes == ()


@pytest.mark.parametrize(
    ("path", "namesake", "expected"),
    [
        ("netinet6/in6_rmx.c", "netinet/in_rmx.c", "ttl6"),
        ("netinet6/in6_rmx.c", "netinet/in_pcb.c", "in6_rmx_ttl"),
        ("contrib/pf/net/pf_subr.c", "netinet/tcp_subr.c", "pf_ttl"),
        ("dev/z/x-y.c", "netinet/tcp_subr.c", "x_y_ttl"),
        ("net/if_tap.c", "net/if.c", "if_tap_ttl"),
        ("a.c", "b.c", "a_ttl"),
    ],
)
def test_names_by_convention(path: str, namesake: str, expected: str) -> None:
    assert conventional("ttl", path, namesake) == expected
