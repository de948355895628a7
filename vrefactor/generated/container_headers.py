"""The headers of the containers: where their macros go, and who includes them.

The macros leave the header of step 1, which keeps the null macros.  A container's header is
included at the end of the central one that its users include; a user that does not, gets
an `#include` of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from vrefactor.c.model import DeclKind, FileDecl, FileFacts, IncludeFact
from vrefactor.edit.draft import Draft
from vrefactor.edit.header_places import end_of_kernel_code, set_apart
from vrefactor.edit.includes import include, insertion_point, missing, place_behind, portability
from vrefactor.generated.container_macros import (
    block,
    macro_lines,
    new_header,
)
from vrefactor.generated.container_struct import has_struct
from vrefactor.generated.header import Header, add_lines, inclusions
from vrefactor.generated.null_macros import null_macros
from vrefactor.rules.types import Container


def plan_container_headers(draft: Draft) -> None:
    """Plan the headers, and an `#include` for each of the draft's needs that is not met.

    Without the header of step 1 there is nothing to plan.
    """
    prefix = draft.index.rules.prefix.header
    if prefix not in draft.index.tree:
        return
    containers = [other for other in draft.index.rules.containers if macros_of(draft, other)]
    _leave(draft, prefix, [container for container in containers if container.header == prefix])
    central: dict[str, set[str]] = {}
    for container in containers:
        if container.header != prefix:
            _fill(draft, container)
            if _include_centrally(draft, container):
                central.setdefault(container.header, set()).add(container.central or "")
    _drop_met(draft, central)
    inclusions = missing(draft, _place)
    include(draft, inclusions)
    for added in inclusions:
        path, header = added.path, added.header
        if header in central and portability(draft.index.rules.portability, path) is None:
            draft.note(f"{path}: includes no header that leads to {header}: gets it itself")


def macros_of(draft: Draft, container: Container) -> dict[str, str]:
    """Return the names of the variables of a container by those of their macros."""
    return {
        macro: known.variable.name
        for macro, known in draft.table.macros.items()
        if known.container.name == container.name
    }


def _place(
    path: str, data: bytes, facts: Sequence[IncludeFact], header: str, users: Sequence[int]
) -> int:
    """Return where a file includes a container's header.

    What its types need comes before it one day: a source has that.
    """
    place = insertion_point if path.endswith(".h") else place_behind
    return place(path, data, facts, header, users)


def _leave(draft: Draft, prefix: str, hosted: Iterable[Container]) -> None:
    """Turn the header of step 1 into that of the null macros."""
    words, style = draft.index.rules.vocabulary, draft.index.rules.style
    header = Header.open(draft, prefix)
    parts = [null_macros(words, header)]
    leaving = set(draft.table.macros)
    for container in hosted:
        macros = macros_of(draft, container)
        if header.named(container.accessor):
            leaving -= set(macros)
        else:
            parts.append(block(words, container, macros, style))
    text = b"\n".join(part for part in parts if part)
    data = header.source.data
    moved = _lines(draft, prefix, data, leaving)
    at = moved[0][0] if moved else header.end
    if text and not moved:
        draft.insert(prefix, at, text + b"\n", "the null macros")
    for number, (start, end) in enumerate(moved):
        replacement = text if number == 0 else b""
        draft.replace(prefix, start, end, replacement, "the macros go to their containers")


def _lines(draft: Draft, path: str, data: bytes, leaving: set[str]) -> list[tuple[int, int]]:
    """Return the lines that define one of the macros `leaving`."""
    starts = (
        data.rfind(b"\n", 0, decl.start) + 1
        for decl in _macro_declarations(draft, path)
        if decl.name in leaving
    )
    return [(start, data.find(b"\n", start) + 1 or len(data)) for start in starts]


def _macro_declarations(draft: Draft, path: str) -> list[FileDecl]:
    """Return the `#define`s of the variables' macros in a file."""
    decls = draft.index.facts.get(path, FileFacts(path)).decls
    macros = draft.table.macros
    return [decl for decl in decls if decl.kind is DeclKind.MACRO and decl.name in macros]


def _fill(draft: Draft, container: Container) -> None:
    """Write a container's header, or put its macros into one that is there."""
    macros, style = macros_of(draft, container), draft.index.rules.style
    words, path = draft.index.rules.vocabulary, container.header
    if path not in draft.index.tree:
        draft.new_file(path, new_header(words, container, macros, style), f"of {container.name}")
    elif Header.open(draft, path).named(container.accessor):
        _complete(draft, container, macros)
    else:
        text = block(words, container, macros, style)
        _insert_apart(draft, path, text, f"the macros of {container.name}")


def _complete(draft: Draft, container: Container, macros: Mapping[str, str]) -> None:
    """Add the macros that a container's header lacks."""
    path = container.header
    words, style = draft.index.rules.vocabulary, draft.index.rules.style
    lines = macro_lines(words, container, macros, style)
    decls = draft.index.facts.get(path, FileFacts(path)).decls
    present = {decl.name: decl.start for decl in decls if decl.name in macros}
    lacking = {macro: line for macro, line in lines.items() if macro not in present}
    reason = f"macros of {container.name} that were missing"
    if not present and lacking:
        _insert_apart(draft, path, b"".join(lacking.values()), reason)
        return
    add_lines(draft, Header.open(draft, path), present, lacking, reason)


def _include_centrally(draft: Draft, container: Container) -> bool:
    """Have the central header include a container's; say whether it does then."""
    central, header = container.central, container.header
    if central is None or has_struct(draft.index, container):
        return False  # once the struct is there, each source includes the header by name
    if central not in draft.index.tree:
        draft.note(f"{central}: not in the tree: users of {header} include it themselves")
        return False
    facts = draft.index.facts.get(central, FileFacts(central))
    if all(known.name != header for known in facts.includes):
        text = inclusions(draft.index.rules.vocabulary, (header,))
        _insert_apart(draft, central, text, f"whoever includes it uses macros of <{header}>")
    return True


def _insert_apart(draft: Draft, path: str, text: bytes, reason: str) -> None:
    """Insert lines at the end of what a header holds for the kernel, with empty lines around."""
    data = draft.files.read(path)
    at = end_of_kernel_code(draft.index, path, data)
    draft.insert(path, at, set_apart(data, at, text), reason)


def _drop_met(draft: Draft, central: Mapping[str, set[str]]) -> None:
    """Drop the needs that are met by a central header that will include the wanted one."""
    for path, wanted in draft.needs.items():
        view = draft.files.closure(path)
        for header in central.keys() & wanted.keys():
            if not central[header].isdisjoint(view):
                del wanted[header]
