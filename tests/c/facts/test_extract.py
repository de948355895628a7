"""From the bytes of a file to its facts."""

from __future__ import annotations

import pytest

from tests.c.facts_of import MATCHER, NAMES, facts_of, sites_of
from vrefactor.c.facts.extract import WantedNames, extract, extract_excluded
from vrefactor.c.model import Access, DeclKind, Role, Storage
from vrefactor.errors import SOURCE_BINARY, SOURCE_UNTERMINATED, ErrorKind, VrefactorError

#: A text with one `foo`, and its role.
ROLES: dict[str, tuple[str, Role]] = {
    "use": ("int f(void) { return foo; }", Role.USE),
    "use at file scope": ("int *p = &foo;", Role.USE),
    "tag": ("struct foo *p;", Role.TAG),
    "member": ("int f(void) { return a.foo; }", Role.MEMBER),
    "label": ("void f(void) { foo:; }", Role.LABEL),
    "local": ("void f(void) { int foo; }", Role.LOCAL),
    "parameter": ("int f(int foo);", Role.PARAMETER),
    "declaration": ("extern int foo;", Role.DECLARATION),
    "declaration in a block": ("void f(void) { extern int foo; }", Role.DECLARATION),
    "macro's name": ("#define foo 1", Role.MACRO_NAME),
    "undefined": ("#undef foo", Role.MACRO_NAME),
    "macro's parameter": ("#define M(foo) 1", Role.MACRO_PARAMETER),
    "directive": ("#if foo\n#endif", Role.DIRECTIVE),
    "macro at file scope": ("M(foo);", Role.MACRO_ARGUMENT),
    "specifier": ("LIST_HEAD(foo, x) y;", Role.MACRO_ARGUMENT),
    "pasted": ("#define M(x) x##foo", Role.PASTED),
    "stringised": ("#define M(x) #foo", Role.STRINGISED),
    "no stringising without parameters": ("#define M #foo", Role.USE),
    "alias": ("#define M foo", Role.ALIAS),
    "type": ("foo x;", Role.TYPE),
    "ambiguous": ("void f(void) { M(a) foo = 1; }", Role.AMBIGUOUS),
    "no C": ("))) foo (((", Role.UNPARSED),
}


@pytest.mark.parametrize(("text", "role"), ROLES.values(), ids=ROLES)
def test_role(text: str, role: Role) -> None:
    (site,) = (site for site in sites_of(text + "\n") if site.name == "foo")
    assert site.role is role
    assert text[site.start : site.start + 3] == "foo"


NEVER = "void f(int a) {\n if (a) {\n#ifdef notdef\n if (a > 1) {\n#endif\n foo = 1; }\n}\n"
#: A text with one `foo` in a function that one branch unbalances; its role.
UNBALANCED = {
    "in that branch": (NEVER.replace(" foo = 1", "").replace("a > 1", "foo"), Role.USE),
    "behind it": (NEVER, Role.USE),
    "a local behind it": (NEVER.replace("foo = 1", "int foo"), Role.LOCAL),
}


@pytest.mark.parametrize(("text", "role"), UNBALANCED.values(), ids=UNBALANCED)
def test_a_branch_that_is_never_compiled_need_not_balance(text: str, role: Role) -> None:
    (site,) = sites_of(text)
    assert site.role is role


ACCESS = {
    "read": ("x = foo", Access.READ),
    "written": ("foo = x", Access.WRITE),
    "added to": ("foo += x", Access.WRITE),
    "counted": ("foo++", Access.WRITE),
    "counted before": ("--foo", Access.WRITE),
    "member written": ("foo.a.b = x", Access.WRITE),
    "element written": ("foo[1] = x", Access.WRITE),
    "in parentheses": ("(foo) = x", Access.WRITE),
    "an index": ("a[foo] = x", Access.READ),
    "address": ("g(&foo)", Access.ADDRESS),
    "address of a member": ("g(&foo.a)", Access.ADDRESS),
    "pointed to": ("*foo = x", Access.READ),
    "anded": ("x = y & foo", Access.READ),
}


@pytest.mark.parametrize(("text", "access"), ACCESS.values(), ids=ACCESS)
def test_access(text: str, access: Access) -> None:
    (site,) = sites_of(f"void f(void) {{ {text}; }}\n")
    assert (site.role, site.access, site.function) == (Role.USE, access, "f")


