"""The place in a header for what belongs to a file: where its functions are declared."""

from __future__ import annotations

import re

from vrefactor.edit.files import Files

_PROTOTYPE = re.compile(
    rb"^(?!typedef|static|return)(?P<extern>extern\s+)?"
    rb"[A-Za-z_][\w \t*]*?[\s*](?P<name>[A-Za-z_]\w*)\s*"
    rb"(?P<old>__P\s*\(\s*)?\([^;{}]*\)\s*;",
    re.M,
)


def first_prototype(files: Files, header: str, path: str) -> re.Match[bytes] | None:
    """Return the first prototype in a header of a function that a file defines, else of any.

    Its groups are `extern`, `name`, and `old` if it wraps its parameters in `__P`.
    """
    found = list(_PROTOTYPE.finditer(files.plain(header)))
    own = [match for match in found if files.functions(path, match["name"].decode("latin-1"))]
    return next(iter([*own, *found]), None)
