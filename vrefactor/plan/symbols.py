"""The symbols of the rules, found in the tree."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from vrefactor.c.model import FileFacts, Role
from vrefactor.errors import (
    NAME_TAKEN,
    RULES_NAME,
    RULES_SYMBOL,
    VrefactorError,
    VrefactorErrors,
)
from vrefactor.index.index import Index, Variable
from vrefactor.rules.types import Container, RuleSet, Symbol


@dataclass(frozen=True, slots=True)
class Virtualised:
    """A symbol of the rules together with the variable of the tree that it means."""

    symbol: Symbol
    container: Container
    variable: Variable
    macro: str
    """The name of the macro that stands for it (`V_x`)."""


@dataclass(frozen=True)
class SymbolTable:
    """The virtualised variables that this run is about."""

    by_variable: Mapping[Variable, Virtualised]

    @cached_property
    def names(self) -> frozenset[str]:
        """The spellings of the variables in the tree: what a candidate looks like."""
        return frozenset(variable.name for variable in self.by_variable)

    @cached_property
    def macros(self) -> dict[str, Virtualised]:
        """The variables by the name of their macro."""
        return {known.macro: known for known in self.by_variable.values()}


def selected(rules: RuleSet, subsystems: Collection[str]) -> tuple[Symbol, ...]:
    """Return the symbols of the chosen subsystems (of all, if none is named).

    Raises RULES_NAME for a subsystem that the rules do not define.
    """
    known = {subsystem.name for subsystem in rules.subsystems}
    for name in subsystems:
        if name not in known:
            detail = f"subsystem `{name}`; there are: {', '.join(sorted(known))}"
            raise VrefactorError(RULES_NAME, detail, path=rules.origin)
    if not subsystems:
        return rules.symbols
    containers = {
        container.name for container in rules.containers if container.subsystem in subsystems
    }
    return tuple(symbol for symbol in rules.symbols if symbol.container in containers)


def vocabulary(rules: RuleSet, symbols: Iterable[Symbol]) -> frozenset[str]:
    """Return every spelling that the index must know for these symbols."""
    names: set[str] = set()
    for symbol in symbols:
        names.update((symbol.name, rules.prefix.prefix + symbol.name))
        if symbol.was is not None:
            names.add(symbol.was)
    return frozenset(names)


def resolve(index: Index, rules: RuleSet, symbols: Iterable[Symbol]) -> SymbolTable:
    """Find each symbol's variable.

    Raises RULES_SYMBOL (at the rules' line) for a symbol that its file does not define,
    unless it is optional, and NAME_TAKEN (at the tree's line) for a `V_` name that the
    tree already uses for something else.
    """
    containers = {other_container.name: other_container for other_container in rules.containers}
    table: dict[Variable, Virtualised] = {}
    errors: list[VrefactorError] = []
    for symbol in symbols:
        variable = _variable(index, symbol)
        macro = rules.prefix.prefix + symbol.name
        if variable is not None:
            container = containers[symbol.container]
            table[variable] = Virtualised(symbol, container, variable, macro)
            errors.extend(_taken(index, variable.name, macro))
        elif not symbol.optional:
            errors.append(_missing(index, symbol))
    if errors:
        raise VrefactorErrors(errors)
    return SymbolTable(table)


_UNSAID = frozenset(
    (
        Role.USE,
        Role.EXCLUDED,
        Role.DIRECTIVE,
        Role.ALIAS,
        Role.MACRO_ARGUMENT,
        Role.PASTED,
        Role.STRINGISED,
        Role.AMBIGUOUS,
        Role.UNPARSED,
    )
)
"""Roles that do not say that a `V_` name stands for something else."""


def _variable(index: Index, symbol: Symbol) -> Variable | None:
    for name in (symbol.name, symbol.was):
        if name is not None:
            found = index.definitions(name).get(symbol.file)
            if found is not None:
                return found
    return None


def _missing(index: Index, symbol: Symbol) -> VrefactorError:
    path, line = symbol.origin
    elsewhere = sorted({*index.definitions(symbol.name), *index.definitions(symbol.was or "")})
    hint = f"; defined in {', '.join(elsewhere)}" if elsewhere else ""
    if symbol.file not in index.tree:
        hint = "; there is no such file" + hint
    return VrefactorError(
        RULES_SYMBOL, f"`{symbol.name}` in {symbol.file}{hint}", path=path, line=line
    )


def _taken(index: Index, name: str, macro: str) -> Iterable[VrefactorError]:
    """Yield an error for each place that means something else by the name of the macro."""
    for path, site in index.tokens.get(macro, ()):
        if site.role in _UNSAID:
            continue
        if site.role is Role.MACRO_NAME and _defines_macro(index.facts[path], macro, name):
            continue
        yield VrefactorError(NAME_TAKEN, f"`{macro}`", path=path, line=site.line)


def _defines_macro(facts: FileFacts, macro: str, name: str) -> bool:
    """Say whether the file's definitions of `macro` all lead to the variable `name`."""
    bodies = [macro_fact.body for macro_fact in facts.macros if macro_fact.name == macro]
    return all(
        name in body.replace("(", " ").replace(")", " ").replace(",", " ").split()
        for body in bodies
    )
