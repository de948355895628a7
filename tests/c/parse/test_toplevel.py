"""The top level of a file by its brackets alone."""

from __future__ import annotations

import pytest

from tests.steps.support import MACROS
from vrefactor.c.parse.toplevel import blocks, chunk_ends, chunks_of, invocations
from vrefactor.c.preprocess.known_macros import MacroMatcher

MATCHER = MacroMatcher(MACROS)

BLOCKS: dict[str, tuple[bytes, list[tuple[bytes, bool]] | None]] = {
    "none": (b"int a;", []),
    "function": (b"int f(void) { { } }", [(b"{ { } }", True)]),
    "K&R function": (b"int f(a) int a; { }", [(b"{ }", True)]),
    "struct": (b"struct s { int a; };", [(b"{ int a; }", False)]),
    "initialiser": (b"int a[] = { 1 };", [(b"{ 1 }", False)]),
    "two": (b"f() { } struct { } a;", [(b"{ }", True), (b"{ }", False)]),
    "one too many closed": (b"f() { } }", None),
    "not closed": (b"f() { {", None),
}


@pytest.mark.parametrize(("text", "found"), BLOCKS.values(), ids=BLOCKS)
def test_blocks(text: bytes, found: list[tuple[bytes, bool]] | None) -> None:
    pairs = blocks(text)
    shown = [(text[block.open : block.close + 1], block.function) for block in pairs or ()]
    assert (None if pairs is None else shown) == found


def test_chunks() -> None:
    text = b"int a; int f(void) { b } struct s { c; } d; int e = { g }, h; i"
    ends = chunk_ends(text, blocks(text) or [])
    assert [text[:end][-3:] for end in ends] == [b"b }", b" d;", b" h;"]
    wanted = [text.index(name) for name in (b"i", b"b", b"c")]
    found = [text[start:end] for start, end in chunks_of(ends, [*wanted, len(text) - 1], len(text))]
    assert found == [b"int a; int f(void) { b }", b" struct s { c; } d;", b" i"]


#: A text, and the macro invocations at file scope in it.
INVOCATIONS: dict[str, tuple[bytes, list[bytes]]] = {
    "with a semicolon": (b"M(a, b);\n", [b"M(a, b);"]),
    "known, without": (b"__FBSDID(a)\nint b;\n", [b"__FBSDID(a)"]),
    "by its looks, without": (b"M(a)\nint b;\n", [b"M(a)"]),
    "at the end": (b"M(a)", [b"M(a)"]),
    "static": (b"static MALLOC_DEFINE(a, b);\n", [b"static MALLOC_DEFINE(a, b);"]),
    "over lines": (b"M(a,\n  b);\n", [b"M(a,\n  b);"]),
    "two": (b"M(a);\nN(b);\n", [b"M(a);", b"N(b);"]),
    "behind a function": (b"int f(void) { }\nM(a);\n", [b"M(a);"]),
    "in a function": (b"int f(void)\n{\n\tM(a);\n}\n", []),
    "a function's head": (b"f(a)\n{\n}\n", []),
    "a K&R head": (b"f(a)\n\tint a;\n{\n}\n", []),
    "a declaration": (b"int f(a);\n", []),
    "behind a type on its own line": (b"int\nf(a);\n", []),
    "an initialiser": (b"int a =\nM(b);\n", []),
    "a declarator": (b"LIST_HEAD(a, b) c;\n", []),
    "not closed": (b"M(a;\n", []),
}


@pytest.mark.parametrize(("text", "found"), INVOCATIONS.values(), ids=INVOCATIONS)
def test_invocations(text: bytes, found: list[bytes]) -> None:
    seen = invocations(text, 0, len(text), blocks(text), MATCHER)
    assert [text[invocation.start : invocation.end] for invocation in seen] == found
