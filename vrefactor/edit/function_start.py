"""Where the definition of a function begins, for what is put in front of it."""

from __future__ import annotations

from vrefactor.edit.files import Files


def function_start(files: Files, path: str, opened: int) -> int:
    """Return the line where the function begins whose `{` is at an offset.

    That is the line behind what stands before it: a comment in front of it is a part of it.
    """
    source, conditionals = files.open(path)
    code = files.plain(path)
    before = max(code.rfind(b";", 0, opened), code.rfind(b"}", 0, opened))
    head = code[before + 1 : opened]
    if b";" in code[before : before + 1] and _is_old_head(code, before, opened):
        before = max(code.rfind(b"}", 0, before), _head_end(code, before))
    ends = [
        directive.end for directive in conditionals.directives if before < directive.end <= opened
    ]
    start = max([before + 1, *ends]) if head or ends else before + 1
    at = source.data.find(b"\n", start) + 1
    while at < opened and not source.data[at : source.data.find(b"\n", at) + 1].strip():
        at = source.data.find(b"\n", at) + 1
    return at


def _is_old_head(code: bytes, semicolon: int, opened: int) -> bool:
    """Say whether a `{` follows the declarations of K&R parameters."""
    return not code[semicolon + 1 : opened].strip()


def _head_end(code: bytes, semicolon: int) -> int:
    """Return the last `;` before the head whose parameters are declared up to a `;`."""
    closing = code.rfind(b")", 0, semicolon)
    return code.rfind(b";", 0, closing) if closing >= 0 else -1
