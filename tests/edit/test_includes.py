"""Where an `#include` goes that a file newly needs: under which conditions."""

from __future__ import annotations

import pytest

from vrefactor.c.facts.extract import include_facts
from vrefactor.c.preprocess.conditionals import parse_conditionals
from vrefactor.c.preprocess.lexer import lex
from vrefactor.edit.includes import insertion_point

MARK = "/* here */\n"
PLACES = {
    "behind those of its folder": "#include <sys/a.h>\n%s#include <net/b.h>\nint use;\n",
    "in the condition of its user": (
        "#ifdef A\n#include <sys/a.h>\n#endif\n#ifdef B\n%sint use;\n#endif\n"
    ),
    "in that of all others": "#ifndef _H\n#include <sys/a.h>\n%s#endif\nint use;\n",
    "not in a function": (
        "#ifndef _H\n#include <sys/a.h>\n%s#include <net/b.h>\n#endif\nvoid\nf(void)\n{\n"
        "#ifdef B\n\tuse();\n#endif\n}\n"
    ),
}


@pytest.mark.parametrize("code", PLACES.values(), ids=PLACES.keys())
def test_place(code: str) -> None:
    data = (code % "").encode()
    source = lex("a.c", data)
    facts = include_facts(source, parse_conditionals(source))
    at = insertion_point("a.c", data, facts, "sys/new.h", [data.index(b"use")])
    assert data[:at].decode() + MARK + data[at:].decode() == code % MARK
