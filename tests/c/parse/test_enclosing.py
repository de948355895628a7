"""The calls around a token."""

from __future__ import annotations

import pytest

from vrefactor.c.model import EnclosingCall
from vrefactor.c.parse.enclosing import enclosing_calls

#: A text with an X, and the calls around it.
CASES: dict[str, tuple[bytes, list[EnclosingCall]]] = {
    "none": (b"a = X;", []),
    "sole": (b"f(X)", [EnclosingCall("f", 0, first=True, last=True)]),
    "second": (b"f(a, X, b)", [EnclosingCall("f", 1, first=True, last=True)]),
    "first of an argument": (b"f(X.a)", [EnclosingCall("f", 0, first=True)]),
    "last of an argument": (b"f(a, &X)", [EnclosingCall("f", 1, last=True)]),
    "in the middle": (b"f(1 + X + 1)", [EnclosingCall("f", 0)]),
    "nested": (
        b"f(a, g(X))",
        [EnclosingCall("f", 1), EnclosingCall("g", 0, first=True, last=True)],
    ),
    "behind another call": (b"f(g(a, b), X)", [EnclosingCall("f", 1, first=True, last=True)]),
    "in parentheses": (b"f((X))", [EnclosingCall("f", 0)]),
    "in brackets": (b"f(a[X, 1], b)", [EnclosingCall("f", 0)]),
    "in braces": (b"f({ a, X })", [EnclosingCall("f", 0)]),
    "no call": (b"if (X) while (X2)", []),
    "in a condition": (b"if (f(X))", [EnclosingCall("f", 0, first=True, last=True)]),
    "operator": (b"return (X) + sizeof(a)", []),
    "over lines": (b"f (a,\n\tX)", [EnclosingCall("f", 1, first=True, last=True)]),
    "before a semicolon": (b"f(a); g(X)", [EnclosingCall("g", 0, first=True, last=True)]),
    "closed before": (b"f(a) + X", []),
    "too many closed": (b"a)) + f(X)", [EnclosingCall("f", 0, first=True, last=True)]),
}


@pytest.mark.parametrize(("text", "calls"), CASES.values(), ids=CASES)
def test_enclosing_calls(text: bytes, calls: list[EnclosingCall]) -> None:
    at = text.index(b"X")
    assert list(enclosing_calls(text, at, at + 1)) == calls


def test_sole() -> None:
    assert EnclosingCall("f", 0, first=True, last=True).sole
    assert not EnclosingCall("f", 0, first=True).sole
