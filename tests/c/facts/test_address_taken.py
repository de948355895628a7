"""Functions whose address a file takes, where it does not call them."""

from __future__ import annotations

import pytest

from tests.steps.support import MACROS
from vrefactor.c.facts.address_taken import AddressTakenQuestion, TakenAddress
from vrefactor.c.preprocess.known_macros import MacroMatcher

NOTHING = {
    "a call": "void g(void) { f(1); }",
    "a definition": "int f (void) { return 0; }",
    "a declaration": "extern int f __P((int)); static t *f; t f;",
    "a member": "void g(void) { a->f = b.f; }",
    "dead": "#if 0\nt x = f;\n#endif",
    "a comment": "/* = f; */",
}
#: How it is mentioned: through, argument, table, member, first argument of the call.
MENTIONED: dict[str, tuple[str, tuple[str, int, str, str, str]]] = {
    "an argument": ("void g(void) { arm(&c, f, 0); }", ("arm", 1, "", "", "&c")),
    "a cast argument": ("void g(void) { arm(c, (t *)f); }", ("arm", 1, "", "", "c")),
    "at file scope": ("HOOK(low, SUB, f);", ("HOOK", 2, "", "", "low")),
    "a named member": ("struct s x = { .go = f };", ("s", 0, "x", "go", "")),
    "a member by position": ("struct s x[] = { { 1, f } };", ("s", 1, "x", "", "")),
    "assigned to a member": ("void g(void) { a->go = f; }", ("", -1, "", "go", "")),
    "assigned with a cast": ("void g(void) { a.go = (t *)&f; }", ("", -1, "", "go", "")),
    "assigned to a variable": ("void g(void) { go = f; }", ("", -1, "", "", "")),
    "returned": ("t *g(void) { return f; }", ("", -1, "", "", "")),
}


def taken(text: str) -> tuple[TakenAddress, ...]:
    return AddressTakenQuestion(frozenset([b"f"]))("a.c", text.encode(), MacroMatcher(MACROS)).taken


@pytest.mark.parametrize("text", NOTHING.values(), ids=NOTHING)
def test_what_is_no_mention(text: str) -> None:
    assert taken(text) == ()


@pytest.mark.parametrize(("text", "found"), MENTIONED.values(), ids=MENTIONED)
def test_how_a_function_is_mentioned(text: str, found: tuple[str, int, str, str, str]) -> None:
    (mention,) = taken(text)
    assert (
        mention.through,
        mention.argument,
        mention.table,
        mention.member,
        mention.first,
    ) == found
    assert text[mention.start] == "f"


#: The variable that it is given to.
VARIABLES = {
    "assigned": ("void g(void) { go = f; }", "go"),
    "assigned with a cast": ("void g(void) { go = (t *)&f; }", "go"),
    "declared": ("void (*go)(int, t *) = f;", "go"),
    "declared by a type": ("static t *go = &f;", "go"),
    "an element": ("static t *const go[] = { NULL, f, f2 };", "go"),
    "an element of pointers": ("int (*go[]) __P((int, t *)) = { 0, f };", "go"),
    "in a structure of no type": ("t go = { g, f };", ""),
    "compared": ("int g(void) { return go == f; }", ""),
    "a member": ("void g(void) { a->go = f; }", ""),
    "returned": ("t *g(void) { return f; }", ""),
}


@pytest.mark.parametrize(("text", "variable"), VARIABLES.values(), ids=VARIABLES)
def test_which_variable_it_is_given_to(text: str, variable: str) -> None:
    assert taken(text)[0].variable == variable
