"""Step 3, what all its parts do: look up a function that rules name, write for the option."""

from __future__ import annotations

from vrefactor.c.parse.functions import Function
from vrefactor.edit.draft import Draft
from vrefactor.generated.template import render


def function_named(draft: Draft, path: str, name: str) -> Function | None:
    """Return the one function of a name in a file; a finding says why there is none."""
    if path not in draft.index.tree:
        draft.find(path, None, name, "the rules name it: there is no such file")
        return None
    found = draft.files.functions(path, name)
    if len(found) != 1:
        what = f"the rules name it: the file defines it {len(found)} times, not once"
        draft.find(path, found[0].name_at if found else None, name, what)
        return None
    return found[0]


def with_option(draft: Draft, text: bytes) -> bytes:
    """Return lines as only a kernel with many stacks has them."""
    return render("option", draft.index.rules.vocabulary, lines=text)


def rewritten(draft: Draft, path: str, at: int, name: str, detail: str) -> None:
    """Record a site that is rewritten, and that its file needs the header of the prefix."""
    draft.site(path, at, name, detail=detail)
    draft.need(path, draft.index.rules.prefix.header, at)
