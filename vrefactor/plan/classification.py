"""The classification of candidates: is a token a use of a virtualised variable?

Every step that rewrites uses classifies them here, so that all steps agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vrefactor.c.model import EnclosingCall, Role
from vrefactor.c.model import TokenSite as Token
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.index.index import Index, Miss, Variable
from vrefactor.index.macros import ArgumentRole
from vrefactor.plan.model import Refusal, Skip
from vrefactor.plan.reasons import CommonRefusal, CommonSkip
from vrefactor.plan.symbols import SymbolTable, Virtualised

_SKIPPED = {
    Role.TAG: CommonSkip.TAG,
    Role.MEMBER: CommonSkip.MEMBER,
    Role.LABEL: CommonSkip.LABEL,
    Role.LOCAL: CommonSkip.LOCAL,
    Role.PARAMETER: CommonSkip.PARAMETER,
    Role.DECLARATION: CommonSkip.DECLARATION,
    Role.MACRO_NAME: CommonSkip.MACRO_NAME,
    Role.MACRO_PARAMETER: CommonSkip.MACRO_PARAMETER,
    Role.DIRECTIVE: CommonSkip.DIRECTIVE,
    Role.EXCLUDED: CommonSkip.EXCLUDED,
}
_REFUSED = {
    Role.PASTED: CommonRefusal.PASTED,
    Role.STRINGISED: CommonRefusal.STRINGISED,
    Role.AMBIGUOUS: CommonRefusal.AMBIGUOUS,
    Role.UNPARSED: CommonRefusal.UNPARSED,
}


@dataclass(frozen=True, slots=True)
class ClassifiedToken:
    """One candidate: the variable that it denotes, or why it does not (to be rewritten)."""

    path: str
    token: Token
    answer: Virtualised | Skip | Refusal
    detail: str = ""


class Classifier:
    """Classifies the candidates of one symbol table."""

    def __init__(self, index: Index, table: SymbolTable) -> None:
        self._index = index
        self._table = table
        self._macros = table.macros
        self._files: dict[str, set[str]] = {}
        for variable in table.by_variable:
            self._files.setdefault(variable.name, set()).add(variable.file)
        self._matcher = MacroMatcher(index.rules.macros)

    def all(self) -> Iterator[ClassifiedToken]:
        """Yield every candidate of the tree, by path and offset."""
        names = self._table.names
        for path in sorted(self._index.facts):
            for token in self._index.facts[path].sites:
                if token.name in names:
                    yield self.classify(path, token)

    def classify(self, path: str, token: Token) -> ClassifiedToken:
        """Return what one candidate is.

        What can't be told of a token matters only where it may be one of the variables.
        """
        classified = self._classify(path, token)
        if isinstance(classified.answer, Refusal) and not self._may_denote(path, token.name):
            return ClassifiedToken(
                path, token, CommonSkip.FOREIGN, "the static of that name is out of sight"
            )
        return classified

    def _may_denote(self, path: str, name: str) -> bool:
        """Say whether the file can see a variable of that name: a static only its file does.

        A header sees it with the file that includes it.
        """
        files = self._files.get(name, set())
        return "" in files or any(path in self._index.includes.closure(file) for file in files)

    def _classify(self, path: str, token: Token) -> ClassifiedToken:
        role = token.role
        if token.macro in self._macros:
            return ClassifiedToken(
                path, token, CommonSkip.ALIAS, f"the body of {token.macro} itself"
            )
        if role in _SKIPPED:
            return ClassifiedToken(path, token, _SKIPPED[role])
        if role in _REFUSED:
            return ClassifiedToken(path, token, _REFUSED[role], token.detail)
        if role is Role.MACRO_ARGUMENT:
            return self._macro_argument(path, token)
        if role is Role.ALIAS:
            return self._alias(path, token)
        stopped = self._stopped_by_macro(path, token)
        if stopped is not None:
            return stopped
        return self._denoted(path, token)

    def classify_exported(self, path: str, token: Token) -> ClassifiedToken:
        """Classify a token in an argument of a sysctl or a tunable as the expression it may be.

        `CommonSkip.SYSCTL` then means only what is part of the name of a sysctl.
        """
        if not self._index.macros.definitions(token.calls[0].name, path):
            return ClassifiedToken(
                path, token, CommonRefusal.UNKNOWN_MACRO, f"{token.calls[0].name}()"
            )
        stopped = self._stopped_by_macro(path, token)
        if stopped is None:
            return self._denoted(path, token)
        named = stopped.answer in (CommonRefusal.PASTED, CommonRefusal.STRINGISED)
        return (
            ClassifiedToken(path, token, CommonSkip.SYSCTL)
            if named and token.calls[0].sole
            else stopped
        )

    def _denoted(self, path: str, token: Token) -> ClassifiedToken:
        found = self._index.denotes(path, token.name)
        if found is Miss.UNDECLARED and token.conditional:
            # Code that no build compiles need not see a declaration.
            found = self._index.only_definition(token.name) or found
        if isinstance(found, Variable):
            known = self._table.by_variable.get(found)
            if known is None:
                return ClassifiedToken(path, token, CommonSkip.FOREIGN, _whose(found))
            if token.role is Role.TYPE:
                return ClassifiedToken(path, token, CommonRefusal.TYPE)
            return ClassifiedToken(path, token, known)
        if found is Miss.OTHER:
            return ClassifiedToken(
                path, token, CommonSkip.TYPE if token.role is Role.TYPE else CommonSkip.FOREIGN
            )
        if found is Miss.UNDECLARED:
            return ClassifiedToken(path, token, CommonRefusal.UNDECLARED)
        return ClassifiedToken(path, token, CommonRefusal.AMBIGUOUS, found.value)

    def _stopped_by_macro(self, path: str, token: Token) -> ClassifiedToken | None:
        """Ask the macros around the token what they do with it; None if it stays a use."""
        for call in token.calls:
            roles = self._index.macros.role(call, path)
            if ArgumentRole.STRINGISED in roles:
                return ClassifiedToken(path, token, CommonRefusal.STRINGISED, f"in {call.name}()")
            answer = _at_edge(roles, call)
            if answer is not None:
                return ClassifiedToken(path, token, answer, f"in {call.name}()")
        return None

    def _macro_argument(self, path: str, token: Token) -> ClassifiedToken:
        outer = token.calls[0] if token.calls else EnclosingCall("", 0)
        name = outer.name.encode()
        if self._matcher.sysctl.match(name):
            return ClassifiedToken(path, token, CommonSkip.SYSCTL)
        if self._matcher.tunable.match(name):
            return ClassifiedToken(path, token, CommonSkip.TUNABLE)
        if not self._index.macros.definitions(outer.name, path):
            if self._matcher.specifier_call.match(name + b"("):
                return ClassifiedToken(path, token, CommonSkip.TAG, f"in {outer.name}()")
            return ClassifiedToken(path, token, CommonRefusal.UNKNOWN_MACRO, f"{outer.name}()")
        stopped = self._stopped_by_macro(path, token)
        return stopped if stopped is not None else self._denoted(path, token)

    def _alias(self, path: str, token: Token) -> ClassifiedToken:
        """Classify the body of `#define alias x` by what the uses of `alias` are."""
        roles = {
            token_site.role
            for where, token_site in self._index.tokens.get(token.macro or "", ())
            if token_site.role is not Role.MACRO_NAME
            and (where == path or path in self._index.includes.closure(where))
        }
        if not roles & {Role.USE, Role.MACRO_ARGUMENT}:
            kinds = ", ".join(sorted(role.name.lower() for role in roles)) or "nowhere"
            return ClassifiedToken(
                path, token, CommonSkip.ALIAS, f"{token.macro} is used as: {kinds}"
            )
        if roles & {Role.TAG, Role.MEMBER, Role.TYPE}:
            return ClassifiedToken(path, token, CommonRefusal.ALIAS, str(token.macro))
        return self._denoted(path, token)


def _at_edge(roles: ArgumentRole, call: EnclosingCall) -> Skip | Refusal | None:
    """Return what a token at an end of an argument is, if not part of an expression.

    `##` takes the tokens at the ends of an argument; a tag or a member is its first one
    (`f.le` may be a member too).
    """
    if ArgumentRole.PASTED in roles and (call.first or call.last):
        return CommonRefusal.PASTED
    if not call.first or not roles & (ArgumentRole.TAG | ArgumentRole.MEMBER):
        return None
    if roles in (ArgumentRole.TAG, ArgumentRole.MEMBER):
        return CommonSkip.TAG if roles is ArgumentRole.TAG else CommonSkip.MEMBER
    return CommonRefusal.AMBIGUOUS


def _whose(variable: Variable) -> str:
    return f"static of {variable.file}" if variable.file else "another external variable"
