"""Function definitions: which heads are one, and what their parameters are."""

from __future__ import annotations

import pytest

from vrefactor.c.parse.functions import (
    FoundFunctions,
    Function,
    body_offsets,
    find_functions,
    has_declaration,
)
from vrefactor.c.preprocess.conditionals import parse_conditionals
from vrefactor.c.preprocess.lexer import lex


def find(text: str, wanted: str = "USE") -> FoundFunctions:
    """Find the functions around every `USE`."""
    source = lex("x.c", text.encode())
    places = [at for at in range(len(text)) if text.startswith(wanted, at)]
    return find_functions(source.code, parse_conditionals(source), places)


def one(text: str) -> Function:
    (function,) = find(text).functions.values()
    return function


HEADS = {
    "ANSI": ("int f(struct ifnet *ifp) { USE; }", "f", [("struct ifnet *", "ifp")]),
    "no parameters": ("int f(void) { USE; }", "f", []),
    "empty list": ("int f() { USE; }", "f", []),
    "several": (
        "int f(struct mbuf **m, int n) { USE; }",
        "f",
        [("struct mbuf **", "m"), ("int", "n")],
    ),
    "qualifiers": (
        "int f(const struct a *p, register int i __unused) { USE; }",
        "f",
        [("struct a *", "p"), ("int", "i")],
    ),
    "array": ("int f(char *v[3]) { USE; }", "f", [("char *", "v")]),
    "no name": (
        "int f(struct a *, struct b) { USE; }",
        "f",
        [("struct a *", ""), ("struct b", "")],
    ),
    "K&R": (
        "int\nf(m, ifp)\n\tstruct mbuf *m, **n;\n\tstruct ifnet *ifp;\n{ USE; }",
        "f",
        [("struct mbuf *", "m"), ("struct ifnet *", "ifp")],
    ),
    "K&R, int by default": ("f(a)\n\tint b;\n{ USE; }", "f", [("int", "a")]),
    "K&R, behind a macro": (
        "SYSCTL_DECL(_net);\nint f(a) char *a; { USE; }",
        "f",
        [("char *", "a")],
    ),
    "macro for the parameters": (
        "int f(SYSCTL_HANDLER_ARGS) { USE; }",
        "f",
        [("SYSCTL_HANDLER_ARGS", "")],
    ),
    "head made by a macro": ("DB_COMMAND(x, y)\n{ USE; }", "DB_COMMAND", [("x", ""), ("y", "")]),
    "attribute": ("int f(int a) __attribute__((cold)) { USE; }", "f", [("int", "a")]),
    "pointer to a function": ("int *f(int (*g)(void), int b) { USE; }", "f", None),
}


@pytest.mark.parametrize(("text", "name", "parameters"), HEADS.values(), ids=HEADS)
def test_a_head_is_read(text: str, name: str, parameters: list[tuple[str, str]] | None) -> None:
    function = one(text)
    assert function.name == name
    assert text[function.name_at :].startswith(name)
    assert (text[function.open], text[function.close]) == ("{", "}")
    if parameters is not None:
        assert [(p.type, p.name) for p in function.parameters] == parameters


OUTSIDE = {
    "an initialiser": "int *f[] = { USE };",
    "a structure": "struct s { int USE; };",
    "a declaration": "int USE;",
}


@pytest.mark.parametrize("text", OUTSIDE.values(), ids=OUTSIDE)
def test_what_is_in_no_function(text: str) -> None:
    found = find(text)
    assert (found.functions, found.lost) == ({}, frozenset())
    assert len(found.outside) == 1


def test_a_head_that_is_split_by_a_condition_has_one_body() -> None:
    head = "#ifdef A\nint f(int a)\n#else\nint g(int b)\n#endif\n"
    text = head + "{\n#ifdef A\nUSE;\n#else\nUSE;\n#endif\n}"
    assert len(find(text).functions) == 1


def test_a_body_that_is_split_by_a_condition_has_two_heads() -> None:
    text = "#ifdef A\nint f(void) {\n#else\nint g(void) {\n#endif\nUSE; }\n"
    assert [f.name for f in find(text).functions.values()] == ["f"]
    text = "#ifdef A\nint f(void) { USE; \n#else\nint g(void) { USE;\n#endif\n}\n"
    assert sorted(f.name for f in find(text).functions.values()) == ["f", "g"]


def test_a_branch_that_is_never_compiled_need_not_balance() -> None:
    text = "int f(int a)\n{\n\tif (a) {\n#ifdef notdef\n\tif (a > 1) {\n#endif\n\tUSE; }\n}\n"
    found = find(text + "int g(void) { USE; }\n")
    assert sorted(f.name for f in found.functions.values()) == ["f", "g"]
    assert not found.lost


def test_braces_that_never_balance_lose_the_place() -> None:
    found = find("int f(void) { USE;")
    assert (found.functions, len(found.lost)) == ({}, 1)


def test_candidates_for_bodies_of_names() -> None:
    code = b"int f(void);\nint g(void) { f(); }\nint f(void) { }"
    places = body_offsets(code, frozenset((b"f",)))
    found = find_functions(code, parse_conditionals(lex("x.c", code)), places)
    assert {function.name for function in found.functions.values()} == {"f", "g"}


DECLARES = {
    "int x;": True,
    "struct ifnet *ifp = 0;": True,
    "const char *p;": True,
    "u_int i, j;": True,
    "foo_t *p;": True,
    "static int n;": True,
    "LIST_HEAD(, x) head;": True,
    "x = 1;": False,
    "f(x);": False,
    "if (x) y();": False,
    "return x;": False,
    "x->y = 1;": False,
    "GIANT_REQUIRED;": False,
    "*p = 1;": False,
    "x++;": False,
    "out: f();": False,
    "": False,
}


@pytest.mark.parametrize(("text", "answer"), DECLARES.items(), ids=DECLARES)
def test_the_first_thing_is_a_declaration(text: str, answer: bool) -> None:
    code = b"\n\t" + text.encode()
    assert has_declaration(code, 0, len(code)) is answer
