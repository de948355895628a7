"""Uses of a variable by its plain name that step 1 left.

A variable that gets another name, or becomes a field, has its plain name no longer.  So one
that is used by it must stay what it is, in all later steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vrefactor.c.model import EnclosingCall, Role
from vrefactor.edit.draft import Draft
from vrefactor.edit.files import Files
from vrefactor.edit.hidden_uses import hidden_uses
from vrefactor.index.index import Index
from vrefactor.index.macros import ArgumentRole
from vrefactor.plan.classification import ClassifiedToken, Classifier
from vrefactor.plan.model import Refusal, Skip
from vrefactor.plan.overrides import Overrides, keeps
from vrefactor.plan.reasons import CommonRefusal
from vrefactor.plan.symbols import Virtualised


@dataclass(frozen=True, slots=True)
class PlainUse:
    """A use of a variable by its plain name: its file and offset, and why it was left.

    `classified` is the token, if a token shows the use.
    """

    known: Virtualised
    path: str
    start: int
    detail: str
    classified: ClassifiedToken | None = None

    @property
    def refused(self) -> bool:
        """Whether step 1 can't tell what it is, and does not see it as a plain variable."""
        return self.classified is None or isinstance(self.classified.answer, Refusal)


def plain_uses(draft: Draft) -> Iterator[PlainUse]:
    """Yield the plain uses of the table's variables in code that a build may compile.

    Those that no token shows come last.
    """
    by_name: dict[str, list[Virtualised]] = {}
    for variable, known in draft.table.by_variable.items():
        by_name.setdefault(variable.name, []).append(known)
    for found in _tokens(draft):
        path, token, answer = found.path, found.token, found.answer
        detail = str(answer) if isinstance(answer, Refusal) else ""
        known_ones = [answer] if isinstance(answer, Virtualised) else by_name[token.name]
        for known in known_ones:
            if isinstance(answer, Virtualised) or known.variable.file in ("", path):
                yield PlainUse(known, path, token.start, detail, found)
    for known, use in hidden_uses(draft.index, draft.table):
        yield PlainUse(known, use.path, use.start, f"in {use.construct}")


def _tokens(draft: Draft) -> Iterator[ClassifiedToken]:
    """Yield the tokens that are plain uses, or may be."""
    index, matcher = draft.index, draft.macros
    classifier, overrides = Classifier(index, draft.table), Overrides(index.rules.overrides)
    for found in classifier.all():
        outer = found.token.calls[0] if found.token.calls else EnclosingCall("", 0)
        name = outer.name.encode()
        exports = matcher.sysctl.match(name) or matcher.tunable.match(name)
        if found.token.role is Role.MACRO_ARGUMENT and exports:
            if outer.name.startswith(index.rules.vocabulary.sysctl):
                continue
            found = classifier.classify_exported(found.path, found.token)
        if isinstance(found.answer, Skip) or _is_dead(draft.files, found):
            continue
        override = overrides.find(found.path, found.token.function, found.token.name)
        kept = override is not None and keeps(override, found.token)
        if _is_used(index, found) and not kept:
            yield found


def _is_used(index: Index, found: ClassifiedToken) -> bool:
    """Say whether a token that a macro pastes or makes a string of is used as it is as well."""
    if found.answer not in (CommonRefusal.PASTED, CommonRefusal.STRINGISED):
        return True
    roles = [index.macros.role(call, found.path) for call in found.token.calls]
    return all(ArgumentRole.EXPRESSION in role for role in roles)


def _is_dead(files: Files, found: ClassifiedToken) -> bool:
    return found.token.conditional and files.open(found.path)[1].is_dead(found.token.start)
