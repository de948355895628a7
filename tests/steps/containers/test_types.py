"""Step 2.2: types that move to headers, includes that containers need, inline functions."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.steps.containers.containing import after, fields, refused, stage_of
from tests.steps.support import rules_for
from vrefactor.rules import Move, RuleSet
from vrefactor.steps.containers.reasons import ContainerRefusal


def moving(*symbols: str, header: str = "net/a_var.h") -> RuleSet:
    """Return rules by which the types of `net/a.c` move to a header."""
    rules = rules_for(dict.fromkeys(symbols, "net/a.c"))
    return msgspec.structs.replace(rules, moves=(Move(path="net/a.c", header=header),))


def moved(text: str) -> str:
    """Return the header that is made for types."""
    return f"#ifndef _NET_A_VAR_H_\n#define\t_NET_A_VAR_H_\n\n{text}\n#endif /* !_NET_A_VAR_H_ */\n"


STAYS = {
    "a type that only a pointer names": "struct s { int a; };\nstatic struct s *ttl;\n",
    "a type that the field does not name": "struct s { int a; };\nstatic int ttl;\n",
    "a type under a pointer in an array": "struct s { int a; };\nstatic struct s *ttl[2];\n",
    "a list's element": "struct s { LIST_ENTRY(s) l; };\nstatic LIST_HEAD(, s) ttl;\n",
}


@pytest.mark.parametrize("code", STAYS.values(), ids=STAYS.keys())
def test_a_type_stays(code: str, tmp_path: Path) -> None:
    stage = stage_of(tmp_path, code, rules=moving("ttl"))
    assert stage.plan.new_files == ()
    assert code.partition("\n")[0] in after(stage)
    assert not refused(stage)


GOES = {
    "a struct": ("struct s {\n\tint a;\n};\n", "static struct s ttl;\n"),
    "a struct in an array": ("struct s { int a; };\n", "static struct s ttl[2];\n"),
    "a typedef": ("typedef struct { int a; } t;\n", "static t *ttl;\n"),
    "a bound": ("#define N 4\n", "static int ttl[N];\n"),
    "a bound's bound": ("#define LOG 2\n#define N (1 << LOG)\n", "static int ttl[N];\n"),
    "an enumerator": ("enum { N = 4 };\n", "static int ttl[N];\n"),
    "a struct of a struct": (
        "struct r { int a; };\n\nstruct s { struct r r; };\n",
        "struct s ttl;\n",
    ),
    "a struct with a bound": ("#define N 2\nstruct s { int a[N]; };\n", "static struct s ttl;\n"),
    "directives inside": ("struct s {\n\tint a;\n#define A_ON 1\n};\n", "static struct s ttl;\n"),
    "a comment": ("/* An s. */\nstruct s { int a; };\n", "static struct s ttl;\n"),
    "an #ifndef of its own": ("#ifndef N\n#define N 4\n#endif\n", "static int ttl[N];\n"),
    "a head": ("LIST_HEAD(sh, s);\n", "static struct sh ttl;\n"),
}


@pytest.mark.parametrize(("types", "definition"), GOES.values(), ids=GOES.keys())
def test_a_type_goes_to_a_new_header(types: str, definition: str, tmp_path: Path) -> None:
    code = types + "int between;\n" + definition
    stage = stage_of(tmp_path, code, rules=moving("ttl"))
    assert after(stage, "net/a_var.h") == moved(types)
    guarded = f"#ifdef VIMAGE_GLOBALS\n{definition}#endif\n"
    assert after(stage).lstrip("\n") == "int between;\n" + guarded
    assert "#include <net/a_var.h>\n" in after(stage, "net/vnet.h")
    assert not refused(stage)


def test_a_type_inside_a_definition_goes(tmp_path: Path) -> None:
    code = "static struct s {\n\tint a;\n} ttl[2];\nint f(struct s *p) { return p == ttl; }\n"
    stage = stage_of(tmp_path, code, rules=moving("ttl"))
    assert after(stage, "net/a_var.h") == moved("struct s {\n\tint a;\n};\n")
    assert "\nstatic struct s ttl[2];\n" in after(stage)
    assert fields(stage) == ["struct s _ttl[2];"]


def test_a_type_under_a_condition_keeps_it(tmp_path: Path) -> None:
    code = "#ifndef NO\nint z;\nstruct s { int a; };\n#endif\nstatic struct s ttl;\n"
    stage = stage_of(tmp_path, code, rules=moving("ttl"))
    assert after(stage, "net/a_var.h") == moved("#ifndef NO\nstruct s { int a; };\n#endif\n")


def test_types_go_to_the_end_of_kernel_code_of_a_header(tmp_path: Path) -> None:
    header = "#ifndef _A_H_\n#define _A_H_\n#ifdef _KERNEL\nint f(int);\n#endif\n#endif\n"
    code = "#include <net/a_var.h>\nstruct s { int a; };\nstruct s ttl;\n"
    stage = stage_of(tmp_path, code, rules=moving("ttl"), net__a_var_dot_h=header)
    expected = header.replace("f(int);\n", "f(int);\n\nstruct s { int a; };\n\n")
    assert after(stage, "net/a_var.h") == expected


def test_the_types_of_a_host_come_before_its_struct(tmp_path: Path) -> None:
    rules = moving("ttl", header="net/host.h")
    (container,) = rules.containers
    host = msgspec.structs.replace(container, header="net/host.h", host=True)
    rules = msgspec.structs.replace(rules, containers=(host,))
    header = "#ifndef _H_\n#define _H_\n#ifdef _KERNEL\nint f(int);\n#endif\n#endif\n"
    code = "#include <net/host.h>\nstruct s { int a; };\nstruct s ttl;\n"
    stage = stage_of(tmp_path, code, rules=rules, net__host_dot_h=header)
    text = after(stage, "net/host.h")
    assert text.index("struct s {") < text.index("struct vnet_net {")
    assert "#include" not in text


def included(header: str) -> list[str]:
    return [line for line in header.splitlines() if line.startswith("#include")]


def test_a_header_that_counts_on_another_comes_behind_it(tmp_path: Path) -> None:
    """`b.c` does not include what `s.h` needs, so the container's header has to."""
    rules = rules_for({"ttl": "net/a.c"})
    inner = "#ifndef _R_H_\n#define _R_H_\nstruct r { int a; };\n#endif\n"
    outer = (
        "#ifndef _S_H_\n#define _S_H_\nstruct s { struct r r; };\nextern struct s ttl;\n#endif\n"
    )
    user = "#include <sys/param.h>\n#include <net/d.h>\nint f(void) { return TTL; }\n"
    stage = stage_of(
        tmp_path,
        "#include <net/r.h>\n#include <net/s.h>\nstruct s ttl;\n",
        rules=rules,
        net__r_dot_h=inner,
        net__s_dot_h=outer,
        net__d_dot_h="#ifndef _D_H_\n#define _D_H_\n#include <net/r.h>\n#include <net/s.h>\n"
        "#define TTL (ttl.r.a)\n#endif\n",
        net__b_dot_c=user,
    )
    lines = included(after(stage, "net/vnet.h"))
    assert lines == ["#include <net/r.h>", "#include <net/s.h>"]


