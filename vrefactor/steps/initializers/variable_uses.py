"""Where the moved variables are used: in functions, in macros, in static initialisers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from vrefactor.c.model import Access, Role, TokenSite
from vrefactor.c.parse.functions import Function, function_of
from vrefactor.c.parse.statements import statements
from vrefactor.c.parse.toplevel import blocks
from vrefactor.c.preprocess.conditionals import Conditionals, parse_conditionals
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.lexer import Source, find_names, lex, matching
from vrefactor.c.preprocess.variants import choose
from vrefactor.index.callgraph import CallGraph, Node
from vrefactor.index.index import Index, Variable
from vrefactor.plan.classification import Classifier
from vrefactor.plan.symbols import SymbolTable, Virtualised

_LEAVES = re.compile(rb"(?<!\w)(?:break|return|goto|continue)(?!\w)[^;{}]*;\s*\}?\s*\Z")
_LABEL = re.compile(rb"(?<!\w)(?:case\s+(\w+)|default)\s*:")
_NO_USE = frozenset(
    (Role.MACRO_NAME, Role.MACRO_PARAMETER, Role.DIRECTIVE, Role.DECLARATION, Role.EXCLUDED)
)


@dataclass(frozen=True, slots=True)
class VariableUse:
    """A use of a variable: where, how, and in which function or macro (None at file scope)."""

    variable: Variable
    path: str
    start: int
    access: Access
    node: Node | None


@dataclass(slots=True)
class UseFinder:
    """Finds the uses of certain variables."""

    index: Index
    table: SymbolTable
    graph: CallGraph
    variables: Collection[Variable]
    macros: MacroMatcher
    _read: dict[str, tuple[Source, Conditionals]] = field(default_factory=dict)

    def uses(self) -> list[VariableUse]:
        """Return every use, by path and offset."""
        found = list(self._tokens())
        self.graph.load(sorted({path for path, site, _ in found if site.macro is None}))
        uses = [self._use(path, site, variable) for path, site, variable in found]
        uses += [
            use
            for path, site, other_variable in found
            for use in self._through(path, site, other_variable)
        ]
        found_uses = {use for use in uses if use is not None}
        return sorted(found_uses, key=lambda use: (use.path, use.start, use.variable, use.access))

    def is_dead(self, path: str, offset: int) -> bool:
        """Say whether no build compiles what is at an offset."""
        return self._file(path)[1].is_dead(offset)

    def code(self, path: str) -> bytes:
        """Return the code of a file: comments and literals blank."""
        return self._file(path)[0].code

    def end_of_locals(self, path: str, opened: int) -> int:
        """Return where the statements of the body that opens at `opened` begin.

        Where it can't be parsed, that is its first byte.
        """
        source, conditionals = self._file(path)
        for variant in choose(source.code, conditionals, [opened + 1]):
            for block in blocks(variant.text) or ():
                if block.open == opened:
                    return self._end_of_locals(function_of(variant.text, block))
        return opened + 1

    def _end_of_locals(self, function: Function) -> int:
        end = function.open + 1
        for statement in statements(function, self.macros) or ():
            if not statement.declaration:
                break
            end = statement.end
        return end

    def _tokens(self) -> Iterator[tuple[str, TokenSite, Variable]]:
        """Yield the tokens that denote one of the variables, by their own name or their macro's."""
        classifier = Classifier(self.index, self.table)
        for variable in sorted(self.variables):
            macro = self.table.by_variable[variable].macro
            for path, site in self.index.tokens.get(macro, ()):
                if site.role not in _NO_USE:
                    yield path, site, variable
            for path, site in self.index.tokens.get(variable.name, ()):
                if site.role in _NO_USE or site.macro in self.table.macros:
                    continue
                answer = classifier.classify(path, site).answer
                if isinstance(answer, Virtualised) and answer.variable == variable:
                    yield path, site, variable

    def _use(self, path: str, site: TokenSite, variable: Variable) -> VariableUse | None:
        if site.macro is not None:
            return VariableUse(
                variable, path, site.start, site.access, Node(path, site.macro, True)
            )
        node = self.graph.function_at(path, site.start)
        if node is None and site.role is not Role.USE:
            return None  # an argument of a macro at file scope: exported, not used
        if node is None and self._is_own(path, site.start, variable):
            return None
        return VariableUse(variable, path, site.start, site.access, node)

    def _is_own(self, path: str, offset: int, variable: Variable) -> bool:
        """Say whether a use at file scope is in the initialiser of the variable itself."""
        code = self._file(path)[0].code
        start = max(code.rfind(b";", 0, offset), code.rfind(b"}", 0, offset)) + 1
        return bool(find_names(code[start:offset], [variable.name.encode()]))

    def _through(self, path: str, site: TokenSite, variable: Variable) -> Iterator[VariableUse]:
        """Yield the uses of a macro without parameters whose body uses a variable."""
        if site.macro is None or site.macro in self.table.macros:
            return
        facts = self.index.facts
        own = [macro for macro in facts[path].macros if macro.name == site.macro]
        if not own or own[0].parameters is not None:
            return
        for where in sorted(facts):
            if where != path and site.macro not in facts[where].macro_uses:
                continue
            if where.endswith(".h") or path not in self.index.includes.closure(where):
                continue
            source, conditionals = self._file(where)
            for at, _ in find_names(source.code, [site.macro.encode()]):
                node = self.graph.function_at(where, at)
                if node is not None and conditionals.directive_at(at) is None:
                    yield VariableUse(variable, where, at, site.access, node)

    def _file(self, path: str) -> tuple[Source, Conditionals]:
        if path not in self._read:
            source = lex(path, self.index.tree.read(path))
            self._read[path] = source, parse_conditionals(source)
        return self._read[path]


def other_cases(code: bytes, opened: int, closed: int, case: str) -> list[tuple[int, int]]:
    """Return what a body does for other events than `case`: ranges of its `switch`es.

    Only of those that have a label for it; what falls through from it belongs to it, until
    something ends it.
    """
    found: list[tuple[int, int]] = []
    for match in re.finditer(rb"(?<!\w)switch\s*\(", code[opened:closed]):
        brace = code.find(b"{", opened + match.end(), closed)
        end = matching(code, brace) if brace >= 0 else -1
        if end < 0:
            continue
        labels = [
            (other_match.start(), other_match[1] or b"")
            for other_match in _LABEL.finditer(code, brace, end)
            if code.count(b"{", brace, other_match.start())
            - code.count(b"}", brace, other_match.start())
            == 1
        ]
        if any(name == case.encode() for _, name in labels):
            found += _others(code, labels, end, case.encode())
    return found


def _others(
    code: bytes, labels: list[tuple[int, bytes]], end: int, case: bytes
) -> Iterator[tuple[int, int]]:
    entered = False
    for (start, name), (stop, _) in pairwise([*labels, (end, b"")]):
        entered = entered or name == case
        if not entered:
            yield start, stop
        elif _LEAVES.search(code[start:stop]):
            entered = False
