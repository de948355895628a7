"""Which functions lead to code of a network stack.

By name: what calls a function that uses a `V_` name, or one that calls such a function, leads
there; so does what calls init functions through tables.  Names are taken together over files,
so that too much leads there rather than too little.  What walks over all stacks by itself
does not lead to one: it is the same for all.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vrefactor.c.facts.call_sites import CallsQuestion, FileCalls
from vrefactor.c.parse.functions import find_functions
from vrefactor.edit.container_uses import File, Finder
from vrefactor.edit.files import Files
from vrefactor.index.index import Index
from vrefactor.rules.globs import Matcher, name_matcher


@dataclass(frozen=True, slots=True)
class Reach:
    """The names of functions that lead to a use, and what each function calls."""

    names: frozenset[bytes]
    calls: dict[str, dict[str, dict[str, int]]]
    """By file and function, the names of what it calls, each with the offset of a call."""
    defined: dict[str, list[str]]
    """By the name of a function, the files that define it."""

    def homes(self, path: str, name: str) -> list[str]:
        """Return the files that a function is of which is called by its name in a file."""
        homes = self.defined.get(name, [])
        return [path] if path in homes else homes

    def callers(self, name: str) -> int:
        """Return how many functions call one of a name."""
        return sum(name in called for own in self.calls.values() for called in own.values())

    def within(self, roots: Iterable[tuple[str, str]], wanted: Matcher) -> set[tuple[str, str]]:
        """Return functions (file and name), and those of the wanted names that they call."""
        pending, found = set(roots), set[tuple[str, str]]()
        while pending:
            path, name = pending.pop()
            found.add((path, name))
            for callee in self.calls.get(path, {}).get(name, ()):
                if wanted(callee):
                    pending |= {(home, callee) for home in self.homes(path, callee)} - found
        return found


def reach(files: Files, finder: Finder, used: Iterable[File], paths: Sequence[str]) -> Reach:
    """Return what leads to a use of a virtualised variable, by the calls of `paths`."""
    rules = files.index.rules
    once = {
        name.encode() for entry in rules.entries if entry.vnet is None for name in entry.functions
    }
    known = {
        function.name.encode()
        for file in used
        for function in file.found.functions.values()
        if file.of(function)
    }
    known |= {table.function.encode() for table in rules.startup.tables}
    known |= _indirect(files, paths)
    single = name_matcher(rules.attaching.once)
    calls = _calls(files.index, paths)
    callers: defaultdict[bytes, set[bytes]] = defaultdict(set)
    for own in calls.values():
        for name, callees in own.items():
            for callee in callees:
                callers[callee.encode()].add(name.encode())
    once |= {name for name in {*known, *callers} if single(name.decode())}
    known -= once
    pending = set(known)
    while pending:
        pending = {name for text in pending for name in callers[text]} - known - once
        known |= pending
    defined: dict[str, list[str]] = {}
    for path, functions in calls.items():
        for text in functions:
            defined.setdefault(text, []).append(path)
    return Reach(frozenset(known), calls, defined)


def _calls(index: Index, paths: Sequence[str]) -> dict[str, dict[str, dict[str, int]]]:
    reader = CallsQuestion(frozenset(), frozenset())
    key = b"vrefactor.c.facts.call_sites.CallsQuestion " + reader.key()
    answers = index.ask(paths, reader, FileCalls, key)
    calls: dict[str, dict[str, dict[str, int]]] = {}
    for path, answer in zip(paths, answers, strict=True):
        own = calls.setdefault(path, {})
        for function_calls in answer.functions:
            found = own.setdefault(function_calls.name, {})
            for name, offsets in function_calls.calls.items():
                found.setdefault(name, offsets[0])
    return calls


def _indirect(files: Files, paths: Sequence[str]) -> set[bytes]:
    """Return the functions that call what tables hold for each stack (`(*pr->pr_init)()`)."""
    members = sorted({table.member.encode() for table in files.index.rules.attaching.tables})
    call = re.compile(rb"(?:->|\.)\s*(?:%s)\s*\)?\s*\(" % b"|".join(members))
    found: set[bytes] = set()
    for path in paths if members else ():
        if any(member in files.read(path) for member in members):
            source, conditionals = files.open(path)
            offsets = [match.start() for match in call.finditer(source.code)]
            functions = find_functions(source.code, conditionals, offsets).functions
            found |= {function.name.encode() for function in functions.values()}
    return found
