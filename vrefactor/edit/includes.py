"""The `#include`s that files newly need: which, where they go, and how they are written.

The original project put `<sys/vimage.h>` behind the last header of the `<sys/…>` group in
88 of 100 files, whatever its name; so do we, for any header and group.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from vrefactor.c.model import IncludeFact
from vrefactor.c.preprocess.conditionals import Conditionals, parse_conditionals
from vrefactor.c.preprocess.lexer import lex
from vrefactor.edit.draft import Draft
from vrefactor.rules.globs import path_matcher
from vrefactor.rules.types import Portability

Placement = Callable[[str, bytes, Sequence[IncludeFact], str, Sequence[int]], int]
"""Where a file includes a header: `insertion_point`, `place_behind`, or one of both by file."""


@dataclass(frozen=True, slots=True)
class Inclusion:
    """One `#include` that a file needs, and the offset where it goes."""

    path: str
    header: str
    at: int


def missing(draft: Draft, place: Placement, *, by_name: bool = False) -> list[Inclusion]:
    """Return an `#include` for each of the draft's needs that is not met, by file and header.

    A need is met by an `#include` in the file, and, without `by_name`, by a header that leads
    to the wanted one.
    """
    found: list[Inclusion] = []
    for path, wanted in sorted(draft.needs.items()):
        data, facts = draft.files.read(path), draft.files.includes(path)
        for header, users in sorted(wanted.items()):
            if header != path and not _is_met(draft, path, header, by_name=by_name):
                at = place(path, data, facts, header, sorted(users))
                found.append(Inclusion(path, header, at))
    return found


def _is_met(draft: Draft, path: str, header: str, *, by_name: bool) -> bool:
    if any(known.name == header for known in draft.files.includes(path)):
        return True
    seen = draft.index.includes.direct(path) if by_name else draft.files.closure(path)
    return header in seen


def include(
    draft: Draft, inclusions: Iterable[Inclusion], defines: Callable[[str], str] | None = None
) -> None:
    """Write `#include`s.

    A file that is shared with other systems gets the block that the rules have for it, with the
    definitions in it that `defines` gives for the file, whole lines.
    """
    for inclusion in inclusions:
        shared = portability(draft.index.rules.portability, inclusion.path)
        text = f"#include <{inclusion.header}>\n"
        if shared is not None:
            text = shared.render(inclusion.header, defines(inclusion.path) if defines else "")
        reason = f"uses what <{inclusion.header}> defines"
        draft.insert(inclusion.path, inclusion.at, text.encode(), reason)


def insertion_point(
    path: str, data: bytes, includes: Sequence[IncludeFact], header: str, users: Sequence[int]
) -> int:
    """Return the offset, a line's start, at which `#include <header>` belongs in a file.

    `users` are the offsets of what needs it.  Only a place that every one of them can see
    (before it, and under no condition that it is not under) is considered.  Without users
    the place is before the first brace: only macros that are expanded in the file need it.
    """
    first = min(users) if users else lex(path, data).code.find(b"{")
    includes = [include for include in includes if include.start < first]
    if path.endswith(".h"):
        inside = _inside_condition(path, data, includes, header, users)
        if inside is not None:
            return inside
    plain = [include for include in includes if not include.conditional]
    anchor = last_of_group(plain, header)
    if anchor is not None:
        return _line_after(data, anchor.end)
    conditionals = parse_conditionals(lex(path, data))
    shared = _shared_chain(conditionals, users)
    usable = [include for include in includes if _chain(conditionals, include.start) in shared]
    innermost = [include for include in usable if _chain(conditionals, include.start) == shared[0]]
    chosen = last_of_group(innermost, header) or last_of_group(usable, header)
    if chosen is not None:
        return _line_after(data, chosen.end)
    code = lex(path, data).code
    outer = [chain for chain in shared if _is_at_file_scope(code, conditionals, chain)]
    if includes and not usable and not outer[0]:
        # All that the file includes is under a condition, and so is one more.
        return _line_after(data, (last_of_group(includes, header) or includes[-1]).end)
    return _without_group(data, conditionals, usable, outer[0], header)


def place_behind(
    path: str, data: bytes, facts: Sequence[IncludeFact], header: str, users: Sequence[int]
) -> int:
    """Return where a file includes a header that counts on others before it.

    Behind the last header of its folder; under a condition if all users stand under it too,
    and no other place has headers of that folder.  Else behind all includes.
    """
    conditionals = parse_conditionals(lex(path, data))
    shared = conditionals.condition(users[0])
    for at in users[1:]:
        shared &= conditionals.condition(at)
    usable = [
        include
        for include in facts
        if include.start < users[0] and conditionals.condition(include.start) <= shared
    ]
    # Most stand under no condition, or under that of a guard which is not the whole file.
    usual = Counter(conditionals.condition(include.start) for include in usable).most_common(1)
    plain = [include for include in usable if conditionals.condition(include.start) == usual[0][0]]
    others = [include for include in plain if include.angled or not include.name.startswith("opt_")]
    anchor = last_of_group(plain, header) or last_of_group(usable, header)
    if anchor is None and others:
        anchor = others[-1]
    if anchor is None:
        return insertion_point(path, data, facts, header, users)
    return data.find(b"\n", anchor.end) + 1 or len(data)


def _is_at_file_scope(code: bytes, conditionals: Conditionals, chain: Chain) -> bool:
    """Say whether the innermost branch of a chain, if it has one, begins outside of braces."""
    start = conditionals.groups[chain[0][0]].branches[chain[0][1]].start if chain else 0
    return code.count(b"{", 0, start) == code.count(b"}", 0, start)


def _inside_condition(
    path: str, data: bytes, includes: Sequence[IncludeFact], header: str, users: Sequence[int]
) -> int | None:
    """Return a place in the outermost `#if` that is around every user of a header.

    What a header only needs in the kernel (`#ifdef _KERNEL`) must not reach who includes it
    elsewhere.  None if there is no such `#if` at file scope.
    """
    source = lex(path, data)
    conditionals = parse_conditionals(source)
    chain = _shared_chain(conditionals, users)[0][-1:]
    if not chain or not _is_at_file_scope(source.code, conditionals, chain):
        return None
    group, branch = chain[0]
    start = conditionals.groups[group].branches[branch].start
    own = [include for include in includes if start <= include.start < min(users)]
    anchor = last_of_group(
        [include for include in own if _chain(conditionals, include.start) == chain], header
    )
    return _line_after(data, start if anchor is None else anchor.end)


def last_of_group(includes: Sequence[IncludeFact], header: str) -> IncludeFact | None:
    """Return the last include of the longest run with the header's directory.

    Headers of the file's own (`"x.h"`) come behind, where there are others.
    """
    includes = [include for include in includes if include.angled] or includes
    group = posixpath.dirname(header)
    runs = [
        list(run)
        for matches, run in groupby(
            includes, key=lambda include: posixpath.dirname(include.name) == group
        )
        if matches
    ]
    return max(runs, key=len)[-1] if runs else None


Chain = tuple[tuple[int, int], ...]


def _chain(conditionals: Conditionals, offset: int) -> Chain:
    return tuple(
        pair for pair in conditionals.chain(offset) if not conditionals.groups[pair[0]].guard
    )


def _shared_chain(conditionals: Conditionals, users: Sequence[int]) -> list[Chain]:
    """Return the chains, innermost first, that are around every user."""
    chains = [_chain(conditionals, at) for at in users] or [()]
    shared = chains[0]
    for chain in chains[1:]:
        while chain[len(chain) - len(shared) :] != shared:
            shared = shared[1:]
    return [shared[at:] for at in range(len(shared) + 1)]


def _without_group(
    data: bytes,
    conditionals: Conditionals,
    usable: Sequence[IncludeFact],
    chain: Chain,
    header: str,
) -> int:
    """Return a place where the file includes nothing of the header's directory."""
    options = [
        include for include in usable if not include.angled and include.name.startswith("opt_")
    ]
    others = [include for include in usable if include not in options]
    if others:
        return data.rfind(b"\n", 0, others[0].start) + 1
    if options:
        return _line_after(data, options[-1].end)
    if chain:
        group, branch = chain[0]
        return _line_after(data, conditionals.groups[group].branches[branch].start)
    guards = [directive for directive in conditionals.directives[:2] if conditionals.groups]
    if guards and conditionals.groups[0].guard:
        return _line_after(data, guards[-1].end)
    return 0


def _line_after(data: bytes, offset: int) -> int:
    newline = data.find(b"\n", offset)
    return len(data) if newline < 0 else newline + 1


def portability(rules: Iterable[Portability], path: str) -> Portability | None:
    """Return the rule for a file that is shared with other systems, if it is."""
    return next((rule for rule in rules if path_matcher([rule.path])(path)), None)
