"""Step 2.1: where values go, what is made and wired up for them, and what is refused."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.steps.initializers.initializing import (
    FUNCTION,
    INPUT,
    plan,
    refusals,
    rule,
    rules,
)
from tests.steps.planning import Planned
from tests.steps.support import CONTAINER
from vrefactor.plan.model import Verdict
from vrefactor.rules import Init, RuleSet
from vrefactor.steps.initializers.reasons import InitializerRefusal

PROTOSW = b"""\
struct protosw { int pr_type; void (*pr_input)(int); void (*pr_init)(void); int pr_flags; };
void ip_input(int);
void ip_init(void);
"""
START = "SYSINIT(ip, SI_SUB_A, SI_ORDER_B, ip_init, NULL);\n"
TABLE = b"""\
#include "sys/protosw.h"
struct protosw inetsw[] = {
{
	.pr_type =	1,
	.pr_input =	ip_input,
	.pr_flags =	0
},
};
"""


def by_hooks(**changes: object) -> RuleSet:
    """Return rules that leave the destination to the tree."""
    return msgspec.structs.replace(rules(), inits=(), **changes)


def functions(planned: Planned) -> dict[str, str]:
    return {site.name: site.detail for site in planned.sites(Verdict.REWRITTEN)}


BODIES = {
    "behind declarations": (
        "\tINIT_VNET_NET(curvnet);\n\tint i;\n\tstruct a *p;\n\n",
        "",
        "\tV_x = 5;\n\n",
    ),
    "behind declarations without an empty line": (
        "\tINIT_VNET_NET(curvnet);\n\tint i = 0;\n",
        "",
        "\n\tV_x = 5;\n\n",
    ),
    "without an INIT call": ("", "\tINIT_VNET_NET(curvnet);\n\n", "\tV_x = 5;\n\n"),
    "without an INIT call, in KNF": ("\n", "\tINIT_VNET_NET(curvnet);\n", "\tV_x = 5;\n\n"),
    "without an INIT call, with declarations": (
        "\tint i;\n\n",
        "\tINIT_VNET_NET(curvnet);\n",
        "\tV_x = 5;\n\n",
    ),
    "behind guards": (
        "\tINIT_VNET_NET(curvnet);\n\tstatic int done;\n\n\tif (done)\n\t\treturn;\n"
        '\tif (start()) {\n\t\tlog("twice");\n\t\treturn;\n\t}\n\n',
        "",
        "\tV_x = 5;\n\n",
    ),
    "before a guard that needs the value": (
        "\tINIT_VNET_NET(curvnet);\n\n",
        "",
        "\tV_x = 5;\n\n",
    ),
    "behind a declaration that is conditional": (
        "\tINIT_VNET_NET(curvnet);\n#ifdef A\n\tint i;\n#else\n\tlong i;\n#endif\n",
        "",
        "\n\tV_x = 5;\n\n",
    ),
    "behind the selection of a stack": (
        "\tCURVNET_SET(curvnet);\n\tINIT_VNET_NET(curvnet);\n\n",
        "",
        "\tV_x = 5;\n\n",
    ),
}


@pytest.mark.parametrize(("body", "call", "lines"), BODIES.values(), ids=BODIES.keys())
def test_the_place_in_a_function(body: str, call: str, lines: str, tmp_path: Path) -> None:
    head = "\nvoid\nip_init(void)\n{\n"
    guard = "\tif (V_x > 5)\n\t\treturn;\n" if "needs" in str(tmp_path) else ""
    planned = plan(tmp_path, "int x = 5;\n", head + body + guard + "\tstart();\n}\n")
    text = planned.text("net/ip.c")
    assert text.endswith(head + call + body + lines + guard + "\tstart();\n}\n")


NO_PLACE = {
    "a body on one line": "void ip_init(void) { start(); }\n",
    "a declaration that needs the value": (
        "void\nip_init(void)\n{\n\tint i = V_x;\n\n\tstart();\n}\n"
    ),
    "code beside a conditional declaration": (
        "void\nip_init(void)\n{\n#ifdef A\n\tint i;\n\n\tstart();\n#endif\n\tstart();\n}\n"
    ),
    "a function under a condition": "#ifdef A\n" + FUNCTION % "" + "#endif\n",
    "an INIT call under a condition": (
        "void\nip_init(void)\n{\n#ifdef A\n\tINIT_VNET_NET(curvnet);\n#endif\n\n\tstart();\n}\n"
    ),
    "two functions": "#ifdef A\n" + FUNCTION % "" + "#else\n" + FUNCTION % "" + "#endif\n",
}


@pytest.mark.parametrize("function", NO_PLACE.values(), ids=NO_PLACE.keys())
def test_there_is_no_place(function: str, tmp_path: Path) -> None:
    planned = plan(tmp_path, "int x = 5;\n", function)
    assert refusals(planned) == [("x", InitializerRefusal.PLACE)]
    assert planned.plan.edits == ()


HANDLER = """\
static int
modevent(module_t mod, int type, void *data)
{

\tswitch (type) {
\tcase MOD_LOAD:
\t\tstart();
\t\tbreak;
\tcase MOD_UNLOAD:
\t\tbreak;
\t}
\treturn (0);
}
"""
WITH_INIT = TABLE.replace(b".pr_flags", b".pr_init = ip_init,\n\t.pr_flags")
HOOKS = {
    "a table": (
        FUNCTION % "",
        {"net/proto.c": WITH_INIT},
        "ip_init",
    ),
    "a table by position": (
        FUNCTION % "",
        {"net/proto.c": b'#include "sys/protosw.h"\nstruct protosw one = { 1, 0, ip_init };\n'},
        "ip_init",
    ),
    "a SYSINIT": (FUNCTION % "" + START, {}, "ip_init"),
    "a module's handler": (HANDLER, {}, "modevent"),
    "a table before a SYSINIT": (
        FUNCTION % "" + "void other(void)\n{\n}\n" + START.replace("ip_init", "other"),
        {"net/proto.c": WITH_INIT},
        "ip_init",
    ),
}


@pytest.mark.parametrize(("function", "more", "name"), HOOKS.values(), ids=HOOKS.keys())
def test_a_hook_is_found(function: str, more: dict[str, bytes], name: str, tmp_path: Path) -> None:
    files = {"sys/protosw.h": PROTOSW, **more}
    planned = plan(tmp_path, "int x = 5;\n", function, files, by_hooks())
    assert functions(planned) == {"x": f"net/ip.c: {name}"}
    assert "V_x = 5;" in planned.text("net/ip.c")


def test_a_handler_sets_values_at_its_event(tmp_path: Path) -> None:
    planned = plan(tmp_path, "int x = 5;\n", HANDLER, None, by_hooks())
    assert "{\n\tINIT_VNET_NET(curvnet);\n\n\tswitch" in planned.text("net/ip.c")
    assert "\tcase MOD_LOAD:\n\t\tV_x = 5;\n\n\t\tstart();\n" in planned.text("net/ip.c")


ORDER = {
    "a symbol's before a file's": (
        (rule(), rule("b", symbols=("x",), files=())),
        None,
        "b",
    ),
    "a file's before the container's": ((rule("b"),), "a", "b"),
    "the container's before a hook": ((), "a", "a"),
    "a hook": ((), None, "ip_init"),
}


@pytest.mark.parametrize(("inits", "container", "name"), ORDER.values(), ids=ORDER.keys())
def test_the_order_of_the_rules(
    inits: tuple[Init, ...], container: str | None, name: str, tmp_path: Path
) -> None:
    more = "".join(f"void\n{text}(void)\n{{\n\tstart();\n}}\n" for text in "ab")
    ruleset = msgspec.structs.replace(
        rules(),
        inits=inits,
        containers=(msgspec.structs.replace(CONTAINER, init_function=container),),
    )
    planned = plan(tmp_path, "int x = 5;\n", FUNCTION % "" + START + more, None, ruleset)
    assert functions(planned) == {"x": f"net/ip.c: {name}"}


NOWHERE = {
    "nothing initialises it": ("", by_hooks(), "name the function for net/ip.c in an [[init]]"),
    "several do": (
        FUNCTION % "" + START + (FUNCTION % "" + START).replace("ip_init", "other"),
        by_hooks(),
        "several functions initialise it: ip_init, other",
    ),
    "a rule names none": (
        FUNCTION % "",
        rules(rule("nix")),
        "toy.toml:7: net/ip.c has no function nix",
    ),
    "a rule names no file": (
        FUNCTION % "",
        rules(rule(path="net/none.c")),
        "toy.toml:7: there is no net/none.c",
    ),
    "a container names none": (
        FUNCTION % "",
        by_hooks(containers=(msgspec.structs.replace(CONTAINER, init_function="nix"),)),
        "init_function `nix` of container vnet_net: none is there",
    ),
}


@pytest.mark.parametrize(("function", "ruleset", "said"), NOWHERE.values(), ids=NOWHERE.keys())
def test_there_is_no_function(function: str, ruleset: RuleSet, said: str, tmp_path: Path) -> None:
    planned = plan(tmp_path, "int x = 5;\n", function, None, ruleset)
    assert refusals(planned) == [("x", InitializerRefusal.NOWHERE)]
    assert said in planned.sites(Verdict.REFUSED)[0].detail
    assert planned.plan.edits == ()


MADE = "\nvoid\nip_init(void)\n{\n\tINIT_VNET_NET(curvnet);\n\n\tV_x = 5;\n}\n"


def test_a_function_is_made_beside_another(tmp_path: Path) -> None:
    files = {
        "sys/protosw.h": PROTOSW.replace(b"void ip_init(void);\n", b""),
        "net/proto.c": TABLE,
    }
    made = rules(rule(beside="ip_input", header="sys/protosw.h"))
    planned = plan(tmp_path, "int x = 5;\n", INPUT, files, made)
    assert planned.text("net/ip.c").endswith("int x;\n" + MADE + INPUT)
    assert "\nvoid\tip_init(void);\nvoid ip_input(int);\n" in planned.text("sys/protosw.h")
    line = "\t.pr_input =\tip_input,\n\t.pr_init =\tip_init,\n\t.pr_flags =\t0\n"
    assert line in planned.text("net/proto.c")


def test_a_place_in_a_row_is_filled(tmp_path: Path) -> None:
    table = b'#include "sys/protosw.h"\nstruct protosw one = {\n\t1, ip_input,\tNULL,\t\t0\n};\n'
    files = {"sys/protosw.h": PROTOSW, "net/proto.c": table}
    made = rules(rule(beside="ip_input", header="sys/protosw.h"))
    planned = plan(tmp_path, "int x = 5;\n", INPUT, files, made)
    assert "\n\t1, ip_input,\tip_init,\t0\n" in planned.text("net/proto.c")


def test_a_table_in_the_same_file_needs_no_rule(tmp_path: Path) -> None:
    table = "/* One. */\nstruct protosw one = {\n\t.pr_input = ip_input\n};\n"
    table = '#include "sys/protosw.h"\n\n' + table
    header = PROTOSW.replace(b"void ip_init(void);\n", b"")
    files = {"sys/protosw.h": header}
    planned = plan(tmp_path, table + "int x = 5;\n", INPUT, files, by_hooks())
    text = planned.text("net/ip.c")
    assert "static void ip_init(void);\n\n/* One. */\nstruct protosw one = {\n" in text
    assert text.endswith(MADE.replace("\nvoid", "\nstatic void", 1) + INPUT)
    assert "\t.pr_input = ip_input\n\t.pr_init" not in text


def test_a_function_is_made_and_called_by_another(tmp_path: Path) -> None:
    caller = b'#include "net/ip.h"\nvoid\nnet_init(void)\n{\n\tint i;\n\n\tip_input(1);\n}\n'
    files = {
        "net/net.c": caller,
        "net/ip.h": b"extern int ip_len __P((int));\nextern void ip_input __P((int));\n",
    }
    made = rules(rule(called_by="net_init", header="net/ip.h"))
    planned = plan(tmp_path, "int x = 5;\n", INPUT, files, made)
    assert planned.text("net/net.c") == caller.decode().replace(
        "\tip_input", "\tip_init();\n\n\tip_input"
    )
    assert "\nextern void ip_init __P((void));\nextern void ip_input" in planned.text("net/ip.h")
    assert planned.text("net/ip.c").endswith(MADE + INPUT)


def test_a_header_without_prototypes_takes_one_at_its_end(tmp_path: Path) -> None:
    header = b"#ifndef _IP_H_\n#define _IP_H_\nextern int ip_len;\n%s#endif\n"
    files = {
        "net/net.c": b'#include "net/ip.h"\nvoid\nnet_init(void)\n{\n\tip_len = 1;\n}\n',
        "net/ip.h": header % b"",
    }
    made = rules(rule(called_by="net_init", header="net/ip.h"))
    planned = plan(tmp_path, "int x = 5;\n", INPUT, files, made)
    assert planned.text("net/ip.h") == (header % b"void\tip_init(void);\n").decode()


def test_the_directives_of_a_made_function_are_at_the_margin(tmp_path: Path) -> None:
    made = rules(rule(sysinit="SI_SUB_A, SI_ORDER_B"))
    planned = plan(tmp_path, "#ifdef A\nint x = 5;\n#endif\n", INPUT, None, made)
    stub = "{\n#ifdef A\n\tINIT_VNET_NET(curvnet);\n#endif\n\n#ifdef A\n\tV_x = 5;\n#endif\n}\n"
    assert stub in planned.text("net/ip.c")


def test_who_calls_a_made_function_sees_its_prototype(tmp_path: Path) -> None:
    caller = b"#include <net/net.h>\nvoid\nnet_init(void)\n{\n\n\tnet_go();\n}\n"
    files = {
        "net/net.c": caller,
        "net/net.h": b"void net_go(void);\n",
        "sys/vimage.h": b"",
        "net/ip.h": b"void ip_input(int);\n",
    }
    made = rules(rule(called_by="net_init", header="net/ip.h"))
    planned = plan(tmp_path, "int x = 5;\n", INPUT, files, made)
    text = planned.text("net/net.c")
    assert text.startswith("#include <net/net.h>\n#include <net/ip.h>\nvoid\nnet_init(void)\n")


def test_a_function_is_made_and_run_at_start(tmp_path: Path) -> None:
    made = rules(rule(sysinit="SI_SUB_A, SI_ORDER_B"))
    planned = plan(tmp_path, "int x = 5;\n", INPUT, None, made)
    text = MADE.replace("\nvoid", "\nstatic void", 1).replace("(void)\n", "(void *dummy)\n")
    start = START.replace("(ip,", "(ip_init,")
    assert planned.text("net/ip.c").endswith(text + start + INPUT)


NOT_MADE = {
    "beside what is in no table": rule(beside="ip_input", header="sys/types.h"),
    "without a header": rule(called_by="net_init"),
    "with a header that is not there": rule(called_by="net_init", header="net/no.h"),
    "called by nobody": rule(called_by="nix", header="sys/types.h"),
}


@pytest.mark.parametrize("init", NOT_MADE.values(), ids=NOT_MADE.keys())
def test_a_function_is_not_made(init: Init, tmp_path: Path) -> None:
    files = {"net/net.c": b"void\nnet_init(void)\n{\n\tstart();\n}\n"}
    planned = plan(tmp_path, "int x = 5;\n", INPUT, files, rules(init))
    assert refusals(planned) == [("x", InitializerRefusal.PLACE)]
    assert "toy.toml:7" in planned.sites(Verdict.REFUSED)[0].detail
    assert planned.plan.edits == ()
