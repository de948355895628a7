"""Places in headers: among the prototypes of a file, at the end of what the kernel sees."""

from __future__ import annotations

import re

from vrefactor.c.preprocess.conditionals import Conditionals, Group, parse_conditionals
from vrefactor.c.preprocess.lexer import lex
from vrefactor.edit.files import Files
from vrefactor.index.index import Index

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


def end_of_kernel_code(index: Index, path: str, data: bytes) -> int:
    """Return the line of the `#endif` of a header's kernel code, else of its guard.

    Raises the errors of `lex` and `parse_conditionals`.
    """
    conditionals = parse_conditionals(lex(path, data))
    group = _last_kernel_group(conditionals, index.rules.stubs.condition.encode())
    if group is None:
        guards = [other_group for other_group in conditionals.groups if other_group.guard]
        if not guards:
            return len(data)
        group = guards[0]
    return data.rfind(b"\n", 0, group.branches[0].end + 1) + 1


def _last_kernel_group(conditionals: Conditionals, condition: bytes) -> Group | None:
    """Return the last group of a header's outermost level that is there in the kernel only."""
    literal = (b"defined(%s)" % condition, True)
    found = [
        group
        for group in conditionals.groups
        if (group.parent is None or conditionals.groups[group.parent[0]].guard)
        if literal in group.branches[0].condition
    ]
    return found[-1] if found else None


def set_apart(data: bytes, at: int, text: bytes) -> bytes:
    """Return `text` with an empty line on either side, where there is none."""
    before = data[:at]
    gap = b"" if before.endswith((b"\n\n", b"\r\n\r\n")) or not before else b"\n"
    end = b"\n" if at < len(data) else b""
    return gap + text + end
