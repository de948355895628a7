"""Where a macro invocation and its arguments are, for steps that rewrite it."""

from __future__ import annotations

import re
from bisect import bisect_left

from vrefactor.c.parse.toplevel import Invocation
from vrefactor.c.preprocess.conditionals import Conditionals
from vrefactor.c.preprocess.lexer import Source, matching


def enclosing_invocation(
    source: Source, conditionals: Conditionals, name: bytes, token: int
) -> Invocation | None:
    """Return the invocation of the macro `name` whose arguments hold the offset `token`.

    None where it can't be taken apart: a directive stands in it, or its parentheses do not
    match.
    """
    code = source.code
    opening, start = -1, -1
    for match in re.finditer(rb"(?<!\w)" + re.escape(name) + rb"\s*\(", code[:token]):
        start, opening = match.start(), match.end() - 1
    if opening < 0:
        return None
    closing = matching(code, opening)
    if closing < token or _has_directive(conditionals, start, closing):
        return None
    semicolon = re.compile(rb"\s*;").match(code, closing + 1)
    end = semicolon.end() if semicolon else closing + 1
    return Invocation(name, start, opening, closing, end)


def _has_directive(conditionals: Conditionals, start: int, end: int) -> bool:
    starts = [directive.start for directive in conditionals.directives]
    at = bisect_left(starts, start)
    return at < len(starts) and starts[at] < end
