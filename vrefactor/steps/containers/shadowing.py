"""Step 2.2, locals that have the name of a variable where a macro uses it.

    #define EXPIRED (V_ttl == 0)

    int f(int ttl) { return EXPIRED; }

Until now `V_ttl` was `ttl`, whatever that meant there: the parameter.  As a field it would be
the variable.  The same holds where a macro declares the local.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from vrefactor.c.model import Role, TokenSite
from vrefactor.c.parse.functions import Function
from vrefactor.c.preprocess.lexer import words
from vrefactor.edit.draft import Draft
from vrefactor.edit.macro_reach import MacroReach
from vrefactor.plan.symbols import Virtualised
from vrefactor.steps.containers.fields import RefusedVariable
from vrefactor.steps.containers.reasons import ContainerRefusal

_LOCALS = (Role.LOCAL, Role.PARAMETER)


def shadowed(draft: Draft, reach: MacroReach) -> Iterator[RefusedVariable]:
    """Yield the variables of the table of which some use may mean a local until now."""
    for known in draft.table.by_variable.values():
        found = next(_Shadows(draft, reach, known).uses(), None)
        if found is not None:
            path, at, detail = found
            yield RefusedVariable(known, path, at, ContainerRefusal.SHADOWED, detail)


@dataclass(frozen=True, slots=True)
class _Shadows:
    """The locals with the name of one variable."""

    draft: Draft
    reach: MacroReach
    known: Virtualised
    declaring: dict[str, list[str]] = field(default_factory=dict)
    """The macros that declare such a local for their caller, with their files."""

    def uses(self) -> Iterator[tuple[str, int, str]]:
        """Yield the uses that may mean a local: the file, the offset, how it comes about."""
        functions: dict[tuple[str, str], TokenSite] = {}
        for path, token in self.draft.index.tokens.get(self.known.variable.name, ()):
            if token.role not in _LOCALS:
                continue
            if token.macro is not None and self._is_for_caller(path, token):
                self.declaring.setdefault(token.macro, []).append(path)
            elif token.function is not None:
                functions.setdefault((path, token.function), token)
        for (path, name), token in functions.items():
            for word in self._expanded(path, name):
                yield path, token.start, f"{word} in {name}()"
        yield from self._in_expansions()

    def _is_for_caller(self, path: str, token: TokenSite) -> bool:
        """Say whether a local that a macro declares is in no block of the macro's own."""
        source, conditionals = self.draft.files.open(path)
        directive = conditionals.directive_at(token.start)
        if directive is None:
            return False
        before = source.code[directive.start : token.start]
        return before.count(b"{") == before.count(b"}")

    def _expanded(self, path: str, name: str) -> Iterator[str]:
        """Yield the macros that use the variable, of those that a function expands."""
        for function in self.draft.files.functions(path, name):
            for word in sorted({text.decode("latin-1") for text in self._words(path, function)}):
                reached = self.reach.reached(word, path)
                if self.known.macro in reached and word != self.known.macro:
                    yield word

    def _words(self, path: str, function: Function) -> list[bytes]:
        source, _ = self.draft.files.open(path)
        return words(source.code[function.open : function.close])

    def _in_expansions(self) -> Iterator[tuple[str, int, str]]:
        """Yield the uses in functions that expand a macro that declares a local."""
        index, macro = self.draft.index, self.known.macro
        for path, token in index.tokens.get(macro, ()) if self.declaring else ():
            for function in self._functions(path, token):
                own = {text.decode("latin-1") for text in self._words(path, function)}
                for name in sorted(own & self.declaring.keys()):
                    if not index.includes.closure(path).isdisjoint(self.declaring[name]):
                        yield path, token.start, f"{name} declares one in {function.name}()"

    def _functions(self, path: str, token: TokenSite) -> Sequence[Function]:
        return self.draft.files.functions(path, token.function) if token.function else ()
