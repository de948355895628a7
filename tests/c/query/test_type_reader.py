"""Types read off declarations: what is understood, and what is not."""

from __future__ import annotations

import pytest

from tests.steps.support import MACROS
from vrefactor.c.preprocess.blanking import without_directives
from vrefactor.c.preprocess.conditionals import parse_conditionals
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.lexer import lex
from vrefactor.c.query.object_types import (
    ArrayType,
    Member,
    NamedType,
    ObjectType,
    RecordType,
    ScalarType,
    UnknownType,
)
from vrefactor.c.query.type_reader import DeclaredType, TypeReader, Unreadable

INT = ObjectType(ScalarType(characters=True))
CHAR = ObjectType(ScalarType(characters=True, plain=True))
POINTER = ObjectType(ScalarType())


def read(text: str) -> list[DeclaredType]:
    source = lex("x.c", text.encode())
    reader = TypeReader(
        source, parse_conditionals(source), without_directives(source), MacroMatcher(MACROS)
    )
    return reader.declaration(0)


def record(*members: Member, union: bool = False, open_ended: bool = False) -> ObjectType:
    return ObjectType(RecordType(union, members, open_ended))


NOT_UNDERSTOOD = {
    "no type": "static;",
    "a call": "LINES(x, y) z;",
    "two types": "int struct s x;",
    "no end": "int x",
    "no name": "int ;",
    "a condition": "int\n#ifdef A\nx\n#else\ny\n#endif\n;",
}


@pytest.mark.parametrize("text", NOT_UNDERSTOOD.values(), ids=NOT_UNDERSTOOD.keys())
def test_it_is_not_understood(text: str) -> None:
    with pytest.raises(Unreadable):
        read(text)


TYPES = {
    "a number": ("int x;", INT),
    "a character": ("char x;", CHAR),
    "bytes": ("unsigned char x;", INT),
    "a floating number": ("double x;", POINTER),
    "an enumeration": ("enum e { A, B } x;", INT),
    "a constant": ("const int x;", ObjectType(INT.form, const=True)),
    "volatile behind": ("int volatile x;", ObjectType(INT.form, volatile=True)),
    "a pointer to a constant": ("const int *x;", POINTER),
    "a constant pointer": ("int *const x;", ObjectType(ScalarType(), const=True)),
    "a name": ("u_int x;", ObjectType(NamedType("", "u_int"))),
    "a tag": ("struct s x;", ObjectType(NamedType("struct", "s"))),
    "an array": ("int x[ 4 ];", ObjectType(ArrayType(INT, b"4"))),
    "a character as a bound": ("int x['a'];", ObjectType(ArrayType(INT, b"'a'"))),
    "an array without a bound": ("char x[];", ObjectType(ArrayType(CHAR, b""))),
    "arrays": ("int x[2][3];", ObjectType(ArrayType(ObjectType(ArrayType(INT, b"3")), b"2"))),
    "pointers in an array": ("int *x[2];", ObjectType(ArrayType(POINTER, b"2"))),
    "a pointer to an array": ("int (*x)[2];", POINTER),
    "a pointer to a function": ("int (*x)(int, char *);", POINTER),
    "a pointer to a function of old": ("int (*x) __P((int));", POINTER),
    "functions in an array": ("int (*x[3])(void);", ObjectType(ArrayType(POINTER, b"3"))),
    "an attribute": ("int x __attribute__((aligned(8)));", INT),
    "an attribute in front": ("__attribute__((unused)) static int x;", INT),
    "a structure": (
        "struct s { int a, *b; char c[2]; } x;",
        record(
            Member("a", INT), Member("b", POINTER), Member("c", ObjectType(ArrayType(CHAR, b"2")))
        ),
    ),
    "bit fields": (
        "struct { int a : 3, : 2; int b; } x;",
        record(Member("a", INT, bits=True), Member("b", INT)),
    ),
    "a union in a structure": (
        "struct { int a; union { int b; char c; }; } x;",
        record(
            Member("a", INT), Member("", record(Member("b", INT), Member("c", CHAR), union=True))
        ),
    ),
    "a member without a length": (
        "struct { int a; char b[]; } x;",
        record(Member("a", INT), Member("b", ObjectType(ArrayType(CHAR, b""))), open_ended=True),
    ),
    "a member that a macro makes": (
        "struct { TAILQ_ENTRY(s) link; int a; } x;",
        record(
            Member("link", ObjectType(UnknownType("a macro stands for it: TAILQ_ENTRY"))),
            Member("a", INT),
        ),
    ),
    "members under a condition": (
        "struct {\n#ifdef A\n int a;\n#endif\n int b[0];\n} x;",
        ObjectType(RecordType(False, None, True)),
    ),
    "members that are not understood": (
        "struct { LINES(a, b) int c; } x;",
        ObjectType(RecordType(False, None, False)),
    ),
    "a vector": (
        "int x __attribute__((vector_size(16)));",
        ObjectType(UnknownType("an attribute changes its type")),
    ),
    "the type of an expression": (
        "typeof(1 + 2) x;",
        ObjectType(UnknownType("it is the type of an expression")),
    ),
}


@pytest.mark.parametrize(("text", "kind"), TYPES.values(), ids=TYPES.keys())
def test_it_is_read(text: str, kind: ObjectType) -> None:
    (found,) = read(text)
    assert (found.name, found.type) == ("x", kind)


def test_each_declarator_has_its_own_type() -> None:
    found = read("typedef char name_t[8], *text_t;")
    assert [(known.name, known.typedef) for known in found] == [("name_t", True), ("text_t", True)]
    assert [known.type for known in found] == [ObjectType(ArrayType(CHAR, b"8")), POINTER]
