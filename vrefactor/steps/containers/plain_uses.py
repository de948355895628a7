"""Step 2.2, plain uses: uses of the plain name that earlier steps left.

A variable that is a field has its plain name no longer.  Where earlier steps refused a use,
or the rules keep it, the variable can't move, but for one case that can be mended here: a
macro that makes a string of its argument and uses it as well.

    #define CHECK(lev)   if (lev < 0) log(#lev);
    #define CHECK(lev)   if (V_ ## lev < 0) log(#lev);
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vrefactor.c.model import EnclosingCall, Role
from vrefactor.c.parse.macro_bodies import MacroBody, macro_definitions
from vrefactor.c.preprocess.lexer import find_names
from vrefactor.edit.draft import Draft
from vrefactor.edit.files import Files
from vrefactor.generated.sysctl_forms import forms
from vrefactor.index.index import Index
from vrefactor.index.macros import ArgumentRole
from vrefactor.plan.classification import ClassifiedToken, Classifier
from vrefactor.plan.model import Evidence, Refusal, Skip
from vrefactor.plan.overrides import Overrides, keeps
from vrefactor.plan.reasons import CommonRefusal
from vrefactor.plan.symbols import Virtualised
from vrefactor.steps.containers.fields import RefusedVariable
from vrefactor.steps.containers.reasons import ContainerRefusal


@dataclass(frozen=True, slots=True)
class PlainUse:
    """A use of a variable by its plain name, and what is known of it."""

    known: Virtualised
    judged: ClassifiedToken

    def refusal(self) -> RefusedVariable:
        """Return why the variable stays where it is."""
        answer, at = self.judged.answer, self.judged.token.start
        detail = str(answer) if isinstance(answer, Refusal) else ""
        return RefusedVariable(self.known, self.judged.path, at, ContainerRefusal.PLAIN, detail)


def mend_plain_uses(draft: Draft) -> list[PlainUse]:
    """Mend the plain uses that can be; return the others: their variables can't move."""
    found: list[PlainUse] = []
    mended: list[PlainUse] = []
    stringised: dict[tuple[str, str], list[PlainUse]] = {}
    for plain in _plain_uses(draft):
        call = plain.judged.token.calls[-1] if plain.judged.token.calls else None
        if plain.judged.answer is CommonRefusal.STRINGISED and call is not None and call.sole:
            stringised.setdefault((plain.judged.path, call.name), []).append(plain)
        else:
            found.append(plain)
    for (path, macro), uses in sorted(stringised.items()):
        (mended if _paste_prefix(draft, path, macro, uses) else found).extend(uses)
    staying = {plain.known for plain in found}
    for plain in mended:
        token = plain.judged.token
        if plain.known not in staying:
            detail = f"{token.calls[-1].name}() pastes the prefix"
            draft.site(plain.judged.path, token.start, token.name, Evidence.EXPANDED, detail)
    return found


def _plain_uses(draft: Draft) -> Iterator[PlainUse]:
    """Yield the plain uses of the table's variables in code that a build may compile."""
    index, table, matcher = draft.index, draft.table, draft.macros
    judge, overrides = Classifier(index, table), Overrides(index.rules.overrides)
    by_name: dict[str, list[Virtualised]] = {}
    for variable, known in table.by_variable.items():
        by_name.setdefault(variable.name, []).append(known)
    names_of_forms = frozenset(forms(index.rules.vocabulary).values())
    for judged in judge.all():
        outer = judged.token.calls[0] if judged.token.calls else EnclosingCall("", 0)
        name = outer.name.encode()
        exports = matcher.sysctl.match(name) or matcher.tunable.match(name)
        if judged.token.role is Role.MACRO_ARGUMENT and exports:
            if outer.name in names_of_forms:
                continue
            judged = judge.exported(judged.path, judged.token)
        if isinstance(judged.answer, Skip) or _is_dead(draft.files, judged):
            continue
        if not _is_used(index, judged):
            continue
        override = overrides.find(judged.path, judged.token.function, judged.token.name)
        if override is not None and keeps(override, judged.token):
            continue
        if isinstance(judged.answer, Virtualised):
            yield PlainUse(judged.answer, judged)
            continue
        for known in by_name[judged.token.name]:
            if known.variable.file in ("", judged.path):
                yield PlainUse(known, judged)


def _is_used(index: Index, judged: ClassifiedToken) -> bool:
    """Say whether a token that a macro pastes or makes a string of is used as it is as well."""
    if judged.answer not in (CommonRefusal.PASTED, CommonRefusal.STRINGISED):
        return True
    roles = [index.macros.role(call, judged.path) for call in judged.token.calls]
    return all(ArgumentRole.EXPRESSION in role for role in roles)


def _is_dead(files: Files, judged: ClassifiedToken) -> bool:
    token = judged.token
    return token.conditional and files.open(judged.path)[1].is_dead(token.start)


def _paste_prefix(draft: Draft, path: str, macro: str, uses: Sequence[PlainUse]) -> bool:
    """Let a macro of a source file paste the prefix to its argument; say whether it can.

    It can't if some use of it is given anything else than a variable by its macro's name.
    """
    prefix = draft.index.rules.prefix.prefix
    usual = all(plain.known.macro == prefix + plain.known.variable.name for plain in uses)
    if path.endswith(".h") or not usual:
        return False
    source, conditionals = draft.files.open(path)
    name = macro.encode("latin-1")
    bodies = [body for body in macro_definitions(source, conditionals) if body.name == name]
    calls = [
        at
        for at, _ in find_names(source.code, [name])
        if conditionals.directive_at(at) is None and not conditionals.is_dead(at)
    ]
    argument = uses[0].judged.token.calls[-1].argument
    places = [_expressions(body, argument) for body in bodies]
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
