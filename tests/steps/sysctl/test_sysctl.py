"""Step 1.5.3: which sysctls take their `SYSCTL_V_` form, and which are refused."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from tests.steps.planning import Planned, plan_step
from tests.steps.support import rules_for
from vrefactor.errors import RULES_NAME, VrefactorError
from vrefactor.plan.model import Refusal, Verdict
from vrefactor.plan.reasons import CommonRefusal, CommonSkip
from vrefactor.rules import Container, RuleSet, Symbol, SysctlRules
from vrefactor.steps.sysctl.reasons import SysctlRefusal

HEADER = b"""\
#ifndef _SYS_SYSCTL_H_
#define	_SYS_SYSCTL_H_

struct oid { void *ptr; long val; const char *name; int (*handler)(void); const char *fmt; };
int handle_int(void);

#define	SYSCTL_OID(parent, nbr, name, kind, a1, a2, handler, fmt, descr) \\
	struct oid oid_##parent##_##name = { a1, a2, #name, handler, fmt }

#define	SYSCTL_STRING(parent, nbr, name, access, arg, len, descr) \\
	SYSCTL_OID(parent, nbr, name, access, arg, len, handle_int, "A", descr)

#define	SYSCTL_INT(parent, nbr, name, access, ptr, val, descr) \\
	SYSCTL_OID(parent, nbr, name, access, ptr, val, handle_int, "I", descr)

#define	SYSCTL_UINT(parent, nbr, name, access, ptr, val, descr) \\
	SYSCTL_OID(parent, nbr, name, access, ptr, val, handle_int, "IU", descr)

#define	SYSCTL_LONG(parent, nbr, name, access, ptr, val, descr) \\
	SYSCTL_OID(parent, nbr, name, access, ptr, val, handle_int, "L", descr)

