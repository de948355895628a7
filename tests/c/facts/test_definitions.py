"""What a whole file declares at file scope: nothing too much first, then all of it."""

from __future__ import annotations

import pytest

from tests.steps.support import MACROS
from vrefactor.c.facts.definitions import Definition, InitializerKind, Survey, survey
from vrefactor.c.model import Storage
from vrefactor.c.preprocess.known_macros import MacroMatcher


def read(code: str) -> Survey:
    """Survey a source file."""
    return survey("a.c", code.encode(), MacroMatcher(MACROS))


def only(code: str) -> Definition:
    """Return the one definition of a source file."""
    (found,) = read(code).definitions
    return found


NOTHING = {
    "prototype": "int f(int);",
    "static prototype": "static struct mbuf *f(struct mbuf *);",
    "prototype of a function that returns a function pointer": "int (*f(void))(int);",
    "old prototype": "int f __P((int, char *));",
    "prototype with an attribute": "void f(const char *, ...)\n    __printflike(1, 2);",
    "two prototypes with attributes": "void f(const char *, ...)\n    __printflike(1, 2);\n"
    "void g(const char *, ...)\n    __printflike(1, 2);",
    "structure": "struct s { int a; };",
    "packed structure": "struct s { int a; } __packed;",
    "macro-packed structure": "struct s { int a; } PROTO_PACKED;",
    "typedef": "typedef unsigned int u_int;",
    "typedef of a function pointer": "typedef void (*f_t)(int);",
    "enumeration": "enum e { A, B };",
    "local variable": "int f(void) { static int n; return (n++); }",
    "parameter of an old definition": "int f(a, b)\n\tint a;\n\tchar *b;\n{\n\treturn (a);\n}",
    "old definition whose list ends in va_dcl": "int f(a, va_alist)\n\tint a;\n\tva_dcl\n"
    "{\n\treturn (a);\n}",
    "head that does not parse": "int\n) f((\n\tint a;\n{\n\ta = 1;\n}",
    "malloc type": 'static MALLOC_DEFINE(M_X, "x", "the x");',
    "declarations of a header": "__BEGIN_DECLS\nstruct s;\n__END_DECLS",
    "comment": "/* int x; */",
    "macro": "#define DECLARE int x;",
}


@pytest.mark.parametrize("code", NOTHING.values(), ids=NOTHING.keys())
def test_these_define_no_variable(code: str) -> None:
    assert read(code).definitions == ()


TYPES = {
    "number": ("int x;", "int"),
    "qualified": ("static volatile u_int x = 1;", "volatile u_int"),
    "structure": ("struct inpcbhead x;", "struct inpcbhead"),
    "pointer": ("struct ifnet *x;", "struct ifnet *"),
    "array": ("static char x[IFNAMSIZ];", "char[IFNAMSIZ]"),
    "array of pointers": ("struct ifnet **x[2][N + 1];", "struct ifnet **[2][N + 1]"),
    "list head with a tag": ("TAILQ_HEAD(qhead, q) x;", "TAILQ_HEAD(qhead, q)"),
    "list head without": ("static LIST_HEAD(, q) x[8];", "LIST_HEAD(, q)[8]"),
    "function pointer": ("int (*x)(struct mbuf *, int);", "int (*)(struct mbuf *, int)"),
    "structure written out": ("static struct { int a; int b; } x;", "struct {...}"),
    "attribute": ("static int x __unused;", "int"),
    "attribute in front": ("static __aligned(8) int x;", "int"),
    "over lines and a comment": ("static struct\n\tcallout /* the timer */ x;", "struct callout"),
}


@pytest.mark.parametrize(("code", "type_"), TYPES.values(), ids=TYPES.keys())
def test_the_type_is_what_is_written(code: str, type_: str) -> None:
    found = only(code)
    assert (found.name, found.type) == ("x", type_)


