"""Step 2.1: values that a function in another file sets."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.steps.initializers.initializing import (
    FUNCTION,
    HEADER,
    INPUT,
    NAMES,
    parts,
    plan,
    refusals,
    rule,
    rules,
)
from tests.steps.planning import Planned
from tests.steps.support import QUICK
from vrefactor.edit.draft import Draft
from vrefactor.index.build import build_index
from vrefactor.plan.model import Verdict
from vrefactor.plan.symbols import resolve, vocabulary
from vrefactor.rules import Exported
from vrefactor.steps.initializers.reasons import InitializerRefusal
from vrefactor.steps.initializers.step import assigned
from vrefactor.steps.initializers.uses_before_init import AssignedVariable

# Values of net/ip.c that a function of net/net.c sets.
NET = '#include "sys/types.h"\n#include "net/ip.h"\n' + FUNCTION % ""
IP_H = b"#ifdef _KERNEL\nextern int other;\nvoid ip_input(int);\n#endif\n"
ACROSS = rule(path="net/net.c")


def across(tmp_path: Path, definitions: str, header: bytes = IP_H, **changes: object) -> Planned:
    init = msgspec.structs.replace(ACROSS, **changes)
    ruleset = rules(init, exported=(Exported(files=("net/*.c",), header="net/ip.h"),))
    files = {"net/net.c": NET.encode(), "net/ip.h": header}
    return plan(tmp_path, '#include "net/ip.h"\n' + definitions, INPUT, files, ruleset)


def lines_of(planned: Planned) -> str:
    head, tail = NET.split("\tstart();")
    return planned.text("net/net.c").removeprefix(head).removesuffix("\tstart();" + tail)


def test_a_static_is_exported(tmp_path: Path) -> None:
    planned = across(
        tmp_path, "static int\tx = 5;\nstatic char *s = 0;\nstatic struct pair pair = { 1 };\n"
    )
    text = planned.text("net/ip.c")
    assert "int\tx;\nchar *s;\nstruct pair pair;\n" in text
    assert "static" not in text
    added = "extern int other;\nextern int\tx;\nextern char *s;\nextern struct pair pair;\n"
    assert added in planned.text("net/ip.h")
    assert lines_of(planned) == "\tV_x = 5;\n\tV_s = 0;\n\tV_pair.a = 1;\n\n"


def test_what_is_declared_already_is_not_exported_again(tmp_path: Path) -> None:
    planned = across(tmp_path, "int x = 5;\n", b"extern int x;\n")
    assert planned.text("net/ip.h") == "extern int x;\n"
    assert lines_of(planned) == "\tV_x = 5;\n\n"


def test_all_static_definitions_lose_their_static(tmp_path: Path) -> None:
    text = "#ifdef A\nstatic int x = 5;\n#else\nstatic int x;\n#endif\n"
    planned = across(tmp_path, text)
    assert text.replace("static ", "").replace(" = 5", "") in planned.text("net/ip.c")
    assert planned.text("net/ip.h").count("extern int x;") == 1
    assert lines_of(planned) == "#ifdef A\n\tV_x = 5;\n#endif\n\n"


def test_macros_of_the_values_move_along(tmp_path: Path) -> None:
    text = (
        "#define KEPT 1\n/* The most. */\n#define MOST (LEAST + 1)\n"
        "#ifndef LEAST\n#define LEAST 2\n#endif\n\nint x = MOST;\n"
        "int y = KEPT;\nint other2 = KEPT;\n"
    )
    planned = across(tmp_path, text.replace("int y = KEPT;\n", ""))
    moved = "/* The most. */\n#define MOST (LEAST + 1)\n\n#ifndef LEAST\n#define LEAST 2\n#endif\n"
    assert planned.text("net/net.c").startswith(
        '#include "sys/types.h"\n#include "net/ip.h"\n\n' + moved + "\nvoid\nip_init(void)\n"
    )
    assert "MOST" not in planned.text("net/ip.c")
    assert "LEAST" not in planned.text("net/ip.c")
    assert refusals(across(tmp_path / "kept", text)) == [("y", InitializerRefusal.UNSEEN)]


def test_an_option_that_the_other_file_may_not_know_is_noted(tmp_path: Path) -> None:
    text = "#ifdef A\nint x = 5;\n#endif\n"
    planned = across(tmp_path, '#include "opt_a.h"\n' + text)
    assert lines_of(planned) == "#ifdef A\n\tV_x = 5;\n#endif\n\n"
    (note,) = planned.plan.notes
    assert note.startswith("net/ip.c: its values are set in net/net.c, which may not know A")
    assert across(tmp_path / "known", text).plan.notes == ()


def test_a_rule_gives_a_further_condition(tmp_path: Path) -> None:
    planned = across(tmp_path, "int x = 5;\n", condition="defined(INET) && MAX")
    assert lines_of(planned) == "#if (MAX) && defined(INET)\n\tV_x = 5;\n#endif\n\n"


UNSEEN = {
    "a static function": "static int f(void);\nint (*fn)(void) = f;\n",
    "a static variable": "static int v;\nint *ptr = &v;\n",
    "an enumerator": "enum { FIVE = 5 };\nint x = FIVE;\n",
    "a structure": "struct own { int a; };\nint x = sizeof(struct own);\n",
    "a macro that is used elsewhere": "#define FIVE 5\nint x = FIVE;\nint f[FIVE];\n",
    "a macro under a condition of more": (
        "#ifdef A\n#define FIVE 5\nint f;\n#endif\nint x = FIVE;\n"
    ),
}


@pytest.mark.parametrize("text", UNSEEN.values(), ids=UNSEEN.keys())
def test_another_file_does_not_see(text: str, tmp_path: Path) -> None:
    planned = across(tmp_path, text)
    assert [reason for _, reason in refusals(planned)] == [InitializerRefusal.UNSEEN]
    assert planned.plan.edits == ()


NOT_EXPORTED = {
    "a type of the file": ("struct own { int a; };\nstatic struct own pair = { 1 };\n", IP_H),
    "a type without a name": ("static struct { int a; } x = { 1 };\n", IP_H),
    "a bound of the file": ("#define N 2\nint arr[N] = { 1, 2 };\nint f[N];\n", IP_H),
    "one static of several": ("static int x = 1, other2;\n", IP_H),
    "no place in the header": ("static int x = 5;\n", b"#define NOTHING\n"),
}


@pytest.mark.parametrize(("text", "header"), NOT_EXPORTED.values(), ids=NOT_EXPORTED.keys())
def test_it_is_not_exported(text: str, header: bytes, tmp_path: Path) -> None:
    planned = across(tmp_path, text, header)
    assert [reason for _, reason in refusals(planned)] == [InitializerRefusal.EXPORT]
    assert planned.plan.edits == ()


def test_another_variable_of_the_name_is_in_the_way(tmp_path: Path) -> None:
    twin = {"net/twin.c": b'#include "net/ip.h"\nstatic int x;\n', "net/ip.h": IP_H}
    ruleset = rules(ACROSS, exported=(Exported(files=("net/*.c",), header="net/ip.h"),))
    files = {"net/net.c": NET.encode(), **twin}
    planned = plan(tmp_path, '#include "net/ip.h"\nstatic int x = 5;\n', INPUT, files, ruleset)
    assert refusals(planned) == [("x", InitializerRefusal.EXPORT)]
    assert "net/twin.c has a variable of that name" in planned.sites(Verdict.REFUSED)[0].detail


def test_files_come_one_after_the_other(tmp_path: Path) -> None:
    more = {"net/b.c": b'#include "sys/types.h"\nextern int y;\nint y = 2, z = 3;\n'}
    ruleset = rules(
        rule(files=("net/*.c",)), exported=(Exported(files=("net/*.c",), header="sys/types.h"),)
    )
    symbols = (
        *(symbol for symbol in ruleset.symbols if symbol.name not in ("y", "z")),
        *(
            msgspec.structs.replace(symbol, file="net/b.c")
            for symbol in ruleset.symbols
            if symbol.name in ("y", "z")
        ),
    )
    header = HEADER + b"extern int tail;\n"
    planned = plan(
        tmp_path,
        "int x = 1;\n",
        FUNCTION % "",
        {"sys/types.h": header, **more},
        msgspec.structs.replace(ruleset, symbols=symbols),
    )
    assert parts(planned)[1] == "\tV_x = 1;\n\n\tV_y = 2;\n\tV_z = 3;\n\n"
    assert planned.text("sys/types.h").endswith("extern int tail;\nextern int y;\nextern int z;\n")


def test_a_file_includes_what_it_comes_to_need(tmp_path: Path) -> None:
    vimage = b"#define INIT_FROM_VNET(a, b, c, d)\n#define VSYM(b, s) (s)\n"
    container = (
        b"#define INIT_VNET_NET(v) INIT_FROM_VNET(v, 1, struct vnet_net, vnet_net)\n"
        b"#define VNET_NET(sym) VSYM(vnet_net, sym)\n#define V_x VNET_NET(x)\n"
    )
    files = {
        "sys/vimage.h": vimage,
        "net/vnet.h": container,
        "net/net.c": NET.replace("\tINIT_VNET_NET(curvnet);\n\n", "").encode(),
        "net/ip.h": IP_H,
    }
    ruleset = rules(
        ACROSS, names=("x",), exported=(Exported(files=("net/*.c",), header="net/ip.h"),)
    )
    planned = plan(tmp_path, '#include "net/ip.h"\nint x = 5;\n', INPUT, files, ruleset)
    text = planned.text("net/net.c")
    assert "#include <sys/vimage.h>\n" in text
    assert "#include <net/vnet.h>\n" in text
    assert "{\n\tINIT_VNET_NET(curvnet);\n\n\tV_x = 5;\n\n\tstart();\n}\n" in text


def test_others_can_ask_what_moves(tmp_path: Path) -> None:
    planned = plan(tmp_path, 'int x = 0;\nint y = 5;\nTUNABLE_INT("y", &y);\n')
    ruleset = rules()
    index = build_index(planned.before, ruleset, vocabulary(ruleset, ruleset.symbols), QUICK)
    table = resolve(index, ruleset, ruleset.symbols)
    found = assigned(Draft(index, table, "initializers", ""))
    at = planned.before.read("net/ip.c").index(b"\tstart();")
    assert [known.name for known in found] == ["x", "y"]
    assert found[0] == AssignedVariable(
        "V_x", "x", index.definitions("x")["net/ip.c"], "net/ip.c", "ip_init", True, False, None, at
    )
    assert (found[1].zero, found[1].fetched) == (False, True)
    assert set(NAMES) > {"x", "y"}
