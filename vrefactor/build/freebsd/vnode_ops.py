"""The headers of the vnode operations, from kern/vnode_if.src: see VFS(9) and vnode(9).

The tree's own script, which makes them in a kernel build, is not run: it could do anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from vrefactor.build.freebsd.interfaces import not_understood, template
from vrefactor.build.freebsd.words import Line, decode
from vrefactor.build.model import Generated

_ARGUMENT = re.compile(r"(?:IN|OUT|INOUT)\s+(?:WILLRELE\s+)?(\S.*?)\s*(\w+)\s*;")
_COMMENT = re.compile(r"/\*.*?\*/")


@dataclass(frozen=True, slots=True)
class _Operation:
    """One operation: its name, and the type and name of each argument."""

    name: str
    arguments: tuple[tuple[str, str], ...]


def vnode_headers(path: str, data: bytes) -> tuple[Generated, ...]:
    """Return the three headers of the operations that a vnode_if.src describes.

    Raises `GENERATOR_FAILED` at a line that is not understood.
    """
    found = list(_operations(path, decode(data)))
    typedefs = "".join(
        f"struct {operation.name}_args;\n"
        f"typedef int {operation.name}_t(struct {operation.name}_args *);\n\n"
        for operation in found
    )
    pointers = "".join(f"\t{operation.name}_t\t*{operation.name};\n" for operation in found)
    vector = (
        "struct vop_vector {\n\tstruct vop_vector\t*vop_default;\n\tvop_bypass_t\t*vop_bypass;\n"
        f"{pointers}}};\n"
    )
    main = (
        "extern struct vnodeop_desc vop_default_desc;\n"
        '#include "vnode_if_typedef.h"\n#include "vnode_if_newproto.h"\n'
    )
    main += "".join(map(_declared, found))
    texts = {
        "vnode_if.h": main,
        "vnode_if_newproto.h": vector,
        "vnode_if_typedef.h": typedefs,
    }
    return tuple(
        Generated(name, text.encode("utf-8", "surrogateescape")) for name, text in texts.items()
    )


def _operations(path: str, text: str) -> Iterator[_Operation]:
    lines = iter(enumerate(text.splitlines(), 1))
    for number, line in lines:
        words = line.split()
        if not words or words[0].startswith(("%%", "%!", "#")):
            continue
        if not re.fullmatch(r"\w+\s*\{", line.strip()):
            raise not_understood(Line(path, number, tuple(words)))
        yield _Operation(words[0].rstrip("{"), tuple(_arguments(path, lines)))


def _arguments(path: str, lines: Iterator[tuple[int, str]]) -> Iterator[tuple[str, str]]:
    for number, line in lines:
        text = _COMMENT.sub("", line).strip()
        if text.startswith("}"):
            return
        found = _ARGUMENT.fullmatch(" ".join(text.split()))
        if found is None:
            raise not_understood(Line(path, number, tuple(line.split())))
        yield found[1], found[2]


def _declared(operation: _Operation) -> str:
    typed = [
        (type_ if type_.endswith("*") else f"{type_} ", name) for type_, name in operation.arguments
    ]
    return template("vnode_operation").substitute(
        name=operation.name,
        upper=operation.name.upper(),
        members="\n".join(f"\t{type_}a_{name};" for type_, name in typed),
        parameters=",\n".join(f"\t{type_}{name}" for type_, name in typed),
        assignments="\n".join(f"\ta.a_{name} = {name};" for _, name in typed),
        first=operation.arguments[0][1],
    )
