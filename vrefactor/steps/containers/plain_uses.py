"""Step 2.2, plain uses: a variable with a use by its plain name can't move.

But one case can be mended here: a macro that makes a string of its argument and uses it as
well.

    #define CHECK(lev)   if (lev < 0) log(#lev);
    #define CHECK(lev)   if (V_ ## lev < 0) log(#lev);
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from vrefactor.c.model import TokenSite
from vrefactor.c.parse.macro_bodies import MacroBody, macro_definitions
from vrefactor.c.preprocess.lexer import find_names
from vrefactor.edit.draft import Draft
from vrefactor.edit.plain_uses import PlainUse, plain_uses
from vrefactor.plan.model import Evidence
from vrefactor.plan.reasons import CommonRefusal
from vrefactor.steps.containers.fields import RefusedVariable
from vrefactor.steps.containers.reasons import ContainerRefusal


def refused_uses(draft: Draft) -> list[RefusedVariable]:
    """Mend the plain uses that can be; return why the variables of the others can't move."""
    found: list[PlainUse] = []
    mended: list[PlainUse] = []
    stringised: dict[tuple[str, str], list[PlainUse]] = {}
    for use in plain_uses(draft):
        token = _sole_and_stringised(use)
        if token is not None:
            stringised.setdefault((use.path, token.calls[-1].name), []).append(use)
        else:
            found.append(use)
    for (path, macro), uses in sorted(stringised.items()):
        (mended if _paste_prefix(draft, path, macro, uses) else found).extend(uses)
    staying = {use.known for use in found}
    for use in mended:
        token = _sole_and_stringised(use)
        if token is not None and use.known not in staying:
            detail = f"{token.calls[-1].name}() pastes the prefix"
            draft.site(use.path, token.start, token.name, Evidence.EXPANDED, detail)
    reason = ContainerRefusal.PLAIN
    return [RefusedVariable(use.known, use.path, use.start, reason, use.detail) for use in found]


def _sole_and_stringised(use: PlainUse) -> TokenSite | None:
    """Return the token of a use that is the whole argument of a macro that makes a string of it."""
    if use.classified is None or use.classified.answer is not CommonRefusal.STRINGISED:
        return None
    token = use.classified.token
    return token if token.calls and token.calls[-1].sole else None


def _paste_prefix(draft: Draft, path: str, macro: str, uses: Sequence[PlainUse]) -> bool:
    """Let a macro of a source file paste the prefix to its argument; say whether it can.

    It can't if some use of it is given anything else than a variable by its macro's name.
    """
    prefix = draft.index.rules.prefix.prefix
    usual = all(use.known.macro == prefix + use.known.variable.name for use in uses)
    first = _sole_and_stringised(uses[0])
    if path.endswith(".h") or not usual or first is None:
        return False
    source, conditionals = draft.files.open(path)
    name = macro.encode("latin-1")
    bodies = [body for body in macro_definitions(source, conditionals) if body.name == name]
    calls = [
        at
        for at, _ in find_names(source.code, [name])
        if conditionals.directive_at(at) is None and not conditionals.is_dead(at)
    ]
    places = [_expressions(body, first.calls[-1].argument) for body in bodies]
    if not bodies or len(calls) != len(uses) or None in places:
        return False
    reason = f"{macro} makes a string of a name that takes the prefix"
    for at in (at for own in places for at in own or ()):
        draft.insert(path, at, prefix.encode() + b" ## ", reason)
    return any(places)


def _expressions(body: MacroBody, argument: int) -> list[int] | None:
    """Return where a macro's body uses a parameter other than as an operand of `#`.

    None if it pastes the parameter already, or takes it for a member or a tag.
    """
    parameters = body.parameters or ()
    if argument >= len(parameters):
        return None
    found: list[int] = []
    for match in re.finditer(rb"(?<!\w)" + re.escape(parameters[argument]) + rb"(?!\w)", body.text):
        before, after = body.text[: match.start()].rstrip(), body.text[match.end() :].lstrip()
        if before.endswith((b"##", b".", b"->", b"struct", b"union", b"enum")):
            return None
        if after.startswith(b"##"):
            return None
        if not before.endswith(b"#"):
            found.append(body.start + match.start())
    return found
