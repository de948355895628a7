"""Declarations at file scope, taken apart: what is none first, then the parts of each kind."""

from __future__ import annotations

import pytest

from tests.steps.support import MACROS
from vrefactor.c.preprocess.conditionals import parse_conditionals
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.lexer import lex
from vrefactor.c.query.declarations import Declaration, declarations_at

MATCHER = MacroMatcher(MACROS)


def read(code: str, name: str) -> list[list[Declaration]]:
    """Return the declarations at each token `name` of `code`."""
    data = code.encode()
    source = lex("a.c", data)
    wanted = [at for at in range(len(data)) if data.startswith(name.encode(), at)]
    found = declarations_at(source, parse_conditionals(source), MATCHER, wanted)
    return [list(found.get(at, ())) for at in wanted]


def parts(
    code: str, declaration: Declaration
) -> tuple[str, str, list[tuple[str, str, str | None]]]:
    """Return a declaration's text, its specifiers, and its declarators with their values."""
    return (
        code[declaration.start : declaration.end],
        code[slice(*declaration.specifiers)],
        [
            (d.name, code[d.start : d.end], None if d.value is None else code[slice(*d.value)])
            for d in declaration.declarators
        ],
    )


NONE = {
    "a use": "int f(void) { return x; }",
    "a local": "int f(void) { int x = 1; return 0; }",
    "a member": "struct s { int x; } y;",
    "a function": "int x(void);",
    "a typedef": "typedef int x;",
    "a tag": "struct x { int a; };",
    "a macro": "#define x 1",
    "a macro's argument": "SYSCTL_INT(_net, OID_AUTO, x, 0, 0, 0, 0);",
    "what does not parse": "int ) x;",
}


@pytest.mark.parametrize("code", NONE.values(), ids=NONE.keys())
def test_no_declaration(code: str) -> None:
    assert read(code + "\n", "x") == [[]]


ONE = {
    "plain": ("int x;", "int", [("x", "x", None)]),
    "static, aligned by a tab": ("static int\tx = 0;", "static int", [("x", "x", "0")]),
    "array": ("char x[N + 1];", "char", [("x", "x[N + 1]", None)]),
    "array of pointers": ("struct s *x[2] = { 0 };", "struct s", [("x", "*x[2]", "{ 0 }")]),
    "function pointer": ("int (*x)(int) = f;", "int", [("x", "(*x)(int)", "f")]),
    "several": (
        "extern int y, *x, z[3];",
        "extern int",
        [("y", "y", None), ("x", "*x", None), ("z", "z[3]", None)],
    ),
    "a head": (
        "static LIST_HEAD(, s) x;",
        "static LIST_HEAD(, s)",
        [("x", "x", None)],
    ),
    "a head with a name": (
        "TAILQ_HEAD(sh, s) x = TAILQ_HEAD_INITIALIZER(x);",
        "TAILQ_HEAD(sh, s)",
        [("x", "x", "TAILQ_HEAD_INITIALIZER(x)")],
    ),
    "its own struct": (
        "static struct { int a; } x;",
        "static struct { int a; }",
        [("x", "x", None)],
    ),
    "a typedef name": ("u_int32_t x;", "u_int32_t", [("x", "x", None)]),
    "several lines": ("static int\n    x\n  = 1 +\n  2;", "static int", [("x", "x", "1 +\n  2")]),
    "an attribute": ("int x __aligned(8);", "int", [("x", "x", None)]),
}


@pytest.mark.parametrize(("code", "head", "rest"), ONE.values(), ids=ONE.keys())
def test_parts(code: str, head: str, rest: list[tuple[str, str, str | None]]) -> None:
    text = f"int a(void) {{ return 0; }}\n{code}\t/* remark */\nint b;\n"
    (found, *_) = [item for item in read(text, "x") if item]
    assert [parts(text, declaration) for declaration in found] == [(code, head, rest)]


def test_a_declaration_in_a_branch() -> None:
    text = "#ifdef A\nint x = 1;\n#else\nint x = 2;\n#endif\n"
    values = [parts(text, declaration)[2] for found in read(text, "x") for declaration in found]
    assert values == [[("x", "x", "1")], [("x", "x", "2")]]


def test_branches_inside_give_several_readings() -> None:
    text = "int x,\n#ifdef A\n    y,\n#endif\n    z;\n"
    (found,) = read(text, "x")
    assert [[d.name for d in declaration.declarators] for declaration in found] == [["x", "y", "z"]]


def test_kr_parameters_are_none() -> None:
    text = "int\nf(x)\n\tint x;\n{\n\treturn (x);\n}\n"
    assert not any(read(text, "x"))
