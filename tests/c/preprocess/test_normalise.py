"""Normalising: what becomes plain C, and what is left alone.  No byte moves."""

from __future__ import annotations

import pytest

from tests.steps.support import MACROS
from vrefactor.c.parse.syntax import Syntax
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.normalise import normalise

MATCHER = MacroMatcher(MACROS)

KEPT = {
    "plain function": b"int f(int a) { return a * b; }",
    "declarations": b"int *a, b[3]; struct s { int c; } d = { 1, 2 };",
    "for loop": b"void f(void) { for (;;) ; for (i = 0; i < 3; i++) ; }",
    "for loop without a step": b"void f(void) { for (i = 0; i;) g(); }",
    "call over lines": b"void f(void)\n{\n\tg(a,\n\t    b);\n\th();\n}\n",
    "call in a condition": b"void f(void)\n{\n\tif (g(a)\n\t    && b)\n\t\tc();\n}\n",
    "if with a deeper statement": (
        b"void f(void)\n{\n\tif (g)\n\t\ta = 1;\n\twhile (h(b))\n\t\tb++;\n}\n"
    ),
    "else and do on lines of their own": (
        b"void f(void)\n{\n\tif (a)\n\t\tb();\n\telse\n\tc();\n\tdo\n\tx = 1;\n\twhile (y);\n}\n"
    ),
    "labels": b"void f(void)\n{\n\tgoto out;\nout:\n\ta = 1;\n}\n",
    "ANSI head of a pointer": b"int *f(int a)\n{\n\treturn (0);\n}\n",
    "ellipsis": b"int f(char *a, ...);",
    "struct with K&R like ends": b"struct s { int *a; };\nint b(c) { }",
    "sizeof a type": b"int a = sizeof(struct s) + sizeof(int) + sizeof a;",
    "typeof a name": b"typeof(a) b; __typeof__(int *) c;",
    "cast to void": b"void f(void) { (void)g(a, (void *)b); }",
}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_kept(text: bytes) -> None:
    assert normalise(text, MATCHER) == text


#: A text, and what becomes of it (runs of blanks count as one).
REWRITTEN = {
    "attribute macro": (b"int a __unused = 1;", b"int a = 1;"),
    "attribute macro with arguments": (b"int a __aligned(8);", b"int a ;"),
    "attribute": (b"int f(void) __attribute__((x(1)));", b"int f(void) ;"),
    "prototype": (b"int f __P((int a, char *b));", b"int f (int a, char *b) ;"),
    "list head": (b"LIST_HEAD(a, b) c;", b"struct z c;"),
    "list entry": (b"struct s { TAILQ_ENTRY(s) a; };", b"struct s { struct z a; };"),
    "iterator": (
        b"void f(void) { TAILQ_FOREACH(a, b, c) g(); }",
        b"void f(void) { while (a, b, c) g(); }",
    ),
    "type argument": (b"void f(void) { a = m(b, struct s *); }", b"void f(void) { a = m(b, z ); }"),
    "empty arguments": (b"void f(void) { m(a, , b); }", b"void f(void) { m(a,0, b); }"),
    "statement argument": (b"void f(void) { DEB(a = 1;) }", b"void f(void) { { a = 1;} }"),
    "nested statement argument": (
        b"void f(void) { DEB(a = g(h(1));) }",
        b"void f(void) { { a = g(h(1));} }",
    ),
    "bare call": (b"void f(void)\n{\n\tM(a)\n\tb = 1;\n}", b"void f(void) { M(a); b = 1; }"),
    "bare call before a block's end": (b"void f(void)\n{\n\tM(a)\n}", b"void f(void) { M(a);}"),
    "bare word": (b"void f(void)\n{\n\tM\n\tb = 1;\n}", b"void f(void) { M; b = 1; }"),
    "known statement": (b"void f(void) { LEAVE b = 1; }", b"void f(void) { LEAVE;b = 1; }"),
    "typeof": (b"void f(void) { typeof(a->b) c; }", b"void f(void) { enum{z=a->b} c; }"),
    "assembly": (
        b'void f(void) { __asm __volatile("x"); }',
        b'void f(void) { asm volatile("x"); }',
    ),
    "sizeof": (b"int a = sizeof((b));", b"int a = - ((b));"),
    "computed goto": (b"void f(void) { goto *a; }", b"void f(void) { *a; }"),
    "range": (b"int a[] = { [1 ... 2] = 3 };", b"int a[] = { [1 + 2] = 3 };"),
    "K&R pointer": (b"int *\nf(a)\n\tint a;\n{ }", b"int f(a) int a; { }"),
}


@pytest.mark.parametrize(("text", "after"), REWRITTEN.values(), ids=REWRITTEN)
def test_rewritten(text: bytes, after: bytes) -> None:
    found = normalise(text, MATCHER)
    assert found.split() == after.split()
    assert len(found) == len(text)
    assert not Syntax(found).has_error()


@pytest.mark.parametrize("text", [*KEPT.values(), *(before for before, _ in REWRITTEN.values())])
def test_twice_is_once(text: bytes) -> None:
    once = normalise(text, MATCHER)
    assert normalise(once, MATCHER) == once


@pytest.mark.parametrize(
    "text", [b"", b"(", b"}", b"__P((", b"LIST_HEAD(", b"M(;)", b";)", b"typeof(", b"goto *"]
)
def test_fragments(text: bytes) -> None:
    assert len(normalise(text, MATCHER)) == len(text)
