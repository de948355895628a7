"""Carrying the facts of a file over an edit, where the edit says what becomes of them.

A step mostly puts a prefix in front of identifiers, or whole lines between others.  What a
parse would then say anew is what it said before, at other offsets; a file for which that is
not certain is parsed again.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

from msgspec.structs import replace

from vrefactor.c.model import FileFacts, IncludeFact, MacroFact, Role, TokenSite
from vrefactor.c.preprocess.lexer import words
from vrefactor.source.compose import Splice

_WORD = re.compile(rb"[A-Za-z_]\w*\Z")
_UNSURE = re.compile(rb"[\"'/\\]|^[ \t]*#[ \t]*(?!include\b|ifdef\b|ifndef\b|if\b|endif\b)", re.M)
_OPENS = re.compile(rb"^[ \t]*#[ \t]*if", re.M)
_CLOSES = re.compile(rb"^[ \t]*#[ \t]*endif", re.M)
_INCLUDE = re.compile(rb"^[ \t]*#[ \t]*include[ \t]*([<\"])([^>\"\n]+)[>\"][ \t]*$", re.M)


class _Shift:
    """Where offsets and lines of the old text are in the new one."""

    def __init__(self, before: bytes, splices: Sequence[Splice]) -> None:
        self._starts = [splice.start for splice in splices]
        grown = (len(splice.text) - (splice.end - splice.start) for splice in splices)
        self._bytes = [0, *accumulate(grown)]
        lines = (
            splice.text.count(b"\n") - before.count(b"\n", splice.start, splice.end)
            for splice in splices
        )
        self._lines = [0, *accumulate(lines)]

    def offset(self, at: int) -> int:
        """Return the new offset of the byte at `at`: what is put in there comes before it."""
        return at + self._bytes[bisect_right(self._starts, at)]

    def token(self, at: int) -> int:
        """Return the new offset of a token that gets longer at its front."""
        return at + self._bytes[bisect_left(self._starts, at)]

    def line(self, at: int, line: int) -> int:
        """Return the new number of the line that held the byte at `at`."""
        return line + self._lines[bisect_right(self._starts, at)]


def rebase(
    facts: FileFacts, before: bytes, splices: Sequence[Splice], wanted: frozenset[bytes]
) -> FileFacts | None:
    """Return the facts of the file that `splices` make of `before`, or None if unsure.

    `facts` are those of `before`, for the same `wanted` (names and macros together).
    """
    tokens = {site.start: site for site in facts.sites}
    renamed: dict[int, str] = {}
    added: list[Splice] = []
    for splice in splices:
        new_name = _prefixed(splice, tokens, wanted)
        if new_name is not None:
            renamed[splice.start] = new_name
        elif not _is_plain(before, splice, wanted):
            return None
        elif _INCLUDE.search(splice.text):
            added.append(splice)
    if any(_is_conditional(facts, item.start) for item in added) or _are_called(facts, renamed):
        return None
    macros = _renamed_macros(facts, renamed)
    if macros is None:
        return None
    return _moved(replace(facts, macros=macros), _Shift(before, splices), renamed, added)


def _prefixed(splice: Splice, tokens: dict[int, TokenSite], wanted: frozenset[bytes]) -> str | None:
    """Return the new name of a use that the splice puts a prefix in front of."""
    site = tokens.get(splice.start)
    if site is None or splice.start != splice.end or not _WORD.match(splice.text):
        return None
    name = splice.text + site.name.encode()
    return name.decode() if site.role is Role.USE and name in wanted else None


def _is_plain(before: bytes, splice: Splice, wanted: frozenset[bytes]) -> bool:
    """Say whether a splice only adds whole lines, or changes blanks, of no interest to facts."""
    text = splice.text
    if before[splice.start : splice.end].strip():
        return False
    if not text.strip():
        return True
    at_line = splice.start == 0 or before[splice.start - 1 : splice.start] == b"\n"
    if (
        not at_line
        or not text.rstrip(b" \t").endswith(b"\n")
        or _UNSURE.search(_without_includes(text))
    ):
        return False
    balanced = text.count(b"{") == text.count(b"}") and text.count(b"(") == text.count(b")")
    paired = len(_OPENS.findall(text)) == len(_CLOSES.findall(text))
    return balanced and paired and wanted.isdisjoint(words(text))


def _without_includes(text: bytes) -> bytes:
    return _INCLUDE.sub(b"", text)


def _is_conditional(facts: FileFacts, at: int) -> bool:
    """Say whether an include put in at `at` might not stand among unconditional ones.

    In a header it may be for the kernel only.
    """
    if facts.path.endswith(".h"):
        return True
    above = [include for include in facts.includes if include.start < at]
    return not above or above[-1].conditional


def _are_called(facts: FileFacts, renamed: dict[int, str]) -> bool:
    """Say whether a renamed token is the callee that other tokens name as theirs."""
    names = {site.name for site in facts.sites if site.start in renamed}
    return any(call.name in names for site in facts.sites for call in site.calls)


def _renamed_macros(facts: FileFacts, renamed: dict[int, str]) -> tuple[MacroFact, ...] | None:
    """Return the macros with what is renamed in their bodies; None for a name in part renamed."""
    starts = [macro.start for macro in facts.macros]
    bodies: dict[tuple[int, str], set[str]] = {}
    for site in facts.sites:
        if site.macro is not None:
            owner = bisect_right(starts, site.start) - 1
            new_name = renamed.get(site.start, site.name)
            bodies.setdefault((owner, site.name), set()).add(new_name)
    macros = list(facts.macros)
    for (owner, name), new_names in bodies.items():
        if len(new_names) > 1 or owner < 0:
            return None
        body = re.sub(rf"\b{name}\b", new_names.pop(), macros[owner].body)
        macros[owner] = replace(macros[owner], body=body)
    return tuple(macros)


def _moved(
    facts: FileFacts, shift: _Shift, renamed: dict[int, str], added: Sequence[Splice]
) -> FileFacts:
    sites = tuple(
        replace(
            site,
            start=shift.token(site.start) if site.start in renamed else shift.offset(site.start),
            line=shift.line(site.start, site.line),
            name=renamed.get(site.start, site.name),
        )
        for site in facts.sites
    )
    decls = tuple(
        replace(decl, start=shift.offset(decl.start), line=shift.line(decl.start, decl.line))
        for decl in facts.decls
    )
    macros = tuple(replace(macro, start=shift.offset(macro.start)) for macro in facts.macros)
    includes = [
        replace(include, start=shift.offset(include.start), end=shift.token(include.end))
        for include in facts.includes
    ]
    includes.extend(include for splice in added for include in _included(splice, shift))
    ordered = tuple(sorted(includes, key=lambda include: include.start))
    return replace(facts, sites=sites, decls=decls, macros=macros, includes=ordered)


def _included(splice: Splice, shift: _Shift) -> list[IncludeFact]:
    """Return the includes that a splice adds, where they are in the new text."""
    base = shift.token(splice.start)
    return [
        IncludeFact(
            match[2].decode("latin-1"),
            match[1] == b"<",
            base + match.start(),
            base + match.end(),
            conditional=False,
        )
        for match in _INCLUDE.finditer(splice.text)
    ]
