"""Step 2.2 changes no meaning: what can't be seen through stays, with a word."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.steps.containers.containing import after, fields, refused, stage_of
from tests.steps.support import rules_for
from vrefactor.plan.model import Refusal
from vrefactor.rules import Move, RuleSet
from vrefactor.steps.containers.reasons import ContainerRefusal as Why

MOVES = {
    "a bound that is the size of a type": (
        "char ttl[sizeof(u_int)];\n",
        "char _ttl[sizeof(u_int)];",
    ),
    "an attribute of objects": (
        "int ttl __attribute__((aligned(64)));\n",
        "int _ttl __attribute__((aligned(64)));",
    ),
    "an attribute that says nothing of it": ("int ttl __attribute__((unused));\n", "int _ttl;"),
    "a structure without a tag": ("static struct { int a; } ttl;\n", "struct { int a; } _ttl;"),
    "a macro that uses it where a local has another name": (
        "int ttl;\n#define TTL (ttl + 1)\nint f(int a) { return TTL + a; }\n",
        "int _ttl;",
    ),
    "a macro that has a local of its own": (
        "int ttl;\n#define RUN do { int ttl = 1; use(ttl); } while (0)\nvoid use(int);\n"
        "int f(void) { RUN; return ttl; }\n",
        "int _ttl;",
    ),
    "a name that macros paste, of something else": (
        "int ttl;\nint net_ttl;\n#define NET(x) net_ ## x\nint f(void) { return NET(ttl); }\n",
        "int _ttl;",
    ),
    "a member's name that a macro pastes": (
        "int net_ttl;\nstruct s { int net_ttl; };\n#define NET(x) s->net_ ## x\n"
        "int f(struct s *s) { return NET(ttl) + net_ttl; }\n",
        "int _net_ttl;",
    ),
    "assembler code that does not name it": (
        'int ttl;\nvoid f(void) { __asm__ volatile("nop" : : "r" (ttl)); }\n',
        "int _ttl;",
    ),
}


@pytest.mark.parametrize(("code", "field"), MOVES.values(), ids=MOVES.keys())
def test_it_moves(code: str, field: str, tmp_path: Path) -> None:
    name = "net_ttl" if "_net_ttl" in field else "ttl"
    stage = stage_of(tmp_path, code, name)
    assert fields(stage) == [field]
    assert not refused(stage)


STAYS = {
    "a bound that is the size of a variable": (
        "int other;\nchar ttl[sizeof(other)];\n",
        Why.VARIABLE_TYPE,
    ),
    "a bound that is the size of a virtualised variable": (
        "int a;\nchar ttl[sizeof a];\n",
        Why.VARIABLE_TYPE,
    ),
    "the type of another": ("int other;\n__typeof__(other) ttl;\n", Why.VARIABLE_TYPE),
    "another name for it": (
        'int ttl;\nextern int same __attribute__((alias("ttl")));\n',
        Why.PLAIN,
    ),
    "one for each thread": ("static __thread int ttl;\n", Why.THREAD),
    "a name for the assembler": ('int ttl __asm__("ttl_name");\n', Why.ATTRIBUTE),
    "a section of its own": ('int ttl __attribute__((section("net")));\n', Why.ATTRIBUTE),
    "a section by a macro": (
        '#define __section(x) __attribute__((__section__(x)))\nint ttl __section("net");\n',
        Why.ATTRIBUTE,
    ),
    "a macro of the source for an attribute": (
        "#define __aligned(x) __attribute__((__aligned__(x)))\nint ttl __aligned(64);\n",
        Why.ATTRIBUTE,
    ),
    "a weak one": ("int ttl __attribute__((weak));\n", Why.ATTRIBUTE),
    "an attribute of a declaration": (
        "extern int ttl __attribute__((weak));\nint ttl;\n",
        Why.ATTRIBUTE,
    ),
    "an attribute in front": ("__attribute__((aligned(64))) int ttl;\n", Why.MIXED),
    "a function beside it": ("int ttl, f(void);\nint g(void) { return f() + ttl; }\n", Why.MIXED),
    "a function before it": ("int f(void), ttl;\nint g(void) { return f() + ttl; }\n", Why.MIXED),
    "assembler code": ('int ttl;\nvoid f(void) { __asm volatile("incl ttl"); }\n', Why.PLAIN),
    "a pasted name": (
        "int ttl;\n#define T(x) t ## x\nint f(void) { return T(tl); }\n",
        Why.PLAIN,
    ),
    "a name pasted through another macro": (
        "int ttl;\n#define CAT(x, y) x ## y\n#define T(y) CAT(t, y)\n"
        "int f(void) { return T(tl); }\n",
        Why.PLAIN,
    ),
    "a name pasted of a macro's value": (
        "int ttl;\n#define CAT1(x, y) x ## y\n#define CAT(x, y) CAT1(x, y)\n#define LEAD tt\n"
        "int f(void) { return CAT(LEAD, l); }\n",
        Why.PLAIN,
    ),
    "a macro that uses it where a parameter has its name": (
        "int ttl;\n#define TTL (ttl + 1)\nint f(int ttl) { return TTL; }\n",
        Why.SHADOWED,
    ),
    "a macro of a macro, where a local has its name": (
        "int ttl;\n#define TTL (ttl + 1)\n#define TTL2 (TTL * 2)\n"
        "int f(void) { int ttl = 1; return TTL2; }\n",
        Why.SHADOWED,
    ),
    "a macro that declares a local of its name": (
        "int ttl;\n#define DECL int ttl = 1\nint f(void) { DECL; return ttl; }\n",
        Why.SHADOWED,
    ),
    "a macro that is the field's name": (
        "#define _ttl 1\nint ttl;\nint f(void) { return ttl; }\n",
        Why.MACRO,
    ),
    "an enumeration without a tag": (
        "static enum { A, B } ttl;\nint f(void) { return ttl == B; }\n",
        Why.UNNAMED_TYPE,
    ),
    "a structure without a tag that another has too": (
        "static struct { int x; } ttl, z;\nvoid f(void) { ttl = z; }\n",
        Why.UNNAMED_TYPE,
    ),
}


@pytest.mark.parametrize(("code", "reason"), STAYS.values(), ids=STAYS.keys())
def test_it_stays(code: str, reason: Refusal, tmp_path: Path) -> None:
    names = [name for name in ("ttl", "a") if f"int {name};" in code or name == "ttl"]
    stage = stage_of(tmp_path, code + "int z9;\n", "z9", *names)
    assert refused(stage)["ttl"].reason is reason
    assert "int _z9;" in fields(stage)
    assert not any("_ttl" in line for line in fields(stage))


def test_a_name_is_pasted_in_a_file_that_does_not_hold_it(tmp_path: Path) -> None:
    stage = stage_of(
        tmp_path,
        "#include <net/t.h>\nint ttl;\n",
        "ttl",
        net__t_dot_h="extern int ttl;\n#define T(x) t ## x\n",
        net__b_dot_c="#include <net/t.h>\nint f(void) { return T(tl); }\n",
    )
    site = refused(stage)["ttl"]
    assert (site.path, site.line, site.detail) == ("net/b.c", 2, "in T()")


def test_a_macro_of_a_header_is_an_attribute(tmp_path: Path) -> None:
    stage = stage_of(
        tmp_path,
        "#include <net/t.h>\nint ttl __aligned(64);\n",
        "ttl",
        net__t_dot_h="#define __aligned(x) __attribute__((__aligned__(x)))\n",
    )
    assert fields(stage) == ["int _ttl __aligned(64);"]


HEADER = "#ifndef _H_H_\n#define _H_H_\n{}#endif\n"


@pytest.mark.parametrize("storage", ["static ", ""])
def test_a_variable_of_a_header_stays(storage: str, tmp_path: Path) -> None:
    rules = rules_for({"ttl": "net/h.h", "a": "net/a.c"})
    code = "#include <net/h.h>\nint a;\nint f(void) { return ttl; }\n"
    header = HEADER.format(f"{storage}int ttl;\n")
    stage = stage_of(tmp_path, code, rules=rules, net__h_dot_h=header)
    assert refused(stage)["ttl"].reason is Why.HEADER
    assert fields(stage) == ["int _a;"]


FIXED = {
    "not inline": "static int\ng(void)\n{\n\treturn (ttl);\n}\n",
    "by way of a macro": "#define TTL (ttl + 1)\nstatic int\ng(void)\n{\n\treturn (TTL);\n}\n",
}


@pytest.mark.parametrize("function", FIXED.values(), ids=FIXED.keys())
def test_a_function_of_a_header_keeps_what_it_uses(function: str, tmp_path: Path) -> None:
    header = HEADER.format(f"extern int ttl;\n{function}")
    code = "#include <net/h.h>\nint ttl;\nint a;\nint f(void) { return g() + a; }\n"
    stage = stage_of(tmp_path, code, "ttl", "a", net__h_dot_h=header)
    assert refused(stage)["ttl"].reason is Why.INLINE
    assert refused(stage)["ttl"].detail == "g() in net/h.h: it is not inline"
    assert fields(stage) == ["int _a;"]


def test_a_header_that_no_source_is_sure_to_include_stays(tmp_path: Path) -> None:
    header = HEADER.format("extern int ttl;\nstatic inline int\ng(void)\n{\n\treturn (ttl);\n}\n")
    code = (
        "#ifdef OTHER\n#include <net/h.h>\n#else\nstatic inline int g(void) { return (2); }\n"
        "#endif\nint ttl;\nint a;\nint f(void) { return g() + a; }\n"
    )
    stage = stage_of(tmp_path, code, "ttl", "a", net__h_dot_h=header)
    assert refused(stage)["ttl"].reason is Why.INLINE
    assert "net/h.h" not in after(stage, "net/vnet.h")


def with_move(*symbols: str) -> RuleSet:
    rules = rules_for(dict.fromkeys(symbols, "net/a.c"))
    return msgspec.structs.replace(rules, moves=(Move(path="net/a.c", header="net/a.h"),))


SPLIT = {
    "a type that moves, beside one that stays": (
        "static struct s { int x; } ttl, z;\nvoid f(void) { ttl = z; }\n",
        "struct s _ttl;",
    ),
    "a macro's tag, beside one that stays": (
        "static LIST_HEAD(th, s) ttl, z;\nstruct th *f(void) { return &z; }\n",
        "LIST_HEAD(th, s) _ttl;",
    ),
    "an attribute of the one that stays": (
        "static int ttl, z __attribute__((aligned(64)));\nint *f(void) { return &z; }\n",
        "int _ttl;",
    ),
    "an attribute of the one that moves": (
        "static int ttl __attribute__((aligned(64))), z;\nint *f(void) { return &z; }\n",
        "int _ttl __attribute__((aligned(64)));",
    ),
}


@pytest.mark.parametrize(("code", "field"), SPLIT.values(), ids=SPLIT.keys())
def test_a_declaration_is_split(code: str, field: str, tmp_path: Path) -> None:
    stage = stage_of(tmp_path, code, rules=with_move("ttl"))
    assert fields(stage) == [field]
    assert after(stage).count("aligned") == code.count("aligned")


def test_two_fields_share_the_tag_of_a_macro(tmp_path: Path) -> None:
    code = "static LIST_HEAD(th, s) a, b;\nstruct th *f(int i) { return i ? &a : &b; }\n"
    assert fields(stage_of(tmp_path, code, "a", "b")) == ["LIST_HEAD(th, s) _a;", "struct th _b;"]


def test_a_function_that_a_block_declares_too_is_kept(tmp_path: Path) -> None:
    code = "int ttl;\nint f(void)\n{\n\textern int ttl, z(void);\n\n\treturn ttl + z();\n}\n"
    stage = stage_of(tmp_path, code, "ttl")
    assert "\textern int ttl, z(void);\n" in after(stage)
    assert fields(stage) == ["int _ttl;"]


PLACED = {
    "a packed one": (
        "#pragma pack(1)\nstruct s { char c; int x; };\n#pragma pack()\nstatic struct s ttl;\n",
        "a #pragma pack governs s",
    ),
    "a packed one, by a stack": (
        "#pragma pack(push)\n#pragma pack(1)\nstruct s { char c; int x; };\n#pragma pack(pop)\n"
        "static struct s ttl;\n",
        "a #pragma pack governs s",
    ),
    "a bound that is undefined later": (
        "#define N 2\nstruct s { int x[N]; };\n#undef N\n#define N 4\nstatic struct s ttl;\n",
        "N is defined anew",
    ),
    "under the condition of the variable": (
        "#ifdef INET6\nstruct s { int x; };\nstatic struct s ttl;\n#endif\n",
        "s is there under #ifdef INET6 only",
    ),
    "beside other code on its line": (
        "int z; struct s { int x; };\nstatic struct s ttl;\n",
        "s shares its line with other code",
    ),
}


@pytest.mark.parametrize(("code", "detail"), PLACED.values(), ids=PLACED.keys())
def test_a_type_that_depends_on_its_place_stays(code: str, detail: str, tmp_path: Path) -> None:
    stage = stage_of(tmp_path, code + "int a;\n", rules=with_move("ttl", "a"))
    site = refused(stage)["ttl"]
    assert (site.reason, site.detail) == (Why.TYPE_PLACE, detail)
    assert fields(stage) == ["int _a;"]


def test_each_meaning_of_a_bound_goes(tmp_path: Path) -> None:
    bound = "#ifdef BIG\n#define N 8\n#else\n#define N 4\n#endif\n"
    stage = stage_of(tmp_path, bound + "static int ttl[N];\n", rules=with_move("ttl"))
    text = after(stage, "net/a.h")
    assert "#ifdef BIG\n#define N 8\n#endif\n" in text
    assert "#ifndef BIG\n#define N 4\n#endif\n" in text
