"""Step 3, calls that make what there is one of in the machine: devices, locks, zones, handlers.

    make_dev(&net_cdevsw, 0, UID_ROOT, GID_WHEEL, 0600, "network");

The rules say which calls these are, and what decides whether the thing is of a stack after all:
`V_zone = uma_zcreate(...)` makes one for each.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from vrefactor.c.preprocess.known_macros import glob_call
from vrefactor.c.preprocess.lexer import matching
from vrefactor.rules.virtualize import MachineCall
from vrefactor.steps.virtualize.callouts import arguments_of

_CASTS = rb"(?:\(\s*(?:struct\s+)?\w+[\s*]*\)\s*)*"
_TARGET = re.compile(
    rb"([A-Za-z_]\w*)(?:\s*(?:->|\.)\s*\w+|\s*\[[^\[\]]*\])*\s*(?<![=!<>])=\s*" + _CASTS + rb"\Z"
)
_ROOT = re.compile(rb"[&*(\s]*" + _CASTS + rb"[&*(\s]*([A-Za-z_]\w*)")
_REACH = 256
"""So far in front of a call is looked for what its value is assigned to."""


@dataclass(frozen=True, slots=True)
class MachineCallSite:
    """One of these calls: its rule, its range from the name to the `)`, and what it makes.

    `made` is the range of that, and `root` the variable that it is a part of; there are none
    if it is never of a stack, or nobody keeps it.
    """

    rule: MachineCall
    name: str
    start: int
    end: int
    made: tuple[int, int] | None
    root: bytes

    def is_of_stack(self, uses: Collection[int], own: Collection[bytes]) -> bool:
        """Say whether it makes what is of a stack.

        `uses` are the offsets of a stack's variables, `own` the names of what may point to
        what belongs to one.
        """
        if self.made is None:
            return False
        start, end = self.made
        return self.root in own or any(start <= at < end for at in uses)


@dataclass(frozen=True, slots=True)
class MachineCalls:
    """Finds these calls."""

    rules: tuple[MachineCall, ...]

    def may_be_in(self, data: bytes) -> bool:
        """Say whether a file may have such calls at all."""
        return any(rule.call.partition("*")[0].encode() in data for rule in self.rules)

    def within(self, code: bytes, start: int, end: int) -> Iterator[MachineCallSite]:
        """Yield the calls in a range of code."""
        if not self.rules:
            return
        for match in glob_call([rule.call for rule in self.rules]).finditer(code, start, end):
            opening = match.end() - 1
            closing = matching(code, opening)
            if closing >= 0:
                yield self._site(code, match.start(), opening, closing)

    def makes_for_all(self, code: bytes, start: int, end: int, own: Collection[bytes]) -> bool:
        """Say whether a statement assigns to a variable that all stacks share what a call makes.

        `own` are the names of locals and parameters.
        """
        for site in self.within(code, start, end):
            if site.rule.result and site.made is not None:
                behind = code[site.end + 1 : end].strip()
                return site.made[0] == start and behind == b";" and site.root not in own
        return False

    def _site(self, code: bytes, start: int, opening: int, closing: int) -> MachineCallSite:
        name = code[start:opening].rstrip()
        rule = next(rule for rule in self.rules if glob_call([rule.call]).match(code, start))
        made, root = None, b""
        if rule.result:
            before = code[max(0, start - _REACH) : start]
            target = _TARGET.search(before)
            if target is not None:
                shift = start - len(before)
                made, root = (shift + target.start(), start), target[1]
        elif rule.argument is not None:
            ranges = arguments_of(code, opening)
            if rule.argument < len(ranges):
                made = ranges[rule.argument]
                held = _ROOT.match(code, *made)
                root = held[1] if held is not None else b""
        return MachineCallSite(rule, name.decode("latin-1"), start, closing, made, root)
