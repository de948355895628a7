"""Step 1.6, a toy: a comment above each line that uses a virtualised variable.

                                            /* Of one stack. */
            V_hits++;                       V_hits++;

Left alone: lines that have the comment, and the bodies of macros.
"""

from __future__ import annotations

from vrefactor.c.model import Role, TokenSite
from vrefactor.edit.draft import Draft
from vrefactor.edit.lines import FileLines
from vrefactor.plan.model import Plan
from vrefactor.plan.reasons import CommonSkip

_COMMENT = b"/* Of one stack. */"


def plan(draft: Draft) -> Plan:
    """Return the plan of step 1.6; see the module's docstring."""
    for path, facts in sorted(draft.index.facts.items()):
        marked: set[int] = set()
        for token in facts.sites:
            if token.name in draft.table.macros and token.role is Role.USE:
                _decide(draft, path, token, marked)
    return draft.plan()


def _decide(draft: Draft, path: str, token: TokenSite, marked: set[int]) -> None:
    """Mark the line of a token, or record why it stays; `marked` are lines that are done."""
    source, _ = draft.files.open(path)
    lines = FileLines(source)
    start = lines.start(token.start)
    if token.macro is not None:
        draft.classify(path, token, CommonSkip.ALIAS, f"the body of {token.macro}")
    elif _COMMENT in source.data[lines.start(start - 1) : start]:
        draft.classify(path, token, CommonSkip.PRESENT)
    else:
        if start not in marked:
            code = source.data[start : token.start]
            indent = code[: len(code) - len(code.lstrip())]
            draft.insert(path, start, indent + _COMMENT + b"\n", f"{token.name} is of one stack")
            marked.add(start)
        draft.site(path, token.start, token.name)
