"""Key paths of TOML texts and their lines."""

from __future__ import annotations

import tomllib

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from vrefactor.rules.locate import lines, nearest
from vrefactor.rules.templates import KeyPath

CASES: list[tuple[str, str, KeyPath, int]] = [
    ("a key", "\n\na = 1", ("a",), 3),
    ("a key behind a comment with quotes", "# it's \"\na = 1", ("a",), 2),
    ("a dotted key", "a.b = 1\na.c = 2", ("a", "c"), 2),
    ("the table that dotted keys make", "a.b = 1\na.c = 2", ("a",), 1),
    ("a quoted key", '"a.b" = 1\n', ("a.b",), 1),
    ("an escaped key", '\n"a\\"\\u0041" = 1\n', ('a"A',), 2),
    ("a literal key", "\n'a\"' = 1\n", ('a"',), 2),
    ("a table", "\n[a]\n", ("a",), 2),
    ("a nested table", "[a]\n[a . 'b']\nc = 1", ("a", "b", "c"), 3),
    ("the second of a list of tables", "[[a]]\nb = 1\n[[a]]\nb = 2", ("a", 1, "b"), 4),
    ("a table of the last", "[[a]]\n[[a]]\n[a.b]\nc = 1", ("a", 1, "b", "c"), 4),
    ("a list in the last", "[[a]]\n[[a.b]]\n[[a]]\n[[a.b]]\n[[a.b]]", ("a", 1, "b", 1), 5),
    ("an item of an array", "a = [1, 2,\n 3]", ("a", 2), 2),
    ("an item of an array with comments", "a = [ # ]\n 1, # ,\n # 9,\n 2,\n]", ("a", 1), 4),
    ("an array in an array", "a = [[1],\n[2, 3]]", ("a", 1, 1), 2),
    ("an inline table", "a = [\n{ b = 1 },\n{ b = 2, c = 3 },\n]", ("a", 1, "c"), 3),
    ("behind a string with brackets", 'a = [\'[{\', "]\\"",\n 1]', ("a", 2), 2),
    ("behind a multi-line string", 'a = """\n[b]\n\\""" "" """\nc = 1', ("c",), 4),
    ("behind a multi-line literal", "a = '''\nb = 1\n'''\nc = 1", ("c",), 4),
    ("behind a string that ends in quotes", 'a = """x"""""\nc = 1', ("c",), 2),
    ("behind other scalars", "a = -1.5e3\nb = 1979-05-27T07:32:00Z\nc = true\nd = 1", ("d",), 4),
    ("with carriage returns", "a = [\r\n1,\r\n2]\r\nb = 1\r\n", ("b",), 4),
]


@pytest.mark.parametrize(
    ("text", "path", "line"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_key_stands_on_its_line(text: str, path: KeyPath, line: int) -> None:
    tomllib.loads(text)
    assert lines(text)[path] == line


def test_the_nearest_key_around_a_path() -> None:
    found = lines("[a]\nb = 1\n")
    assert nearest(found, ("a", "b", 3, "x")) == 2
    assert nearest(found, ("a", "z")) == 1
    assert nearest(found, ("z",)) == 1


def paths(value: object, path: KeyPath = ()) -> set[KeyPath]:
    """Every key path of a value that tomllib read."""
    found = {path} if path else set()
    if isinstance(value, dict):
        return found.union(*(paths(item, (*path, key)) for key, item in value.items()))
    if isinstance(value, list):
        return found.union(*(paths(item, (*path, i)) for i, item in enumerate(value)))
    return found


KEYS = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=5)
SCALARS = st.integers(-9, 9) | st.booleans() | KEYS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)
)


@given(st.dictionaries(KEYS, VALUES, max_size=4), st.booleans())
def test_every_key_of_any_document_is_found(document: dict[str, object], multiline: bool) -> None:
    text = tomli_w.dumps(document, multiline_strings=multiline)
    assert set(lines(text)) == paths(tomllib.loads(text))
