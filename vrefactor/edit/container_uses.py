"""Where the functions of one file use which container."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field

from vrefactor.c.model import FileFacts, Role
from vrefactor.c.parse.enclosing import enclosing_calls
from vrefactor.c.parse.functions import FoundFunctions, Function, body_offsets, find_functions
from vrefactor.c.preprocess.conditionals import Conditionals, Literal, parse_conditionals
from vrefactor.c.preprocess.lexer import Source, find_names, lex
from vrefactor.edit.macro_reach import Containers, MacroReach
from vrefactor.index.index import Index
from vrefactor.plan.symbols import SymbolTable
from vrefactor.rules.globs import Matcher, name_matcher
from vrefactor.rules.types import Override, StubRules

_CALL = re.compile(rb"\s*\(")
_NO_CODE = (Role.MACRO_NAME, Role.DIRECTIVE)
_CONSTANTS = {b"0": False, b"1": True}


@dataclass(frozen=True, slots=True)
class ContainerUse:
    """A token that needs containers: its offset, and the literals that govern it."""

    start: int
    name: str
    containers: Containers
    condition: tuple[Literal, ...]

    @property
    def dead(self) -> bool:
        """Whether no build compiles it (`#if 0`)."""
        return any(_CONSTANTS.get(text, truth) != truth for text, truth in self.condition)


@dataclass(frozen=True, slots=True)
class File:
    """One file with its uses, and the functions around them."""

    path: str
    source: Source
    conditionals: Conditionals
    uses: tuple[ContainerUse, ...]
    found: FoundFunctions
    fixed: frozenset[str]
    """Names that need a container's header, but no selection: they mean a certain instance."""

    def of(self, function: Function) -> list[ContainerUse]:
        """Return the uses in a function that need a selection.

        Their conditions are those that the function is not under.
        """
        own = set(self.literals(function.open))
        return [
            ContainerUse(
                use.start, use.name, use.containers, tuple(x for x in use.condition if x not in own)
            )
            for use in self.uses
            if function.open in self.found.owners.get(use.start, ()) and use.name not in self.fixed
        ]

    def literals(self, offset: int) -> tuple[Literal, ...]:
        """Return the literals of the presence condition of `offset`, outermost first."""
        return literals(self.conditionals, offset)


def literals(conditionals: Conditionals, offset: int) -> tuple[Literal, ...]:
    """Return the literals of the presence condition of `offset`, outermost first."""
    ordered: dict[Literal, None] = {}
    for index, branch in reversed(conditionals.chain(offset)):
        group = conditionals.groups[index]
        if not group.guard:
            ordered.update(dict.fromkeys(sorted(group.branches[branch].condition)))
    return tuple(ordered)


@dataclass(slots=True)
class Finder:
    """Finds the uses of a tree's files."""

    index: Index
    table: SymbolTable
    reach: MacroReach = field(init=False)
    _asserting: list[tuple[Matcher, Literal]] = field(default_factory=list)
    _fixed: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.reach = MacroReach(self.index, self.table)
        self._asserting = _asserting(self.index.rules.stubs)
        self._fixed = _forms(self.index.rules.overrides, self.table)

    def files(self) -> list[str]:
        """Return the files whose code may use a container, sorted; no excluded ones."""
        return sorted(path for path, facts in self.index.facts.items() if self._may_use(facts))

    def _may_use(self, facts: FileFacts) -> bool:
        if any(site.role is Role.EXCLUDED for site in facts.sites):
            return False
        direct = self.table.macros
        return any(token.name in direct and token.macro is None for token in facts.sites) or bool(
            self.reach.names(facts.path)
        )

    def read(self, path: str, more: Iterable[bytes] = ()) -> File:
        """Return one file with its uses; functions that are named in `more` are found too.

        Raises the errors of `lex` and `parse_conditionals`.
        """
        source = lex(path, self.index.tree.read(path))
        conditionals = parse_conditionals(source)
        found = self._uses(path, source, conditionals)
        uses = tuple(sorted(found, key=lambda use: use.start))
        heads = body_offsets(source.code, frozenset(more))
        wanted = sorted({*(use.start for use in uses), *heads})
        functions = find_functions(source.code, conditionals, wanted)
        return File(path, source, conditionals, uses, functions, self._fixed)

    def _uses(
        self, path: str, source: Source, conditionals: Conditionals
    ) -> Iterable[ContainerUse]:
        names = self.reach.names(path)
        calls = {name for name in names if self.reach.takes_arguments(name, path)}
        for site in self.index.facts[path].sites if path in self.index.facts else ():
            known = self.table.macros.get(site.name)
            if known is not None and site.macro is None and site.role not in _NO_CODE:
                reached = frozenset((known.container.name,))
                yield self._use(source, conditionals, site.start, site.name, reached)
        wanted = frozenset(name.encode("latin-1") for name in names)
        for at, spelling in _in_code(source.code, conditionals, wanted):
            name = spelling.decode("latin-1")
            if name not in calls or _CALL.match(source.code, at + len(spelling)):
                yield self._use(source, conditionals, at, name, names[name])

    def _use(
        self,
        source: Source,
        conditionals: Conditionals,
        at: int,
        name: str,
        reached: Containers,
    ) -> ContainerUse:
        condition = literals(conditionals, at)
        around = [name, *(call.name for call in enclosing_calls(source.code, at, at + len(name)))]
        extra = [
            literal
            for matches, literal in self._asserting
            if any(matches(text) for text in around) and literal not in condition
        ]
        return ContainerUse(at, name, reached, (*condition, *extra))


def _in_code(
    code: bytes, conditionals: Conditionals, names: frozenset[bytes]
) -> Iterable[tuple[int, bytes]]:
    """Yield (offset, spelling) of the tokens of these names that are in no directive."""
    starts = [directive.start for directive in conditionals.directives]
    for at, name in find_names(code, names):
        index = bisect_right(starts, at) - 1
        if index < 0 or conditionals.directives[index].end <= at:
            yield at, name


def _forms(overrides: Iterable[Override], table: SymbolTable) -> frozenset[str]:
    """Return the names that overrides put in place of a variable (`G_hostname`)."""
    return frozenset(
        form
        for override in overrides
        for known in table.by_variable.values()
        if (form := override.render(known.symbol.name, known.container)) is not None
    )


def _asserting(rules: StubRules) -> list[tuple[Matcher, Literal]]:
    return [
        (name_matcher(assertion.macros), (b" ".join(assertion.condition.encode().split()), True))
        for assertion in rules.assertions
    ]