CONST = {
    "const number": ("const int x = 1;", True),
    "const array": ("static const u_char x[] = { 1 };", True),
    "pointer to const": ("const char *x;", False),
    "array of pointers to const": ("static const char *x[] = { 0 };", False),
    "const pointer": ('static const char *const x = "a";', True),
    "const pointer to non-const": ("char *const x;", True),
    "plain": ("int x;", False),
}


@pytest.mark.parametrize(("code", "const"), CONST.values(), ids=CONST.keys())
def test_const_is_the_object_and_not_what_it_points_to(code: str, const: bool) -> None:
    assert only(code).const is const


INITIAL = {
    "none": ("int x;", InitializerKind.NONE),
    "zero": ("int x = 0;", InitializerKind.ZERO),
    "zero in hexadecimal": ("u_long x = 0x0UL;", InitializerKind.ZERO),
    "null pointer": ("char *x = (char *)0;", InitializerKind.ZERO),
    "number": ("int x = 60 * 60;", InitializerKind.SCALAR),
    "name": ("int x = IPDEFTTL;", InitializerKind.SCALAR),
    "string": ('char x[] = "abc";', InitializerKind.STRING),
    "address": ("struct s *x = &y;", InitializerKind.ADDRESS),
    "NULL": ("struct s *x = NULL;", InitializerKind.ADDRESS),
    "list": ("int x[] = { 1, 2 };", InitializerKind.LIST),
    "macro": ("struct q x = TAILQ_HEAD_INITIALIZER(x);", InitializerKind.CALL),
}


@pytest.mark.parametrize(("code", "initial"), INITIAL.values(), ids=INITIAL.keys())
def test_the_initialiser_is_told_by_its_kind(code: str, initial: InitializerKind) -> None:
    assert only(code).initial is initial


def test_every_declarator_counts() -> None:
    found = read("static int a, *b = &a, c[2];\nextern int d;\nint e;").definitions
    assert [(definition.name, definition.type, definition.storage) for definition in found] == [
        ("a", "int", Storage.STATIC),
        ("b", "int *", Storage.STATIC),
        ("c", "int[2]", Storage.STATIC),
        ("d", "int", Storage.EXTERN),
        ("e", "int", Storage.NONE),
    ]


def test_every_branch_is_read_and_what_several_show_counts_once() -> None:
    code = "int a;\n#ifdef INET6\nint b;\n#else\nlong b;\n#endif\n#if 0\nint c;\n#endif\n"
    found = read(code).definitions
    assert [
        (definition.name, definition.type, definition.line, definition.conditional)
        for definition in found
    ] == [
        ("a", "int", 1, False),
        ("b", "int", 3, True),
        ("b", "long", 5, True),
    ], "what stands under #if 0 defines nothing"


def test_invocations_keep_their_arguments() -> None:
    code = (
        "int x;\n"
        "SYSCTL_INT(_net_inet, OID_AUTO, x, CTLFLAG_RW,\n"
        '    &x, 0, "an x, and more");\n'
        'TUNABLE_INT("net.x", &x);\n'
    )
    assert [
        (invocation.macro, invocation.line, invocation.arguments)
        for invocation in read(code).invocations
    ] == [
        (
            "SYSCTL_INT",
            2,
            ("_net_inet", "OID_AUTO", "x", "CTLFLAG_RW", "&x", "0", '"an x, and more"'),
        ),
        ("TUNABLE_INT", 4, ('"net.x"', "&x")),
    ]


def test_functions_types_of_functions_and_conditions_are_named() -> None:
    code = (
        "typedef int hook_t(int);\ntypedef void (*call_t)(void);\ntypedef int number_t;\n"
        "#if defined(INET6) && X\nint f(void);\n#endif\nstatic int\ng(a)\n\tint a;\n{\n}\n"
    )
    found = read(code)
    assert found.functions == ("f", "g")
    assert found.function_types == ("call_t", "hook_t")
    assert found.conditions == ("INET6", "X")
