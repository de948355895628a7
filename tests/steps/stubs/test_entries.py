"""Step 1.5.2, entry points: loops over all stacks, and functions that set the current one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.steps.stubs.stubbing import entry, refused, rewritten, stage_of
from vrefactor.plan.reasons import CommonSkip
from vrefactor.steps.stubs.reasons import StubRefusal

LOOPS = {
    "from the first use to the last": (
        "void\nf(void)\n{\n\tint i;\n\n\tlock();\n\tfor (i = 0; i < ttl; i++)\n\t\tg(i);\n"
        "\n\tttl = 0;\n\tunlock();\n}\n",
        "void\nf(void)\n{\n\tVNET_ITERATOR_DECL(vnet_iter);\n\tint i;\n\n\tlock();\n"
        "\tVNET_LIST_RLOCK();\n\tVNET_FOREACH(vnet_iter) {\n\t\tCURVNET_SET(vnet_iter);\n"
        "\t\tINIT_VNET_NET(vnet_iter);\n\t\tfor (i = 0; i < V_ttl; i++)\n\t\t\tg(i);\n"
        "\n\t\tV_ttl = 0;\n\t\tCURVNET_RESTORE();\n\t}\n\tVNET_LIST_RUNLOCK();\n\tunlock();\n}\n",
    ),
    "no declarations": (
        "void\nf(void)\n{\n\n\tttl = 0;\n}\n",
        "void\nf(void)\n{\n\tVNET_ITERATOR_DECL(vnet_iter);\n\n\tVNET_LIST_RLOCK();\n"
        "\tVNET_FOREACH(vnet_iter) {\n\t\tCURVNET_SET(vnet_iter);\n\t\tINIT_VNET_NET(vnet_iter);\n"
        "\t\tV_ttl = 0;\n\t\tCURVNET_RESTORE();\n\t}\n\tVNET_LIST_RUNLOCK();\n}\n",
    ),
    "not even an empty line": (
        "void\nf(void)\n{\n\tttl = 0;\n}\n",
        "void\nf(void)\n{\n\tVNET_ITERATOR_DECL(vnet_iter);\n\n\tVNET_LIST_RLOCK();\n"
        "\tVNET_FOREACH(vnet_iter) {\n\t\tCURVNET_SET(vnet_iter);\n\t\tINIT_VNET_NET(vnet_iter);\n"
        "\t\tV_ttl = 0;\n\t\tCURVNET_RESTORE();\n\t}\n\tVNET_LIST_RUNLOCK();\n}\n",
    ),
    "directives and continued strings stay": (
        'void\nf(void)\n{\n\n\tif (ttl) {\n#ifdef A\n\t\tg("a\\\nb");\n#endif\n\t}\n}\n',
        "void\nf(void)\n{\n\tVNET_ITERATOR_DECL(vnet_iter);\n\n\tVNET_LIST_RLOCK();\n"
        "\tVNET_FOREACH(vnet_iter) {\n\t\tCURVNET_SET(vnet_iter);\n\t\tINIT_VNET_NET(vnet_iter);\n"
        '\t\tif (V_ttl) {\n#ifdef A\n\t\t\tg("a\\\nb");\n#endif\n\t\t}\n\t\tCURVNET_RESTORE();\n'
        "\t}\n\tVNET_LIST_RUNLOCK();\n}\n",
    ),
    "the comment above comes along": (
        "void\nf(void)\n{\n\n\tlock();\n\t/*\n\t * Why.\n\t */\n\tttl = 0;\n}\n",
        "void\nf(void)\n{\n\tVNET_ITERATOR_DECL(vnet_iter);\n\n\tlock();\n\tVNET_LIST_RLOCK();\n"
        "\tVNET_FOREACH(vnet_iter) {\n\t\tCURVNET_SET(vnet_iter);\n\t\tINIT_VNET_NET(vnet_iter);\n"
        "\t\t/*\n\t\t * Why.\n\t\t */\n\t\tV_ttl = 0;\n\t\tCURVNET_RESTORE();\n\t}\n"
        "\tVNET_LIST_RUNLOCK();\n}\n",
    ),
    "a goto and its label inside": (
        "void\nf(void)\n{\n\n\tif (ttl)\n\t\tgoto out;\nout:\n\tttl = 0;\n}\n",
        "void\nf(void)\n{\n\tVNET_ITERATOR_DECL(vnet_iter);\n\n\tVNET_LIST_RLOCK();\n"
        "\tVNET_FOREACH(vnet_iter) {\n\t\tCURVNET_SET(vnet_iter);\n\t\tINIT_VNET_NET(vnet_iter);\n"
        "\t\tif (V_ttl)\n\t\t\tgoto out;\n\tout:\n\t\tV_ttl = 0;\n\t\tCURVNET_RESTORE();\n\t}\n"
        "\tVNET_LIST_RUNLOCK();\n}\n",
    ),
}


@pytest.mark.parametrize(("code", "expected"), LOOPS.values(), ids=LOOPS)
def test_a_loop(tmp_path: Path, code: str, expected: str) -> None:
    assert rewritten(tmp_path, code, entry("f")) == expected


def test_a_statement_that_the_rules_name_belongs_into_the_loop(tmp_path: Path) -> None:
    code = "void\nf(void)\n{\n\n\tflush_a();\n\tflush_b();\n\tunlock();\n}\n"
    text = rewritten(tmp_path, code, entry("f", inside=("flush_*",)))
    assert "\t\tCURVNET_SET(vnet_iter);\n\t\tflush_a();\n\t\tflush_b();\n\t\tCURVNET_REST" in text


SETS = {
    "a parameter is known at once": (
        "{parameter}->t_vnet",
        "void\nf(struct t *tp)\n{\n\tint x;\n\n\tx = ttl;\n}\n",
        "void\nf(struct t *tp)\n{\n\tCURVNET_SET(tp->t_vnet);\n\tINIT_VNET_NET(tp->t_vnet);\n"
        "\tint x;\n\n\tx = V_ttl;\n\tCURVNET_RESTORE();\n}\n",
    ),
    "a local behind the declarations": (
        "tp->t_vnet",
        "void\nf(void *arg)\n{\n\tstruct t *tp = arg;\n\tint x;\n\n\tx = ttl;\n}\n",
        "void\nf(void *arg)\n{\n\tstruct t *tp = arg;\n\tint x;\n\tCURVNET_SET(tp->t_vnet);\n"
        "\tINIT_VNET_NET(tp->t_vnet);\n\n\tx = V_ttl;\n\tCURVNET_RESTORE();\n}\n",
    ),
    "a local behind its assignment": (
        "tp->t_vnet",
        "void\nf(void *arg)\n{\n\tstruct t *tp;\n\n\tif ((tp = g(arg)) == NULL)\n\t\treturn;\n"
        "\tttl++;\n}\n",
        "void\nf(void *arg)\n{\n\tstruct t *tp;\n\n\tif ((tp = g(arg)) == NULL)\n\t\treturn;\n"
        "\n\tCURVNET_SET(tp->t_vnet);\n\tINIT_VNET_NET(tp->t_vnet);\n\n\tV_ttl++;\n"
        "\tCURVNET_RESTORE();\n}\n",
    ),
    "before each return": (
        "{parameter}->t_vnet",
        "int\nf(struct t *tp)\n{\n\tint x = ttl;\n\n\tif (x) {\n\t\tg();\n\t\treturn (1);\n\t}\n"
        "\tswitch (x) {\n\tcase 1:\n\t\treturn (2);\n\t}\n\treturn (0);\n}\n",
        "int\nf(struct t *tp)\n{\n\tCURVNET_SET(tp->t_vnet);\n\tINIT_VNET_NET(tp->t_vnet);\n"
        "\tint x = V_ttl;\n\n\tif (x) {\n\t\tg();\n\t\tCURVNET_RESTORE();\n\t\treturn (1);\n\t}\n"
        "\tswitch (x) {\n\tcase 1:\n\t\tCURVNET_RESTORE();\n\t\treturn (2);\n\t}\n"
        "\tCURVNET_RESTORE();\n\treturn (0);\n}\n",
    ),
    "a bare return gets braces": (
        "{parameter}->t_vnet",
        "int\nf(struct t *tp)\n{\n\tint x = ttl;\n\n\tif (x)\n\t\treturn (1);\n"
        "\tif (x) return (2);\n"
        "\treturn (0);\n}\n",
        "int\nf(struct t *tp)\n{\n\tCURVNET_SET(tp->t_vnet);\n\tINIT_VNET_NET(tp->t_vnet);\n"
        "\tint x = V_ttl;\n\n\tif (x) {\n\t\tCURVNET_RESTORE();\n\t\treturn (1);\n\t}\n"
        "\tif (x) { CURVNET_RESTORE(); return (2); }\n\tCURVNET_RESTORE();\n\treturn (0);\n}\n",
    ),
    "a return in each branch of an #if": (
        "{parameter}->t_vnet",
        "int\nf(struct t *tp)\n{\n\tint x = ttl;\n\n\tif (x)\n#ifdef A\n\t\tx = 1;\n#else\n"
        "\t\treturn (1);\n#endif\n\treturn (x);\n}\n",
        "int\nf(struct t *tp)\n{\n\tCURVNET_SET(tp->t_vnet);\n\tINIT_VNET_NET(tp->t_vnet);\n"
        "\tint x = V_ttl;\n\n\tif (x)\n#ifdef A\n\t\tx = 1;\n#else\n\t\t{ CURVNET_RESTORE();"
        " return (1); }\n#endif\n\tCURVNET_RESTORE();\n\treturn (x);\n}\n",
    ),
    "a goto to the end": (
        "{parameter}->t_vnet",
        "void\nf(struct t *tp)\n{\n\tint x = ttl;\n\n\tif (x)\n\t\tgoto out;\n"
        "\tg();\nout:\n\th();\n}\n",
        "void\nf(struct t *tp)\n{\n\tCURVNET_SET(tp->t_vnet);\n\tINIT_VNET_NET(tp->t_vnet);\n"
        "\tint x = V_ttl;\n\n\tif (x)\n\t\tgoto out;\n\tg();\nout:\n\th();\n"
        "\tCURVNET_RESTORE();\n}\n",
    ),
    "no virtualised variable": (
        "TD_TO_VNET(curthread)",
        "void\nf(void)\n{\n\n\tg();\n}\n",
        "void\nf(void)\n{\n\tCURVNET_SET(TD_TO_VNET(curthread));\n\n\tg();\n\tCURVNET_RESTORE();\n}\n",
    ),
}


@pytest.mark.parametrize(("vnet", "code", "expected"), SETS.values(), ids=SETS)
def test_a_set(tmp_path: Path, vnet: str, code: str, expected: str) -> None:
    assert rewritten(tmp_path, code, entry("f", vnet=vnet)) == expected


def test_quiet(tmp_path: Path) -> None:
    code = "void\nf(struct t *tp)\n{\n\n\tttl++;\n}\n"
    text = rewritten(tmp_path, code, entry("f", vnet="tp->t_vnet", quiet=True))
    assert "\tCURVNET_SET_QUIET(tp->t_vnet);\n" in text


OBSTACLES = {
    "a return in the loop": (None, "{\n\n\tif (ttl)\n\t\treturn;\n\tttl = 0;\n}", 7, "return"),
    "a goto out of the loop": (
        None,
        "{\n\n\tif (ttl)\n\t\tgoto out;\n\tttl = 0;\nout:\n\tg();\n}",
        7,
        "goto would leave",
    ),
    "a goto into the loop": (
        None,
        "{\n\n\tif (x)\n\t\tgoto out;\n\tttl = 0;\nout:\n\tttl = 1;\n}",
        7,
        "goto would enter",
    ),
    "no use": (None, "{\n\n\tg();\n}", 4, "nothing"),
    "a loop cut by an #if": (
        None,
        "{\n\n#ifdef A\n\tttl = 0;\n#endif\n\tttl = 1;\n}",
        7,
        "inside an #if",
    ),
    "a macro that returns": (
        "curvnet",
        "{\n\n\tttl++;\n\tCHECK(1);\n}",
        7,
        "the macro CHECK",
    ),
    "a use before the stack is known": (
        "tp->t_vnet",
        "{\n\tstruct t *tp;\n\n\tttl++;\n\ttp = g();\n\tttl--;\n}",
        7,
        "used before",
    ),
    "a goto across the place": (
        "tp->t_vnet",
        "{\n\tstruct t *tp;\n\n\tif (x)\n\t\tgoto out;\n\ttp = g();\n\tttl--;\nout:\n\th();\n}",
        8,
        "crosses",
    ),
}


@pytest.mark.parametrize(("vnet", "body", "line", "reason"), OBSTACLES.values(), ids=OBSTACLES)
def test_what_is_in_the_way_is_refused(
    tmp_path: Path, vnet: str | None, body: str, line: int, reason: str
) -> None:
    code = "#define CHECK(x) if (x) return\nint f(int x)\n" + body + "\n"
    stage = stage_of(tmp_path, code, entry("f", vnet=vnet))
    (site,) = refused(stage)
    assert (site.path, site.name, site.reason) == ("net/a.c", "f", StubRefusal.ENTRY)
    assert reason in site.detail
    text = stage.before.read("net/a.c").decode().splitlines()
    assert site.line == line + sum("vimage" in name for name in text)
    assert b"CURVNET" not in stage.after.read("net/a.c")
    if "ttl" in body:
        assert b"INIT_VNET_NET(curvnet);" in stage.after.read("net/a.c")


def test_an_entry_point_that_is_not_there_is_noted(tmp_path: Path) -> None:
    stage = stage_of(tmp_path, "int f(void) { return ttl; }\n", entry("f", "nowhere"))
    assert any("nowhere" in note for note in stage.plan.notes)
    gone = stage_of(tmp_path / "2", "int x;\n", entry("f", path="net/gone.c"))
    assert any("net/gone.c" in note for note in gone.plan.notes)


def test_an_entry_point_that_sets_a_stack_stays(tmp_path: Path) -> None:
    code = "void\nf(struct t *tp)\n{\n\tCURVNET_SET(x);\n\n\tg();\n\tCURVNET_RESTORE();\n}\n"
    stage = stage_of(tmp_path, code, entry("f", vnet="tp->t_vnet"))
    assert [site.reason for site in stage.plan.sites] == [CommonSkip.PRESENT]
    assert b"CURVNET_SET(tp" not in stage.after.read("net/a.c")
