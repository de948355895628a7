"""What macros do to the function that uses them: leave it, jump in it, mention its names.

Files with entry points need not use a virtualised variable; then the index holds nothing of
them, and what they define and include is read here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from vrefactor.c.facts.directives import directive_facts
from vrefactor.c.model import FileFacts
from vrefactor.c.parse.macro_bodies import macro_definitions
from vrefactor.c.preprocess.conditionals import parse_conditionals
from vrefactor.c.preprocess.lexer import lex
from vrefactor.edit.bodies import NAME
from vrefactor.index.index import Index
from vrefactor.index.macro_carriers import Definition, ExpansionClosure


class EntryMacros:
    """Answers for the files of the entry points."""

    def __init__(self, index: Index, paths: Iterable[str]) -> None:
        missing = {path: _facts(index, path) for path in paths if path not in index.facts}
        facts = {**index.facts, **missing}
        self._index = Index(index.tree, facts, index.rules, index.bodies[0], index.ask)
        self._keywords: dict[str, ExpansionClosure] = {}
        self._names: dict[str, ExpansionClosure] = {}

    def does(self, keyword: str, macro: str, path: str) -> bool:
        """Say whether `macro`, used in the file `path`, has a keyword in its expansion."""
        if keyword not in self._keywords:
            found = self._mentioning(keyword)
            self._keywords[keyword] = ExpansionClosure(self._index, {item for item, _ in found})
        return self._keywords[keyword].in_view(macro, path)

    def reach(self, name: str, words: Collection[str], path: str) -> bool:
        """Say whether one of the `words` in the file `path` is a macro that mentions `name`.

        Or whether `name` is a macro itself.
        """
        if name not in self._names:
            seeds = {item for item, taken in self._mentioning(name) if taken}
            self._names[name] = ExpansionClosure(self._index, {*seeds, *self._named(name)})
        return any(self._names[name].in_view(word, path) for word in (name, *words))

    def _mentioning(self, name: str) -> Iterator[tuple[Definition, bool]]:
        """Yield the macros that mention a name, and whether it means that of their user."""
        for bodies in self._index.bodies:
            for path, macro, _ in bodies.mentioning({name}):
                words = NAME.findall(macro.body.encode("latin-1"))
                taken = name not in (macro.parameters or ()) and name.encode() in words
                yield (path, macro.name), taken

    def _named(self, name: str) -> Iterator[Definition]:
        for path, facts in self._index.facts.items():
            if any(macro.name == name for macro in facts.macros):
                yield path, name


def _facts(index: Index, path: str) -> FileFacts:
    """Return what a file includes and which macros it defines."""
    data = index.tree.read(path)
    source = lex(path, data)
    macros = (body.fact() for body in macro_definitions(source, parse_conditionals(source)))
    return FileFacts(path, includes=directive_facts(path, data).includes, macros=tuple(macros))
