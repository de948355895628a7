"""Every path through a function: which marks are open where."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest

from tests.steps.support import MACROS
from vrefactor.c.parse.functions import function_of
from vrefactor.c.parse.toplevel import blocks
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.query.paths import PathState, path_state, walk_paths
from vrefactor.c.query.spans import Span

_MARK = re.compile(rb"mark(\d)")


@dataclass
class _Marks:
    """Collects the marks that each path passes: `mark1();`."""

    text: bytes
    left: set[str] = field(default_factory=set)

    def begin(self) -> None:
        self.left.clear()

    def at(self, span: Span, state: PathState) -> None:
        assert state is not None

    def behind(self, span: Span, state: PathState) -> PathState:
        for match in _MARK.finditer(self.text, *span):
            state = path_state((*path, int(match[1])) for path in state)
        return state

    def behind_block(self, span: Span, before: PathState, after: PathState) -> PathState:
        return after

    def is_certain(self, span: Span, after: PathState) -> bool:
        return False

    def loop(self, head: int, body: Span) -> None:
        assert head < body[0]

    def jump(self, at: int, opened: int, state: PathState) -> PathState:
        return state

    def leave(self, at: int, state: PathState) -> None:
        self.left |= {"".join(map(str, path)) for path in state}


def _left(body: str) -> set[str]:
    text = f"void f(int a)\n{{\n{body}\n}}\n".encode()
    found = blocks(text)
    assert found is not None
    marks = _Marks(text)
    assert walk_paths(function_of(text, found[0]), MacroMatcher(MACROS), marks)
    return marks.left


BODIES = {
    "nothing": ("", {""}),
    "in a row": ("mark1(); mark2();", {"12"}),
    "if": ("if (a) mark1(); mark2();", {"12", "2"}),
    "if and else": ("if (a) mark1(); else { mark2(); }", {"1", "2"}),
    "in a condition": ("if (mark1()) mark2();", {"12", "1"}),
    "return": ("if (a) { mark1(); return; } mark2();", {"1", "2"}),
    "code that no path reaches": ("return; mark1();", {""}),
    "switch": ("switch (a) { case 1: mark1(); break; case 2: mark2(); }", {"1", "2", ""}),
    "fall through": (
        "switch (a) { case 1: mark1(); default: mark2(); }",
        {"12", "2"},
    ),
    "goto ahead": ("if (a) goto out; mark1();\nout: mark2();", {"12", "2"}),
    "break": ("for (;;) { if (a) break; mark1(); break; } mark2();", {"2", "12"}),
    "while": ("while (a) { mark1(); break; }", {"", "1"}),
    "do": ("do { mark1(); break; } while (a);", {"1"}),
}


@pytest.mark.parametrize(("body", "left"), BODIES.values(), ids=BODIES)
def test_paths(body: str, left: set[str]) -> None:
    assert _left(body) == left


def test_a_body_that_does_not_parse() -> None:
    text = b"void f(void)\n{\n\tif (\n}\n"
    found = blocks(text)
    assert found is not None
    marks = _Marks(text)
    assert not walk_paths(function_of(text, found[0]), MacroMatcher(MACROS), marks)
    assert not marks.left