def test_what_every_user_includes_before_is_not_included(tmp_path: Path) -> None:
    code = "static LIST_HEAD(, s) ttl;\nvoid *f(void) { return ttl.lh_first; }\n"
    stage = stage_of(tmp_path, code, "ttl")
    assert included(after(stage, "net/vnet.h")) == []


def test_a_tag_that_a_prototype_names_is_declared(tmp_path: Path) -> None:
    header = "#ifndef _S_H_\n#define _S_H_\nstruct s { int a; };\nint g(struct q *);\n#endif\n"
    code = "#include <net/q.h>\n#include <net/s.h>\nstruct s ttl;\n"
    user = "#include <net/d.h>\nint f(void) { return TTL; }\n"
    wrapper = "#ifndef _D_H_\n#define _D_H_\nextern struct s ttl;\n#define TTL (ttl.a)\n#endif\n"
    stage = stage_of(
        tmp_path,
        code,
        "ttl",
        compiles=False,
        net__q_dot_h="struct q;\n",
        net__s_dot_h=header,
        net__b_dot_c=user,
        net__d_dot_h=wrapper,
    )
    assert "struct q;\n\n#include <net/s.h>\n" in after(stage, "net/vnet.h")


HIDDEN = "#include <net/v.h>\n#include <net/vnet.h>\n"


def test_each_source_includes_what_it_uses_by_name(tmp_path: Path) -> None:
    rules = rules_for({"ttl": "net/a.c"})
    (container,) = rules.containers
    rules = msgspec.structs.replace(
        rules, containers=(msgspec.structs.replace(container, central="net/v.h"),)
    )
    header = "#ifndef _V_H_\n#define _V_H_\nextern int ttl;\n#define TWICE (2 * ttl)\n#endif\n"
    stage = stage_of(
        tmp_path,
        "#include <net/v.h>\nint ttl;\n",
        rules=rules,
        net__v_dot_h=header,
        net__use_dot_c="#include <net/v.h>\nint f(void) { return ttl; }\n",
        net__macro_dot_c="#include <net/v.h>\nint g(void) { return TWICE; }\n",
        net__none_dot_c="#include <net/v.h>\nint h(void) { return 0; }\n",
    )
    assert "#include" not in after(stage, "net/v.h")
    for name in ("use", "macro"):
        assert HIDDEN in after(stage, f"net/{name}.c")
    assert "vnet.h" not in after(stage, "net/none.c")


