"""Which variable a name means in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.index.building import index_of
from vrefactor.index.index import Miss, Variable

GLOBAL = Variable("foo")
USE = "int f(void) { return foo; }\n"
DEFINED = {"net/foo.c": "int foo;\n"}
EXTERN = {"net/foo.h": "extern int foo;\n"}

#: The files of the tree, the file that asks, and what `foo` means there.
CASES: dict[str, tuple[dict[str, str], str, Variable | Miss]] = {
    "its own definition": ({"a.c": "int foo;\n" + USE}, "a.c", GLOBAL),
    "its own extern": (DEFINED | {"a.c": "extern int foo;\n" + USE}, "a.c", GLOBAL),
    "a header's extern": (
        DEFINED | EXTERN | {"a.c": '#include "net/foo.h"\n' + USE},
        "a.c",
        GLOBAL,
    ),
    "a header's, through another": (
        DEFINED | EXTERN | {"b.h": "#include <net/foo.h>\n", "a.c": '#include "b.h"\n' + USE},
        "a.c",
        GLOBAL,
    ),
    "its own static": (
        DEFINED | EXTERN | {"a.c": "static int foo;\n" + USE},
        "a.c",
        Variable("foo", "a.c"),
    ),
    "static, declared extern again": (
        {"a.c": "static int foo;\nextern int foo;\n" + USE},
        "a.c",
        Variable("foo", "a.c"),
    ),
    "a static of a header": (
        DEFINED | {"s.h": "static int foo;\n", "a.c": '#include "s.h"\n' + USE},
        "a.c",
        Variable("foo", "s.h"),
    ),
    "a static of another source": (
        {"s.c": "static int foo;\n", "a.c": USE},
        "a.c",
        Miss.UNDECLARED,
    ),
    "nobody's": ({"a.c": USE}, "a.c", Miss.UNDECLARED),
    "not included": (DEFINED | EXTERN | {"a.c": USE}, "a.c", Miss.UNDECLARED),
    "a function": (DEFINED | {"a.c": "int foo(void);\n" + USE}, "a.c", Miss.OTHER),
    "an enumerator": ({"a.c": "enum { foo };\n" + USE}, "a.c", Miss.OTHER),
    "a typedef of a header": (
        DEFINED | {"t.h": "typedef int foo;\n", "a.c": '#include "t.h"\n' + USE},
        "a.c",
        Miss.OTHER,
    ),
    "a header's static and another's extern": (
        DEFINED
        | EXTERN
        | {"s.h": "static int foo;\n", "a.c": '#include "s.h"\n#include "net/foo.h"\n' + USE},
        "a.c",
        Miss.AMBIGUOUS,
    ),
    "two programs, in one of them": (
        DEFINED | {"b/foo.c": "int foo;\n" + USE},
        "b/foo.c",
        GLOBAL,
    ),
    "two programs, in neither": (
        DEFINED | {"b/foo.c": "int foo;\n", "a.c": "extern int foo;\n" + USE},
        "a.c",
        Miss.AMBIGUOUS,
    ),
    "a definition in dead code": (
        DEFINED | {"b.c": "#if 0\nint foo;\n#endif\n", "a.c": "extern int foo;\n" + USE},
        "a.c",
        GLOBAL,
    ),
    "in a header, by its own include": (
        DEFINED | EXTERN | {"a.h": '#include "net/foo.h"\n#define M foo\n'},
        "a.h",
        GLOBAL,
    ),
    "in a header, by who includes it": (
        DEFINED
        | {
            "s.c": 'static int foo;\n#include "a.h"\n',
            "a.h": "static int f(void) { return foo; }\n",
        },
        "a.h",
        Variable("foo", "s.c"),
    ),
    "in a header, by sources without a candidate": (
        DEFINED | EXTERN | {"b.c": '#include "net/foo.h"\n#include "a.h"\n', "a.h": USE},
        "a.h",
        GLOBAL,
    ),
    "in a header, by two who disagree": (
        DEFINED
        | {
            "s.c": 'static int foo;\n#include "a.h"\n',
            "t.c": 'extern int foo;\n#include "a.h"\n',
            "a.h": USE,
        },
        "a.h",
        Miss.AMBIGUOUS,
    ),
    "static under a condition, beside an extern": (
        DEFINED | {"a.c": "#ifdef A\nstatic int foo;\n#else\nextern int foo;\n#endif\n" + USE},
        "a.c",
        Miss.AMBIGUOUS,
    ),
    "static under a condition, over a header's": (
        DEFINED
        | EXTERN
        | {"a.c": '#include "net/foo.h"\n#ifdef A\nstatic int foo;\n#endif\n' + USE},
        "a.c",
        Miss.AMBIGUOUS,
    ),
    "static under a condition, and nothing else": (
        DEFINED | {"a.c": "#ifdef A\nstatic int foo;\n" + USE + "#endif\n"},
        "a.c",
        Variable("foo", "a.c"),
    ),
}


@pytest.mark.parametrize(("files", "path", "meaning"), CASES.values(), ids=CASES)
def test_denotes(
    tmp_path: Path, files: dict[str, str], path: str, meaning: Variable | Miss
) -> None:
    assert index_of(tmp_path / "tree", files).denotes(path, "foo") == meaning


def test_definitions(tmp_path: Path) -> None:
    index = index_of(
        tmp_path / "tree",
        {"a.c": "int foo = 1;\n", "b.c": "static int foo;\n", "c.c": "extern int foo;\n"},
    )
    assert index.definitions("foo") == {"a.c": GLOBAL, "b.c": Variable("foo", "b.c")}
    assert index.only_definition("foo") == GLOBAL
    assert index.only_definition("bar") is None
