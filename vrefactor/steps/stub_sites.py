"""Where the functions of one file use which container: the sites of step 1.5.2."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from vrefactor.c.calls import enclosing_calls
from vrefactor.c.conditionals import Conditionals, Literal, parse_conditionals
from vrefactor.c.functions import Found, Function, find_functions
from vrefactor.c.lexer import Source, find_names, lex
from vrefactor.index.index import Index
from vrefactor.rules.globs import Matcher, name_matcher
from vrefactor.rules.types import StubRules
from vrefactor.steps.carried import Carried, Containers
from vrefactor.steps.symbols import SymbolTable

_CALL = re.compile(rb"\s*\(")
_CONSTANTS = {b"0": False, b"1": True}


@dataclass(frozen=True, slots=True)
class Use:
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
    uses: tuple[Use, ...]
    found: Found

    def of(self, function: Function) -> list[Use]:
        """Return the uses in a function, with the conditions that the function is not under."""
        own = set(self.literals(function.open))
        return [
            Use(
                use.start, use.name, use.containers, tuple(x for x in use.condition if x not in own)
            )
            for use in self.uses
            if function.open in self.found.owners.get(use.start, ())
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
    carried: Carried
    _asserting: list[tuple[Matcher, Literal]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._asserting = _asserting(self.index.rules.stubs)

    def files(self) -> list[str]:
        """Return the files whose code may use a container, sorted."""
        direct = frozenset(self.table.macros)
        return sorted(
            path
            for path, facts in self.index.facts.items()
            if any(site.name in direct and site.macro is None for site in facts.sites)
            or self.carried.names(path)
        )

    def read(self, path: str, more: Iterable[bytes] = ()) -> File:
        """Return one file with its uses; functions that are named in `more` are found too.

        Raises the errors of `lex` and `parse_conditionals`.
        """
        source = lex(path, self.index.tree.read(path))
        conditionals = parse_conditionals(source)
        uses = tuple(self._uses(path, source, conditionals))
        heads = _heads(source.code, frozenset(more))
        wanted = sorted({*(use.start for use in uses), *heads})
        return File(
            path, source, conditionals, uses, find_functions(source.code, conditionals, wanted)
        )

    def _uses(self, path: str, source: Source, conditionals: Conditionals) -> Iterable[Use]:
        names = dict(self.carried.names(path))
        calls = {name for name in names if self.carried.takes_arguments(name, path)}
        names |= {name: self.carried.containers(name, path) for name in self.table.macros}
        wanted = frozenset(name.encode("latin-1") for name in names)
        directives = iter([*conditionals.directives, None])
        directive = next(directives)
        for at, spelling in find_names(source.code, wanted):
            while directive is not None and directive.end <= at:
                directive = next(directives)
            if directive is not None and directive.start <= at:
                continue
            name = spelling.decode("latin-1")
            if name in calls and not _CALL.match(source.code, at + len(spelling)):
                continue
            yield self._use(source, conditionals, at, name, names)

    def _use(
        self,
        source: Source,
        conditionals: Conditionals,
        at: int,
        name: str,
        names: Mapping[str, Containers],
    ) -> Use:
        condition = literals(conditionals, at)
        around = [name, *(one.name for one in enclosing_calls(source.code, at, at + len(name)))]
        extra = [
            literal
            for matches, literal in self._asserting
            if any(matches(one) for one in around) and literal not in condition
        ]
        return Use(at, name, names[name], (*condition, *extra))


def _asserting(rules: StubRules) -> list[tuple[Matcher, Literal]]:
    return [
        (name_matcher(one.macros), (b" ".join(one.condition.encode().split()), True))
        for one in rules.assertions
    ]


def _heads(code: bytes, names: frozenset[bytes]) -> list[int]:
    """Return an offset in the body of each function definition of these names."""
    found = []
    for at, name in find_names(code, names):
        head = _CALL.match(code, at + len(name))
        brace = code.find(b"{", at)
        if head is not None and brace >= 0 and b"}" not in code[at:brace]:
            found.append(brace + 1)
    return found
