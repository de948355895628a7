"""Putting one question to many files of a tree, on all processors.

There is no other way to read the files of a whole tree: facts, calls, audits and scans are
all questions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any, Self, TypeVar

import msgspec

from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.errors import VrefactorError, VrefactorErrors
from vrefactor.index.cache import AnswerCache
from vrefactor.index.pool import Progress, RunOptions, Workers, batches, check_names
from vrefactor.rules.types import RuleSet
from vrefactor.source.tree import Tree

Answer = TypeVar("Answer")
Question = Callable[[str, bytes, MacroMatcher], Answer]
"""What is asked of a file: of its path, its content and the macros that the rules know.

It can be sent to a process, and so can its answer.
"""


class Asker:
    """Asks the files of a tree, and those of the trees that plans make of it.

    The processes are started when there is a file to read, and stopped by `close`.
    """

    def __init__(self, tree: Tree, rules: RuleSet, options: RunOptions) -> None:
        self._tree = self._base = tree
        self._macros = rules.macros
        self._options = options
        self._workers: Workers | None = None
        self._remembered: dict[bytes, dict[str, Any]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the processes; another question starts them again."""
        if self._workers is not None:
            self._workers.close()
            self._workers = None

    def follow(self, tree: Tree) -> None:
        """Ask the files of `tree`, which a plan made of the last one, from now on."""
        for path in tree.changes_since(self._tree) if tree is not self._tree else ():
            for answers in self._remembered.values():
                answers.pop(path, None)
        self._tree = tree

    def ask(
        self,
        paths: Sequence[str],
        question: Question[Answer],
        kind: object,
        key: bytes = b"",
        progress: Progress | None = None,
    ) -> list[Answer]:
        """Return the answers in the order of the files.

        Answers to a question with a key are remembered, until their files change.  For the
        other arguments see `answers`.  Raises VrefactorErrors for all files in error.
        """
        known: dict[str, Answer] = self._remembered.setdefault(key, {}) if key else {}
        missing = [path for path in paths if path not in known]
        found, errors = self.answers(missing, question, kind, key, progress)
        if errors:
            raise VrefactorErrors(errors)
        known.update(found)
        return [known[path] for path in paths]

    def answers(
        self,
        paths: Sequence[str],
        question: Question[Answer],
        kind: object,
        key: bytes = b"",
        progress: Progress | None = None,
    ) -> tuple[dict[str, Answer], list[VrefactorError]]:
        """Return the answers by file, and the errors of the files that have none, by path.

        `kind` is the type of an answer, as msgspec takes it.  A `key` stands for the question
        and all that it depends on but the file's content and the known macros: with one,
        answers are kept from run to run.  Raises VrefactorErrors for names of files that no
        answer can hold.
        """
        check_names(paths)
        cache = self._cache(key, kind)
        found: dict[str, Answer] = {}
        for path in paths:
            hit, answer = cache.get(path, self._tree.stamp(path))
            if hit:
                found[path] = answer
        if progress is not None:
            progress.advance(len(found))
        missing = [path for path in paths if path not in found] if found else paths
        errors = self._read(missing, question, kind, found, progress)
        for path in missing:
            if path in found:
                cache.put(path, self._tree.stamp(path), found[path])
        cache.save()
        return {path: found[path] for path in paths if path in found}, errors

    def _cache(self, key: bytes, kind: object) -> AnswerCache:
        question = key + msgspec.msgpack.encode(self._macros)
        enabled = self._options.cache and bool(key)
        return AnswerCache(self._tree.root, question, kind, enabled=enabled)

    def _read(
        self,
        paths: Sequence[str],
        question: Question[Answer],
        kind: object,
        found: dict[str, Answer],
        progress: Progress | None,
    ) -> list[VrefactorError]:
        """Add the answers of files that have to be read; return the errors, sorted."""
        if not paths:
            return []
        # Loaded only when a file has to be read, and before the processes are forked.
        from vrefactor.index import worker

        if self._workers is None:
            self._workers = Workers(self._options.jobs, worker.start, self._base, self._macros)
        decoder = msgspec.msgpack.Decoder(list[kind])  # type: ignore[valid-type]
        runs = batches(paths, self._size)
        contents = [self._contents(run) for run in runs]
        errors: list[VrefactorError] = []
        results = self._workers.map(worker.ask, runs, repeat(question), contents)
        for run, (encoded, failed) in zip(runs, results, strict=True):
            answered = (path for path in run if path not in failed)
            found.update(zip(answered, decoder.decode(encoded), strict=True))
            errors += failed.values()
            if progress is not None:
                progress.advance(len(run))
        return sorted(errors, key=lambda error: error.path or "")

    def _contents(self, run: Sequence[str]) -> dict[str, bytes]:
        """Return the contents of the files of a run that are not as on disk."""
        return {path: self._tree.read(path) for path in run if self._tree.stamp(path) is None}

    def _size(self, path: str) -> int:
        stamp = self._tree.stamp(path)
        return stamp.size if stamp is not None else len(self._tree.read(path))
