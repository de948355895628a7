"""Step 2.2, inline functions: those of headers that use variables go to the container's header.

    netinet/ip_var.h                       netinet/vinet.h, at its end
    static __inline u_int16_t
    ip_newid(void)                         static __inline u_int16_t
    {                                      ip_newid(void)
            return (htons(V_ip_id++));     { ...
    }

Where the header stands that defines it, the struct is not complete yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from vrefactor.edit.header_places import end_of_kernel_code, set_apart
from vrefactor.edit.lines import FileLines
from vrefactor.index.index import Index
from vrefactor.plan.model import Evidence, Refusal, Site, Verdict
from vrefactor.rules.types import Container
from vrefactor.source.edits import Edit
from vrefactor.steps.containers.reasons import ContainerRefusal
from vrefactor.steps.containers.users import (
    Inline,
    Users,
    callers,
    inline_range,
    inline_text,
    prototypes,
)


@dataclass(slots=True)
class InlineMoves:
    """The edits, the verdicts, and the headers that the functions count on, by container."""

    edits: list[Edit] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    needs: dict[str, list[str]] = field(default_factory=dict)


def move_inlines(
    index: Index, users: Users, containers: Sequence[Container], step: str
) -> InlineMoves:
    """Plan the moves; `users` gets the callers of what moves.

    A function that uses several containers, or that is no `static` one, is refused: in one
    header the others' structs are not complete.
    """
    moves = InlineMoves()
    by_name = {other_container.name: other_container for other_container in containers}
    texts: dict[str, list[bytes]] = {}
    for inline in users.inlines:
        path = inline.file.path
        if not _is_static(inline):
            continue
        if len(inline.containers) > 1:
            moves.sites.append(_site(inline, ContainerRefusal.INLINE))
            continue
        (name,) = inline.containers
        container = by_name[name]
        if path == container.header:
            continue
        reason = f"it uses variables of {name}"
        for start, end in (inline_range(inline), *prototypes(inline)):
            end = FileLines(inline.file.source).with_blank(start, end)
            moves.edits.append(Edit(path, start, end, b"", step, reason))
        texts.setdefault(name, []).append(inline_text(inline))
        moves.needs.setdefault(name, []).append(path)
        moves.sites.append(_site(inline, Evidence.BOUND))
        for source, at in callers(index, inline.function.name, path):
            users.add(source, name, at)
    moves.edits += _appended(index, by_name, texts, step)
    return moves


def _is_static(inline: Inline) -> bool:
    start, _ = inline_range(inline)
    return b"inline" in inline.file.source.code[start : inline.function.name_at]


def _site(inline: Inline, why: Refusal | Evidence) -> Site:
    function, source = inline.function, inline.file.source
    verdict = Verdict.REFUSED if isinstance(why, Refusal) else Verdict.REWRITTEN
    line = source.line(function.name_at)
    detail = f"inline function, uses {', '.join(sorted(inline.containers))}"
    return Site(source.path, function.name_at, line, function.name, verdict, why, detail)


def _appended(
    index: Index,
    containers: Mapping[str, Container],
    texts: Mapping[str, Sequence[bytes]],
    step: str,
) -> list[Edit]:
    edits: list[Edit] = []
    for name, parts in sorted(texts.items()):
        header = containers[name].header
        data = index.tree.read(header)
        at = end_of_kernel_code(index, header, data)
        text = set_apart(data, at, b"\n".join(parts))
        edits.append(Edit(header, at, at, text, step, "inline functions that use its variables"))
    return edits