#define	SYSCTL_STRUCT(parent, nbr, name, access, ptr, type, descr) \\
	SYSCTL_OID(parent, nbr, name, access, ptr, sizeof(struct type), \\
		handle_int, "S," #type, descr)

#define	SYSCTL_PROC(parent, nbr, name, access, ptr, arg, handler, fmt, descr) \\
	SYSCTL_OID(parent, nbr, name, access, ptr, arg, handler, fmt, descr)

#endif
"""
HEAD = """\
#include <sys/sysctl.h>
int ttl;
struct stat { int sent; struct { int lost; } in; } stat;
char src[16];
int other;
"""
SYMBOLS = {"ttl": "net/ip.c", "stat": "net/ip.c", "src": "net/ip.c"}


def plan(
    root: Path,
    text: str,
    more: Mapping[str, bytes] | None = None,
    rules: RuleSet | None = None,
) -> Planned:
    files = {"sys/sysctl.h": HEADER, "net/ip.c": (HEAD + text).encode(), **(more or {})}
    return plan_step(root, files, rules or rules_for(SYMBOLS), "1.5.3")


def body(planned: Planned) -> str:
    return planned.text("net/ip.c").removeprefix(HEAD)


STAYS = {
    "another variable": "SYSCTL_INT(_net, 1, ttl, 0, &other, 0, 0);\n",
    "no variable": "SYSCTL_INT(_net, 1, ttl, 0, 0, 5, 0);\n",
    "only the type": "struct stat two;\nSYSCTL_STRUCT(_net, 1, s, 0, &two, stat, 0);\n",
    "a call in a function": "int add(int *);\nint f(void) { return add(&ttl); }\n",
    "a macro's body": "#define KNOB(n) SYSCTL_INT(_net, 1, n, 0, &ttl, 0, 0)\n",
    "its form already": "SYSCTL_V_INT(V_NET, vnet_net, _net, 1, ttl, 0, ttl, 0, 0);\n",
    "a comment": "/* SYSCTL_INT(_net, 1, ttl, 0, &ttl, 0, 0); */\n",
}


@pytest.mark.parametrize("text", STAYS.values(), ids=STAYS.keys())
def test_it_stays(text: str, tmp_path: Path) -> None:
    planned = plan(tmp_path, text)
    assert (planned.plan.edits, planned.plan.new_files) == ((), ())
    assert not planned.sites(Verdict.REFUSED)


TAKES = {
    "an int": (
        'SYSCTL_INT(_net, 1, ttl, 0, &ttl, 0, "");',
        'SYSCTL_V_INT(V_NET, vnet_net, _net, 1, ttl, 0, ttl, 0, "");',
    ),
    "an unsigned int": (
        "SYSCTL_UINT(_net, 1, x, 0, &ttl, 0, 0);",
        "SYSCTL_V_UINT(V_NET, vnet_net, _net, 1, x, 0, ttl, 0, 0);",
    ),
    "a string": (
        "SYSCTL_STRING(_net, 1, src, 0, &src, 16, 0);",
        "SYSCTL_V_STRING(V_NET, vnet_net, _net, 1, src, 0, src, 16, 0);",
    ),
    "an array without its address": (
        "SYSCTL_STRING(_net, 1, src, 0, src, 16, 0);",
        "SYSCTL_V_STRING(V_NET, vnet_net, _net, 1, src, 0, src, 16, 0);",
    ),
    "a struct": (
        "SYSCTL_STRUCT(_net, 1, stat, 0, &stat, stat, 0);",
        "SYSCTL_V_STRUCT(V_NET, vnet_net, _net, 1, stat, 0, stat, stat, 0);",
    ),
    "a handler": (
        'SYSCTL_PROC(_net, 1, ttl, 0, &ttl, 0, &handle_int, "I", 0);',
        'SYSCTL_V_PROC(V_NET, vnet_net, _net, 1, ttl, 0, ttl, 0, &handle_int, "I", 0);',
    ),
    "a raw oid": (
        'SYSCTL_OID(_net, 1, ttl, 0, &ttl, 0, handle_int, "I", 0);',
        'SYSCTL_V_OID(V_NET, vnet_net, _net, 1, ttl, 0, ttl, 0, handle_int, "I", 0);',
    ),
    "a field": (
        "SYSCTL_INT(_net, 1, sent, 0, &stat.sent, 0, 0);",
        "SYSCTL_V_INT(V_NET, vnet_net, _net, 1, sent, 0, stat.sent, 0, 0);",
    ),
    "a field of a field": (
        "SYSCTL_INT(_net, 1, lost, 0, & stat . in.lost , 0, 0);",
        "SYSCTL_V_INT(V_NET, vnet_net, _net, 1, lost, 0, stat . in.lost , 0, 0);",
    ),
    "blanks": (
        "SYSCTL_INT (\t_net,\t1, ttl,0,\t&ttl,\t0, 0)\t;",
        "SYSCTL_V_INT (V_NET, vnet_net, _net,\t1, ttl,0,\tttl,\t0, 0)\t;",
    ),
    "a comment among the arguments": (
        "SYSCTL_INT(_net, 1, ttl, 0 /* rw, */, &ttl, 0, 0);",
        "SYSCTL_V_INT(V_NET, vnet_net, _net, 1, ttl, 0 /* rw, */, ttl, 0, 0);",
    ),
    "an apostrophe and parentheses in the text": (
        'SYSCTL_INT(_net, 1, ttl, 0, &ttl, 0, "it\'s (\\"a\\"), b");',
        'SYSCTL_V_INT(V_NET, vnet_net, _net, 1, ttl, 0, ttl, 0, "it\'s (\\"a\\"), b");',
    ),
    "a line that has room": (
        'SYSCTL_INT(_net_inet_ip, OID_AUTO, ttl, CTLFLAG_RW,\n    &ttl, 0, "");',
        'SYSCTL_V_INT(V_NET, vnet_net, _net_inet_ip, OID_AUTO, ttl, CTLFLAG_RW,\n    ttl, 0, "");',
    ),
    "a line that has none": (
        'SYSCTL_INT(_net_inet_ip, OID_AUTO, accept_sourceroute, CTLFLAG_RW,\n\t&ttl, 0, "");',
        "SYSCTL_V_INT(V_NET, vnet_net, _net_inet_ip, OID_AUTO, accept_sourceroute,\n"
        '\tCTLFLAG_RW, ttl, 0, "");',
    ),
    "joined lines": (
        'SYSCTL_INT(_net_key, KEYCTL_INT_RANDOM,\tint_random,\tCTLFLAG_RW, \\\n\t&ttl,\t0,\t"");',
        "SYSCTL_V_INT(V_NET, vnet_net, _net_key, KEYCTL_INT_RANDOM,\tint_random,\n"
        '\tCTLFLAG_RW, ttl,\t0,\t"");',
    ),
    "both branches": (
        "#ifdef A\nSYSCTL_INT(_net, 1, a, 0, &ttl, 0, 0);\n#else\n"
        "SYSCTL_INT(_net, 1, b, 0, &ttl, 0, 0);\n#endif",
        "#ifdef A\nSYSCTL_V_INT(V_NET, vnet_net, _net, 1, a, 0, ttl, 0, 0);\n#else\n"
        "SYSCTL_V_INT(V_NET, vnet_net, _net, 1, b, 0, ttl, 0, 0);\n#endif",
    ),
}


@pytest.mark.parametrize(("before", "after"), TAKES.values(), ids=TAKES.keys())
def test_it_takes_its_form(before: str, after: str, tmp_path: Path) -> None:
    planned = plan(tmp_path, before + "\n")
    assert body(planned) == after + "\n"
    assert not planned.sites(Verdict.REFUSED)


REFUSED = {
    "a kind without a form": ("SYSCTL_LONG(_net, 1, t, 0, &ttl, 0, 0);", SysctlRefusal.KIND),
    "an element": ("SYSCTL_INT(_net, 1, t, 0, &src[1], 0, 0);", SysctlRefusal.POINTER),
    "an expression": ("SYSCTL_INT(_net, 1, t, 0, &ttl + 1, 0, 0);", SysctlRefusal.POINTER),
    "a cast": ("SYSCTL_INT(_net, 1, t, 0, (void *)&ttl, 0, 0);", SysctlRefusal.POINTER),
    "another argument": (
        "SYSCTL_STRING(_net, 1, t, 0, &other, sizeof(src), 0);",
        SysctlRefusal.POINTER,
    ),
    "a directive inside": (
        "SYSCTL_INT(_net, 1, t, 0, &ttl, 0,\n#ifdef A\n1);\n#else\n2);\n#endif",
        SysctlRefusal.SHAPE,
    ),
    "a macro that nobody defines": (
        "SYSCTL_OPAQUE(_net, 1, t, 0, &stat, 4, 0);",
        CommonRefusal.UNKNOWN_MACRO,
    ),
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_it_is_refused(text: str, reason: Refusal, tmp_path: Path) -> None:
    planned = plan(tmp_path, text + "\n")
    (site,) = planned.sites(Verdict.REFUSED)
    assert (site.reason, site.path) == (reason, "net/ip.c")
    assert site.detail
    assert (planned.plan.edits, planned.plan.new_files) == ((), ())


def test_what_the_rules_keep_stays(tmp_path: Path) -> None:
    kept = Symbol(
        name="ttl", file="net/ip.c", container="vnet_net", keep_sysctl="by hand", origin=("t", 1)
    )
    rules = msgspec.structs.replace(rules_for({}), symbols=(kept,))
    planned = plan(tmp_path, "SYSCTL_LONG(_net, 1, t, 0, &ttl, 0, 0);\n", rules=rules)
    (site,) = (site for site in planned.plan.sites if site.reason is CommonSkip.KEPT)
    assert site.detail == "by hand"
    assert planned.plan.edits == ()


def test_a_container_says_what_it_is_per(tmp_path: Path) -> None:
    plain = rules_for({"ttl": "net/ip.c"})
    (container,) = plain.containers
    host: Container = msgspec.structs.replace(container, name="vprocg", subs="V_PROCG")
    symbols = tuple(msgspec.structs.replace(symbol, container="vprocg") for symbol in plain.symbols)
    rules = msgspec.structs.replace(plain, containers=(host,), symbols=symbols)
    planned = plan(tmp_path, "SYSCTL_INT(_net, 1, t, 0, &ttl, 0, 0);\n", rules=rules)
    assert body(planned) == "SYSCTL_V_INT(V_PROCG, vprocg, _net, 1, t, 0, ttl, 0, 0);\n"


FORMS = """\
/*
 * SYSCTL_V_x() is SYSCTL_x() for a virtualised variable.  sym is the variable,
 * or a member of it, without the '&'.  mod is the container that it belongs to,
 * subs says what there is one of these for each.
 */
#define	SYSCTL_V_OID(subs, mod, parent, nbr, name, kind, sym, a2, handler, \\
\t    fmt, descr) \\
	SYSCTL_OID(parent, nbr, name, kind, &sym, a2, handler, fmt, descr)
