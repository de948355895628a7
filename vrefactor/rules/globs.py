"""Globs of the rules: over tree paths, and over names of macros.

In a path `*` and `?` stop at `/`, `**` does not, and a glob that names a folder means
everything below it: `boot`, `boot/` and `boot/**` are the same.  Case counts.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable
from functools import lru_cache

Matcher = Callable[[str], bool]

_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\[!?[^]/]+\]|.", re.DOTALL)
_WILD = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def path_matcher(globs: Iterable[str]) -> Matcher:
    """Whether a tree path fits one of the globs."""
    return _path_matcher(tuple(globs))


def name_matcher(globs: Iterable[str]) -> Matcher:
    """Whether a name fits one of the globs."""
    return _name_matcher(tuple(globs))


@lru_cache(maxsize=1024)
def _path_matcher(globs: tuple[str, ...]) -> Matcher:
    return _matcher(_path_pattern(glob.rstrip("/")) + "(?:/.*)?" for glob in globs)


@lru_cache(maxsize=1024)
def _name_matcher(globs: tuple[str, ...]) -> Matcher:
    return _matcher(fnmatch.translate(glob) for glob in globs)


def _matcher(patterns: Iterable[str]) -> Matcher:
    alternatives = [f"(?:{pattern})" for pattern in patterns]
    if not alternatives:
        return lambda name: False
    fits = re.compile("|".join(alternatives), re.DOTALL).fullmatch
    return lambda name: fits(name) is not None


def _path_pattern(glob: str) -> str:
    return "".join(_piece(token) for token in _TOKEN.findall(glob))


def _piece(token: str) -> str:
    if token in _WILD:
        return _WILD[token]
    if len(token) > 1:
        body = token[1:-1].replace("\\", "\\\\").replace("^", "\\^").replace("[", "\\[")
        return f"[^/{body[1:]}]" if body.startswith("!") else f"[{body}]"
    return re.escape(token)
