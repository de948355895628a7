"""The header of the prefix: how step 1 makes it, and what its comment says later."""

from __future__ import annotations

from collections.abc import Mapping

from vrefactor.edit.draft import Draft
from vrefactor.generated.header import Header
from vrefactor.generated.stage import Stage, reword
from vrefactor.generated.template import render
from vrefactor.rules.vocabulary import Vocabulary


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
        blocks=b"".join(b"\n%s\n" % text.strip("\n").encode() for text in extra),
    )


def reword_lead(draft: Draft, header: Header, stage: Stage) -> None:
    """Plan that the comment above the header's guard says what the macros are now."""
    reword(draft, header, header.lead(), _lead(draft.index.rules.vocabulary, stage))


def _lead(words: Vocabulary, stage: Stage) -> bytes:
    return render("prefix/lead", words, **stage.sections)
