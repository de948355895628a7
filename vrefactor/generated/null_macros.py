"""The null macros: what selects a stack, as long as there is one, expands to nothing.

Step 1.5.2 defines them.  Step 2.2 takes the macro that reaches a member out of them, and step
3 leaves those that get a meaning to kernels without its option.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from functools import cache

from vrefactor.c.parse.macro_bodies import MacroBody
from vrefactor.edit.draft import Draft
from vrefactor.generated.header import Header, hold_without
from vrefactor.generated.stage import Stage, reword
from vrefactor.generated.template import render
from vrefactor.rules.vocabulary import Vocabulary


@cache
def _definitions(words: Vocabulary) -> dict[str, tuple[str, bytes]]:
    """Return the name of each null macro with its head and its line."""
    text = render("null/macros", words)
    header = Header.read("", text)
    return {
        body.name.decode(): (
            text[body.name_at : body.start].decode(),
            text[slice(*header.line(body))],
        )
        for body in header.bodies
    }


def null_heads(words: Vocabulary) -> dict[str, str]:
    """Return the null macros with their parameters (`VSYM(base, sym)`), by their names."""
    return {name: head for name, (head, _) in _definitions(words).items()}


def null_macros(words: Vocabulary, header: Header) -> bytes:
    """Return the definitions of the null macros that a header lacks, with a comment."""
    there = {body.name.decode("latin-1") for body in header.bodies}
    lines = [line for name, (_, line) in _definitions(words).items() if name not in there]
    return _lead(words, Stage.VARIABLES) + b"".join(lines) if lines else b""


def _lead(words: Vocabulary, stage: Stage) -> bytes:
    return render("null/lead", words, **stage.sections)


def take_out(draft: Draft, header: Header, body: MacroBody, meanings: bytes) -> None:
    """Plan that a null macro has other meanings: above the others, or where it is alone."""
    words = draft.index.rules.vocabulary
    names = {name.encode() for name in _definitions(words)}
    lines = dict(header.line(macro) for macro in header.bodies if macro.name in names)
    start, end = header.line(body)
    top = _top(lines, start)
    comment = header.comment(top)
    reason = "a member of a container, or a variable"
    if comment is None or (top == start and end not in lines):
        draft.replace(header.path, start if comment is None else comment[0], end, meanings, reason)
        return
    lead = _lead(words, Stage.MEMBERS)
    draft.replace(header.path, *comment, meanings + b"\n" + lead, reason)
    draft.replace(header.path, start, end, b"", reason)


def _top(lines: Mapping[int, int], start: int) -> int:
    """Return the first of the lines, by their starts with their ends, that lead to one."""
    above = {end: first for first, end in lines.items()}
    while start in above:
        start = above[start]
    return start


def leave_to_one_stack(draft: Draft, header: Header, replaced: Container[bytes]) -> None:
    """Plan that the null macros hold without the option only that are `replaced` with it."""
    words = draft.index.rules.vocabulary
    names = {name.encode() for name in _definitions(words)} - {words.member.encode()}
    single = [
        body
        for body in header.bodies
        if body.name in names and body.name in replaced
        if not header.depends_on(words.option, body.name_at)
    ]
    if single:
        comment = header.comment(header.line(single[0])[0])
        reword(draft, header, comment, _lead(words, Stage.STACKS))
        reason = f"with option {words.option} it has a meaning"
        hold_without(draft, header, single, words.option, reason)
