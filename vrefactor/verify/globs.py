"""Path patterns of build tables: `*` and `?` stay inside a folder, `**` crosses folders."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_PIECES = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    pieces = re.findall(r"\*\*/|\*\*|\*|\?|[^*?]+", pattern)
    return re.compile("".join(_PIECES.get(piece, re.escape(piece)) for piece in pieces), re.DOTALL)


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Does the path match one of the patterns?"""
    return any(_compiled(pattern).fullmatch(path) for pattern in patterns)
