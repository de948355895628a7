"""The questions that make the index: whether a file holds words, and what it is asked."""

from __future__ import annotations

import pytest

from tests.steps.support import MACROS
from vrefactor.c.model import FileFacts, Role
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.index.questions import FactsQuestion, WordsQuestion

MATCHER = MacroMatcher(MACROS)
NAMES = frozenset({b"foo"})
MANY = frozenset(f"w{number}".encode() for number in range(99))

WORDS: dict[str, tuple[bytes, bool]] = {
    "none": (b"bar", False),
    "a part of a word": (b"a(foobar)", False),
    "a word": (b"a(foo)", True),
    "in a comment": (b"/* foo */", True),
}

#: Whether it is a header, or excluded; its text; the roles found, or None if it has no facts.
ASKED: dict[str, tuple[bool, bool, bytes, list[Role] | None]] = {
    "a source without the name": (False, False, b"int bar;", None),
    "an excluded file without it": (False, True, b"int bar;", None),
    "a header without it": (True, False, b"#define A(x) x\n", []),
    "a source": (False, False, b"int foo;", [Role.DECLARATION]),
    "a header": (True, False, b"extern int foo;", [Role.DECLARATION]),
    "an excluded file": (False, True, b"int foo;", [Role.EXCLUDED]),
}


@pytest.mark.parametrize("others", [frozenset(), MANY], ids=["few", "many"])
@pytest.mark.parametrize(("text", "holds"), WORDS.values(), ids=WORDS)
def test_words(text: bytes, holds: bool, others: frozenset[bytes]) -> None:
    assert WordsQuestion(NAMES | others)("x.c", text, MATCHER) is holds


@pytest.mark.parametrize(("header", "excluded", "text", "roles"), ASKED.values(), ids=ASKED)
def test_facts(header: bool, excluded: bool, text: bytes, roles: list[Role] | None) -> None:
    question = FactsQuestion(header, excluded, NAMES, frozenset())
    facts = question("x.h" if header else "x.c", text, MATCHER)
    assert _roles(facts) == roles


def _roles(facts: FileFacts | None) -> list[Role] | None:
    return None if facts is None else [site.role for site in facts.sites]


def test_every_part_of_a_question_is_in_its_key() -> None:
    questions = [
        FactsQuestion(header, excluded, names, macros)
        for header in (False, True)
        for excluded in (False, True)
        for names in (NAMES, frozenset({b"bar"}))
        for macros in (frozenset[bytes](), frozenset({b"M"}))
    ]
    assert len({question.key() for question in questions}) == len(questions)
