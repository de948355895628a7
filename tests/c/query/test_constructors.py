"""Which functions are constructors."""

from __future__ import annotations

import pytest

from vrefactor.c.query.constructors import constructors

NONE = {
    "a name": "void constructor(void) { }",
    "another attribute": "__attribute__((destructor)) void f(void) { }",
    "a function in front": "void f(void);\n__attribute__((constructor)) int x;",
}
SOME = {
    "in front": "__attribute__((constructor)) static void f(void) { g(); }",
    "behind the type": "static void __attribute__((__constructor__)) f(void) { }",
    "a prototype": "static void f(void) __attribute__((constructor));",
    "with a priority": "void f(int n) __attribute__((unused, constructor(101)));",
    "among others": "int g(void) { }\n__attribute((cold)) __attribute((constructor)) int f() { }",
}


@pytest.mark.parametrize("code", NONE.values(), ids=NONE.keys())
def test_no_constructor(code: str) -> None:
    assert constructors(code.encode()) == frozenset()


@pytest.mark.parametrize("code", SOME.values(), ids=SOME.keys())
def test_a_constructor(code: str) -> None:
    assert constructors(code.encode()) == {"f"}
