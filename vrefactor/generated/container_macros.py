"""The text of a container's macros, and of the null macros that they rest on.

The names are those of the original project (vimage.md, 4.1 and 4.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from vrefactor.index.index import Index
from vrefactor.rules.types import Container, Style

NULL_MACROS: tuple[tuple[str, str], ...] = (
    ("CURVNET_SET(arg)", ""),
    ("CURVNET_SET_QUIET(arg)", ""),
    ("CURVNET_RESTORE()", ""),
    ("VNET_ASSERT(condition)", ""),
    ("VSYM(base, sym)", " (sym)"),
    ("INIT_FROM_VNET(vnet, modindex, modtype, sym)", ""),
    ("VNET_ITERATOR_DECL(arg)", ""),
    ("VNET_FOREACH(arg)", ""),
    ("VNET_LIST_RLOCK()", ""),
    ("VNET_LIST_RUNLOCK()", ""),
    ("INIT_VCPU(arg)", ""),
    ("VCPU(sym)", " VSYM(vcpu, sym)"),
    ("TD_TO_VIMAGE(td)", ""),
    ("TD_TO_VNET(td)", ""),
    ("TD_TO_VPROCG(td)", ""),
    ("TD_TO_VCPU(td)", ""),
    ("P_TO_VIMAGE(p)", ""),
    ("P_TO_VNET(p)", ""),
    ("P_TO_VPROCG(p)", ""),
    ("P_TO_VCPU(p)", ""),
)
"""Macros with their parameters, and what they expand to as long as there is one stack."""

NULL_LEAD = b"""\
/*
 * There is one network stack as yet: what selects one, walks over all of them or
 * finds their data expands to nothing, and what names a member is the variable.
 */
"""
"""The comment above these macros."""

_LEAD = """\
/*
 * The variables of {name}: V_x is the member x of the one that
 * {init}() has selected.
 */
"""
_FITTING = 0.9


def guard(path: str) -> str:
    """Return the include guard of a header: `_NET_VNET_H_` for `net/vnet.h`."""
    return "_" + re.sub(r"\W", "_", path).upper() + "_"


def include_guard(path: str) -> tuple[bytes, bytes]:
    """Return the lines that open and close the include guard of a header."""
    name = guard(path).encode()
    return b"#ifndef %s\n#define\t%s\n\n" % (name, name), b"\n#endif /* !%s */\n" % name


def defines(data: bytes, name: str) -> bool:
    """Say whether a header has a `#define` of `name`."""
    return re.search(rb"^[ \t]*#[ \t]*define[ \t]+%s\b" % name.encode(), data, re.M) is not None


def has_struct(index: Index, container: Container) -> bool:
    """Say whether step 2.2 has been done for a container: its header defines the struct."""
    if container.header not in index.tree:
        return False
    pattern = rb"^[ \t]*struct[ \t]+" + container.name.encode() + rb"\s*\{"
    return re.search(pattern, index.tree.read(container.header), re.M) is not None


def is_plain(index: Index, container: Container, macro: str) -> bool:
    """Say whether a variable has stayed what it was though its container has a struct.

    Its macro does not go through the container's accessor then.
    """
    if not has_struct(index, container):
        return False
    through = rb"%s[ \t]+%s\(" % (macro.encode(), container.accessor.encode())
    return re.search(through, index.tree.read(container.header)) is None


def null_macros(data: bytes) -> bytes:
    """Return the definitions of the null macros that a header does not have, with a comment."""
    lines = [
        f"#define\t{head}{body}\n".encode()
        for head, body in NULL_MACROS
        if not defines(data, head.partition("(")[0])
    ]
    return NULL_LEAD + b"".join(lines) if lines else b""


def selection(container: Container) -> bytes:
    """Return the definitions of a container's INIT macro and of its accessor."""
    name = container.name
    return (
        f"#define\t{container.init}(vnet) \\\n"
        f"\tINIT_FROM_VNET(vnet, {container.module}, struct {name}, {name})\n"
        "\n"
        f"#define\t{container.accessor}(sym)\tVSYM({name}, sym)\n"
    ).encode()


def macro_lines(container: Container, macros: Mapping[str, str], style: Style) -> dict[str, bytes]:
    """Return the `#define` of each macro (of its variable), in the order of the alphabet.

    The bodies are aligned by tabs in the column into which nine of ten names fit.
    """
    column = _column(macros, style.tab)
    return {
        macro: b"#define\t%s%s%s(%s)\n"
        % (
            macro.encode(),
            _gap(style.tab + len(macro), column, style.tab),
            container.accessor.encode(),
            macros[macro].encode(),
        )
        for macro in sorted(macros)
    }


def _column(macros: Iterable[str], tab: int) -> int:
    ends = sorted(tab + len(macro) for macro in macros)
    enough = ends[max(0, int(len(ends) * _FITTING + 0.5) - 1)] if ends else tab
    return (enough // tab + 1) * tab


def _gap(end: int, column: int, tab: int) -> bytes:
    if end >= column:
        return b" "
    return b"\t" * (column // tab - end // tab)


def block(container: Container, macros: Mapping[str, str], style: Style) -> bytes:
    """Return everything that a container's header defines, with a comment."""
    lead = _LEAD.format(name=container.name, init=container.init).encode()
    lines = macro_lines(container, macros, style)
    return lead + selection(container) + b"\n" + b"".join(lines.values())


def new_header(container: Container, macros: Mapping[str, str], style: Style) -> bytes:
    """Return a whole header for a container."""
    opening, closing = include_guard(container.header)
    return opening + block(container, macros, style) + closing
