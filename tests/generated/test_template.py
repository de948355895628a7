"""Filling templates in, and what a template must not be."""

from __future__ import annotations

import pytest

from vrefactor.generated.template import Template, Value, render
from vrefactor.rules.vocabulary import Vocabulary

WORDS = Vocabulary(stack="world")
SECTION = b"a\n@if x@\nb\n@else@\nc\n@end@\nd\n"
NESTED = b"@if x@\n@if !y@\na\n@end@\nb\n@end@\n"


def filled(text: bytes, **values: Value) -> bytes:
    return Template.parse("t.in", text).fill(WORDS, values)


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        pytest.param(b"", {}, b"", id="empty"),
        pytest.param(b"#define\tX(a) \\\n\t#a ## b %s {x}\n", {}, None, id="plain C"),
        pytest.param(b"int @x@_@y@;\n", {"x": "a", "y": b"b"}, b"int a_b;\n", id="slots"),
        pytest.param(b"struct @stack@ *@x@;\n", {"x": "w"}, b"struct world *w;\n", id="word"),
        pytest.param(b"a\n@x@\nb\n", {"x": "c\nd\n"}, b"a\nc\nd\nb\n", id="lines"),
        pytest.param(b"a\n@x@\nb\n", {"x": ""}, b"a\nb\n", id="no lines"),
        pytest.param(b"@x@\n", {"x": "@y@\n"}, b"@y@\n", id="a slot is filled once"),
        pytest.param(SECTION, {"x": True}, b"a\nb\nd\n", id="section"),
        pytest.param(SECTION, {"x": "text"}, b"a\nb\nd\n", id="section of a text"),
        pytest.param(SECTION, {"x": False}, b"a\nc\nd\n", id="else"),
        pytest.param(SECTION, {"x": None}, b"a\nc\nd\n", id="else without a text"),
        pytest.param(NESTED, {"x": True, "y": False}, b"a\nb\n", id="both sections"),
        pytest.param(NESTED, {"x": True, "y": True}, b"b\n", id="outer section"),
        pytest.param(NESTED, {"x": False, "y": False}, b"", id="no section"),
        pytest.param(b"@if x@\n@x@;\n@end@\n", {"x": None}, b"", id="no text, not wanted"),
    ],
)
def test_fills_in(text: bytes, values: dict[str, Value], expected: bytes | None) -> None:
    assert filled(text, **values) == (text if expected is None else expected)


@pytest.mark.parametrize(
    ("text", "values", "message"),
    [
        pytest.param(b"a\n@x@\n", {}, "t.in:2: @x@ is not given", id="unknown slot"),
        pytest.param(
            b"@if x@\n@y@\n@end@\n", {"x": False}, "t.in:2: @y@ is not given", id="in no section"
        ),
        pytest.param(b"@if x@\na\n@end@\n", {}, "t.in:2: @x@ is not given", id="unknown section"),
        pytest.param(b"a\n", {"x": "b"}, "t.in: has no use for x", id="unused"),
        pytest.param(b"@x@;\n", {"x": True}, "t.in:1: @x@ is no text: True", id="flag as text"),
        pytest.param(b"@x@;\n", {"x": None}, "t.in:1: @x@ is no text: None", id="no text"),
        pytest.param(b"@x@\n", {"x": "a"}, "t.in:1: b'a' is no whole line", id="half a line"),
    ],
)
def test_wrong_values(text: bytes, values: dict[str, Value], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        filled(text, **values)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(b"a", "t.in:1: neither", id="no newline at the end"),
        pytest.param(b"a@b\n", "t.in:1: neither", id="lone sign"),
        pytest.param(b"\t@if x@\n", "t.in:1: neither", id="indented directive"),
        pytest.param(b"@if x@\na\n", "t.in: @if x@ without @end@", id="open section"),
        pytest.param(b"a\n@end@\n", "t.in:2: @end@ without @if@", id="end of nothing"),
        pytest.param(b"@else@\n", "t.in:1: @else@ without @if@", id="else of nothing"),
    ],
)
def test_malformed(text: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        Template.parse("t.in", text)


def test_no_such_template() -> None:
    with pytest.raises(ValueError, match=r"^none\.in: there is no such template$"):
        render("none", WORDS)
