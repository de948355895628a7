"""Gathering the facts of a tree: headers first, then the sources, on all processors."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import repeat
from typing import Any, Self, TypeVar

import msgspec

from vrefactor.c.facts.rebase import rebase
from vrefactor.c.model import FileFacts, Role
from vrefactor.errors import VrefactorError, VrefactorErrors
from vrefactor.index.cache import FactsCache
from vrefactor.index.index import Index, Question
from vrefactor.index.macros import MacroBodies, macros_mentioning
from vrefactor.index.pool import Workers, batches, check_names
from vrefactor.index.task import Task
from vrefactor.rules.globs import path_matcher
from vrefactor.rules.types import RuleSet
from vrefactor.source.tree import Tree, TreeChange

Report = Callable[[str, int, int], None]
"""Called with what is being done, how many files are done, and how many there are."""

Answer = TypeVar("Answer")

_decoder = msgspec.msgpack.Decoder(list[FileFacts | None])


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to work: in how many processes, whether to use the cache, and whom to tell."""

    jobs: int = 1
    cache: bool = True
    report: Report = field(default=lambda what, done, total: None)


@dataclass(slots=True)
class _Stage:
    """The facts of one kind of file: what was asked, and the answers so far."""

    task: Task
    answers: dict[str, FileFacts | None]


