"""The macros of a container, and the header that has them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from vrefactor.edit.draft import Draft
from vrefactor.edit.lines import FileLines
from vrefactor.generated.container_struct import has_struct
from vrefactor.generated.header import Header, body_of
from vrefactor.generated.template import render
from vrefactor.index.index import Index
from vrefactor.rules.types import Container, Style
from vrefactor.rules.vocabulary import Vocabulary

_FITTING = 0.9


def guard(path: str) -> str:
    """Return the include guard of a header: `_NET_VNET_H_` for `net/vnet.h`."""
    return "_" + re.sub(r"\W", "_", path).upper() + "_"


def include_guard(words: Vocabulary, path: str) -> tuple[bytes, bytes]:
    """Return the lines that open and close the include guard of a header."""
    name = guard(path)
    opening = render("guard/opening", words, guard=name)
    return opening, render("guard/closing", words, guard=name)


def init_place(header: Header, container: Container) -> int | None:
    """Return the line of the INIT macro in a header, or of the comment above it.

    None if the header does not define it.
    """
    found = header.named(container.init)
    return FileLines(header.source).above(header.line(found[0])[0]) if found else None


def is_plain(index: Index, container: Container, macro: str) -> bool:
    """Say whether a variable has stayed what it was though its container has a struct.

    Its macro does not go through the container's accessor then.
    """
    if not has_struct(index, container):
        return False
    found = Header.read(container.header, index.tree.read(container.header)).named(macro)
    through = re.compile(rb"\s*%s\s*\(" % container.accessor.encode())
    return not any(through.match(body.text) for body in found)


def _init(words: Vocabulary, container: Container) -> bytes:
    return render(
        "containers/init",
        words,
        init=container.init,
        container_module=container.module,
        name=container.name,
    )


def macro_lines(
    words: Vocabulary, container: Container, macros: Mapping[str, str], style: Style
) -> dict[str, bytes]:
    """Return the `#define` of each macro (of its variable), in the order of the alphabet.

    The bodies are aligned by tabs in the column into which nine of ten names fit.
    """
    column = _column(macros, style.tab)
    return {
        macro: render(
            "containers/macro",
            words,
            macro=macro,
            gap=_gap(style.tab + len(macro), column, style.tab),
            accessor=container.accessor,
            variable=macros[macro],
        )
        for macro in sorted(macros)
    }


def _column(macros: Iterable[str], tab: int) -> int:
    ends = sorted(tab + len(macro) for macro in macros)
    enough = ends[max(0, int(len(ends) * _FITTING + 0.5) - 1)] if ends else tab
    return (enough // tab + 1) * tab


def _gap(end: int, column: int, tab: int) -> str:
    return " " if end >= column else "\t" * (column // tab - end // tab)


def block(
    words: Vocabulary, container: Container, macros: Mapping[str, str], style: Style
) -> bytes:
    """Return everything that a container's header defines, with a comment."""
    return render(
        "containers/block",
        words,
        name=container.name,
        init=container.init,
        init_macro=_init(words, container),
        accessor=container.accessor,
        defines=b"".join(macro_lines(words, container, macros, style).values()),
    )


def new_header(
    words: Vocabulary, container: Container, macros: Mapping[str, str], style: Style
) -> bytes:
    """Return a whole header for a container."""
    opening, closing = include_guard(words, container.header)
    return opening + block(words, container, macros, style) + closing


def give_selections(draft: Draft, moving: Collection[str]) -> None:
    """Let the INIT macro of a container that stays select nothing, in step 3."""
    words = draft.index.rules.vocabulary
    selects = re.compile(rb"\s*%s\b" % words.select_container.encode())
    for container in draft.index.rules.containers:
        if container.header not in draft.index.tree:
            continue
        header = Header.open(draft, container.header)
        for body in header.named(container.init):
            empty = not body.text.strip()
            start, end = body.start, body.start + len(body.text.rstrip())
            if container.name in moving and empty:
                reason = f"{container.name} is a structure now"
                draft.insert(header.path, start, body_of(_init(words, container)), reason)
            elif container.name not in moving and selects.match(body.text):
                reason = f"{container.name} is no structure: its variables stay as they are"
                draft.replace(header.path, start, end, b"", reason)
