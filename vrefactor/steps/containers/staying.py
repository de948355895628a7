"""Step 2.2, the variables that stay: what earlier steps made of them takes its plain form again.

Their macros go through the accessor of the container, and their sysctls have the form for
virtualised variables: both find a variable in its container.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from vrefactor.c.model import FileFacts, Role, TokenSite
from vrefactor.c.preprocess.lexer import split_arguments
from vrefactor.c.query.invocations import enclosing_invocation
from vrefactor.edit.draft import Draft
from vrefactor.edit.lines import FileLines
from vrefactor.generated.sysctl_forms import POINTER, forms
from vrefactor.plan.symbols import Virtualised
from vrefactor.rules.types import Container


def plain_macros(draft: Draft, container: Container, staying: Collection[Virtualised]) -> None:
    """Make the macros of a container's variables that stay the variables themselves."""
    stays = {known.macro: known for known in staying if known.container == container}
    source, _ = draft.files.open(container.header)
    accessor = container.accessor.encode()
    for decl in draft.index.facts.get(source.path, FileFacts(source.path)).decls:
        known = stays.get(decl.name)
        if known is None:
            continue
        end = FileLines(source).next(decl.start)
        pattern = re.compile(accessor + rb"\s*\(\s*(\w+)\s*\)")
        body = pattern.search(source.code, decl.start, end)
        if body is not None:
            draft.replace(source.path, *body.span(), body[1], _reason(known))


def plain_sysctls(draft: Draft, staying: Collection[Virtualised]) -> None:
    """Undo step 1.5.3 for the variables that stay.

    Raises the errors of `lex` and `parse_conditionals`.
    """
    done: set[tuple[str, int]] = set()
    plain = {form: name for name, form in forms(draft.index.rules.vocabulary).items()}
    for known in sorted(staying, key=lambda virtualised: virtualised.macro):
        for path, token in draft.index.tokens.get(known.variable.name, ()):
            form = token.calls[0].name if token.calls else ""
            exported = token.role is Role.MACRO_ARGUMENT and form in plain
            if exported and draft.index.denotes(path, token.name) == known.variable:
                _plain_sysctl(draft, known, path, token, plain[form], done)


def _plain_sysctl(
    draft: Draft,
    known: Virtualised,
    path: str,
    token: TokenSite,
    plain: str,
    done: set[tuple[str, int]],
) -> None:
    """Undo the form that a name of the variable stands in; `done` are those that are undone.

    `plain` is the macro in place of the form.
    """
    source, conditionals = draft.files.open(path)
    found = enclosing_invocation(source, conditionals, token.calls[0].name.encode(), token.start)
    if found is None:
        return
    if (path, found.start) not in done:
        done.add((path, found.start))
        third = split_arguments(source.code, found.open, found.close)[2][0]
        third += len(source.code[third:]) - len(source.code[third:].lstrip())
        draft.replace(path, found.start, third, plain.encode() + b"(", _reason(known))
    if token.calls[0].argument == POINTER + 2:
        draft.insert(path, token.start, b"&", _reason(known))


def _reason(known: Virtualised) -> str:
    return f"{known.symbol.name} stays a variable of its own"
