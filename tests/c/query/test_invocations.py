"""Finding the macro invocation around a token."""

from __future__ import annotations

import pytest

from vrefactor.c.preprocess.conditionals import parse_conditionals
from vrefactor.c.preprocess.lexer import lex
from vrefactor.c.query.invocations import enclosing_invocation


def found(text: str, token: str = "HERE") -> str | None:
    data = text.encode()
    source = lex("a.c", data)
    at = data.index(token.encode())
    invocation = enclosing_invocation(source, parse_conditionals(source), b"KNOB", at)
    if invocation is None:
        return None
    assert data[invocation.open : invocation.open + 1] == b"("
    assert data[invocation.close : invocation.close + 1] == b")"
    return data[invocation.start : invocation.end].decode()


@pytest.mark.parametrize(
    "text",
    [
        "KNOB(HERE);",
        "KNOB (a, b(c, HERE), d) ;",
        "KNOB(\n\t&HERE,\n\t0)",
        'KNOB(")", \')\', /* ) */ HERE, "it\'s");',
    ],
)
def test_it_is_found(text: str) -> None:
    assert found(text) == text
    assert found(f"KNOB(x);\nint y; {text}\nKNOB(z);") == text


@pytest.mark.parametrize(
    "text",
    [
        "int HERE;",
        "KNOB(a); int HERE;",
        "KNOB_X(HERE);",
        "XKNOB(HERE);",
        "KNOB(HERE",
        "KNOB(HERE];",
        "KNOB(HERE,\n#ifdef A\n1\n#endif\n);",
    ],
)
def test_it_is_not_found(text: str) -> None:
    assert found(text) is None
