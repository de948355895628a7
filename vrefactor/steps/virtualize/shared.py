"""Step 3, what stacks share by mistake: one object that each of them sets up.

A statement that runs for each stack, as it has to do with one, is a finding if it gives a
value to a variable that is not of a stack, or hands over its address: the last stack wins.

    tcp_reass_zone = uma_zcreate("tcpreass", ...);
    uma_zone_set_max(tcp_reass_zone, V_tcp_reass_maxseg);
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from vrefactor.c.parse.statements import Statement
from vrefactor.edit.bodies import FunctionBody
from vrefactor.edit.draft import Draft

_SET = re.compile(rb"([A-Za-z_]\w*)\s*(?:(?:\.\s*\w+|\[[^\[\]]*\])\s*)*=(?!=)")
_ADDRESS = re.compile(rb"(?<=[(,])\s*(?:\([^()]*\)\s*)?&\s*([A-Za-z_]\w*)")


def check_shared(
    draft: Draft,
    path: str,
    body: FunctionBody,
    statements: Sequence[Statement],
    uses: Collection[int],
    own: Collection[bytes],
) -> None:
    """Report what statements that run for each stack do to variables that are of none.

    `uses` are the offsets of a stack's variables, `own` the names of locals and parameters.
    """
    for statement in statements:
        for at, name, what in _shared(body, statement):
            if at not in uses and name not in own:
                draft.find(path, at, name.decode(), f"{what} for each stack, but is one for all")


def _shared(body: FunctionBody, statement: Statement) -> Iterator[tuple[int, bytes, str]]:
    """Yield the names that a statement sets or hands over, with their offsets."""
    text = body.function.text
    match = _SET.match(text, statement.start, statement.end)
    if match is not None:
        yield match.start(1), match[1], "is set"
    for match in _ADDRESS.finditer(text, statement.start, statement.end):
        yield match.start(1), match[1], "is handed over"
