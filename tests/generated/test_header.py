"""Where a header ends for what is added to it."""

from __future__ import annotations

import pytest

from vrefactor.generated.header import Header

UNGUARDED = {
    "an empty header": b"",
    "no condition": b"int x;\n",
    "a condition around all of it": b"#ifdef _KERNEL\nint x;\n#endif\n",
    "a condition at its end": b"int x;\n#ifndef X\nint y;\n#endif\n",
    "a default at its end": b"int x;\n#ifndef X\nint y;\n#define X 1\n#endif\n",
    "a default and no more": b"int x;\n#ifndef X\n#define X 1\n#endif\n",
    "a guard around a part": b"#ifndef A_H\n#define A_H\n#endif\nint x;\n",
}
GUARDED = {
    "a guard": b"#ifndef A_H\n#define A_H\nint x;\n",
    "a guard behind a comment": b"/* A */\n#ifndef A_H\n#define A_H\n",
    "a guard behind code": b'ID("a.h");\n#ifndef A_H\n#define A_H\n#ifdef X\n#endif\n',
}


@pytest.mark.parametrize("data", UNGUARDED.values(), ids=UNGUARDED.keys())
def test_the_end_of_the_file(data: bytes) -> None:
    assert Header.read("a.h", data).end == len(data)


@pytest.mark.parametrize("data", GUARDED.values(), ids=GUARDED.keys())
def test_the_end_of_the_guard(data: bytes) -> None:
    assert Header.read("a.h", data + b"#endif /* A_H */\n").end == len(data)
