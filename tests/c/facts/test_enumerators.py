"""The values of enumerators."""

from __future__ import annotations

import pytest

from vrefactor.c.facts.enumerators import enumerators, evaluate

ENUMS = {
    "none": ("int a;", {}),
    "in a comment": ("/* enum a { A }; */", {}),
    "implicit": ("enum e { A, B, C };", {"A": 0, "B": 1, "C": 2}),
    "hexadecimal": ("enum e { A = 0x0700000, B };", {"A": 0x700000, "B": 0x700001}),
    "octal": ("enum e { A = 010, B = 0 };", {"A": 8, "B": 0}),
    "suffix": ("enum { A = 0xfffffffUL };", {"A": 0xFFFFFFF}),
    "expression": ("enum { A = 2, B = (A + 1) * 4, C = B | 1 };", {"A": 2, "B": 12, "C": 13}),
    "negative": ("enum { A = -1, B };", {"A": -1, "B": 0}),
    "trailing comma": ("enum { A, B, };", {"A": 0, "B": 1}),
    "unknown macro": ("enum { A = M, B, C = 5 };", {"C": 5}),
    "conditional": ("enum {\n A,\n#ifdef X\n B,\n#endif\n C\n};", {"A": 0, "B": 1, "C": 2}),
    "typedef": ("typedef enum tag { A = 1 } tag_t;", {"A": 1}),
}


@pytest.mark.parametrize(("text", "values"), ENUMS.values(), ids=ENUMS)
def test_enumerators(text: str, values: dict[str, int]) -> None:
    assert enumerators("x.h", text.encode()) == values


@pytest.mark.parametrize(
    ("text", "value"),
    [("A", 7), ("A - 1", 6), ("(A)", 7), ("B", None), ("A(1)", None), ("", None), ("1 +", None)],
)
def test_evaluate(text: str, value: int | None) -> None:
    assert evaluate(text, {"A": 7}) == value
