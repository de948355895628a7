"""Step 3, callouts of one stack: they carry it.

A function that the rules' `[[entry]]` tables say is told its stack by its parameter gets
`curvnet` where it got NULL, armed or called.  Without VIMAGE, `curvnet` is NULL.

    callout_reset(&V_t, hz, nd6_timer, NULL);   callout_reset(&V_t, hz, nd6_timer, curvnet);
    nd6_timer(NULL);                            nd6_timer(curvnet);
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from vrefactor.c.parse.functions import find_functions
from vrefactor.c.preprocess.known_macros import glob_call
from vrefactor.c.preprocess.lexer import matching, split_arguments
from vrefactor.edit.draft import Draft
from vrefactor.steps.virtualize.writing import rewritten

_TOLD = r"\(\s*struct\s+%s\s*\*\s*\)\s*\{parameter\}\Z"
_NOTHING = (b"NULL", b"0")

_Range = tuple[int, int]


def plan_callouts(draft: Draft, paths: list[str]) -> None:
    """Plan the argument of every call that arms or calls a function which is told its stack."""
    is_told = re.compile(_TOLD % draft.index.rules.vocabulary.stack)
    told = {
        name.encode()
        for entry in draft.index.rules.entries
        if entry.vnet is not None and is_told.match(entry.vnet)
        for name in entry.functions
    }
    for path in paths if told else ():
        data = draft.files.read(path)
        if any(name in data for name in told):
            _plan_file(draft, path, told)


def _plan_file(draft: Draft, path: str, told: set[bytes]) -> None:
    source, conditionals = draft.files.open(path)
    current = draft.index.rules.vocabulary.current
    found = sorted({*_armed(draft, source.code, told), *_called(source.code, told)})
    owners = find_functions(source.code, conditionals, sorted({start for (start, _), _ in found}))
    for (start, end), name in found:
        held = owners.owners.get(start)
        argument = source.code[start:end]
        if not held:
            continue
        function = owners.functions[min(held)]
        if argument in _NOTHING:
            draft.replace(path, start, end, current.encode(), f"{name.decode()} is told its stack")
            rewritten(
                draft, path, start, name.decode(), f"{current} in place of {argument.decode()}"
            )
        elif argument != current.encode() and argument not in {
            parameter.name.encode() for parameter in function.parameters[:1]
        }:
            what = f"is told {argument.decode('latin-1')}, which need not be a network stack"
            draft.find(path, start, name.decode(), what)


def _armed(draft: Draft, code: bytes, told: set[bytes]) -> Iterator[tuple[_Range, bytes]]:
    """Yield the argument that goes with a function which is handed over."""
    handed = [call for way in draft.index.rules.registrations for call in way.calls]
    for other_handed in handed:
        for match in glob_call([other_handed.call]).finditer(code):
            ranges = arguments_of(code, match.end() - 1)
            if other_handed.argument + 1 < len(ranges):
                start, end = ranges[other_handed.argument]
                if code[start:end] in told:
                    yield ranges[other_handed.argument + 1], code[start:end]


def _called(code: bytes, told: set[bytes]) -> Iterator[tuple[_Range, bytes]]:
    """Yield the argument of direct calls, and of heads, which are in no function."""
    for name in sorted(told):
        for match in re.finditer(rb"(?<![\w.>])%s\s*(\()" % name, code):
            ranges = arguments_of(code, match.start(1))
            if len(ranges) == 1:
                yield ranges[0], name


def arguments_of(code: bytes, opening: int) -> list[_Range]:
    """Return the ranges of the arguments of a call, without the blanks around them.

    There are none if the parenthesis at `opening` has no partner.
    """
    closing = matching(code, opening)
    if closing < 0:
        return []
    found: list[_Range] = []
    for start, end in split_arguments(code, opening, closing):
        text = code[start:end]
        left = start + len(text) - len(text.lstrip())
        found.append((left, left + len(text.strip())))
    return found
