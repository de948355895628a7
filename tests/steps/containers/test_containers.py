"""Step 2.2: what stays, then what becomes of definitions and declarations."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.steps.containers.containing import after, fields, refused, stage_of, with_container
from tests.steps.support import rules_for
from vrefactor.plan.model import Refusal
from vrefactor.rules import Portability
from vrefactor.steps.containers.reasons import ContainerRefusal, ContainerSkip

STAYS = {
    "another variable": "int other;\nint ttl;\n",
    "a local": "int ttl;\nint f(void) { int other = 1; return other; }\n",
    "a type": "int ttl;\nstruct s { int other; };\n",
    "a function": "int ttl;\nint other(void);\n",
}


@pytest.mark.parametrize("code", STAYS.values(), ids=STAYS.keys())
def test_what_is_not_virtualised_stays(code: str, tmp_path: Path) -> None:
    stage = stage_of(tmp_path, code, "ttl")
    rest = code.replace("int ttl;\n", "")
    assert rest in after(stage)
    assert fields(stage) == ["int _ttl;"]


def test_a_container_that_the_rules_keep_stays(tmp_path: Path) -> None:
    rules = with_container(rules_for({"ttl": "net/a.c"}), kept="it belongs to the machine")
    stage = stage_of(tmp_path, "int ttl;\nint f(void) { return ttl; }\n", rules=rules)
    assert not [edit for edit in stage.plan.edits if edit.path.startswith("net/")]
    assert "#define\tVNET_NET(sym)\t(sym)" in after(stage, "net/vnet.h") or not stage.plan.edits


FIELDS = {
    "a scalar": ("int ttl;", "int _ttl;"),
    "static": ("static int ttl;", "int _ttl;"),
    "aligned by a tab": ("static u_int\tttl;", "u_int\t_ttl;"),
    "a remark": ("int ttl;\t/* time to live */", "int _ttl;\t/* time to live */"),
    "a pointer": ("struct s { int a; } ; struct s *ttl;", "struct s *_ttl;"),
    "an array": ("int ttl[4 + 1];", "int _ttl[4 + 1];"),
    "a function pointer": ("static int (*ttl)(int, char *);", "int (*_ttl)(int, char *);"),
    "functions' array": ("int (*ttl[2])(int);", "int (*_ttl[2])(int);"),
    "an anonymous head": ("static LIST_HEAD(, s) ttl;", "LIST_HEAD(, s) _ttl;"),
    "a head whose tag nothing uses": ("static LIST_HEAD(th, s) ttl;", "LIST_HEAD(, s) _ttl;"),
    "an anonymous struct": ("static struct { int a; } ttl;", "struct { int a; } _ttl;"),
    "qualified": ("static volatile int ttl;", "volatile int _ttl;"),
}


@pytest.mark.parametrize(("code", "field"), FIELDS.values(), ids=FIELDS.keys())
def test_field(code: str, field: str, tmp_path: Path) -> None:
    assert fields(stage_of(tmp_path, code + "\n", "ttl")) == [field]


def test_fields_are_grouped_by_file(tmp_path: Path) -> None:
    rules = rules_for({"b": "net/b.c", "a": "net/a.c", "c": "net/a.c"})
    stage = stage_of(tmp_path, "int c;\nint a;\n", rules=rules, net__b_dot_c="int b;\n")
    assert fields(stage) == ["int _b;", "", "int _c;", "int _a;"]


def test_a_field_stands_under_no_condition(tmp_path: Path) -> None:
    stage = stage_of(tmp_path, "#ifdef INET6\nint ttl;\n#endif\n", "ttl")
    assert fields(stage) == ["int _ttl;"]
    assert after(stage).strip().startswith("#ifdef INET6\n#ifdef VIMAGE_GLOBALS\nint ttl;\n#endif")


OPEN, CLOSE = "#ifdef VIMAGE_GLOBALS\n", "#endif\n"
GUARDS = {
    "one": ("int a;\n", f"{OPEN}int a;\n{CLOSE}"),
    "neighbours": ("int a;\nstatic int b;\n", f"{OPEN}int a;\nstatic int b;\n{CLOSE}"),
    "neighbours, an empty line between": ("int a;\n\nint b;\n", f"{OPEN}int a;\n\nint b;\n{CLOSE}"),
    "a comment above": ("/* x */\nint a;\n", f"{OPEN}/* x */\nint a;\n{CLOSE}"),
    "a comment that stands apart": ("/* x */\n\nint a;\n", f"/* x */\n\n{OPEN}int a;\n{CLOSE}"),
    "a comment behind": ("int a;\t/* x\n * y */\n", f"{OPEN}int a;\t/* x\n * y */\n{CLOSE}"),
    "another one between": (
        "int a;\nint z;\nint b;\n",
        f"{OPEN}int a;\n{CLOSE}int z;\n{OPEN}int b;\n{CLOSE}",
    ),
    "on one line with another": ("int a; int z;\n", f"{OPEN}int a;\n{CLOSE} int z;\n"),
    "behind another on its line": ("int z; int a;\n", f"int z; \n{OPEN}int a;\n{CLOSE}"),
    "mixed, first": ("static int a, z = 1;\n", f"{OPEN}static int a;\n{CLOSE}static int z = 1;\n"),
    "mixed, last": ("int z = 1, a;\n", f"int z = 1;\n{OPEN}int a;\n{CLOSE}"),
    "mixed, in the middle": (
        "int y, a, b, z;\n",
        f"int y;\n{OPEN}int a, b;\n{CLOSE}int z;\n",
    ),
    "mixed, beside a whole one": (
        "int a;\nint b, z;\n",
        f"{OPEN}int a;\nint b;\n{CLOSE}int z;\n",
    ),
    "a whole one behind a mixed one": (
        "int z, a;\nint b;\n",
        f"int z;\n{OPEN}int a;\nint b;\n{CLOSE}",
    ),
    "declared and defined": ("extern int a;\nint a;\n", f"{OPEN}extern int a;\nint a;\n{CLOSE}"),
    "declared in a block": (
        "int a;\nint f(void)\n{\n\textern int a;\n\n\treturn (a);\n}\n",
        f"{OPEN}int a;\n{CLOSE}int f(void)\n{{\n"
        f"{OPEN}\textern int a;\n{CLOSE}\n\treturn (V_a);\n}}\n",
    ),
    "declared in a block, two at once": (
        "int a, b;\nint f(void)\n{\n\textern int a, b;\n\n\treturn (a + b);\n}\n",
        f"{OPEN}int a, b;\n{CLOSE}int f(void)\n{{\n"
        f"{OPEN}\textern int a, b;\n{CLOSE}\n\treturn (V_a + V_b);\n}}\n",
    ),
    "declared in a block with another": (
        "int a;\nint z;\nint f(void)\n{\n\textern int z, a;\n\n\treturn (a + z);\n}\n",
        f"{OPEN}int a;\n{CLOSE}int z;\nint f(void)\n{{\n"
        f"\textern int z;\n{OPEN}\textern int a;\n{CLOSE}\n\treturn (V_a + z);\n}}\n",
    ),
    "in both branches": (
        "#ifdef X\nint a;\n#else\nint\ta;\n#endif\n",
        f"#ifdef X\n{OPEN}int a;\n{CLOSE}#else\n{OPEN}int\ta;\n{CLOSE}#endif\n",
    ),
}


@pytest.mark.parametrize(("code", "guarded"), GUARDS.values(), ids=GUARDS.keys())
def test_guard(code: str, guarded: str, tmp_path: Path) -> None:
    names = [name for name in ("a", "b") if f" {name};" in code or f" {name}," in code]
    blocks = "INIT_VNET_NET(curvnet);\n"
    stage = stage_of(tmp_path, code, *names, compiles="\textern" not in code)
    text = after(stage).lstrip("\n").replace("\t" + blocks, "").replace(blocks, "")
    assert text == guarded


def test_externs_of_headers_are_guarded(tmp_path: Path) -> None:
    header = "#ifdef _KERNEL\nextern int a;\t/* x */\nextern int z;\nvoid f(int);\n#endif\n"
    stage = stage_of(tmp_path, "#include <net/v.h>\nint a;\nint z;\n", "a", net__v_dot_h=header)
    block = f"{OPEN}extern int a;\t/* x */\n{CLOSE}"
    assert after(stage, "net/v.h") == header.replace("extern int a;\t/* x */\n", block)


def test_a_type_that_an_extern_defines_stays_outside(tmp_path: Path) -> None:
    header = "extern LIST_HEAD(ah, s) a;\n"
    code = "#include <net/v.h>\nstruct ah a;\nstruct ah *f(void) { return &a; }\n"
    stage = stage_of(tmp_path, code, "a", net__v_dot_h=header)
    assert after(stage, "net/v.h") == f"LIST_HEAD(ah, s);\n{OPEN}extern struct ah a;\n{CLOSE}"
    assert fields(stage) == ["struct ah _a;"]


def test_the_container_defines_a_tag_that_the_definition_defined(tmp_path: Path) -> None:
    code = "static LIST_HEAD(ah, s) a[2];\nstruct ah *f(int i) { return &a[i]; }\n"
    stage = stage_of(tmp_path, code, "a")
    assert fields(stage) == ["LIST_HEAD(ah, s) _a[2];"]
    assert f"{OPEN}static struct ah a[2];\n{CLOSE}" in after(stage)


def test_the_instance_is_defined_and_declared_once(tmp_path: Path) -> None:
    rules = rules_for({"a": "net/a.c", "b": "net/b.c"})
    rules = with_container(rules, instance="net/b.c")
    code = "#include <net/b.h>\nint b;\n"
    stage = stage_of(
        tmp_path, "int a;\n", rules=rules, net__b_dot_c=code, net__b_dot_h="extern int b;\n"
    )
    guarded = (
        "#ifndef VIMAGE\n#ifndef VIMAGE_GLOBALS\n{}struct vnet_net vnet_net_0;\n#endif\n#endif\n"
    )
    assert guarded.format("") in after(stage, "net/b.c")
    assert guarded.format("extern ") in after(stage, "net/vnet.h")
    assert "vnet_net_0" not in stage.after.read("net/a.c").decode()


REFUSED = {
    "an array without a bound": ("extern int ttl[];\nint ttl[];\n", ContainerRefusal.UNBOUND),
    "cut by an #if": ("int\n#ifdef X\n*\n#endif\nttl;\n", ContainerRefusal.CUT),
    "several types": (
        "#ifdef X\nint ttl;\n#else\nlong ttl;\n#endif\n",
        ContainerRefusal.TYPE_VARIES,
    ),
    "the name is a macro": ("int ttl;\n#define ttl ttl2\n", ContainerRefusal.MACRO),
    "a type of the source": (
        "struct s { int a; };\nstatic struct s ttl;\n",
        ContainerRefusal.TYPE_HIDDEN,
    ),
    "a typedef of the source": ("typedef int t;\nstatic t ttl;\n", ContainerRefusal.TYPE_HIDDEN),
    "a bound of the source": ("#define N 4\nstatic int ttl[N];\n", ContainerRefusal.TYPE_HIDDEN),
    "an enumerator of the source": (
        "enum { N = 4 };\nstatic int ttl[N];\n",
        ContainerRefusal.TYPE_HIDDEN,
    ),
}


@pytest.mark.parametrize(("code", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(code: str, reason: Refusal, tmp_path: Path) -> None:
    stage = stage_of(tmp_path, code + "int other;\n", "ttl", "other", compiles=False)
    assert refused(stage)["ttl"].reason is reason
    assert fields(stage) == ["int _other;"]
    assert "#define\tV_ttl\tttl" in after(stage, "net/vnet.h").replace("\t\t", "\t")


def test_what_is_refused_says_what_to_do(tmp_path: Path) -> None:
    stage = stage_of(tmp_path, "struct s { int a; };\nstatic struct s ttl;\n", "ttl")
    site = refused(stage)["ttl"]
    assert (site.path, site.line) == ("net/a.c", 6)
    assert site.detail == 's: add `[[move]]` with path = "net/a.c", header = "net/a.h"'


def test_what_stays_is_used_and_exported_as_before(tmp_path: Path) -> None:
    code = (
        "static int ttl[];\nstatic int ttl[2];\nstatic int a;\n"
        'SYSCTL_INT(_net, 0, a, 0, &a, 0, "");\n'
        "struct s { int x; };\nstatic struct s b;\n"
        'SYSCTL_INT(_net, 0, b, 0, &b.x, 0, "");\n'
        "int f(void) { return a + b.x; }\n"
    )
    stage = stage_of(tmp_path, code, "a", "b")
    text = after(stage)
    assert 'SYSCTL_V_INT(V_NET, vnet_net, _net, 0, a, 0, a, 0, "");' in text
    assert 'SYSCTL_INT(_net, 0, b, 0, &b.x, 0, "");' in text
    assert list(refused(stage)) == ["b"]


def test_files_of_other_systems_keep_their_externs(tmp_path: Path) -> None:
    block = "#ifdef BSD\n#include <{header}>\n#else\n{defines}#endif\n"
    rules = rules_for({"a": "net/a.c"})
    shared = Portability(path="contrib", reason="shared", text=block)
    rules = msgspec.structs.replace(rules, portability=(shared,))
    code = "#include <sys/param.h>\nextern int a;\nint f(void) { return a; }\n"
    stage = stage_of(tmp_path, "int a;\n", rules=rules, compiles=False, contrib__x_dot_c=code)
    text = after(stage, "contrib/x.c")
    assert "\nextern int a;\n" in text
    assert "#ifdef BSD\n#include <net/vnet.h>\n#else\n#endif\n" in text
    skipped = [site.reason for site in stage.plan.sites if site.path == "contrib/x.c"]
    assert skipped == [ContainerSkip.SHARED]
