"""What the blocks of a body declare, and what a function returns."""

from __future__ import annotations

import pytest

from vrefactor.c.parse.functions import Function, find_functions
from vrefactor.c.preprocess.conditionals import parse_conditionals
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.lexer import lex
from vrefactor.c.query.locals import locals_of, return_type
from vrefactor.rules.types import MacroRules

MACROS = MacroMatcher(MacroRules(attribute=("__unused",)))


def _function(text: str) -> Function:
    source = lex("a.c", text.encode())
    (found,) = find_functions(
        source.code, parse_conditionals(source), [source.code.index(b"{") + 1]
    ).functions.values()
    return found


TYPES = {
    "int\nf(void)": "int",
    "static __inline u_int f(void)": "u_int",
    "int x;\nunsigned long\nf(a)\n\tint a;\n": "unsigned long",
    "static struct mbuf *\nf(void)": "struct mbuf *",
    "struct s f(void)": "struct s",
    "const char **f(void)": "const char **",
    "const int f(void)": "int",
    "char * const f(void)": "char *",
    "void g(void);\n__unused static int f(void)": "int",
    "__attribute__((used)) int f(void)": "int",
    "f(void)": "",
    "HEAD(int)\nf(void)": "",
    "DECLARE int f(void)": "",
    "int *DECLARE f(void)": "",
}


@pytest.mark.parametrize(("head", "expected"), TYPES.items(), ids=TYPES)
def test_the_type_of_a_function(head: str, expected: str) -> None:
    assert return_type(_function(head + " { }"), MACROS) == expected


LOCALS = {
    "int x;": [("x", "int", False, None)],
    "register int x = 1, *p;": [
        ("x", "register int", False, "1"),
        ("p", "register int *", False, None),
    ],
    "const int x = 1; const char *s = 0;": [
        ("x", "const int", True, "1"),
        ("s", "const char *", False, "0"),
    ],
    "static struct s *p; volatile int v; int a[2];": [
        ("p", "static struct s *", True, None),
        ("v", "volatile int", True, None),
        ("a", "", True, None),
    ],
    "int (*f)(int);": [("f", "", True, None)],
    "int x; { long x; if (x) { char y; } }": [
        ("x", "int", False, None),
        ("x", "long", False, None),
        ("y", "char", False, None),
    ],
}


@pytest.mark.parametrize(("body", "expected"), LOCALS.items(), ids=LOCALS)
def test_the_locals_of_a_body(body: str, expected: list[tuple[str, str, bool, str | None]]) -> None:
    text = f"int z;\nvoid f(void) {{ {body} }}"
    found = locals_of(_function(text), MACROS)
    assert found is not None
    assert [
        (local.name, local.type, local.fixed, text[slice(*local.value)] if local.value else None)
        for local in found
    ] == expected
    assert all(text[local.at :].startswith(local.name) for local in found)


def test_a_body_that_does_not_parse_has_no_locals() -> None:
    assert locals_of(_function("void f(void) { int x; g(1) h(2); }"), MACROS) is None