class Indexer:
    """Makes the index of a tree, and of the trees that plans make of it.

    The workers are started once.  For a later tree only the files that changed are read
    again, and those that hold a name which was not asked for before.
    """

    def __init__(
        self, tree: Tree, rules: RuleSet, names: Iterable[str], options: RunOptions
    ) -> None:
        self._tree = tree
        self._rules = rules
        self._names = frozenset(name.encode() for name in names)
        self._options = options
        self._is_excluded = path_matcher([exclude.path for exclude in rules.tree.exclude])
        self._stages: dict[str, _Stage] = {}
        self._changes: Mapping[str, TreeChange] = {}
        self._errors: list[VrefactorError] = []
        self._answered: dict[bytes, dict[str, Any]] = {}
        self._base = tree
        self._workers: Workers | None = None
        self._entered = False
        self._bodies = MacroBodies(())
        self._done = 0
        self._total = 0

    def __enter__(self) -> Self:
        self._entered = True
        return self

    def __exit__(self, *failure: object) -> None:
        self._entered = False
        self._close()

    def _close(self) -> None:
        if self._workers is not None:
            self._workers.close()
            self._workers = None

    def index(self, tree: Tree) -> Index:
        """Return the index of `tree`: the first one, or one that comes from the last.

        Raises VrefactorErrors, for all files at once, if some that hold a candidate can't
        be read as C.
        """
        self._changes = tree.changes_since(self._tree) if tree is not self._tree else {}
        self._tree = tree
        for answers in self._answered.values():
            for path in self._changes:
                answers.pop(path, None)
        sources = [path for path in tree.paths if path.endswith(self._rules.tree.suffixes)]
        check_names(sources)
        excluded = [path for path in sources if self._is_excluded(path)]
        included = [path for path in sources if not self._is_excluded(path)]
        self._done, self._total = 0, len(sources)
        facts = self._headers([path for path in included if path.endswith(".h")])
        facts |= self._sources([path for path in included if not path.endswith(".h")], facts)
        facts |= self._stage("excluded", excluded, Task(False, True, self._names, frozenset()))
        if self._errors:
            raise VrefactorErrors(sorted(self._errors, key=lambda error: error.path or ""))
        return Index(tree, facts, self._rules, self._bodies, partial(self.ask, tree))

    def ask(
        self, tree: Tree, paths: Sequence[str], question: Question, kind: type[Answer], key: bytes
    ) -> list[Answer]:
        """Put a question to many files of the tree that was indexed last; see `index.Ask`."""
        if tree is not self._tree:
            raise ValueError("the tree has been followed by another")
        cache = self._cache(tree, key, kind)
        answers: dict[str, Answer] = self._answered.setdefault(key, {}) if key else {}
        for path in paths:
            if path in answers:
                continue
            hit, known = cache.get(path, tree.stamp(path))
            if hit and known is not None:
                answers[path] = known
        missing = [path for path in paths if path not in answers]
        for path, answer in zip(missing, self._answers(missing, question, kind), strict=True):
            answers[path] = answer
            cache.put(path, tree.stamp(path), answer)
        cache.save()
        if not self._entered:
            self._close()  # asked after the end of the `with`: nobody else will
        return [answers[path] for path in paths]

    def _cache(self, tree: Tree, key: bytes, kind: type[Answer]) -> FactsCache[Answer]:
        """Return the answers of other runs; what the rules say of macros is part of a question."""
        question = key + msgspec.msgpack.encode(self._rules.macros)
        enabled = self._options.cache and bool(key)
        return FactsCache(tree.root, question, kind, enabled=enabled)

    def _answers(
        self, paths: list[str], question: Question, kind: type[Answer]
    ) -> Iterator[Answer]:
        decoder = msgspec.msgpack.Decoder(list[kind])  # type: ignore[valid-type]
        runs = batches(paths, self._size, 1 << 19)
        errors: list[VrefactorError] = []
        answers: list[Answer] = []
        for encoded, failed in self._map("ask", runs, repeat(question), self._contents(runs)):
            answers += decoder.decode(encoded)
            errors += failed
        if errors:
            raise VrefactorErrors(sorted(errors, key=lambda error: error.path or ""))
        return iter(answers)

    def _headers(self, paths: list[str]) -> dict[str, FileFacts]:
        return self._stage("headers", paths, Task(True, False, self._names, frozenset()))

    def _sources(self, paths: list[str], headers: dict[str, FileFacts]) -> dict[str, FileFacts]:
        """Read the sources, looking for the macros too whose expansion uses a candidate."""
        self._bodies = MacroBodies(headers.values())
        carrying = macros_mentioning(self._bodies, _seeds(headers.values()))
        aliases = _aliases(headers.values(), self._rules.prefix.prefix)
        macros = frozenset(name.encode("latin-1") for name in carrying - aliases)
        names = self._names | {name.encode("latin-1") for name in aliases}
        return self._stage("sources", paths, Task(False, False, names, macros - names))

    def _stage(self, kind: str, paths: list[str], task: Task) -> dict[str, FileFacts]:
        earlier = self._stages.get(kind)
        if earlier is None:
            answers = self._from_scratch(paths, task)
        else:
            answers = earlier.answers
            carried = self._carried(paths, earlier, task)
            answers.update(carried)
            stale = self._stale(paths, earlier, task, carried)
            self._tell(len(paths) - len(stale))
            answers.update(self._compute(stale, task))
        self._stages[kind] = _Stage(task, answers)
        return {path: facts for path in paths if (facts := answers.get(path)) is not None}

    def _from_scratch(self, paths: list[str], task: Task) -> dict[str, FileFacts | None]:
        cache = self._cache(self._tree, task.key(), FileFacts)
        answers: dict[str, FileFacts | None] = {}
        missing: list[str] = []
        for path in paths:
            hit, facts = cache.get(path, self._tree.stamp(path))
            if hit:
                answers[path] = facts
            else:
                missing.append(path)
        self._tell(len(answers))
        for path, facts in self._compute(missing, task):
            answers[path] = facts
            cache.put(path, self._tree.stamp(path), facts)
        cache.save()
        return answers

    def _carried(self, paths: list[str], earlier: _Stage, task: Task) -> dict[str, FileFacts]:
        """Return the facts of the changed files that follow from the earlier ones."""
        found: dict[str, FileFacts] = {}
        for path in paths:
            change, facts = self._changes.get(path), earlier.answers.get(path)
            if change is None or change.before is None or facts is None or task.excluded:
                continue
            carried = rebase(facts, change.before, change.splices, task.names | task.macros)
            if carried is not None:
                found[path] = carried
        return found

    def _stale(
        self, paths: list[str], earlier: _Stage, task: Task, carried: Collection[str]
    ) -> list[str]:
        """Return the files whose earlier answers do not hold for this tree and this task."""
        stale = {path for path in paths if path not in earlier.answers}
        stale.update(path for path in paths if path in self._changes and path not in carried)
        added = (task.names | task.macros) - (earlier.task.names | earlier.task.macros)
        if added:
            runs = batches([path for path in paths if path not in stale], self._size)
            contents = self._contents(runs)
            for found in self._map("holding", runs, repeat(added), contents):
                stale.update(found)
        return sorted(stale)

    def _compute(self, missing: list[str], task: Task) -> Iterator[tuple[str, FileFacts | None]]:
        runs = batches(missing, self._size)
        results = self._map("run", runs, repeat(task), self._contents(runs))
        for run, (encoded, errors) in zip(runs, results, strict=True):
            failed = {error.path for error in errors}
            self._errors.extend(errors)
            for path, facts in zip(run, _decoder.decode(encoded), strict=True):
                if path not in failed:
                    yield path, facts
            self._tell(len(run))

    def _map(
        self, function: str, runs: Sequence[Sequence[str]], *arguments: Iterable[object]
    ) -> Iterator[Any]:
        """Run a function of `vrefactor.index.worker` over runs of files, in order.

        The workers, and the front end with them, are loaded when there is work at all.
        """
        if not runs:
            return iter(())
        from vrefactor.index import worker

        if self._workers is None:
            self._workers = Workers(
                self._options.jobs, worker.start, self._base, self._rules.macros
            )
        return self._workers.map(getattr(worker, function), runs, *arguments)

    def _contents(self, runs: Sequence[Sequence[str]]) -> list[dict[str, bytes]]:
        """Return, for each run, the content of the files that are not as on disk."""
        return [
            {path: self._tree.read(path) for path in run if self._tree.stamp(path) is None}
            for run in runs
        ]

    def _size(self, path: str) -> int:
        stamp = self._tree.stamp(path)
        return stamp.size if stamp is not None else len(self._tree.read(path))

    def _tell(self, done: int) -> None:
        self._done += done
        self._options.report("reading", self._done, self._total)


def _seeds(facts: Iterable[FileFacts]) -> set[str]:
    """Return the macros of headers whose bodies use a candidate as an expression."""
    return {
        site.macro
        for file_facts in facts
        for site in file_facts.sites
        if site.macro is not None and site.role in (Role.USE, Role.ALIAS)
    }


def _aliases(facts: Iterable[FileFacts], prefix: str) -> set[str]:
    """Return the macros that are another name of a candidate.

    What stands for one of our own macros is a form that an override asked for.
    """
    return {
        site.macro
        for file_facts in facts
        for site in file_facts.sites
        if site.role is Role.ALIAS and site.macro and not site.name.startswith(prefix)
    }


def build_index(tree: Tree, rules: RuleSet, names: Iterable[str], options: RunOptions) -> Index:
    """Return the index of one tree for the candidate `names`; see `Indexer`."""
    with Indexer(tree, rules, names, options) as indexer:
        return indexer.index(tree)
