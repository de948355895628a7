"""Variants: few branch assignments that show every wanted byte, each consistently."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrefactor.c.preprocess.conditionals import parse_conditionals
from vrefactor.c.preprocess.lexer import lex
from vrefactor.c.preprocess.variants import Prefer, choose, cover, mask


def shown(text: bytes) -> list[str]:
    """Return the letters that each variant shows, all capitals being wanted."""
    source = lex("a.c", text)
    conditionals = parse_conditionals(source)
    code = source.code
    masked = mask(code, conditionals, (-1,) * len(conditionals.groups))
    wanted = [
        match.start()
        for match in re.finditer(rb"^[A-Z]$", code, re.M)
        if masked[match.start()] != 0x20 or conditionals.owner(match.start())
    ]
    found = choose(code, conditionals, wanted)
    assert all(len(variant.text) == len(code) for variant in found)
    return ["".join(re.findall(r"[A-Z]", variant.text.decode())) for variant in found]


CASES: dict[str, tuple[bytes, list[str]]] = {
    "no group": (b"X\nY\n", ["XY"]),
    "nothing wanted": (b"#if 1\nx\n#endif\n", []),
    "one branch": (b"X\n#if a\nY\n#endif\nZ\n", ["XYZ"]),
    "two branches": (b"X\n#if a\nY\n#else\nZ\n#endif\n", ["XY", "XZ"]),
    "three branches": (b"#if a\nX\n#elif b\nY\n#else\nZ\n#endif\n", ["X", "Y", "Z"]),
    "two groups": (b"#if a\nX\n#else\nY\n#endif\n#if b\nZ\n#else\nW\n#endif\n", ["XZ", "YW"]),
    "the same condition": (b"#if a\nX\n#endif\n#if a\nY\n#else\nZ\n#endif\n", ["XY", "Z"]),
    "the opposite": (b"#ifdef a\nX\n#endif\n#ifndef a\nY\n#endif\n", ["X", "Y"]),
    "nested": (b"#if a\n#if b\nX\n#else\nY\n#endif\n#else\nZ\n#endif\n", ["X", "Y", "Z"]),
    "dead": (b"X\n#if 0\nY\n#endif\n", ["X", "XY"]),
    "dead and its twin": (b"#if 0\nX\n#else\nY\n#endif\n", ["Y", "X"]),
    "all dead at once": (b"#if 0\nX\n#endif\n#if 0\nY\n#endif\n", ["XY"]),
    "contradictory": (b"#ifdef a\n#ifndef a\nX\n#endif\n#endif\nY\n", ["XY"]),
}


@pytest.mark.parametrize(("text", "letters"), CASES.values(), ids=CASES)
def test_choose(text: bytes, letters: list[str]) -> None:
    assert shown(text) == letters


@pytest.mark.parametrize(
    ("prefer", "letters"),
    [
        (Prefer.FIRST, ["XQR"]),
        (Prefer.LAST, ["XQS"]),
        (Prefer.LEAST, ["XS"]),
        (Prefer.MOST, ["XQR"]),
    ],
)
def test_preferences(prefer: Prefer, letters: list[str]) -> None:
    text = b"#if a\nX\n#else\nY\n#endif\n#if b\nQ\n#endif\n#if c\nR\n#else\nS\n#endif\n"
    source = lex("a.c", text)
    found = choose(source.code, parse_conditionals(source), [text.index(b"X")], prefer)
    assert ["".join(re.findall(r"[A-Z]", variant.text.decode())) for variant in found] == letters


def test_the_least_is_consistent() -> None:
    text = b"X\n#ifdef a\nY\n#endif\n#ifndef a\nZ\n#endif\n#ifdef a\nW\n#endif\n"
    source = lex("a.c", text)
    (least,) = choose(source.code, parse_conditionals(source), [0], Prefer.LEAST)
    assert least.text.split() == [b"X"]


def test_mask_keeps_lines_and_offsets() -> None:
    text = b"a\n#if x\r\nb\r\n#else\nc\n#endif\nd\n"
    source = lex("a.c", text)
    conditionals = parse_conditionals(source)
    assert mask(source.code, conditionals, (1,)) == b"a\n     \r\n \r\n     \nc\n      \nd\n"


@st.composite
def groups(draw: st.DrawFn, depth: int = 0) -> bytes:
    """Draw lines of code and conditional groups."""
    text = b""
    for _ in range(draw(st.integers(0, 3))):
        if depth > 2 or draw(st.booleans()):
            text += b"code\n"
            continue
        text += b"#if " + draw(st.sampled_from((b"A", b"!A", b"B && A", b"0", b"1"))) + b"\n"
        text += draw(groups(depth + 1))
        for _ in range(draw(st.integers(0, 1))):
            text += b"#elif B\n" + draw(groups(depth + 1))
        if draw(st.booleans()):
            text += b"#else\n" + draw(groups(depth + 1))
        text += b"#endif\n"
    return text


@given(groups())
def test_every_line_is_shown(text: bytes) -> None:
    source = lex("a.c", text)
    conditionals = parse_conditionals(source)
    lines = [match.start() for match in re.finditer(rb"code", text)]
    variants = choose(source.code, conditionals, lines)
    assert len(variants) <= len(lines)
    for at in lines:
        seen = [variant for variant in variants if variant.shows(conditionals, at)]
        assert seen
        assert all(variant.text[at : at + 4] == b"code" for variant in seen)
    covering = cover(source.code, conditionals)
    assert all(any(variant.shows(conditionals, at) for variant in covering) for at in lines)
