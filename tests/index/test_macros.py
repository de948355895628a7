"""What a macro does with its arguments."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.index.building import index_of
from vrefactor.c.model import EnclosingCall
from vrefactor.index.macros import ArgumentRole as Role

#: Definitions, which argument of M, and its roles.
CASES: dict[str, tuple[str, int, Role]] = {
    "expression": ("#define M(x) ((x) + 1)", 0, Role.EXPRESSION),
    "unused": ("#define M(x) 1", 0, Role.NONE),
    "too many": ("#define M(x) (x)", 1, Role.NONE),
    "tag": ("#define M(x) struct x *", 0, Role.TAG),
    "member": ("#define M(p, x) (p)->x", 1, Role.MEMBER),
    "object of a member": ("#define M(p, x) p->x", 0, Role.EXPRESSION),
    "pasted": ("#define M(x) a_##x", 0, Role.PASTED),
    "pasted from the left": ("#define M(x) x ## _a", 0, Role.PASTED),
    "stringised": ("#define M(x) # x", 0, Role.STRINGISED),
    "several": ("#define M(x) check(x, #x)", 0, Role.EXPRESSION | Role.STRINGISED),
    "tag and member": ("#define M(x) ((struct x *)p)->x", 0, Role.TAG | Role.MEMBER),
    "rest": ("#define M(x, ...) f(__VA_ARGS__)", 3, Role.EXPRESSION),
    "named rest": ("#define M(x, a...) f(#a)", 2, Role.STRINGISED),
    "nested": ("#define N(x) struct x\n#define M(x) N(x)", 0, Role.TAG),
    "nested in a function": ("#define M(x) f(x)", 0, Role.EXPRESSION),
    "nested, not alone": ("#define N(x) a##x\n#define M(x) N(x + 1)", 0, Role.PASTED),
    "nested, in the middle": ("#define N(x) a##x\n#define M(x) N(1 + x + 1)", 0, Role.EXPRESSION),
    "nested, the path of a member": ("#define N(x) p->x\n#define M(x) N(x.y)", 0, Role.MEMBER),
    "nested, stringised in parentheses": (
        "#define N(x) #x\n#define M(x) N((x))",
        0,
        Role.STRINGISED,
    ),
    "alias": ("#define N(x) struct x\n#define M N", 0, Role.TAG),
    "calls itself": ("#define M(x) M(x)", 0, Role.EXPRESSION),
    "a circle": ("#define N(x) M(x)\n#define M(x) N(x)", 0, Role.EXPRESSION),
    "two definitions": (
        "#define M(x) (x)\n#undef M\n#define M(x) #x",
        0,
        Role.EXPRESSION | Role.STRINGISED,
    ),
    "joined lines": ("#define M(x, \\\n    y) \\\n\tstruct y", 1, Role.TAG),
    "offsetof": ("#define M(t, m) __builtin_offsetof(t, m)", 1, Role.MEMBER),
}


@pytest.mark.parametrize(("text", "argument", "roles"), CASES.values(), ids=CASES)
def test_role(tmp_path: Path, text: str, argument: int, roles: Role) -> None:
    index = index_of(tmp_path / "tree", {"a.c": text + "\nint *p = &foo;\n"})
    found = index.macros.role(EnclosingCall("M", argument, first=True, last=True), "a.c")
    assert found == roles


def test_no_macro_is_a_function(tmp_path: Path) -> None:
    index = index_of(tmp_path / "tree", {"a.c": "int *p = &foo;\n"})
    assert index.macros.role(EnclosingCall("f", 0), "a.c") is Role.EXPRESSION
    assert index.macros.role(EnclosingCall("__builtin_offsetof", 1), "a.c") is Role.MEMBER


def test_the_definition_in_view_counts(tmp_path: Path) -> None:
    files = {
        "a.h": "#define M(x) struct x\n",
        "b.h": "#define M(x) #x\n",
        "a.c": '#include "a.h"\nint *p = &foo;\n',
        "c.c": "int *p = &foo;\n",
    }
    macros = index_of(tmp_path / "tree", files).macros
    assert macros.role(EnclosingCall("M", 0), "a.c") is Role.TAG
    assert macros.role(EnclosingCall("M", 0), "c.c") == Role.TAG | Role.STRINGISED
