"""Lexing: what is blanked, where identifiers are, what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plainlexer import identifiers
from vrefactor.c.preprocess.lexer import (
    find_names,
    lex,
    matching,
    matching_before,
    split_arguments,
    words,
)
from vrefactor.errors import (
    SOURCE_BINARY,
    SOURCE_TOO_LARGE,
    SOURCE_UNTERMINATED,
    ErrorKind,
    VrefactorError,
)

#: What goes in, and what is left of it as code.
CODE = {
    "nothing to blank": (b"int x;\n", b"int x;\n"),
    "empty": (b"", b""),
    "comment": (b"a/* x */b", b"a       b"),
    "comment over lines": (b"a/*\n*/b", b"a     b"),
    "comment with stars": (b"/****/a/***x**/", b"      a        "),
    "comment in a comment": (b"/* /* */a", b"        a"),
    "line comment": (b"a// x\nb", b"a    \nb"),
    "line comment, joined": (b"a//\\\nx\nb", b"a     \nb"),
    "line comment at the end": (b"a// x", b"a    "),
    "string": (b'a "x y" b', b'a "   " b'),
    "string with quotes": (b'"\\"" "\\\\" x', b'"  " "  " x'),
    "string with a comment": (b'"/*" x "*/"', b'"  " x "  "'),
    "comment with a string": (b'/* " */ x', b"        x"),
    "string, joined": (b'"a\\\nb" x', b'"    " x'),
    "string, joined, CRLF": (b'"a\\\r\nb" x', b'"     " x'),
    "character": (b"'x' '\"' '\\''", b"' ' ' ' '  '"),
    "stray apostrophe": (b"it's x\ny", b"it's x\ny"),
    "stray quote, then a string": (b'"x\n"y"', b'"x\n" "'),
    "division": (b"a / b /c", b"a / b /c"),
    "Latin-1": (b"/* \xe9 */ \xe9", b"        \xe9"),
}


@pytest.mark.parametrize(("data", "code"), CODE.values(), ids=CODE)
def test_code(data: bytes, code: bytes) -> None:
    source = lex("a.c", data)
    assert source.code == code
    assert len(source.code) == len(data)


REFUSED = {
    "comment": (b"x\n\n/* y", SOURCE_UNTERMINATED, 3),
    "comment that ends too soon": (b"/*/\n", SOURCE_UNTERMINATED, 1),
    "comment behind a comment": (b"/* */ /*\n\n", SOURCE_UNTERMINATED, 1),
    "NUL": (b"a\nb\0", SOURCE_BINARY, 2),
    "NUL in a comment": (b"/*\n\0*/", SOURCE_BINARY, 2),
    "too large": (b"\n" * ((32 << 20) + 1), SOURCE_TOO_LARGE, None),
}


@pytest.mark.parametrize(("data", "kind", "line"), REFUSED.values(), ids=REFUSED)
def test_refused(data: bytes, kind: ErrorKind, line: int | None) -> None:
    with pytest.raises(VrefactorError) as caught:
        lex("a.c", data)
    assert (caught.value.kind, caught.value.path, caught.value.line) == (kind, "a.c", line)


def test_strays() -> None:
    assert lex("a.c", b"it's \"x\" \n 'y' \"").unpaired_quotes == (2, 15)


def test_lines() -> None:
    source = lex("a.c", b"a\nb\r\n\nc")
    assert [source.line(at) for at in range(len(source.data))] == [1, 1, 2, 2, 2, 3, 4]


@pytest.mark.parametrize(
    ("code", "offsets"),
    [
        (b"foo", [0]),
        (b"foo foo2 _foo foo.foo", [0, 14, 18]),
        (b"xfoo\xe9foo", [5]),
        (b"0foo 1.foo", [7]),
        (b"", []),
    ],
)
def test_find_names(code: bytes, offsets: list[int]) -> None:
    assert find_names(code, (b"foo",)) == [(at, b"foo") for at in offsets]


def test_words() -> None:
    assert list(words(b"foo+bar_2 0x1f\xe9z")) == [b"foo", b"bar_2", b"0x1f", b"z"]


@pytest.mark.parametrize(
    ("code", "closing"),
    [(b"()", 1), (b"(a[b]{c})", 8), (b"(", -1), (b"(]", -1), (b"([)]", -1), (b"{(})", -1)],
)
def test_matching(code: bytes, closing: int) -> None:
    assert matching(code, 0) == closing
    if closing >= 0:
        assert matching_before(code, closing) == 0


@pytest.mark.parametrize(("code", "opening"), [(b")", -1), (b"[)", -1), (b"([)", -1), (b"x)", -1)])
def test_matching_before(code: bytes, opening: int) -> None:
    assert matching_before(code, len(code) - 1) == opening


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (b"()", [b""]),
        (b"(a)", [b"a"]),
        (b"(a, b)", [b"a", b" b"]),
        (b"(f(a, b), [c, d], {e, f},)", [b"f(a, b)", b" [c, d]", b" {e, f}", b""]),
    ],
)
def test_split_arguments(code: bytes, arguments: list[bytes]) -> None:
    ranges = split_arguments(code, 0, len(code) - 1)
    assert [code[start:end] for start, end in ranges] == arguments


PIECES = (b"foo", b"/*", b"*/", b"//", b'"', b"'", b"\\", b"\n", b"\r\n", b" ", b"x", b"0", b"\xe9")


@given(st.lists(st.sampled_from(PIECES), max_size=14).map(b"".join))
def test_another_lexer_agrees(data: bytes) -> None:
    try:
        code = lex("a.c", data).code
    except VrefactorError:
        return
    assert [at for at, _ in find_names(code, (b"foo",))] == [
        at for at, word in identifiers(data) if word == "foo"
    ]
