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
    classified: ClassifiedToken

    def refusal(self) -> RefusedVariable:
        """Return why the variable stays where it is."""
        answer, at = self.classified.answer, self.classified.token.start
        detail = str(answer) if isinstance(answer, Refusal) else ""
        return RefusedVariable(self.known, self.classified.path, at, ContainerRefusal.PLAIN, detail)


def mend_plain_uses(draft: Draft) -> list[PlainUse]:
    """Mend the plain uses that can be; return the others: their variables can't move."""
    found: list[PlainUse] = []
    mended: list[PlainUse] = []
    stringised: dict[tuple[str, str], list[PlainUse]] = {}
    for plain in _plain_uses(draft):
        call = plain.classified.token.calls[-1] if plain.classified.token.calls else None
        if plain.classified.answer is CommonRefusal.STRINGISED and call is not None and call.sole:
            stringised.setdefault((plain.classified.path, call.name), []).append(plain)
        else:
            found.append(plain)
    for (path, macro), uses in sorted(stringised.items()):
        (mended if _paste_prefix(draft, path, macro, uses) else found).extend(uses)
    staying = {plain.known for plain in found}
    for plain in mended:
        token = plain.classified.token
        if plain.known not in staying:
            detail = f"{token.calls[-1].name}() pastes the prefix"
            draft.site(plain.classified.path, token.start, token.name, Evidence.EXPANDED, detail)
    return found


def _plain_uses(draft: Draft) -> Iterator[PlainUse]:
    """Yield the plain uses of the table's variables in code that a build may compile."""
    index, table, matcher = draft.index, draft.table, draft.macros
    classifier, overrides = Classifier(index, table), Overrides(index.rules.overrides)
    by_name: dict[str, list[Virtualised]] = {}
    for variable, known in table.by_variable.items():
        by_name.setdefault(variable.name, []).append(known)
    names_of_forms = frozenset(forms(index.rules.vocabulary).values())
    for classified in classifier.all():
        outer = classified.token.calls[0] if classified.token.calls else EnclosingCall("", 0)
        name = outer.name.encode()
        exports = matcher.sysctl.match(name) or matcher.tunable.match(name)
        if classified.token.role is Role.MACRO_ARGUMENT and exports:
            if outer.name in names_of_forms:
                continue
            classified = classifier.classify_exported(classified.path, classified.token)
        if isinstance(classified.answer, Skip) or _is_dead(draft.files, classified):
            continue
        if not _is_used(index, classified):
            continue
        override = overrides.find(classified.path, classified.token.function, classified.token.name)
        if override is not None and keeps(override, classified.token):
            continue
        if isinstance(classified.answer, Virtualised):
            yield PlainUse(classified.answer, classified)
            continue
        for known in by_name[classified.token.name]:
            if known.variable.file in ("", classified.path):
                yield PlainUse(known, classified)


def _is_used(index: Index, classified: ClassifiedToken) -> bool:
    """Say whether a token that a macro pastes or makes a string of is used as it is as well."""
    if classified.answer not in (CommonRefusal.PASTED, CommonRefusal.STRINGISED):
        return True
    roles = [index.macros.role(call, classified.path) for call in classified.token.calls]
    return all(ArgumentRole.EXPRESSION in role for role in roles)


def _is_dead(files: Files, classified: ClassifiedToken) -> bool:
    token = classified.token
    return token.conditional and files.open(classified.path)[1].is_dead(token.start)


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
    argument = uses[0].classified.token.calls[-1].argument
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
