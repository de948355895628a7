"""Calls through variables that point to functions."""

from __future__ import annotations

import pytest

from tests.steps.support import MACROS
from vrefactor.c.facts.indirect_calls import FilePointerCalls, PointerCallsQuestion
from vrefactor.c.preprocess.known_macros import MacroMatcher

#: What is said of the variable: whether it is called, declared, a parameter.
SAID: dict[str, tuple[str, str]] = {
    "assigned": ("void g(void) { f = h; }", ""),
    "tested": ("void g(void) { if (f) x(f); }", ""),
    "dereferenced": ("void g(void) { *f = 1; (*f).n = 1; }", ""),
    "a call of a member": ("void g(void) { a->f(1); a.f(1); (*a->f)(1); }", ""),
    "a function of that name": ("void f(int n) { }", ""),
    "dead": ("#if 0\nvoid g(void) { f(1); }\n#endif", ""),
    "called": ("void g(void) { f(1); }", "call"),
    "called through a star": ("void g(void) { (*f)(1); ( * f ) (2); }", "call call"),
    "its value is used": ("int g(void) { return (*f)(1) + f(2); }", "call call"),
    "an element is called": ("void g(void) { f[1](2); (*f[x->n])(1); }", "call call"),
    "behind a cast": ("void g(void) { (void)(*f)(1); }", "call"),
    "declared": ("void (*f)(int);", "declared"),
    "declared elsewhere": ("extern struct a *(*f)(int n);", "declared"),
    "declared with a value": ("void (*f)(int) = h;", "declared"),
    "declared as an array": ("static int (*f[])(int) = { h };", "declared"),
    "declared by a type": ("extern t *f; t f = h;", "declared declared"),
    "a parameter": ("void walk(int n, int (*f)(int)) { f(n); }", "parameter call"),
}


def said(found: FilePointerCalls) -> str:
    kinds = {"call": found.calls, "declared": found.declared, "parameter": found.parameters}
    places = sorted((pointer.start, kind) for kind, some in kinds.items() for pointer in some)
    return " ".join(kind for _, kind in places)


@pytest.mark.parametrize(("text", "found"), SAID.values(), ids=SAID)
def test_what_is_said_of_a_variable(text: str, found: str) -> None:
    reader = PointerCallsQuestion(frozenset([b"f"]))
    assert said(reader("a.c", text.encode(), MacroMatcher(MACROS))) == found


def test_a_file_that_is_no_c_says_nothing() -> None:
    reader = PointerCallsQuestion(frozenset([b"f"]))
    assert reader("a.c", b"f(1); /*", MacroMatcher(MACROS)) == FilePointerCalls("a.c")
