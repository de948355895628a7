"""Macro bodies: their parts, and what the tokens in them are."""

from __future__ import annotations

import pytest

from tests.c.facts_of import MATCHER, sites_of
from vrefactor.c.model import Access, Role
from vrefactor.c.parse.macro_bodies import MacroBody, macro_definitions, read_body
from vrefactor.c.preprocess.conditionals import parse_conditionals
from vrefactor.c.preprocess.lexer import lex


def body_of(text: bytes) -> MacroBody:
    source = lex("a.c", text)
    (found,) = macro_definitions(source, parse_conditionals(source))
    return found


#: A definition, its parameters and the words of its body.
DEFINITIONS: dict[str, tuple[bytes, tuple[bytes, ...] | None, list[bytes]]] = {
    "object-like": (b"#define M a\n", None, [b"a"]),
    "empty": (b"#define M\n", None, []),
    "parentheses behind a blank": (b"#define M (a)\n", None, [b"(a)"]),
    "function-like": (b"#define M(a, b) a b\n", (b"a", b"b"), [b"a", b"b"]),
    "no parameters": (b"#define M() a\n", (), [b"a"]),
    "variable": (b"#define M(a, ...) b\n", (b"a", b"..."), [b"b"]),
    "named variable": (b"#define M(a...) b\n", (b"a...",), [b"b"]),
    "joined": (b"#define M(a, \\\n\tb) \\\n\ta \\\n\tb\n", (b"a", b"b"), [b"a", b"b"]),
    "joined parameters": (b"#define M(a, \\\n\tb) a\n", (b"a", b"b"), [b"a"]),
    "joined parameters, CRLF": (b"#define M(a, \\\r\n\tb) a\r\n", (b"a", b"b"), [b"a"]),
    "joined, CRLF": (b"#define M(a) \\\r\n\ta\r\n", (b"a",), [b"a"]),
    "comment": (b"#define M /* a */ b // c\n", None, [b"b"]),
}


@pytest.mark.parametrize(("text", "parameters", "words"), DEFINITIONS.values(), ids=DEFINITIONS)
def test_definition(text: bytes, parameters: tuple[bytes, ...] | None, words: list[bytes]) -> None:
    body = body_of(text)
    assert body.name == b"M"
    assert body.parameters == parameters
    assert body.text.split() == words
    assert text[body.name_at : body.name_at + 1] == b"M"
    assert len(body.text) <= len(text) - body.start


def test_a_definition_of_nothing() -> None:
    source = lex("a.c", b"#define\n#define 1\n")
    assert macro_definitions(source, parse_conditionals(source)) == []


#: The body of `#define M(x)`, and the roles of the `foo`s in it.
ROLES: dict[str, tuple[str, list[Role]]] = {
    "expression": ("(foo + (x))", [Role.USE]),
    "fragment of an expression": ("+ foo", [Role.USE]),
    "condition": ("(x) ? foo :", [Role.USE]),
    "statement": ("foo = (x);", [Role.USE]),
    "do while": ("do { foo = (x); } while (0)", [Role.USE]),
    "if": ("if (foo)", [Role.USE]),
    "else if": ("else if (foo)", [Role.USE]),
    "closes and opens": ("} else if (foo) {", [Role.USE]),
    "case": ("case foo:", [Role.USE]),
    "list": ("foo, foo", [Role.USE, Role.USE]),
    "half open": ("f(foo,", [Role.UNPARSED]),
    "initialiser": ("= foo", [Role.USE]),
    "local": ("{ int foo = 1; foo++; }", [Role.LOCAL, Role.LOCAL]),
    "local, then the outer": ("{ { int foo; } foo++; }", [Role.LOCAL, Role.USE]),
    "local in a statement expression": ("({ int foo = (x); foo; })", [Role.LOCAL, Role.LOCAL]),
    "tag": ("(struct foo *)(x)", [Role.TAG]),
    "member": ("(x)->foo.a", [Role.MEMBER]),
    "range": ("case 1 ... foo:", [Role.USE]),
    "label": ("goto foo", [Role.LABEL]),
    "pasted": ("foo##x + x##foo", [Role.PASTED, Role.PASTED]),
    "stringised": ("#foo", [Role.STRINGISED]),
    "declares a function": ("int f(int foo)", [Role.PARAMETER]),
    "declares": ("extern int foo;", [Role.DECLARATION]),
    "two words": ("foo a", [Role.TYPE]),
}


@pytest.mark.parametrize(("text", "roles"), ROLES.values(), ids=ROLES)
def test_role(text: str, roles: list[Role]) -> None:
    assert [site.role for site in sites_of(f"#define M(x) {text}\n")] == roles


def test_access_and_macro() -> None:
    (site,) = sites_of("#define M(x) foo.a = (x)\n")
    assert (site.access, site.macro, site.function) == (Access.WRITE, "M", None)


def test_read_body_gives_offsets_in_the_file() -> None:
    text = b"int a;\n#define M a + foo\n"
    body = body_of(text)
    (found,) = read_body(body, [(body.text.index(b"foo"), b"foo")], MATCHER)
    assert text[found[0] : found[0] + 3] == b"foo"
