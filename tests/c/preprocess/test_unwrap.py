"""Macros that wrap or extend a declaration: a no-op table, then what becomes plain C."""

from __future__ import annotations

import pytest

from tests.steps.support import MACROS
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.unwrap import (
    added_parameters,
    leading_words,
    made_heads,
    member_wrappers,
)

MATCHER = MacroMatcher(MACROS)

KEPT = {
    "a call in a function": b"int f(void) { PUT_FIELD(a b); }",
    "an initialiser": b"struct s x = { MAKE(a b); };",
    "a member of a struct": b"struct s { int (*MAKE)(int a); };",
    "arguments": b"int f(void) { g(a, B_C); h(struct A_B); k(sizeof(unsigned A_B)); }",
    "a parameter's type": b"int f(const A_T b, struct B_T *c);",
    "a return type on its own line": b"BIG_T\nf(void)\n{\n}\n",
    "a call before a block in a function": b"int f(void)\n{\n\tg();\nSHOW_IT(a)\n\t;\n}",
    "a return type before a head": b"BIG_T\nfoo(a)\n{\n}\n",
    "an initialiser made by a macro": b"struct s x = MAKE_IT(a)\n;",
    "strings": b'int f(void) { g("" X_Y); }',
}
UNWRAPPED = {
    "a member": (b"struct s { PACKED_FIELD(int x); };", b"struct s {              int x ; };"),
    "neighbours": (
        b"struct s { F(int x); F(int y); F(u_char z[3]); };",
        b"struct s {   int x ;   int y ;   u_char z[3] ; };",
    ),
    "a parameter": (b"int f(int a EXTRA_ARG(int b))\n{ }", b"int f(int a                 )\n{ }"),
    "an argument": (b"int f() { g(a EXTRA_ARG); }", b"int f() { g(a          ); }"),
    "two of them": (
        b"int f() { g(a X_A(b) X_B(c)); }",
        b"int f() { g(a              ); }",
    ),
    "a head": (b"SHOW_IT(name, f)\n{\n\tx;\n}\n", b"int z()         \n{\n\tx;\n}\n"),
    "a word before a struct": (
        b"PACKED_BEGIN\nstruct s { int x; };",
        b"            \nstruct s { int x; };",
    ),
}


def _all(text: bytes) -> bytes:
    for rewrite in (leading_words, made_heads, member_wrappers, added_parameters):
        text = rewrite(text, MATCHER)
    return text


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT.keys())
def test_kept(text: bytes) -> None:
    assert _all(text) == text


@pytest.mark.parametrize(("text", "expected"), UNWRAPPED.values(), ids=UNWRAPPED.keys())
def test_unwrapped(text: bytes, expected: bytes) -> None:
    assert _all(text) == expected
    assert len(text) == len(expected)
