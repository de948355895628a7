"""The end of a header's code: in front of the `#endif` of its include guard, if it has one."""

from __future__ import annotations

import pytest

from vrefactor.c.preprocess.conditionals import parse_conditionals
from vrefactor.c.preprocess.lexer import lex
from vrefactor.generated.header import Header

END = {
    "no guard": "int a;\n|",
    "a group that is no guard": "int a;\n#ifdef B\nint b;\n#endif\n|",
    "a group that defines another name": "int a;\n#ifndef B\n#define C\n#endif\n|",
    "a group of which one line comes first": "int a;\n#ifndef B\nint b;\n#define B\n#endif\n|",
    "a guard": "#ifndef H\n#define H\nint a;\n|#endif\n",
    "a guard with a group at its end": "#ifndef H\n#define H\n#ifdef B\n#endif\n|#endif\n",
    "a guard behind code": 'ID("x");\n#ifndef H\n#define H\nint a;\n|#endif\n',
    "a guard behind a group": "#ifdef B\n#endif\n#ifndef H\n#define H\nint a;\n|#endif\n",
    "a guard with code behind it": "#ifndef H\n#define H\n#endif\nint a;\n|",
}


@pytest.mark.parametrize("text", END.values(), ids=END)
def test_the_end_of_the_code(text: str) -> None:
    before, _, after = text.partition("|")
    source = lex("a.h", (before + after).encode())
    conditionals = parse_conditionals(source)
    assert Header.of(source, conditionals).end == len(before)
