"""Which functions a file defines, what each calls, and whose address it takes."""

from __future__ import annotations

import pytest

from tests.steps.support import MACROS
from vrefactor.c.facts.address_taken import AddressTakenQuestion
from vrefactor.c.facts.call_sites import (
    CalledNamesQuestion,
    CallsQuestion,
    FileCalls,
)
from vrefactor.c.preprocess.known_macros import MacroMatcher

MATCHER = MacroMatcher(MACROS)


def read(text: str, path: str = "x.c", **wanted: frozenset[str]) -> FileCalls:
    return CallsQuestion(**wanted)(path, text.encode(), MATCHER)


def calls(text: str) -> list[tuple[str, list[str]]]:
    return [
        (function_calls.name, sorted(function_calls.calls))
        for function_calls in read(text).functions
    ]


NO_CALLS = {
    "a comment": "int f(void) { /* g(); */ return 0; }",
    "a string": 'char *f(void) { return "g()"; }',
    "a keyword": "int f(void) { if (1) return (0); while (sizeof(int)) ; }",
    "a member": "int f(struct s *s) { s->g(); s.g(); (*s->h)(); }",
    "dead code": "int f(void) {\n#if 0\n g();\n#endif\n}",
    "a macro's body": "int f(void) {\n#define M() g()\n}",
}
CALLS = {
    "ANSI": ("int f(void) { g(); }", [("f", ["g"])]),
    "K&R": ("int\nf(a, b)\n\tint a;\n\tchar *b;\n{\n\tg (a);\n}\n", [("f", ["g"])]),
    "nested": ("int f(void) { g(h(1), 2); }", [("f", ["g", "h"])]),
    "behind a prototype": ("int g(int);\nint f(void) { return g(1); }", [("f", ["g"])]),
    "both branches": (
        "int f(void) {\n#ifdef A\n g();\n#else\n h();\n#endif\n}",
        [("f", ["g", "h"])],
    ),
    "head split": (
        "#ifdef A\nint f(int a)\n#else\nint f(a) int a;\n#endif\n{ g(); }",
        [("f", ["g"])],
    ),
    "two of one name": (
        "#ifdef A\nint f(void) { g(); }\n#else\nint f(void) { h(); }\n#endif\n",
        [("f", ["g"]), ("f", ["h"])],
    ),
    "braces split": (
        "int f(int a) {\n#ifdef A\n if (a) {\n#else\n if (!a) {\n#endif\n g();\n }\n}\n"
        "int k(void) { h(); }",
        [("f", ["g"]), ("k", ["h"])],
    ),
    "macro without a semicolon before": (
        "SYSINIT(a, b, c, d, e)\nstatic void f(void) { g(); }",
        [("f", ["g"])],
    ),
    "braces of a branch that is never compiled": (
        "int f(int a) {\n if (a) {\n#ifdef notdef\n if (a > 1) {\n#endif\n g(); }\n}\n"
        "int k(void) { h(); }",
        [("f", ["g"]), ("k", ["h"])],
    ),
    "not yet": ("int f(void) {\n#ifdef notyet\n g();\n#endif\n}", [("f", ["g"])]),
}


@pytest.mark.parametrize("text", NO_CALLS.values(), ids=NO_CALLS)
def test_no_call(text: str) -> None:
    assert calls(text) == [("f", [])]


@pytest.mark.parametrize(("text", "found"), CALLS.values(), ids=CALLS)
def test_calls(text: str, found: list[tuple[str, list[str]]]) -> None:
    assert calls(text) == found


@pytest.mark.parametrize(
    ("text", "internal"),
    [
        ("static int f(void) { return 0; }", True),
        ("static __inline struct s *\nf(int a)\n{ return 0; }", True),
        ("static int f(void);\nint f(void) { return 0; }", True),
        ("int f(void) { return 0; }", False),
        ("static int a;\nint f(void) { return 0; }", False),
    ],
)
def test_static(text: str, internal: bool) -> None:
    assert [calls.static for calls in read(text).functions] == [internal]


def test_offsets_of_calls() -> None:
    (calls,) = read("int f(void) { g(); h(g()); }").functions
    assert calls.calls == {"g": (14, 21), "h": (19,)}


def test_what_can_not_be_read_says_so() -> None:
    assert "comment" in read("int a; /* no end").error


def test_invocations_at_file_scope() -> None:
    text = "SYSINIT(a, S,\n    O, f, &b)\nint f(void) { SYSINIT(no); }\nOTHER(a);"
    found = read(text, invoked=frozenset({"SYSINIT"})).invocations
    assert [(call.macro, call.arguments) for call in found] == [
        ("SYSINIT", ("a", "S", "O", "f", "&b"))
    ]


def test_a_macro_of_the_file_that_leads_to_a_wanted_one() -> None:
    text = "#define MINE(f) SYSINIT(f, S, O, f, 0)\nMINE(g);\n"
    found = read(text, invoked=frozenset({"SYSINIT"}))
    assert [call.macro for call in found.invocations] == ["MINE"]
    assert [macro.name for macro in found.macros] == ["MINE"]


def test_tables() -> None:
    text = (
        "struct domain d = {\n .dom_init = go, /* no */ .dom_protosw = (struct protosw *)sw,\n"
        "#if 0\n .dom_x = dead,\n#endif\n};\n"
        "static struct protosw sw[] = { { 1, &d, NULL, in }, { 2, &d, start } };\n"
        "struct other o = { go };\n"
    )
    found = read(text, tags=frozenset({"domain", "protosw"})).tables
    assert [(table.type, table.name) for table in found] == [("domain", "d"), ("protosw", "sw")]
    assert [(m.member, m.value) for m in found[0].rows[0].members] == [
        ("dom_init", "go"),
        ("dom_protosw", "sw"),
    ]
    assert [[(m.position, m.value) for m in row.members] for row in found[1].rows] == [
        [(1, "d"), (2, "NULL"), (3, "in")],
        [(1, "d"), (2, "start")],
    ]


def test_names_before_parentheses() -> None:
    text = b"int f (void) { return g(h); } /* k() */ struct domain d = { 0 };"
    names = CalledNamesQuestion(frozenset({"domain", "protosw"}))("x.c", text, MATCHER).split()
    assert set(names) == {b"f", b"g", b"k", b"=domain"}


MENTIONS = {
    "a call": ("void g(void) { f(); }", []),
    "a member": ("void g(void) { s.f = p->f; }", []),
    "dead": ("#if 0\nvoid (*p)(void) = f;\n#endif\n", []),
    "an argument": ("void g(void) { reset(&c, 1, f, 0); }", [("reset", 2, "", "")]),
    "a member of a table": ("struct sw a = { .go = f };", [("sw", 0, "a", "go")]),
    "a place in a table": ("struct sw a[] = { { 1, f } };", [("sw", 1, "a", "")]),
    "an assignment": ("void g(void) { p = f; }", [("", -1, "", "")]),
}


@pytest.mark.parametrize(("text", "found"), MENTIONS.values(), ids=MENTIONS)
def test_mentions(text: str, found: list[tuple[str, int, str, str]]) -> None:
    answer = AddressTakenQuestion(frozenset({b"f"}))("x.c", text.encode(), MATCHER)
    shown = [
        (mention.through, mention.argument, mention.table, mention.member)
        for mention in answer.taken
    ]
    assert shown == found
