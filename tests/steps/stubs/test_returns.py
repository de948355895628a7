"""Step 1.5.2, entry points: returned values that need the stack, and initial values in loops."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.steps.stubs.stubbing import entry, refused, rewritten, stage_of
from vrefactor.steps.stubs.reasons import StubRefusal

STAY = {
    "nothing": ("void\nf(struct t *tp)\n{\n\n\tg();\n", "\treturn;\n}\n"),
    "a constant": ("int\nf(struct t *tp)\n{\n\n\tg();\n", "\treturn (-1);\n}\n"),
    "a local": ("int\nf(struct t *tp)\n{\n\tint x;\n\n\tx = g();\n", "\treturn (x);\n}\n"),
    "a member": ("int\nf(struct t *tp)\n{\n\n\tg();\n", "\treturn (tp->error);\n}\n"),
    "a size": ("int\nf(struct t *tp)\n{\n\n\tg();\n", "\treturn (sizeof (*tp));\n}\n"),
}


@pytest.mark.parametrize(("head", "way_out"), STAY.values(), ids=STAY)
def test_a_value_that_needs_no_stack_stays(tmp_path: Path, head: str, way_out: str) -> None:
    text = rewritten(tmp_path, head + way_out, entry("f", vnet="tp->t_vnet"))
    before = head.replace("{\n", "{\n\tCURVNET_SET(tp->t_vnet);\n")
    assert text == before + "\tCURVNET_RESTORE();\n" + way_out


SET = "\tCURVNET_SET(tp->t_vnet);\n"
OUT = "\tCURVNET_RESTORE();\n\treturn (error);\n}\n"
HEAD = "int\nf(struct t *tp)\n{\n"

KEPT = {
    "a call": (
        HEAD + "\n\tg();\n\treturn (g(1));\n}\n",
        HEAD + "\tint error;\n" + SET + "\n\tg();\n\terror = g(1);\n" + OUT,
    ),
    "a call through a pointer": (
        HEAD + "\n\treturn (tp->op->send(tp,\n\t    1));\n}\n",
        HEAD + "\tint error;\n" + SET + "\n\terror = tp->op->send(tp,\n\t    1);\n" + OUT,
    ),
    "a call through a pointer in parentheses": (
        HEAD + "\n\treturn (*tp->op)(tp);\n}\n",
        HEAD + "\tint error;\n" + SET + "\n\terror = (*tp->op)(tp);\n" + OUT,
    ),
    "a virtualised variable": (
        HEAD + "\n\treturn ttl;\n}\n",
        HEAD + "\tint error;\n" + SET + "\tINIT_VNET_NET(tp->t_vnet);\n\n\terror = V_ttl;\n" + OUT,
    ),
    "two values and a comma": (
        HEAD + "\n\treturn (g(1), g(2));\n}\n",
        HEAD + "\tint error;\n" + SET + "\n\terror = (g(1), g(2));\n" + OUT,
    ),
    "a comma without parentheses": (
        HEAD + "\n\treturn g(1), g(2);\n}\n",
        HEAD + "\tint error;\n" + SET + "\n\terror = (g(1), g(2));\n" + OUT,
    ),
    "a pointer": (
        "static struct m *\nf(struct t *tp)\n{\n\n\treturn (h(1));\n}\n",
        "static struct m *\nf(struct t *tp)\n{\n\tstruct m *result;\n"
        + SET
        + "\n\tresult = h(1);\n"
        "\tCURVNET_RESTORE();\n\treturn (result);\n}\n",
    ),
    "a head with old parameters": (
        "u_int\nf(tp)\n\tstruct t *tp;\n{\n\n\treturn (g(1));\n}\n",
        "u_int\nf(tp)\n\tstruct t *tp;\n{\n\tu_int result;\n" + SET + "\n\tresult = g(1);\n"
        "\tCURVNET_RESTORE();\n\treturn (result);\n}\n",
    ),
    "all on one line": (
        "static __inline int f(struct t *tp) { return g(1); }\n",
        "static __inline int f(struct t *tp) { int error; CURVNET_SET(tp->t_vnet);"
        " error = g(1); CURVNET_RESTORE(); return (error); }\n",
    ),
    "a bare return with a comment": (
        HEAD + "\n\tif (tp)\n\t\treturn (g(1));\t/* why */\n\treturn (0);\n}\n",
        HEAD + "\tint error;\n" + SET + "\n\tif (tp) {\n\t\terror = g(1);\n\t\tCURVNET_RESTORE();\n"
        "\t\treturn (error);\t/* why */\n\t}\n\tCURVNET_RESTORE();\n\treturn (0);\n}\n",
    ),
    "a comment before the value": (
        HEAD + "\n\treturn /* why */ (g(1));\n}\n",
        HEAD + "\tint error;\n" + SET + "\n\terror = /* why */ (g(1));\n" + OUT,
    ),
    "one in each branch of an #if": (
        HEAD + "\n\tif (tp)\n#ifdef A\n\t\treturn (g(1));\n#else\n\t\treturn (0);\n#endif\n"
        "\treturn (g(2));\n}\n",
        HEAD + "\tint error;\n" + SET + "\n\tif (tp)\n#ifdef A\n"
        "\t\t{ error = g(1); CURVNET_RESTORE(); return (error); }\n#else\n"
        "\t\t{ CURVNET_RESTORE(); return (0); }\n#endif\n\terror = g(2);\n" + OUT,
    ),
    "behind the place where the stack is set": (
        "int\nf(void *arg)\n{\n\tstruct t *tp = arg;\n\n\tif (arg == 0)\n\t\treturn (0);\n"
        "\treturn (g(1));\n}\n",
        "int\nf(void *arg)\n{\n\tint error;\n\tstruct t *tp = arg;\n"
        + SET
        + "\n\tif (arg == 0) {\n"
        "\t\tCURVNET_RESTORE();\n\t\treturn (0);\n\t}\n\terror = g(1);\n" + OUT,
    ),
}


@pytest.mark.parametrize(("code", "expected"), KEPT.values(), ids=KEPT)
def test_a_value_is_kept_in_a_new_local(tmp_path: Path, code: str, expected: str) -> None:
    assert rewritten(tmp_path, code, entry("f", vnet="tp->t_vnet")) == expected


LOCALS = {
    "a local of the type": ("\tint x;\n\n\tx = g(0);\n", "g(x)", "x"),
    "one with others": ("\tint *p, x = 1;\n\n\tg(x);\n", "g(1)", "x"),
    "one that is read only in the value": ("\tint x;\n\n\tx = 0;\n", "x == 0 ? g(1) : x", "x"),
    "another type": ("\tlong x;\n\n\tx = g(0);\n", "g(1)", "error"),
    "a pointer": ("\tint *x;\n\n\tg(0);\n", "g(1)", "error"),
    "an array": ("\tint x[2];\n\n\tg(0);\n", "g(1)", "error"),
    "a static": ("\tstatic int x;\n\n\tx = g(0);\n", "g(1)", "error"),
    "a constant": ("\tconst int x = 1;\n\n\tg(0);\n", "g(1)", "error"),
    "its address is taken": ("\tint x;\n\n\th(&x);\n", "g(x)", "error"),
    "the value changes it": ("\tint x;\n\n\tg(0);\n", "x = g(1)", "error"),
    "the value counts it up": ("\tint x;\n\n\tx = 0;\n", "g(x++)", "error"),
    "another one further in": ("\tint x;\n\n\t{ long x; g(x); }\n", "g(x)", "error"),
    "only under an #if": ("#ifdef A\n\tint x;\n\n\tx = 1;\n#endif\n\tg(0);\n", "g(1)", "error"),
    "hidden under an #if": (
        "\tint x;\n\n#ifdef A\n\t{ long x; g(x); }\n#endif\n\tg(0);\n",
        "g(1)",
        "error",
    ),
    "a macro mentions it": ("\tint x;\n\n\tSETS_X(1);\n", "g(1)", "error"),
    "the usual name is taken": ("\tlong error;\n\n\terror = g(0);\n", "g(1)", "result"),
    "it is taken under an #if": (
        "#ifdef A\n\tint error;\n\n\terror = 1;\n#endif\n\tg(0);\n",
        "g(1)",
        "result",
    ),
    "the usual name is in a macro": ("\n\tSETS_ERROR(1);\n", "g(1)", "result"),
    "a macro has the usual name as parameter": ("\n\tTAKES(1);\n", "g(1)", "error"),
    "a parameter of the type": ("\n\tg(0);\n", "g(arg)", "error"),
}
MACROS = (
    "#define SETS_X(v) (x = (v))\n#define SETS_ERROR(v) (error = (v))\n"
    "#define TAKES(error) (error)\n"
)


@pytest.mark.parametrize(("body", "value", "name"), LOCALS.values(), ids=LOCALS)
def test_which_local_holds_the_value(tmp_path: Path, body: str, value: str, name: str) -> None:
    code = MACROS + f"int\nf(struct t *tp, int arg)\n{{\n{body}\treturn ({value});\n}}\n"
    text = rewritten(tmp_path, code, entry("f", vnet="tp->t_vnet"))
    assert f"\t{name} = {value};\n\tCURVNET_RESTORE();\n\treturn ({name});\n" in text
    assert (f"\tint {name};\n" + SET in text) == (name != "x")


def _refusal(tmp_path: Path, code: str, vnet: str | None, line: int, reason: str) -> None:
    stage = stage_of(tmp_path, code, entry("f", vnet=vnet))
    (site,) = refused(stage)
    assert (site.path, site.name, site.reason) == ("net/a.c", "f", StubRefusal.ENTRY)
    assert reason in site.detail
    assert site.line == line + 1 + stage.before.read("net/a.c").count(b"vimage")
    assert b"CURVNET" not in stage.after.read("net/a.c")


IN_THE_WAY = {
    "a structure": ("struct s\nf(void)\n{\n\n\treturn (g(1));\n}\n", 5, "structure"),
    "no value": ("void\nf(void)\n{\n\n\treturn (g(1));\n}\n", 5, "type of the returned value"),
    "a head made by a macro": ("HEAD(int)\nf(void)\n{\n\n\treturn (g(1));\n}\n", 5, "type"),
    "a value cut by an #if": (
        "int\nf(void)\n{\n\n\treturn (g(1)\n#ifdef A\n\t    + g(2)\n#endif\n\t    );\n}\n",
        5,
        "cut by a directive",
    ),
    "a return in an argument": (
        "int\nf(void)\n{\n\n\tM(return (1));\n\treturn (0);\n}\n",
        5,
        "argument of a macro",
    ),
    "no free name": (
        "int\nf(void)\n{\n\tlong error, result, value, outcome;\n\n\treturn (g(1));\n}\n",
        6,
        "no name is free",
    ),
}


@pytest.mark.parametrize(("code", "line", "reason"), IN_THE_WAY.values(), ids=IN_THE_WAY)
def test_what_is_in_the_way_of_a_value_is_refused(
    tmp_path: Path, code: str, line: int, reason: str
) -> None:
    _refusal(tmp_path, code, "curvnet", line, reason)


JUMPING = "#define CHECK(x) if (x) goto out\n"


def test_a_macro_that_jumps_to_where_the_stack_is_set_may_stay(tmp_path: Path) -> None:
    code = JUMPING + "void\nf(struct t *tp)\n{\n\n\tCHECK(1);\n\tg();\nout:\n\th();\n}\n"
    text = rewritten(tmp_path, code, entry("f", vnet="tp->t_vnet"))
    assert text.endswith("out:\n\th();\n\tCURVNET_RESTORE();\n}\n")


ACROSS = {
    "in": "\tCHECK(arg);\n\ttp = arg;\n\tg();\nout:\n\th();\n}\n",
    "out": "out:\n\ttp = arg;\n\tCHECK(arg);\n\th();\n}\n",
}


@pytest.mark.parametrize("body", ACROSS.values(), ids=ACROSS)
def test_a_macro_that_may_jump_across_is_refused(tmp_path: Path, body: str) -> None:
    code = JUMPING + "void\nf(void *arg)\n{\n\tstruct t *tp;\n\n" + body
    _refusal(tmp_path, code, "tp->t_vnet", 7 if body.startswith("\t") else 9, "the macro CHECK")


def test_a_body_that_does_not_parse_may_still_set_a_stack(tmp_path: Path) -> None:
    code = HEAD + "\n\tg(1) h(2);\n\treturn (g(2));\n}\n"
    text = rewritten(tmp_path, code, entry("f", vnet="tp->t_vnet"))
    assert text == HEAD + "\tint error;\n" + SET + "\n\tg(1) h(2);\n\terror = g(2);\n" + OUT
    local = "int\nf(void *arg)\n{\n\tstruct t *tp;\n\n\ttp = g(1) h(2);\n\treturn (0);\n}\n"
    _refusal(tmp_path / "2", local, "tp->t_vnet", 3, "does not parse")


OPENED = (
    "\tVNET_LIST_RLOCK();\n\tVNET_FOREACH(vnet_iter) {\n\t\tCURVNET_SET(vnet_iter);\n"
    "\t\tINIT_VNET_NET(vnet_iter);\n"
)
CLOSED = "\t\tCURVNET_RESTORE();\n\t}\n\tVNET_LIST_RUNLOCK();\n"
LOOP = "void\nf(void)\n{\n"
ITERATOR = "\tVNET_ITERATOR_DECL(vnet_iter);\n"

MOVED = {
    "from the first statement to the last that needs it": (
        "\tint i, x = ttl;\n\n\tlock();\n\tg(x);\n\tunlock();\n",
        "\tint i, x;\n\n"
        + OPENED
        + "\t\tx = V_ttl;\n\t\tlock();\n\t\tg(x);\n"
        + CLOSED
        + "\tunlock();\n",
    ),
    "what follows moves along, in its order": (
        "\tint a = g(0), x = ttl + 1, y = x;\n\tint z = g(y);\n\n\tg(y);\n\tg(z);\n\tg(0);\n",
        "\tint a, x, y;\n\tint z;\n\n" + OPENED + "\t\ta = g(0);\n\t\tx = V_ttl + 1;\n\t\ty = x;\n"
        "\t\tz = g(y);\n\t\tg(y);\n\t\tg(z);\n" + CLOSED + "\tg(0);\n",
    ),
    "constants and what comes before stay": (
        "\tint a = g(0);\n\tint x = ttl, i = 0;\n\tchar *s = NULL, c = 'c';\n\n\tg(x);\n\tg(i);\n",
        "\tint a = g(0);\n\tint x, i = 0;\n\tchar *s = NULL, c = 'c';\n\n"
        + OPENED
        + "\t\tx = V_ttl;\n\t\tg(x);\n"
        + CLOSED
        + "\tg(i);\n",
    ),
    "a value of two lines": (
        "\tint x = g(ttl,\n\t    1);\n\n\tg(x);\n",
        "\tint x;\n\n" + OPENED + "\t\tx = g(V_ttl,\n\t\t    1);\n\t\tg(x);\n" + CLOSED,
    ),
}


@pytest.mark.parametrize(("body", "expected"), MOVED.values(), ids=MOVED)
def test_an_initial_value_moves_into_the_loop(tmp_path: Path, body: str, expected: str) -> None:
    text = rewritten(tmp_path, LOOP + body + "}\n", entry("f"))
    assert text == LOOP + ITERATOR + expected + "}\n"


FIXED = {
    "a constant": ("\tconst int x = ttl;\n\n\tg(x);\n", 4, "without its initial value"),
    "an array": ("\tint x[] = { ttl };\n\n\tg(x);\n", 4, "without its initial value"),
    "a structure in braces": ("\tstruct s x = { ttl };\n\n\tg(x);\n", 4, "initial value"),
    "under an #if": ("#ifdef A\n\tint x = ttl;\n#endif\n\n\tg(ttl);\n", 5, "under an #if"),
    "a comment": ("\tint x /* why */ = ttl;\n\n\tg(x);\n", 4, "a comment"),
    "behind a statement": ("\n\tg(0);\n\tint x = ttl;\n\tg(x);\n", 6, "behind a statement"),
    "returned": ("\tint x = ttl;\n\n\treturn (x);\n", 6, "return would leave"),
    "never used": ("\tint x = ttl;\n\n\tg(0);\n", 3, "nothing"),
}


@pytest.mark.parametrize(("body", "line", "reason"), FIXED.values(), ids=FIXED)
def test_an_initial_value_that_can_not_move_is_refused(
    tmp_path: Path, body: str, line: int, reason: str
) -> None:
    _refusal(tmp_path, LOOP + body + "}\n", None, line, reason)


EMPTY = (
    "#define CURVNET_SET(x)\n#define CURVNET_RESTORE()\n#define INIT_VNET_NET(x)\n"
    "#define VNET_ITERATOR_DECL(x)\n#define VNET_LIST_RLOCK()\n#define VNET_LIST_RUNLOCK()\n"
    "#define VNET_FOREACH(x)\n#define V_ttl ttl\n#define NULL 0\n"
    "extern int ttl;\ntypedef unsigned u_int;\n"
    "struct t { int t_vnet; struct { int (*send)(struct t *, int); } *op; };\n"
    "int g(), lock(), unlock();\nstruct m *h();\n"
)
SAME = [KEPT[name] for name in ("a call", "a call through a pointer", "a pointer")] + [
    KEPT["a bare return with a comment"],
    KEPT["a head with old parameters"],
    *((LOOP + body + "}\n", LOOP + ITERATOR + after + "}\n") for body, after in MOVED.values()),
]


@pytest.mark.parametrize("compiler", ["clang", "gcc"])
def test_a_compiler_makes_the_same_code_of_both(tmp_path: Path, compiler: str) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"needs {compiler}")
    made = []
    for side in (0, 1):
        source = tmp_path / "a.c"
        parts = (pair[side].replace("f(", f"f{n}(") for n, pair in enumerate(SAME))
        source.write_text(EMPTY + "\n".join(parts))
        command = [compiler, "-O2", "-w", "-std=gnu89", "-S", "-o", "-", str(source)]
        made.append(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert made[0] == made[1]
    assert f"f{len(SAME) - 1}" in made[0]
