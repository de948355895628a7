"""How an invocation that has become longer is laid out."""

from __future__ import annotations

import pytest

from vrefactor.rules.types import Style
from vrefactor.steps.sysctl.layout import refill

STYLE = Style(columns=40)

# Name: the invocation, what stands before it on its line, what behind it, and the result.
UNCHANGED = {
    "one line that fits": "MACRO(aaaa, bbbb, cccc, dddd, eeee, 0);",
    "line breaks that are there": "MACRO(a,\n    b,\n\tc, d);",
    "blanks and tabs between arguments": "MACRO(a,\t b,c ,\n\td,\t\te , f);",
    "blanks at the ends of later lines": "MACRO(a, b,\n    c,\t\n    d);",
    "a later line that was too long": "MACRO(a,\n    bbbbbbbbbbbbbbbbbbb, ccccccccccccccc);",
    "one argument that is too long": "MACRO(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa);",
    "a comma in a nested call": "MACRO(a, f(b, c),\n    d);",
    "an empty line": "MACRO(a,\n\n    b);",
    "an indent of its own on each line": "MACRO(a,\n    b,\n\tc,\n  d);",
}


@pytest.mark.parametrize("text", UNCHANGED.values(), ids=UNCHANGED.keys())
def test_it_stays(text: str) -> None:
    assert refill(text.encode(), b"", b"", STYLE) == text.encode()


REFILLED = {
    "what does not fit goes to the second line": (
        "MACRO(aaaaaaaaaaaa, bbbbbbbbbbbb, cccccccccccc,\n    d, e);",
        "MACRO(aaaaaaaaaaaa, bbbbbbbbbbbb,\n    cccccccccccc, d, e);",
    ),
    "the last column stays free": (
        "MACRO(aaaaaaaaaaaa, bbbbbbbbb, ccccccc,\n    d);x",
        "MACRO(aaaaaaaaaaaa, bbbbbbbbb, ccccccc,\n    d);x",
    ),
    "one column more does not fit": (
        "MACRO(aaaaaaaaaaaa, bbbbbbbbb, cccccccc,\n    d);",
        "MACRO(aaaaaaaaaaaa, bbbbbbbbb,\n    cccccccc, d);",
    ),
    "a second line is made": (
        "MACRO(aaaaaaaaaaaa, bbbbbbbbbbbb, cccccccccccc);",
        "MACRO(aaaaaaaaaaaa, bbbbbbbbbbbb,\n    cccccccccccc);",
    ),
    "the second line is broken if it overflows": (
        "MACRO(aaaaaaaaaaaa, bbbbbbbbbbbb, cccccccccccc,\n\tdddddddd, eeeeeeee);",
        "MACRO(aaaaaaaaaaaa, bbbbbbbbbbbb,\n\tcccccccccccc, dddddddd,\n\teeeeeeee);",
    ),
    "what that leaves over goes to the third line if it has room": (
        "MACRO(aaaaaaaaaaaa, bbbbbbbbbbbb, cccccccccccc,\n\tdddddddd, eeeeeeee, ffff,\n\tg);",
        "MACRO(aaaaaaaaaaaa, bbbbbbbbbbbb,\n\tcccccccccccc, dddddddd,\n\teeeeeeee, ffff, g);",
    ),
    "or else on a line of its own": (
        "MACRO(aaaaaaaaaaaa, bbbbbbbbbbbb, cccccccccccc,\n\tdddddddd, eeeeeeee, ffff,\n"
        "\tggggggggggggggggg);",
        "MACRO(aaaaaaaaaaaa, bbbbbbbbbbbb,\n\tcccccccccccc, dddddddd,\n\teeeeeeee, ffff,\n"
        "\tggggggggggggggggg);",
    ),
    "later lines stay": (
        "MACRO(aaaaaaaaaaaa, bbbbbbbbbbbb, cccccccccccc,\n  d,\n  e, f,\n\tg);",
        "MACRO(aaaaaaaaaaaa, bbbbbbbbbbbb,\n  cccccccccccc, d,\n  e, f,\n\tg);",
    ),
    "an indent that was aligned with the parenthesis becomes a tab": (
        "MACRO(a,\n\t   b,\n\t   c);",
        "MACRO(a,\n\tb,\n\tc);",
    ),
    "joined lines are parted": ("MACRO(a, \\\n\tb,\\\n\tc);", "MACRO(a,\n\tb,\n\tc);"),
    "blanks at the ends of lines that change go": (
        "MACRO(aaaaaaaaaaaa, bbbbbbbbbbbb, ccccccccccc, \n    d, \n    e); ",
        "MACRO(aaaaaaaaaaaa, bbbbbbbbbbbb,\n    ccccccccccc, d,\n    e); ",
    ),
    "a literal is never broken": (
        'MACRO(aaaaaaaaaaaa, bbbbbbbbbbbb, "c, (d, \\" e",\n    f);',
        'MACRO(aaaaaaaaaaaa, bbbbbbbbbbbb,\n    "c, (d, \\" e", f);',
    ),
    "a comment stays with what it follows": (
        "MACRO(aaaaaaaaaaaa, bbbbbbbbbb, /* b, */ ccccc,\n    d);",
        "MACRO(aaaaaaaaaaaa,\n    bbbbbbbbbb, /* b, */ ccccc, d);",
    ),
}


@pytest.mark.parametrize(("text", "expected"), REFILLED.values(), ids=REFILLED.keys())
def test_it_is_refilled(text: str, expected: str) -> None:
    assert refill(text.encode(), b"", b"", STYLE) == expected.encode()


def test_what_stands_before_and_behind_counts() -> None:
    text = b"MACRO(aaaaaaaaa, bbbbbbbbb);"
    assert refill(text, b"\t", b"", STYLE) == text
    assert refill(text, b"\t   ", b" /**/", STYLE) == b"MACRO(aaaaaaaaa,\n    bbbbbbbbb);"
    assert refill(text, b"static ", b" /**/", STYLE) == b"MACRO(aaaaaaaaa,\n    bbbbbbbbb);"
    assert refill(text, b"static ", b"", STYLE) == text


@pytest.mark.parametrize(
    "comment",
    [b"/* one\n * two */", b"// to the end\n", b'"a\\\nb"'],
    ids=["block", "line", "text"],
)
def test_what_spans_lines_keeps_all_breaks(comment: bytes) -> None:
    text = b"MACRO(aaaaaaaaaaaa, bbbbbbbbbbbb, " + comment + b" cccccccccccccccc);"
    assert refill(text, b"", b"", STYLE) == text


def test_lines_of_other_systems_are_seen() -> None:
    text = b"MACRO(aaaaaaaaaaaa, bbbbbbbbbbbb, cccccccccccc,\r\n    d);"
    expected = b"MACRO(aaaaaaaaaaaa, bbbbbbbbbbbb,\n    cccccccccccc, d);"
    assert refill(text, b"", b"", STYLE) == expected
