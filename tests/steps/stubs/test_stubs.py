"""Step 1.5.2: which functions select a network stack, where, with which argument."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.steps.stubs.stubbing import refused, rewritten, stage_of, two_containers
from vrefactor.plan.model import Evidence, Verdict
from vrefactor.plan.reasons import CommonSkip
from vrefactor.rules import Define, Exclude, Override
from vrefactor.steps.stubs.reasons import StubSkip

USER = "int\nf(void)\n{\n\n\treturn (ttl);\n}\n"
KEPT = {
    "no use": "int f(void) { return 1; }",
    "a use at file scope": "int *p = &V_ttl;",
    "a local of the name": "int f(void) { int ttl = 1; return ttl; }",
    "code that no build compiles": "int f(void)\n{\n#if 0\n\tttl = 1;\n#endif\n\treturn 1;\n}",
    "a use in a macro that is not expanded": "#define TTL() (ttl)\nint f(void) { return 1; }",
    "a carrying macro's name without arguments": (
        "#define TTL() (ttl)\nint g(void);\nint f(void) { int TTL = 1; return TTL; }"
    ),
    "the call is there": "int f(void)\n{\n\tINIT_VNET_NET(x->vnet);\n\n\treturn ttl;\n}",
}


@pytest.mark.parametrize("code", KEPT.values(), ids=KEPT)
def test_left_alone(tmp_path: Path, code: str) -> None:
    text = rewritten(tmp_path, code)
    assert text.count("INIT_") == code.count("INIT_")


REWRITTEN = {
    "declarations follow": (
        "int\nf(void)\n{\n\tint x;\n\n\tx = ttl;\n}\n",
        "int\nf(void)\n{\n\tINIT_VNET_NET(curvnet);\n\tint x;\n\n\tx = V_ttl;\n}\n",
    ),
    "the empty line of KNF stays": (
        "int\nf(void)\n{\n\n\treturn (ttl);\n}\n",
        "int\nf(void)\n{\n\tINIT_VNET_NET(curvnet);\n\n\treturn (V_ttl);\n}\n",
    ),
    "the empty line of KNF is added": (
        "int\nf(void)\n{\n\treturn (ttl);\n}\n",
        "int\nf(void)\n{\n\tINIT_VNET_NET(curvnet);\n\n\treturn (V_ttl);\n}\n",
    ),
    "one line": (
        "int f(void) { return ttl; }\n",
        "int f(void) { INIT_VNET_NET(curvnet); return V_ttl; }\n",
    ),
    "a comment behind the brace": (
        "int\nf(void)\n{\t/* why */\n\tint x = ttl;\n}\n",
        "int\nf(void)\n{\t/* why */\n\tINIT_VNET_NET(curvnet);\n\tint x = V_ttl;\n}\n",
    ),
    "a comment of two lines behind the brace": (
        "int\nf(void)\n{\t/* why\n\t   not */\n\tint x = ttl;\n}\n",
        "int\nf(void)\n{ INIT_VNET_NET(curvnet);\t/* why\n\t   not */\n\tint x = V_ttl;\n}\n",
    ),
    "another indent": (
        "int\nf(void)\n{\n    int x = ttl;\n}\n",
        "int\nf(void)\n{\n    INIT_VNET_NET(curvnet);\n    int x = V_ttl;\n}\n",
    ),
    "K&R": (
        "int\nf(a)\n\tint a;\n{\n\tint x = ttl;\n}\n",
        "int\nf(a)\n\tint a;\n{\n\tINIT_VNET_NET(curvnet);\n\tint x = V_ttl;\n}\n",
    ),
    "two containers, in the rules' order": (
        "int\nf(void)\n{\n\tint x = ttl6 + ttl;\n}\n",
        "int\nf(void)\n{\n\tINIT_VNET_NET(curvnet);\n\tINIT_VNET_INET6(curvnet);\n"
        "\tint x = V_ttl6 + V_ttl;\n}\n",
    ),
    "through macros": (
        "#define A(x) B(x)\n#define B(x) (ttl6 + (x))\nint\nf(void)\n{\n\tint x = A(1);\n}\n",
        "#define A(x) B(x)\n#define B(x) (V_ttl6 + (x))\nint\nf(void)\n{\n"
        "\tINIT_VNET_INET6(curvnet);\n\tint x = A(1);\n}\n",
    ),
    "through a macro without arguments": (
        "#define TTL ttl\nint\nf(void)\n{\n\tint x = TTL;\n}\n",
        "#define TTL V_ttl\nint\nf(void)\n{\n\tINIT_VNET_NET(curvnet);\n\tint x = TTL;\n}\n",
    ),
    "under the condition of all uses": (
        "int\nf(void)\n{\n\tint x;\n\n#ifdef INET6\n\tx = ttl6;\n#endif\n#ifdef INET6\n"
        "\tx += ttl6;\n#endif\n\treturn x + ttl;\n}\n",
        "int\nf(void)\n{\n\tINIT_VNET_NET(curvnet);\n#ifdef INET6\n"
        "\tINIT_VNET_INET6(curvnet);\n#endif\n\tint x;\n\n#ifdef INET6\n\tx = V_ttl6;\n#endif\n"
        "#ifdef INET6\n\tx += V_ttl6;\n#endif\n\treturn x + V_ttl;\n}\n",
    ),
    "under two conditions": (
        "int\nf(void)\n{\n\tint x;\n\n#ifdef A\n#if !defined(B)\n\tx = ttl;\n#endif\n#endif\n}\n",
        "int\nf(void)\n{\n#if defined(A) && !defined(B)\n\tINIT_VNET_NET(curvnet);\n#endif\n"
        "\tint x;\n\n#ifdef A\n#if !defined(B)\n\tx = V_ttl;\n#endif\n#endif\n}\n",
    ),
    "under different conditions": (
        "int\nf(void)\n{\n\tint x;\n\n#ifdef A\n\tx = ttl;\n#else\n\tx = -ttl;\n#endif\n}\n",
        "int\nf(void)\n{\n\tINIT_VNET_NET(curvnet);\n\tint x;\n\n#ifdef A\n\tx = V_ttl;\n#else\n"
        "\tx = -V_ttl;\n#endif\n}\n",
    ),
    "the function's own condition": (
        "#ifdef A\nint\nf(void)\n{\n\tint x = ttl;\n}\n#endif\n",
        "#ifdef A\nint\nf(void)\n{\n\tINIT_VNET_NET(curvnet);\n\tint x = V_ttl;\n}\n#endif\n",
    ),
    "only an assertion": (
        "int\nf(void)\n{\n\tint x;\n\n\tLOCK_ASSERT(&ttl);\n}\n",
        "int\nf(void)\n{\n#if INVARIANTS\n\tINIT_VNET_NET(curvnet);\n#endif\n\tint x;\n\n"
        "\tLOCK_ASSERT(&V_ttl);\n}\n",
    ),
    "an assertion and more": (
        "int\nf(void)\n{\n\tint x;\n\n\tLOCK_ASSERT(&ttl);\n\tx = ttl;\n}\n",
        "int\nf(void)\n{\n\tINIT_VNET_NET(curvnet);\n\tint x;\n\n\tLOCK_ASSERT(&V_ttl);\n"
        "\tx = V_ttl;\n}\n",
    ),
    "line ends of another system": (
        "int\r\nf(void)\r\n{\r\n\treturn (ttl);\r\n}\r\n",
        "int\r\nf(void)\r\n{\r\n\tINIT_VNET_NET(curvnet);\r\n\r\n\treturn (V_ttl);\r\n}\r\n",
    ),
}


@pytest.mark.parametrize(("code", "expected"), REWRITTEN.values(), ids=REWRITTEN)
def test_laid_out(tmp_path: Path, code: str, expected: str) -> None:
    stage = stage_of(tmp_path, code)
    text = stage.after.read("net/a.c").decode()
    lines = (line for line in text.splitlines(keepends=True) if not line.startswith("#include"))
    assert "".join(lines) == expected


ARGUMENTS = {
    "nothing known": ("int f(struct mbuf *m) { return ttl; }", "curvnet"),
    "an interface": ("int f(struct ifnet *dev) { return ttl; }", "dev->if_vnet"),
    "an interface that is not the first": (
        "int f(int a, struct ifnet *p) { return ttl; }",
        "curvnet",
    ),
    "a sysctl handler": ("int f(SYSCTL_HANDLER_ARGS) { return ttl; }", "curvnet"),
    "a method": (
        "int f(struct socket *so) { return ttl; }\nstruct pr_usrreqs u = { .a = f };",
        "so->so_vnet",
    ),
    "no method": ("int f(struct socket *so) { return ttl; }", "curvnet"),
    "an unnamed parameter": ("int f(struct ifnet *) { return ttl; }", "curvnet"),
    "by its name": ("int local_f(struct ifnet *ifp) { return ttl; }", "ifp->if_vnet"),
    "an object that is not there": ("int local_f(int x) { return ttl; }", "curvnet"),
    "another container": ("int six_f(struct ifnet *p) { return ttl; }", "p->if_vnet"),
    "by its container": ("int six_f(struct ifnet *p) { return ttl6; }", "sixth"),
}


@pytest.mark.parametrize(("code", "argument"), ARGUMENTS.values(), ids=ARGUMENTS)
def test_the_argument(tmp_path: Path, code: str, argument: str) -> None:
    text = rewritten(tmp_path, code + "\n")
    assert text.partition("INIT_VNET_")[2].partition("(")[2].startswith(argument + ");")


def test_an_argument_that_is_a_local_waits_for_its_value(tmp_path: Path) -> None:
    code = (
        "int\nlocal_f(struct m *m)\n{\n\tstruct ifnet *ifp = m->p;\n\tint x;\n\n\treturn ttl;\n}\n"
    )
    assert "\tint x;\n\tINIT_VNET_NET(ifp->if_vnet);\n\n\treturn" in rewritten(tmp_path, code)


def test_a_local_that_is_known_too_late_is_not_waited_for(tmp_path: Path) -> None:
    code = (
        "int\nlocal_f(void)\n{\n\tstruct ifnet *ifp;\n\n\tttl++;\n\tifp = g();\n\treturn ttl;\n}\n"
    )
    assert "{\n\tINIT_VNET_NET(curvnet);\n\tstruct ifnet" in rewritten(tmp_path, code)


def test_a_function_whose_braces_do_not_balance_is_refused(tmp_path: Path) -> None:
    stage = stage_of(tmp_path, "int f(void)\n{\n\tif (OPEN\n\t\tttl = 1;\n}}\n")
    assert all(site.path == "net/a.c" for site in refused(stage))


def test_every_pair_of_function_and_container_has_a_verdict(tmp_path: Path) -> None:
    code = (
        "#define TTL6() (ttl6)\nint *p = &ttl;\nint f(void) { return ttl + TTL6(); }\n"
        "int g(void)\n{\n\tINIT_VNET_NET(curvnet);\n\treturn ttl;\n}\n"
        "int h(void)\n{\n#if 0\n\tttl++;\n#endif\n\treturn 1;\n}\n"
    )
    sites = stage_of(tmp_path, code).plan.sites
    assert sorted((site.name, str(site.verdict), str(site.reason)) for site in sites) == sorted(
        [
            ("V_ttl", Verdict.SKIPPED, StubSkip.FILE_SCOPE),
            ("f", Verdict.REWRITTEN, Evidence.BOUND),
            ("f", Verdict.REWRITTEN, Evidence.EXPANDED),
            ("g", Verdict.SKIPPED, CommonSkip.PRESENT),
            ("h", Verdict.SKIPPED, CommonSkip.DEAD),
        ]
    )


def test_a_macro_of_a_header_is_seen_through(tmp_path: Path) -> None:
    text = rewritten(
        tmp_path,
        '#include "net/log.h"\nint\nf(void)\n{\n\tint x;\n\n\tLOG(x);\n}\n',
        net__log_dot_h="#define LOG(x) do { if (ttl6) g(x); } while (0)\n",
    )
    assert "{\n\tINIT_VNET_INET6(curvnet);\n\tint x;" in text


def test_an_inline_function_of_a_header_gets_its_call(tmp_path: Path) -> None:
    stage = stage_of(
        tmp_path,
        '#include "net/in.h"\n',
        net__in_dot_h='#include "net/var.h"\nstatic int\nf(void)\n{\n\n\treturn (ttl);\n}\n',
    )
    text = stage.after.read("net/in.h").decode()
    assert "{\n\tINIT_VNET_NET(curvnet);\n\n\treturn (V_ttl);" in text
    assert "#include <net/vnet.h>\n" in text


def test_a_kept_site_needs_no_call(tmp_path: Path) -> None:
    rules = two_containers(overrides=(Override(path="net/a.c", form="keep", reason="so"),))
    assert "INIT" not in rewritten(tmp_path, "int f(void) { return ttl; }\n", rules)


def test_an_excluded_file_is_left_alone(tmp_path: Path) -> None:
    code = "#include <sys/vimage.h>\nint\nf(void)\n{\n\n\treturn (V_ttl);\n}\n"
    plain = two_containers()
    skipped = (Exclude(path="net/b.c", reason="no kernel source"),)
    excluding = two_containers(tree=msgspec.structs.replace(plain.tree, exclude=skipped))
    changed = []
    for rules in (plain, excluding):
        stage = stage_of(tmp_path / str(rules is plain), USER, rules, net__b_dot_c=code)
        changed.append(stage.after.read("net/b.c") != code.encode())
    assert changed == [True, False]


def test_a_form_of_its_own_means_no_selected_stack(tmp_path: Path) -> None:
    define = Define(header="sys/vimage.h", text="#define\tG_ttl\tV_ttl")
    form = Override(path="net/a.c", names=("ttl",), form="G_{name}", reason="so", define=define)
    stage = stage_of(tmp_path, USER, two_containers(overrides=(form,)))
    text = stage.after.read("net/a.c")
    assert b"return (G_ttl);" in text
    assert b"INIT" not in text
    assert b"#include <net/vnet.h>\n" in text


def test_a_wrapper_of_a_shared_file_is_noted(tmp_path: Path) -> None:
    define = Define(header="sys/vimage.h", text="#define\tWRAP(x)\tV_ ## x")
    form = Override(path="net/a.c", names=("ttl",), form="WRAP({name})", reason="so", define=define)
    stage = stage_of(tmp_path, USER, two_containers(overrides=(form,)))
    assert b"INIT" not in stage.after.read("net/a.c")
    assert stage.plan.notes == ("net/a.c: 1 uses through WRAP get no INIT call",)