def test_a_use_under_a_condition_includes_where_its_folder_is(tmp_path: Path) -> None:
    code = (
        "#include <sys/param.h>\n#ifdef INET6\n#include <net/v.h>\n#endif\n#include <sys/queue.h>\n"
        "int z;\n#ifdef INET6\nint f(void) { return ttl; }\n#endif\n"
    )
    stage = stage_of(
        tmp_path, "int ttl;\n", "ttl", net__b_dot_c=code, net__v_dot_h="extern int ttl;\n"
    )
    assert "#ifdef INET6\n#include <net/v.h>\n#include <net/vnet.h>\n#endif\n" in after(
        stage, "net/b.c"
    )


def test_own_headers_come_behind_the_container_s(tmp_path: Path) -> None:
    """They may define anew what the layout of the struct is made of."""
    code = (
        "#include <sys/param.h>\n#include <net/v.h>\n"
        '#include "net/own.h"\nint f(void) { return ttl[0]; }\n'
    )
    stage = stage_of(
        tmp_path,
        "#include <net/v.h>\nint ttl[N];\n",
        "ttl",
        net__b_dot_c=code,
        net__v_dot_h="#ifndef _V_H_\n#define _V_H_\n#define N 4\nextern int ttl[N];\n#endif\n",
        net__own_dot_h="#undef N\n#define N 2\n",
    )
    place = after(stage, "net/b.c").index
    assert place("<net/vnet.h>") < place('"net/own.h"')


INLINE = "static inline int\nid(void)\n{\n\n\treturn (ttl++);\n}\n"


def test_an_inline_function_moves_to_the_container_s_header(tmp_path: Path) -> None:
    header = (
        "#ifndef _V_H_\n#define _V_H_\nextern int ttl;\nint other(void);\n\n"
        "/* The next id. */\nstatic inline int id(void);\n\n" + INLINE + "\nint z(void);\n#endif\n"
    )
    user = "#include <sys/param.h>\n#include <net/v.h>\nint f(void) { return id(); }\n"
    stage = stage_of(
        tmp_path, "#include <net/v.h>\nint ttl;\n", "ttl", net__v_dot_h=header, net__b_dot_c=user
    )
    left = after(stage, "net/v.h")
    assert "id" not in left.replace("void", "")
    assert "int other(void);\n\nint z(void);\n" in left
    text = after(stage, "net/vnet.h")
    assert "/* The next id. */\nstatic inline int\nid(void)\n{\n\tINIT_VNET_NET(curvnet);\n" in text
    assert "#include <net/vnet.h>\n" in after(stage, "net/b.c")


PASTED = {
    "used and made a string": (
        "#define CHECK(x) do { if (x < 0) report(#x, x); } while (0)\n",
        "#define CHECK(x) do { if (V_ ## x < 0) report(#x, V_ ## x); } while (0)\n",
    ),
    "on several lines": (
        "#define CHECK(x) do {\t\\\n\tif (x < 0)\t\\\n\t\treport(#x, x);\t\\\n} while (0)\n",
        "#define CHECK(x) do {\t\\\n\tif (V_ ## x < 0)\t\\\n"
        "\t\treport(#x, V_ ## x);\t\\\n} while (0)\n",
    ),
}


@pytest.mark.parametrize(("macro", "pasting"), PASTED.values(), ids=PASTED.keys())
def test_a_macro_that_makes_a_string_pastes_the_prefix(
    macro: str, pasting: str, tmp_path: Path
) -> None:
    code = "void report(const char *, int);\nint ttl;\n" + macro + "void f(void) { CHECK(ttl); }\n"
    stage = stage_of(tmp_path, code, "ttl")
    assert pasting in after(stage)
    assert fields(stage) == ["int _ttl;"]
    assert not refused(stage)


UNMENDED = {
    "given something else too": "#define S(x) report(#x, x)\nvoid f(void) { S(ttl); S(1); }\n",
    "taken for a member": "#define S(x) report(#x, p->x + x)\nvoid f(struct s *p) { S(ttl); }\n",
    "pasted already": "#define S(x) report(#x, x + a_ ## x)\nint a_ttl;\n"
    "void f(void) { S(ttl); }\n",
}


@pytest.mark.parametrize("code", UNMENDED.values(), ids=UNMENDED.keys())
def test_a_plain_use_that_is_left_keeps_the_variable(code: str, tmp_path: Path) -> None:
    lead = "struct s { int ttl; };\nvoid report(const char *, int);\nint ttl;\n"
    stage = stage_of(tmp_path, lead + code, "ttl")
    assert refused(stage)["ttl"].reason is ContainerRefusal.PLAIN
    assert fields(stage) == []
    assert (
        "\nint ttl;\n" in "\n" + after(stage)
        or "int ttl;\n" in stage.after.read("net/a.c").decode()
    )


def test_what_a_macro_only_pastes_is_no_use(tmp_path: Path) -> None:
    code = "int ttl;\nint ttl_max;\n#define MAX(x) x ## _max\nint f(void) { return MAX(ttl); }\n"
    stage = stage_of(tmp_path, code, "ttl")
    assert fields(stage) == ["int _ttl;"]