"""


def test_the_family_is_defined_beside_the_plain_macros(tmp_path: Path) -> None:
    planned = plan(tmp_path, "SYSCTL_INT(_net, 1, t, 0, &ttl, 0, 0);\n")
    text = planned.text("sys/sysctl.h")
    assert "#name, handler, fmt }\n\n" + FORMS + "\n#define\tSYSCTL_STRING(" in text
    assert (
        '"I", descr)\n\n#define\tSYSCTL_V_INT(subs, mod, parent, nbr, name, access, sym, val,'
        " descr) \\\n\tSYSCTL_INT(parent, nbr, name, access, &sym, val, descr)\n\n" in text
    )
    defined = [line.split("(")[0] for line in text.splitlines() if "\tSYSCTL_V_" in line]
    kinds = ("OID", "STRING", "INT", "UINT", "STRUCT", "PROC")
    assert defined == [f"#define\tSYSCTL_V_{kind}" for kind in kinds]
    assert max(len(line.expandtabs()) for line in text.splitlines()) <= 99
    kept = [line for line in text.splitlines() if line in HEADER.decode().splitlines()]
    assert set(HEADER.decode().splitlines()) <= set(kept)


def test_a_family_that_is_there_gets_only_what_is_used(tmp_path: Path) -> None:
    form = b"#define SYSCTL_V_INT(s, m, p, n, o, a, y, v, d) SYSCTL_INT(p, n, o, a, &y, v, d)\n"
    there = HEADER.replace(b"#endif\n", form + b"#endif\n")
    text = "SYSCTL_INT(_net, 1, t, 0, &ttl, 0, 0);\n"
    planned = plan(tmp_path / "a", text, {"sys/sysctl.h": there})
    assert planned.text("sys/sysctl.h") == there.decode()
    text += "SYSCTL_UINT(_net, 1, u, 0, &ttl, 0, 0);\n"
    planned = plan(tmp_path / "b", text, {"sys/sysctl.h": there})
    assert planned.text("sys/sysctl.h").count("define\tSYSCTL_V_") == 1


@pytest.mark.parametrize(
    ("header", "said"),
    [("sys/none.h", "sys/none.h"), ("sys/empty.h", "does not define SYSCTL_INT")],
)
def test_a_header_that_is_not_the_one(header: str, said: str, tmp_path: Path) -> None:
    rules = msgspec.structs.replace(rules_for(SYMBOLS), sysctl=SysctlRules(header=header))
    with pytest.raises(VrefactorError) as caught:
        plan(
            tmp_path,
            "SYSCTL_INT(_net, 1, t, 0, &ttl, 0, 0);\n",
            {"sys/empty.h": b"\n"},
            rules,
        )
    assert caught.value.kind is RULES_NAME
    assert said in caught.value.detail


def test_a_macro_that_only_others_see_is_not_the_one(tmp_path: Path) -> None:
    files = {"dev/os.h": b"#define SYSCTL_INT(a, b) int a\n", "sys/sysctl.h": b"\n"}
    planned = plan(tmp_path, "SYSCTL_INT(_net, 1, t, 0, &ttl, 0, 0);\n", files)
    (site,) = planned.sites(Verdict.REFUSED)
    assert site.reason is CommonRefusal.UNKNOWN_MACRO
    assert not planned.plan.edits


def test_line_ends_are_kept(tmp_path: Path) -> None:
    text = (
        HEAD
        + "SYSCTL_INT(_net_inet_ip, OID_AUTO, accept_sourceroute, CTLFLAG_RW,\n\t&ttl, 0, 0);\n"
    )
    more = {
        "net/ip.c": text.replace("\n", "\r\n").encode(),
        "sys/sysctl.h": HEADER.replace(b"\n", b"\r\n"),
    }
    planned = plan(tmp_path, "", more)
    for path in more:
        after = planned.after.read(path)
        assert after.count(b"\r\n") == after.count(b"\n")
    assert "accept_sourceroute,\r\n\tCTLFLAG_RW, ttl, 0, 0);\r\n" in planned.text("net/ip.c")


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
def test_the_object_is_the_same(tmp_path: Path) -> None:
    kinds = ("an int", "a string", "a struct", "a handler", "a field")
    text = "".join(
        TAKES[kind][0].replace(", ttl, 0,", f", k{at}, 0,").replace("_net, 1", f"_n{at}, 1") + "\n"
        for at, kind in enumerate(kinds)
    )
    planned = plan(tmp_path / "tree", text)
    assert planned.plan.count(Verdict.REWRITTEN) == len(kinds)
    assembly = []
    for tree in (planned.before, planned.after):
        place = tmp_path / "build"
        for path in tree.paths:
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_bytes(tree.read(path))
        command = ["cc", "-S", "-o", "-", f"-I{place}", "-fno-ident", str(place / "net/ip.c")]
        assembly.append(subprocess.run(command, check=True, capture_output=True).stdout)
    assert assembly[0] == assembly[1]
