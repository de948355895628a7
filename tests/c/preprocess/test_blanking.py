"""Blanking: what is overwritten, and that nothing moves."""

from __future__ import annotations

import pytest

from vrefactor.c.model import Range
from vrefactor.c.preprocess.blanking import blank_ranges, live_code, without_directives
from vrefactor.c.preprocess.conditionals import parse_conditionals
from vrefactor.c.preprocess.lexer import lex

#: Ranges of a text, and what is left of it.
BLANKED: dict[str, tuple[bytes, list[Range], bytes]] = {
    "nothing": (b"abc", [], b"abc"),
    "an empty range": (b"abc", [(1, 1)], b"abc"),
    "one range": (b"abcdef", [(1, 3)], b"a  def"),
    "line ends stay": (b"ab\r\ncd\nef", [(0, 8)], b"  \r\n  \n f"),
    "in any order": (b"abcdef", [(4, 5), (0, 2)], b"  cd f"),
    "overlapping": (b"abcdef", [(0, 3), (2, 5)], b"     f"),
    "one in another": (b"abcdef", [(0, 5), (1, 2)], b"     f"),
}

#: A text, what is left without its directives, and what of that is live.
CODE: dict[str, tuple[bytes, bytes, bytes]] = {
    "no directive": (b"a;\nb;\n", b"a;b;", b"a;b;"),
    "every branch": (b"#if A\na;\n#else\nb;\n#endif\n", b"a;b;", b"a;b;"),
    "a dead branch": (b"#if 0\na;\n#else\nb;\n#endif\n", b"a;b;", b"b;"),
    "continued": (b"#define X \\\n a\nb;\n", b"b;", b"b;"),
    "continued, CRLF": (b"#define X \\\r\n a\r\nb;\r\n", b"b;", b"b;"),
}


@pytest.mark.parametrize(("text", "ranges", "left"), BLANKED.values(), ids=BLANKED)
def test_ranges(text: bytes, ranges: list[Range], left: bytes) -> None:
    assert blank_ranges(text, ranges) == left


@pytest.mark.parametrize(("text", "code", "live"), CODE.values(), ids=CODE)
def test_directives(text: bytes, code: bytes, live: bytes) -> None:
    source = lex("x.c", text)
    found = without_directives(source), live_code(source, parse_conditionals(source))
    assert tuple(b"".join(some.split()) for some in found) == (code, live)
    assert {len(some) for some in found} == {len(text)}
    assert {some.count(b"\n") for some in found} == {text.count(b"\n")}


def test_hidden_ranges_are_not_live() -> None:
    source = lex("x.c", b"a;\nb;\n")
    assert live_code(source, parse_conditionals(source), [(0, 2)]) == b"  \nb;\n"
