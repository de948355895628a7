"""Step 2.2, what is in the way: uses of the plain name that earlier steps left.

A variable that is a field has its plain name no longer.  Where earlier steps refused a use,
or the rules keep it, the variable can't move, but for one case that can be mended here: a
macro that makes a string of its argument and uses it as well.

    #define CHECK(lev)   if (lev < 0) log(#lev);
    #define CHECK(lev)   if (V_ ## lev < 0) log(#lev);
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from vrefactor.c.model import EnclosingCall, Role
from vrefactor.c.model import TokenSite as Token
from vrefactor.c.parse.macro_bodies import MacroBody, defines
from vrefactor.c.preprocess.conditionals import parse_conditionals
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.lexer import find_names, lex
from vrefactor.generated.sysctl_forms import FORMS
from vrefactor.index.index import Index
from vrefactor.index.macros import ArgumentRole
from vrefactor.plan.classification import ClassifiedToken, Classifier
from vrefactor.plan.model import Skip
from vrefactor.plan.overrides import Overrides, keeps
from vrefactor.plan.reasons import CommonRefusal
from vrefactor.plan.symbols import SymbolTable, Virtualised
from vrefactor.source.edits import Edit

_SYSCTL_V = frozenset(FORMS.values())


@dataclass(frozen=True, slots=True)
class PlainUse:
    """A use of a variable by its plain name, and what is known of it."""

    known: Virtualised
    judged: ClassifiedToken


@dataclass(slots=True)
class Obstacles:
    """The plain uses that keep variables where they are, and the edits that mend others."""

    plain: list[PlainUse] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    mended: list[PlainUse] = field(default_factory=list)


def obstacles(index: Index, table: SymbolTable, step: str) -> Obstacles:
    """Find the plain uses of the table's variables in code that a build may compile."""
    found = Obstacles()
    stringised: dict[tuple[str, str], list[PlainUse]] = {}
    for plain in _plain_uses(index, table):
        call = plain.judged.token.calls[-1] if plain.judged.token.calls else None
        if plain.judged.answer is CommonRefusal.STRINGISED and call is not None and call.sole:
            stringised.setdefault((plain.judged.path, call.name), []).append(plain)
        else:
            found.plain.append(plain)
    for (path, macro), uses in sorted(stringised.items()):
        edits = _pasting(index, path, macro, uses, step)
        if edits:
            found.edits.extend(edits)
            found.mended.extend(uses)
        else:
            found.plain.extend(uses)
    return found


def _plain_uses(index: Index, table: SymbolTable) -> Iterator[PlainUse]:
    judge = Classifier(index, table)
    matcher, overrides = MacroMatcher(index.rules.macros), Overrides(index.rules.overrides)
    by_name: dict[str, list[Virtualised]] = {}
    for variable, known in table.by_variable.items():
        by_name.setdefault(variable.name, []).append(known)
    for judged in judge.all():
        outer = judged.token.calls[0] if judged.token.calls else EnclosingCall("", 0)
        exports = matcher.sysctl.match(outer.name.encode()) or matcher.tunable.match(
            outer.name.encode()
        )
        if judged.token.role is Role.MACRO_ARGUMENT and exports:
            if outer.name in _SYSCTL_V:
                continue
            judged = judge.exported(judged.path, judged.token)
        if isinstance(judged.answer, Skip) or _is_dead(index, judged):
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


def _is_dead(index: Index, judged: ClassifiedToken) -> bool:
    token = judged.token
    if not token.conditional:
        return False
    source = lex(judged.path, index.tree.read(judged.path))
    return parse_conditionals(source).is_dead(token.start)


def _pasting(index: Index, path: str, macro: str, uses: list[PlainUse], step: str) -> list[Edit]:
    """Return the edits that let a macro of a source file paste the prefix to its argument.

    None if some use of it is given anything else than a variable by its macro's name.
    """
    prefix = index.rules.prefix.prefix
    if path.endswith(".h") or any(
        plain.known.macro != prefix + plain.known.variable.name for plain in uses
    ):
        return []
    source = lex(path, index.tree.read(path))
    conditionals = parse_conditionals(source)
    bodies = [
        macro_body
        for macro_body in defines(source, conditionals)
        if macro_body.name == macro.encode("latin-1")
    ]
    calls = [
        at
        for at, _ in find_names(source.code, [macro.encode("latin-1")])
        if conditionals.directive_at(at) is None and not conditionals.is_dead(at)
    ]
    argument = _argument(uses[0].judged.token)
    if not bodies or len(calls) != len(uses):
        return []
    edits: list[Edit] = []
    for body in bodies:
        reason = f"{macro} makes a string of a name that takes the prefix"
        places = _expressions(body, argument)
        if places is None:
            return []
        text = prefix.encode() + b" ## "
        edits += [Edit(path, at, at, text, step, reason) for at in places]
    return edits


def _argument(token: Token) -> int:
    return token.calls[-1].argument


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
