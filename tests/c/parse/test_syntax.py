"""Reading tokens off the syntax tree: scopes of declarations, and what the grammar misreads."""

from __future__ import annotations

import pytest

from vrefactor.c.model import DeclKind, Role
from vrefactor.c.parse.syntax import Syntax
from vrefactor.c.parse.tokens import Reading


def read(text: bytes, nth: int = 0) -> Reading:
    """Return the reading of the nth `foo` of a text."""
    at = -1
    for _ in range(nth + 1):
        at = text.index(b"foo", at + 1)
    return Syntax(text).read(at)


#: A text whose first `foo` is declared, and the text in which that is visible.
SCOPES: dict[str, tuple[bytes, bytes]] = {
    "block": (b"void f(void) { { int foo; } }", b"{ int foo; }"),
    "function": (b"void f(int foo) { }", b"void f(int foo) { }"),
    "K&R head": (b"int f(foo) int foo; { }", b"int f(foo) int foo; { }"),
    "prototype": (b"int f(int foo);", b"(int foo)"),
    "parameter of a parameter": (b"int f(int (*g)(int foo)) { }", b"(int foo)"),
    "returns a function": (b"int (*f(int foo))(int) { }", b"int (*f(int foo))(int) { }"),
    "what is returned": (b"int (*f(int a))(int foo) { }", b"(int foo)"),
    "for": (b"void f(void) { for (int foo = 0;;) ; }", b"for (int foo = 0;;) ;"),
    "statement expression": (b"int a = ({ int foo; 1; });", b"{ int foo; 1; }"),
    "enumerator": (b"void f(void) { enum { foo } a; }", b"{ enum { foo } a; }"),
    "typedef": (b"void f(void) { typedef int foo; }", b"{ typedef int foo; }"),
    "nested function": (b"void f(void) { int g(int foo) { } }", b"int g(int foo) { }"),
}


@pytest.mark.parametrize(("text", "visible"), SCOPES.values(), ids=SCOPES)
def test_scope(text: bytes, visible: bytes) -> None:
    reading = read(text)
    assert reading.declares
    assert reading.scope is not None
    start, end = reading.scope
    assert text[start:end] == visible


def test_file_scope_has_no_range() -> None:
    assert read(b"int foo;").scope is None
    assert read(b"int foo;").role is Role.DECLARATION


def test_moved() -> None:
    moved = read(b"void f(void) { t foo; }").moved(100)
    assert (moved.scope, moved.type_at) == ((113, 123), 115)
    assert read(b"int a = foo;").moved(100) == read(b"int a = foo;")


#: What tree-sitter reads without an ERROR at the token, but is no C of that kind.
MISREAD: dict[str, tuple[bytes, Role]] = {
    "macro, then an assignment": (b"void f(void) { M(a) foo = 1; }", Role.AMBIGUOUS),
    "word, then an increment": (b"void f(void) { M foo++; }", Role.AMBIGUOUS),
    "macro, then a condition": (b"void f(void) { M if (foo) a = 1; }", Role.UNPARSED),
    "else on its own": (b"void f(void) { else if (foo) ; }", Role.UNPARSED),
    "product of variables": (b"void f(int a) { a * foo; }", Role.USE),
    "product after a local": (b"void f(void) { int a; a * foo; }", Role.USE),
    "prose": (b"the foo is not C", Role.UNPARSED),
    "statement at file scope": (b"g(foo);", Role.UNPARSED),
    "head that is none": (b"M(a, int b) { foo = 1; }", Role.UNPARSED),
    "head made of a name": (b"M(foo) { }", Role.AMBIGUOUS),
    "head made of names": (b"int M(a, foo) { }", Role.AMBIGUOUS),
}


@pytest.mark.parametrize(("text", "role"), MISREAD.values(), ids=MISREAD)
def test_misread(text: bytes, role: Role) -> None:
    assert read(text).role is role


#: What looks like one of those, but is just C.
RIGHT: dict[str, tuple[bytes, Role]] = {
    "pointer of a typedef": (b"void f(void) { t * foo; }", Role.LOCAL),
    "pointer of a local typedef": (b"void f(void) { typedef int t; t * foo; }", Role.LOCAL),
    "type of the same name elsewhere": (b"void g(int t) { } void f(void) { t * foo; }", Role.LOCAL),
    "typeof": (b"void f(void) { typeof(a) foo = 1; }", Role.LOCAL),
    "K&R with implicit int": (b"int f(a, foo) { }", Role.PARAMETER),
    "cast": (b"int a = (foo)b;", Role.TYPE),
    "cast or difference": (b"int a = (foo) - b;", Role.USE),
    "sizeof an element": (b"int a = sizeof(foo)[0];", Role.USE),
}


@pytest.mark.parametrize(("text", "role"), RIGHT.values(), ids=RIGHT)
def test_right(text: bytes, role: Role) -> None:
    assert read(text).role is role


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (b"int foo;", DeclKind.VARIABLE),
        (b"int foo(void);", DeclKind.FUNCTION),
        (b"int *foo(void) { }", DeclKind.FUNCTION),
        (b"int (*foo)(void);", DeclKind.VARIABLE),
        (b"typedef int (*foo)(void);", DeclKind.TYPEDEF),
        (b"enum { foo };", DeclKind.ENUMERATOR),
    ],
)
def test_kind(text: bytes, kind: DeclKind) -> None:
    assert read(text).kind is kind


@pytest.mark.parametrize(
    ("text", "function"),
    [
        (b"int f(void) { return foo; }", "f"),
        (b"int (*f(int a))(int) { return foo; }", "f"),
        (b"void f(void) { int g(void) { return foo; } }", "f"),
        (b"int a = foo;", None),
    ],
)
def test_function(text: bytes, function: str | None) -> None:
    assert read(text).function == function


def test_errors() -> None:
    syntax = Syntax(b"int a; ) int b;")
    assert syntax.has_error()
    assert syntax.error_ranges() == [(7, 8)]
    assert not Syntax(b"int a;").has_error()


def test_a_very_deep_tree() -> None:
    deep = 5000
    text = b"int a = " + b"(" * deep + b"foo" + b")" * deep + b";"
    assert read(text).role is Role.USE
