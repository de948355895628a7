"""Gathering the facts of a tree: headers first, then the sources, on all processors."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from vrefactor.c.extract import Vocabulary, extract, extract_excluded
from vrefactor.c.facts import FileFacts, Role
from vrefactor.c.macros import MacroMatcher
from vrefactor.c.skim import skim
from vrefactor.errors import VrefactorError, VrefactorErrors
from vrefactor.index.cache import FactsCache
from vrefactor.index.index import Index
from vrefactor.index.pool import Workers, batches
from vrefactor.index.roles import carriers
from vrefactor.rules.globs import path_matcher
from vrefactor.rules.types import MacroRules, RuleSet
from vrefactor.source.tree import Tree

Report = Callable[[str, int, int], None]
"""Called with what is being done, how many files are done, and how many there are."""

_decoder = msgspec.msgpack.Decoder(list[FileFacts | None])


@dataclass(frozen=True, slots=True)
class Options:
    """How to gather: number of processes, whether to use the cache, whom to tell."""

    jobs: int = 1
    cache: bool = True
    report: Report = field(default=lambda what, done, total: None)


@dataclass(frozen=True, slots=True)
class _Task:
    """What a worker does with each file of a batch."""

    header: bool
    excluded: bool
    names: frozenset[bytes]
    macros: frozenset[bytes]

    def key(self) -> bytes:
        parts = [b"header" if self.header else b"source", b"excluded" if self.excluded else b""]
        parts += [*sorted(self.names), b"", *sorted(self.macros)]
        return hashlib.blake2b(b"\n".join(parts), digest_size=16).digest()


class _WorkerState:
    """What every task of a worker needs: set once, when the worker starts."""

    tree: Tree
    matcher: MacroMatcher


def _start(tree: Tree, macros: MacroRules) -> None:
    _WorkerState.tree = tree
    _WorkerState.matcher = MacroMatcher(macros)


def _run(batch: Sequence[str], task: _Task) -> tuple[bytes, list[VrefactorError]]:
    facts: list[FileFacts | None] = []
    errors: list[VrefactorError] = []
    for path in batch:
        try:
            facts.append(_facts_of(path, task))
        except VrefactorError as error:
            errors.append(error)
            facts.append(None)
    return msgspec.msgpack.encode(facts), errors


def _facts_of(path: str, task: _Task) -> FileFacts | None:
    data = _WorkerState.tree.read(path)
    if task.excluded:
        return extract_excluded(path, data, task.names)
    found = extract(path, data, Vocabulary(task.names, task.macros), _WorkerState.matcher)
    if found is None and task.header:
        return skim(path, data)
    return found


class Gatherer:
    """Runs tasks over a tree with one pool and one cache a task."""

    def __init__(self, tree: Tree, rules: RuleSet, options: Options) -> None:
        self._tree = tree
        self._options = options
        self._macros = rules.macros
        self._workers = Workers(options.jobs, _start, tree, rules.macros)
        excluded = path_matcher([one.path for one in rules.tree.exclude])
        sources = [path for path in tree.paths if path.endswith(tuple(rules.tree.suffixes))]
        self.excluded = [path for path in sources if excluded(path)]
        included = [path for path in sources if not excluded(path)]
        self.headers = [path for path in included if path.endswith(".h")]
        self.sources = [path for path in included if not path.endswith(".h")]
        self._errors: list[VrefactorError] = []
        self._done = 0
        self._total = len(sources)

    def gather(self, names: Iterable[str]) -> dict[str, FileFacts]:
        """Return the facts of every file that has any, for these candidate names.

        Raises VrefactorErrors for all files that can't be read as C, at once.
        """
        wanted = frozenset(name.encode() for name in names)
        try:
            facts = self._stage(self.headers, _Task(True, False, wanted, frozenset()))
            carrying = carriers(facts.values(), _seeds(facts.values()))
            aliases = _aliases(facts.values())
            asked = frozenset(name.encode("latin-1") for name in carrying - aliases)
            extended = wanted | {name.encode("latin-1") for name in aliases}
            facts |= self._stage(self.sources, _Task(False, False, extended, asked))
            facts |= self._stage(self.excluded, _Task(False, True, wanted, frozenset()))
        finally:
            self._workers.close()
        if self._errors:
            raise VrefactorErrors(sorted(self._errors, key=lambda error: error.path or ""))
        return facts

    def _stage(self, paths: list[str], task: _Task) -> dict[str, FileFacts]:
        question = task.key() + msgspec.msgpack.encode(self._macros)
        cache = FactsCache(self._tree.root, question, enabled=self._options.cache)
        known: dict[str, FileFacts | None] = {}
        missing: list[str] = []
        for path in paths:
            hit, facts = cache.get(path, self._tree.stamp(path))
            if hit:
                known[path] = facts
            else:
                missing.append(path)
        self._tell(len(known))
        for path, facts in self._compute(missing, task):
            known[path] = facts
            cache.put(path, self._tree.stamp(path), facts)
        cache.save()
        return {path: facts for path in paths if (facts := known.get(path)) is not None}

    def _compute(self, missing: list[str], task: _Task) -> Iterable[tuple[str, FileFacts | None]]:
        runs = batches(missing, self._size)
        for run, (encoded, errors) in zip(runs, self._workers.map(_run, runs, task), strict=True):
            failed = {error.path for error in errors}
            self._errors.extend(errors)
            for path, facts in zip(run, _decoder.decode(encoded), strict=True):
                if path not in failed:
                    yield path, facts
            self._tell(len(run))

    def _size(self, path: str) -> int:
        stamp = self._tree.stamp(path)
        return stamp.size if stamp is not None else 0

    def _tell(self, done: int) -> None:
        self._done += done
        self._options.report("reading", self._done, self._total)


def _seeds(facts: Iterable[FileFacts]) -> set[str]:
    """Return the macros of headers whose bodies use a candidate as an expression."""
    return {
        site.macro
        for one in facts
        for site in one.sites
        if site.macro is not None and site.role in (Role.USE, Role.ALIAS)
    }


def _aliases(facts: Iterable[FileFacts]) -> set[str]:
    return {
        site.macro
        for one in facts
        for site in one.sites
        if site.role is Role.ALIAS and site.macro is not None
    }


def build_index(tree: Tree, rules: RuleSet, names: Iterable[str], options: Options) -> Index:
    """Return the index of `tree` for the candidate `names`.

    Raises VrefactorErrors if files that hold a candidate can't be read as C.
    """
    facts = Gatherer(tree, rules, options).gather(names)
    return Index(tree, facts, rules)
