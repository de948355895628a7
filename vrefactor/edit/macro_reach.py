"""Which variables, and so which containers, the expansion of a macro reaches."""

from __future__ import annotations

import re

from vrefactor.c.model import MacroFact, Role
from vrefactor.index.index import Index
from vrefactor.index.macro_carriers import ExpansionClosure
from vrefactor.plan.symbols import SymbolTable

_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")

Containers = frozenset[str]


class MacroReach:
    """The macros of a tree that bring a `V_` name to the code that expands them."""

    def __init__(self, index: Index, table: SymbolTable) -> None:
        self._index = index
        self._direct = {name: known.container.name for name, known in table.macros.items()}
        self._closure = ExpansionClosure(index, self._seeds())
        self._memo: dict[tuple[str, str], frozenset[str]] = {}

    def _seeds(self) -> set[tuple[str, str]]:
        """Return the macros, other than the `V_` ones, whose own bodies use a `V_` name."""
        return {
            (path, site.macro)
            for path, facts in self._index.facts.items()
            for site in facts.sites
            if site.name in self._direct and site.macro is not None
            if site.macro not in self._direct and site.role is not Role.MACRO_NAME
        }

    def names(self, path: str) -> dict[str, Containers]:
        """Return the macros that a file may expand and that reach containers, with these."""
        facts = self._index.facts.get(path)
        if facts is None:
            return {}
        names = {*facts.macro_uses, *(macro.name for macro in facts.macros)}
        names |= {site.name for site in facts.sites}  # other names for a `V_` macro
        found = {name: self.containers(name, path) for name in sorted(names - set(self._direct))}
        return {name: reached for name, reached in found.items() if reached}

    def containers(self, name: str, path: str) -> Containers:
        """Return the containers that macro `name` reaches where the file `path` expands it."""
        return frozenset(self._direct[macro] for macro in self.reached(name, path))

    def reached(self, name: str, path: str) -> frozenset[str]:
        """Return the `V_` names that macro `name` reaches, itself or through other macros."""
        if name in self._direct:
            return frozenset((name,))
        if not self._closure.in_view(name, path):
            return frozenset()
        key = (name, path)
        if key not in self._memo:
            self._memo[key] = frozenset()  # a cycle of macros adds nothing
            found: set[str] = set()
            for macro in self.definitions(name, path):
                for token in set(_IDENTIFIER.findall(macro.body)):
                    found |= self.reached(token, path)
            self._memo[key] = frozenset(found)
        return self._memo[key]

    def definitions(self, name: str, path: str) -> list[MacroFact]:
        """Return the definitions of macro `name` that the file `path` may see."""
        return self._index.macros.definitions(name, path)

    def takes_arguments(self, name: str, path: str) -> bool:
        """Say whether macro `name` only means itself with a list of arguments behind it."""
        return all(macro.parameters is not None for macro in self.definitions(name, path))