#: A declaration of `foo`: its kind, its storage, whether it is initialised.
DECLARATIONS: dict[str, tuple[str, DeclKind, Storage, bool]] = {
    "tentative": ("int foo;", DeclKind.VARIABLE, Storage.NONE, False),
    "initialised": ("int foo = 1;", DeclKind.VARIABLE, Storage.NONE, True),
    "extern": ("extern int foo;", DeclKind.VARIABLE, Storage.EXTERN, False),
    "static": ("static int foo[2];", DeclKind.VARIABLE, Storage.STATIC, False),
    "static behind its type": ("int static foo;", DeclKind.VARIABLE, Storage.STATIC, False),
    "second": ("static int a, *foo = 0;", DeclKind.VARIABLE, Storage.STATIC, True),
    "with its struct": ("struct s { int a; } foo;", DeclKind.VARIABLE, Storage.NONE, False),
    "pointer to a function": ("int (*foo)(int);", DeclKind.VARIABLE, Storage.NONE, False),
    "list head": ("static LIST_HEAD(a, b) foo;", DeclKind.VARIABLE, Storage.STATIC, False),
    "with an attribute": ("int foo __aligned(8) = 1;", DeclKind.VARIABLE, Storage.NONE, True),
    "prototype": ("int foo(void);", DeclKind.FUNCTION, Storage.NONE, False),
    "function": ("static int foo(void) { return 1; }", DeclKind.FUNCTION, Storage.STATIC, False),
    "typedef": ("typedef int foo;", DeclKind.TYPEDEF, Storage.NONE, False),
    "enumerator": ("enum { foo = 1 };", DeclKind.ENUMERATOR, Storage.NONE, False),
    "macro": ("#define foo 1", DeclKind.MACRO, Storage.NONE, False),
}


@pytest.mark.parametrize(
    ("text", "kind", "storage", "initialised"), DECLARATIONS.values(), ids=DECLARATIONS
)
def test_declaration(text: str, kind: DeclKind, storage: Storage, initialised: bool) -> None:
    (decl,) = facts_of(text + "\n").decls
    assert (decl.kind, decl.storage, decl.has_initializer) == (kind, storage, initialised)
    assert decl.defines == (kind is DeclKind.VARIABLE and storage is not Storage.EXTERN)


def test_a_declaration_knows_of_conditions() -> None:
    text = "#ifndef H\n#define H\nint foo;\n#ifdef A\nint foo;\n#endif\n#endif\n"
    assert [decl.conditional for decl in facts_of(text).decls] == [False, True]


def test_dead_code_declares_nothing() -> None:
    assert facts_of("#if 0\nint foo;\n#endif\n").decls == ()


def test_nothing_asked_for() -> None:
    assert extract("a.c", b"int x; /* no end", WantedNames(NAMES), MATCHER) is None


@pytest.mark.parametrize(
    ("data", "kind"),
    [(b"foo /*", SOURCE_UNTERMINATED), (b"int foo = 1; \0", SOURCE_BINARY), (b"\0", SOURCE_BINARY)],
)
def test_errors(data: bytes, kind: ErrorKind) -> None:
    with pytest.raises(VrefactorError) as caught:
        extract("a.c", data, WantedNames(NAMES), MATCHER)
    assert caught.value.kind is kind


def test_excluded_files_are_only_counted() -> None:
    found = extract_excluded("a.c", b"int foo; /* foo */ int f(void) { return foo; }", NAMES)
    assert found is not None
    assert [site.role for site in found.sites] == [Role.EXCLUDED, Role.EXCLUDED]
    assert extract_excluded("a.c", b"int x;", NAMES) is None


def test_macros_that_are_asked_for() -> None:
    text = "#define M foo\nint f(void) { return N(1) + M; }\n/* O */\n"
    found = facts_of(text, frozenset((b"N", b"O")))
    assert found.macro_uses == ("N",)
    assert {site.name for site in found.sites} == {"foo", "M"}


def test_macro_facts() -> None:
    text = (
        "#define A(x, y...)\t((x) /* c */ + \\\n  foo)\n#define B\n#define C() c\n#define D (1)\n"
    )
    found = {macro.name: (macro.parameters, macro.body) for macro in facts_of(text).macros}
    assert found == {
        "A": (("x", "y..."), "((x) + foo)"),
        "B": (None, ""),
        "C": ((), "c"),
        "D": (None, "(1)"),
    }


def test_include_facts() -> None:
    text = (
        '#ifndef H\n#define H\n#include <a.h>\n#ifdef X\n#include "b.h"\n#endif\nint foo;\n#endif\n'
    )
    found = facts_of(text).includes
    assert [(include.name, include.angled, include.conditional) for include in found] == [
        ("a.h", True, False),
        ("b.h", False, True),
    ]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (b"int foo; /* foo */\nfoo", [1, 2]),
        (b"int foo;\0 /* foo */\nfoo", [1, 2]),
        (b"int foo; /* foo\nfoo", [1, 1, 2]),
    ],
    ids=["C", "a NUL", "a comment without an end"],
)
def test_an_excluded_file_that_is_no_c(text: bytes, lines: list[int]) -> None:
    found = extract_excluded("a.c", text, NAMES)
    assert found is not None
    assert [site.line for site in found.sites] == lines
