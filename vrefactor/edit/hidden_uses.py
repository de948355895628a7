"""Uses of a variable that no token of its name shows: pasted names, and names in strings.

The macros may be in any file of the tree, and so may their calls: all of them are asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product

from vrefactor.c.facts.hidden_names import (
    HiddenNames,
    HiddenNamesQuestion,
    MacroCall,
    MacroCallsQuestion,
    Part,
    can_make,
)
from vrefactor.index.index import Index
from vrefactor.plan.symbols import SymbolTable, Virtualised
from vrefactor.rules.globs import path_matcher

_WORD = re.compile(r"\w+")
_ROUNDS = 8

Parts = tuple[Part, ...]


@dataclass(frozen=True, slots=True, order=True)
class HiddenUse:
    """A use of a variable: the file, the offset, the variable's name, and in what it is."""

    path: str
    start: int
    name: str
    construct: str


def hidden_uses(index: Index, table: SymbolTable) -> Iterator[tuple[Virtualised, HiddenUse]]:
    """Yield the hidden uses of the table's variables that may be theirs, in order."""
    by_name: dict[str, list[Virtualised]] = {}
    for variable, known in table.by_variable.items():
        by_name.setdefault(variable.name, []).append(known)
    for use in sorted(_HiddenUses(index, frozenset(by_name)).find()):
        for known in by_name[use.name]:
            file = known.variable.file
            if not file or use.path in index.includes.closure(file):
                yield known, use


@dataclass(slots=True)
class _HiddenUses:
    """Finds the hidden uses of some names in one tree."""

    index: Index
    names: frozenset[str]
    templates: dict[str, set[Parts]] = field(default_factory=dict)
    """By macro, what it pastes names from."""

    def find(self) -> Iterator[HiddenUse]:
        paths, spellings = self._paths(), self._spellings
        question = HiddenNamesQuestion(spellings)
        answers = self.index.ask(paths, question, HiddenNames, question.key())
        pending: dict[str, set[Parts]] = {}
        for path, answer in zip(paths, answers, strict=True):
            for quoted in answer.quoted:
                yield HiddenUse(path, quoted.start, quoted.name, f"{quoted.construct}()")
            for pasted in answer.pasted:
                pending.setdefault(pasted.macro, set()).add(pasted.parts)
        for _ in range(_ROUNDS):
            if not pending:
                break
            asked, pending = pending, {}
            for path, call in self._calls(paths, frozenset(asked)):
                for parts in asked[call.macro]:
                    for made in self._filled(path, parts, call):
                        yield from self._take(path, call, made, pending)

    @property
    def _spellings(self) -> frozenset[bytes]:
        return frozenset(name.encode("latin-1") for name in self.names)

    def _paths(self) -> list[str]:
        tree, rules = self.index.tree, self.index.rules.tree
        excluded = path_matcher([exclude.path for exclude in rules.exclude])
        return [path for path in tree.paths if path.endswith(rules.suffixes) and not excluded(path)]

    def _calls(self, paths: list[str], macros: frozenset[str]) -> Iterator[tuple[str, MacroCall]]:
        question = MacroCallsQuestion(frozenset(name.encode("latin-1") for name in macros))
        answers = self.index.ask(paths, question, tuple[MacroCall, ...])
        for path, calls in zip(paths, answers, strict=True):
            for call in calls:
                yield path, call

    def _take(
        self, path: str, call: MacroCall, parts: Parts, pending: dict[str, set[Parts]]
    ) -> Iterator[HiddenUse]:
        """Take in what a call gives: a name, or a template of the macro that it stands in."""
        if all(isinstance(part, str) for part in parts):
            name = "".join(map(str, parts))
            if name in self.names:
                yield HiddenUse(path, call.start, name, f"{call.macro}()")
        elif parts not in self.templates.setdefault(call.caller, set()):
            self.templates[call.caller].add(parts)
            pending.setdefault(call.caller, set()).add(parts)

    def _filled(self, path: str, parts: Parts, call: MacroCall) -> Iterator[Parts]:
        """Yield the parts with a call's arguments, if that may make a name of interest."""
        if any(isinstance(part, int) and part >= len(call.arguments) for part in parts):
            return
        # What one macro hands on to another is expanded in between.
        wrapped = parts in self.templates.get(call.macro, ())
        choices: list[list[Part]] = []
        for part in parts:
            filled = call.arguments[part] if isinstance(part, int) else part
            given = wrapped and isinstance(part, int) and isinstance(filled, str)
            choices.append([filled, *(self._values(path, str(filled)) if given else ())])
        for made in product(*choices):
            if can_make(made, self._spellings):
                yield made

    def _values(self, path: str, name: str) -> list[str]:
        """Return the single words that a name stands for as a macro."""
        found = self.index.macros.definitions(name, path)
        return [
            macro.body
            for macro in found
            if macro.parameters is None and _WORD.fullmatch(macro.body)
        ]
