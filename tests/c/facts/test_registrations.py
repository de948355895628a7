"""Functions that are handed over: as arguments, in tables, by their parameters."""

from __future__ import annotations

import pytest

from vrefactor.c.facts.registrations import RegistrationFinder
from vrefactor.rules import FunctionArgument, Registration

RULES = (
    Registration(name="timer", calls=(FunctionArgument(call="callout_*", argument=2),)),
    Registration(name="method", tables=("usrreqs",)),
    Registration(name="handler", parameter="HANDLER_ARGS"),
)
CASES = {
    "an argument": ("callout_reset(&ch, hz, tick, 0);", [("tick", "timer", "callout_reset")]),
    "its address": ("callout_reset(&ch, hz, &tick, 0);", [("tick", "timer", "callout_reset")]),
    "behind a cast": (
        "callout_on(&ch, f(1, 2), (void (*) P((void *)))tick, 0);",
        [("tick", "timer", "callout_on")],
    ),
    "members": (
        "struct usrreqs u = { .attach = a, .detach = &d, };",
        [("a", "method", "attach"), ("d", "method", "detach")],
    ),
    "old members": ("struct usrreqs u = { attach: a };", [("a", "method", "attach")]),
    "elements": (
        "struct usrreqs u[] = { { a, 0 }, { b } };",
        [("a", "method", ""), ("b", "method", "")],
    ),
    "parameters": ("static int h(HANDLER_ARGS) { }", [("h", "handler", "handler")]),
    "another argument": ("callout_reset(tick, hz);", []),
    "an expression": ("callout_reset(&ch, hz, p->tick[1], 0);", []),
    "another call": ("xcallout_reset(&ch, hz, tick, 0);", []),
    "a constant": ("struct usrreqs u = { .attach = NULL };", []),
    "another table": ("struct reqs u = { .attach = a };", []),
    "a declaration": ("static int h(HANDLER_ARGS);", []),
}


@pytest.mark.parametrize(("code", "expected"), CASES.values(), ids=CASES)
def test_what_is_handed_over(code: str, expected: list[tuple[str, str, str]]) -> None:
    found = RegistrationFinder(RULES).find(code.encode())
    assert [
        (registered.function, registered.way, registered.through) for registered in found
    ] == expected


def test_the_place_is_told() -> None:
    (registered,) = RegistrationFinder(RULES).find(b"int x;\ncallout_reset(&ch, hz, tick, 0);")
    assert registered.start == 7
