"""Variants with names that are always defined: what they show, and what never together."""

from __future__ import annotations

import pytest

from vrefactor.c.preprocess.conditionals import parse_conditionals
from vrefactor.c.preprocess.forced_defines import hidden_branches, variants_with_defines
from vrefactor.c.preprocess.lexer import lex

#: The text, and the sets of marks that variants show.
SHOWN: dict[str, tuple[str, set[str]]] = {
    "nothing to choose": ("a b", {"ab"}),
    "there or not": ("#ifdef X\na\n#endif\nb", {"ab", "b"}),
    "one or the other": ("#ifdef X\na\n#else\nb\n#endif", {"a", "b"}),
    "alone and together": (
        "#ifdef X\na\n#endif\n#ifdef Y\nb\n#endif\nc",
        {"abc", "ac", "bc", "c"},
    ),
    "what goes together": ("#ifdef X\na\n#endif\n#ifdef X\nb\n#endif\nc", {"abc", "c"}),
    "what does not": ("#ifdef X\na\n#endif\n#ifndef X\nb\n#endif", {"a", "b"}),
    "defined": ("#ifdef PIN\na\n#else\nb\n#endif\nc", {"ac"}),
    "not undefined": ("#ifndef PIN\na\n#endif\nb", {"b"}),
    "defined, and something else": ("#if defined(PIN) && X > 1\na\n#endif\nb", {"ab"}),
    "nested": ("#ifdef PIN\n#ifdef X\na\n#endif\nb\n#endif\nc", {"abc", "bc"}),
    "dead": ("#if 0\na\n#endif\nb", {"b"}),
}


@pytest.mark.parametrize(("text", "shown"), SHOWN.values(), ids=SHOWN)
def test_what_variants_show(text: str, shown: set[str]) -> None:
    source = lex("x.c", text.encode() + b"\n")
    conditionals = parse_conditionals(source)
    wanted = [branch.start for group in conditionals.groups for branch in group.branches]
    found = list(variants_with_defines(source.code, conditionals, wanted or [0], ["PIN"]))
    assert {b"".join(variant.text.split()).decode() for variant in found} == shown
    assert len({variant.choice for variant in found}) == len(found)
    assert all(len(variant.text) == len(source.code) for variant in found)


#: The text, and what is left of it without what is hidden_branches.
LEFT = {
    "nothing": ("a\n#ifdef X\nb\n#endif", "ab"),
    "not defined": ("a\n#ifndef PIN\nb\n#endif", "a"),
    "not defined, by an expression": ("#if !defined(PIN)\na\n#else\nb\n#endif", "b"),
    "the other branch": ("#ifdef PIN\na\n#else\nb\n#endif", "a"),
    "inside another": ("#ifndef PIN\na\n#ifndef PIN\nb\n#endif\n#endif\nc", "c"),
    "and not": ("#if defined(X) && !defined(PIN)\na\n#endif\nb", "b"),
    "or not": ("#if defined(X) || !defined(PIN)\na\n#endif\nb", "ab"),
}


@pytest.mark.parametrize(("text", "left"), LEFT.values(), ids=LEFT)
def test_what_is_excluded(text: str, left: str) -> None:
    code = text.encode() + b"\n"
    conditionals = parse_conditionals(lex("x.c", code))
    for start, end in reversed(hidden_branches(conditionals, ["PIN"])):
        code = code[:start] + code[end:]
    lines = (line for line in code.decode().splitlines() if not line.startswith("#"))
    assert "".join(lines) == left
