"""Directives, groups and presence conditions."""

from __future__ import annotations

import pytest

from vrefactor.c.preprocess.conditionals import Conditionals, includes, parse_conditionals
from vrefactor.c.preprocess.lexer import lex
from vrefactor.errors import SOURCE_UNTERMINATED, VrefactorError

A, B = b"defined(A)", b"defined(B)"


def parsed(text: bytes) -> Conditionals:
    return parse_conditionals(lex("a.c", text))


#: A text with an X, and what holds where the X is.
CONDITIONS: dict[str, tuple[bytes, set[tuple[bytes, bool]]]] = {
    "none": (b"X\n", set()),
    "behind a group": (b"#if A\n#endif\nX", set()),
    "#if": (b"#if A\nX\n#endif\n", {(b"A", True)}),
    "#ifdef": (b"#ifdef A\nX\n#endif\n", {(A, True)}),
    "#ifndef": (b"#ifndef A\nX\n#endif\n", {(A, False)}),
    "defined": (b"#if defined(A)\nX\n#endif\n", {(A, True)}),
    "defined, spelt otherwise": (b"# if  defined  A\nX\n#endif\n", {(A, True)}),
    "not defined": (b"#if !defined( A )\nX\n#endif\n", {(A, False)}),
    "not": (b"#if !A\nX\n#endif\n", {(b"A", False)}),
    "and": (b"#if defined(A) && !defined(B)\nX\n#endif\n", {(A, True), (B, False)}),
    "or": (b"#if defined(A) || B\nX\n#endif\n", {(b"defined(A) || B", True)}),
    "blanks": (b"#if A   >\t1\nX\n#endif\n", {(b"A > 1", True)}),
    "joined": (b"#if A && \\\n B\nX\n#endif\n", {(b"A", True), (b"B", True)}),
    "comment": (b"#if A /* if a */\nX\n#endif\n", {(b"A", True)}),
    "#else": (b"#ifdef A\n#else\nX\n#endif\n", {(A, False)}),
    "#else of two": (b"#if A && B\n#else\nX\n#endif\n", {(b"A && B", False)}),
    "#elif": (b"#if A\n#elif B\nX\n#endif\n", {(b"A", False), (b"B", True)}),
    "#else of #elif": (b"#if A\n#elif B\n#else\nX\n#endif\n", {(b"A", False), (b"B", False)}),
    "#elifdef": (b"#if C\n#elifdef A\nX\n#endif\n", {(b"C", False), (A, True)}),
    "nested": (b"#ifdef A\n#ifdef B\nX\n#endif\n#endif\n", {(A, True), (B, True)}),
    "between": (b"#ifdef A\n#ifdef B\n#endif\nX\n#endif\n", {(A, True)}),
    "include guard": (b"#ifndef H\n#define H\nX\n#endif\n", set()),
    "include guard behind a comment": (
        b"/* c */\n#ifndef H\n#define H\nX\n#endif /* H */\n",
        set(),
    ),
    "include guard that is defined last": (b"#ifndef H\nX\n#define G\n#define H\n#endif\n", set()),
    "no guard: code behind": (
        b"#ifndef H\n#define H\nX\n#endif\nint y;\n",
        {(b"defined(H)", False)},
    ),
    "no guard: another name": (b"#ifndef H\n#define G\nX\n#endif\n", {(b"defined(H)", False)}),
    "no guard: an #else": (
        b"#ifndef H\n#define H\nX\n#else\n#endif\n",
        {(b"defined(H)", False)},
    ),
    "in a comment": (b"/*\n#if A\n*/\nX\n", set()),
    "in a string": (b'char *s = "\\\n#if A\\\n"; X\n', set()),
}


@pytest.mark.parametrize(("text", "literals"), CONDITIONS.values(), ids=CONDITIONS)
def test_condition(text: bytes, literals: set[tuple[bytes, bool]]) -> None:
    assert parsed(text).condition(text.index(b"X")) == literals


@pytest.mark.parametrize(
    ("text", "dead"),
    [
        (b"#if 0\nX\n#endif\n", True),
        (b"#if 1\n#else\nX\n#endif\n", True),
        (b"#if A\n#if 0\nX\n#endif\n#endif\n", True),
        (b"#if 0\n#else\nX\n#endif\n", False),
        (b"#if 1\nX\n#endif\n", False),
        (b"#ifdef notyet\nX\n#endif\n", False),
        (b"X", False),
    ],
)
def test_is_dead(text: bytes, dead: bool) -> None:
    assert parsed(text).is_dead(text.index(b"X")) is dead


UNPAIRED = {
    "#if": (b"\n#if A\n", 2, "#if without #endif"),
    "the outer of two": (b"#if A\n#if B\n#endif\n", 1, "#if without #endif"),
    "#endif": (b"#if A\n#endif\n#endif\n", 3, "#endif without #if"),
    "#else": (b"#else\n", 1, "#else without #if"),
    "#elif": (b"\n\n#elif A\n", 3, "#elif without #if"),
    "string": (b'x\n"y\n', 2, "string literal"),
    "character": (b"x 'y\n", 1, "character literal"),
    "string in live code": (b'#ifdef A\n"y\n#endif\n', 2, "string literal"),
}


@pytest.mark.parametrize(("text", "line", "words"), UNPAIRED.values(), ids=UNPAIRED)
def test_unterminated(text: bytes, line: int, words: str) -> None:
    with pytest.raises(VrefactorError, match=words) as caught:
        parsed(text)
    assert (caught.value.kind, caught.value.line) == (SOURCE_UNTERMINATED, line)


@pytest.mark.parametrize(
    "text",
    [b"#if 0\nit's\n#endif\n", b"#error it's\n", b'#pragma "\n', b"#define X '\n", b"// it's\n"],
)
def test_harmless_quotes(text: bytes) -> None:
    assert parsed(text).groups is not None


def test_directives() -> None:
    text = b"  #  define A \\\n 1\n#\n#undef A\nx # y\n"
    found = parsed(text).directives
    assert [directive.keyword for directive in found] == [b"define", b"", b"undef"]
    assert text[found[0].start : found[0].end] == b"  #  define A \\\n 1"
    assert parsed(text).directive_at(text.index(b"1")) == found[0]
    assert parsed(text).directive_at(text.index(b"x")) is None


def test_includes() -> None:
    text = b'#include <a/b.h>\n#  include "c.h" // x\n#include X\n/* #include <d.h> */\n'
    source = lex("a.c", text)
    found = includes(source, parse_conditionals(source))
    assert [(include.name, include.angled) for include in found] == [
        (b"a/b.h", True),
        (b"c.h", False),
    ]
