"""The header of the prefix: how step 1 makes it, and lines added to one that is there."""

from __future__ import annotations

import re
from collections.abc import Mapping

from vrefactor.edit.draft import Draft
from vrefactor.generated.header import Header
from vrefactor.generated.stage import Stage, reword
from vrefactor.generated.template import render
from vrefactor.rules.vocabulary import Vocabulary

_GUARD_END = re.compile(rb"^[ \t]*#[ \t]*endif\b", re.M)


def define_line(words: Vocabulary, macro: str, name: str) -> bytes:
    """Return one `#define`, as the original project spelt it: a tab, then one space."""
    return render("prefix/define", words, macro=macro, name=name)


def new_header(
    words: Vocabulary, guard: str, macros: Mapping[str, str], extra: tuple[str, ...]
) -> bytes:
    """Return a header that defines `macros` (macro to variable) and holds `extra` blocks."""
    return render(
        "prefix/header",
        words,
        lead=_lead(words, Stage.VARIABLES),
        guard=guard,
        defines=b"".join(define_line(words, macro, macros[macro]) for macro in sorted(macros)),
        blocks=b"".join(b"\n" + _block(text) for text in extra),
    )


def reword_lead(draft: Draft, header: Header, stage: Stage) -> None:
    """Plan that the comment above the header's guard says what the macros are now."""
    reword(draft, header, header.lead(), _lead(draft.index.rules.vocabulary, stage))


def _lead(words: Vocabulary, stage: Stage) -> bytes:
    return render("prefix/lead", words, **stage.sections)


def _block(text: str) -> bytes:
    return text.strip("\n").encode() + b"\n"


def additions(
    data: bytes, present: Mapping[str, int], lines: Mapping[str, bytes], extra: tuple[str, ...]
) -> dict[int, bytes]:
    """Return what to insert where so that an existing header defines more macros.

    `lines` are the new macros' definitions; `present` gives the offsets of the macros that
    it defines already; a new one goes in front of the first that follows it in the
    alphabet.  `extra` goes to the end, before the guard's `#endif`.
    """
    places: dict[int, bytes] = {}
    end = _end(data)
    ordered = sorted(present.items())
    for macro in sorted(lines):
        after = [offset for name, offset in ordered if name > macro]
        at = data.rfind(b"\n", 0, after[0]) + 1 if after else _behind(data, ordered, end)
        places[at] = places.get(at, b"") + lines[macro]
    for text in extra:
        places[end] = places.get(end, b"") + _block(text) + b"\n"
    return places


def _behind(data: bytes, ordered: list[tuple[str, int]], end: int) -> int:
    if not ordered:
        return end
    newline = data.find(b"\n", ordered[-1][1])
    return end if newline < 0 else newline + 1


def _end(data: bytes) -> int:
    """Return the offset of the last `#endif` line: what comes before it is guarded."""
    ends = [match.start() for match in _GUARD_END.finditer(data)]
    return ends[-1] if ends else len(data)
