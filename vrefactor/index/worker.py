"""What a worker process does: the front end, file by file.

Only loaded when a file has to be read: a run that finds all facts in the cache starts faster.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from vrefactor.c.facts.directives import directive_facts
from vrefactor.c.facts.extract import WantedNames, extract, extract_excluded
from vrefactor.c.model import FileFacts
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.lexer import words
from vrefactor.errors import VrefactorError
from vrefactor.index.task import Task
from vrefactor.rules.types import MacroRules
from vrefactor.source.tree import Tree


class _WorkerState:
    """What every task of a worker needs: set once, when the worker starts."""

    tree: Tree
    matcher: MacroMatcher


def start(tree: Tree, macros: MacroRules) -> None:
    """Take what all tasks share: the tree on disk, and the macros that the rules know."""
    _WorkerState.tree = tree
    _WorkerState.matcher = MacroMatcher(macros)


def run(
    batch: Sequence[str], task: Task, contents: Mapping[str, bytes]
) -> tuple[bytes, list[VrefactorError]]:
    """Return the encoded facts of a batch of files, and the errors of those that have none.

    `contents` holds the files that are not as on disk.
    """
    facts: list[FileFacts | None] = []
    errors: list[VrefactorError] = []
    for path in batch:
        try:
            data = contents[path] if path in contents else _WorkerState.tree.read(path)
            facts.append(_facts_of(path, data, task))
        except VrefactorError as error:
            errors.append(error)
            facts.append(None)
    return msgspec.msgpack.encode(facts), errors


def ask(
    batch: Sequence[str],
    question: Callable[[str, bytes, MacroMatcher], object],
    contents: Mapping[str, bytes],
) -> tuple[bytes, list[VrefactorError]]:
    """Return the encoded answers for a batch of files; a file in error has none.

    `contents` holds the files that are not as on disk.
    """
    answers: list[object] = []
    errors: list[VrefactorError] = []
    for path in batch:
        try:
            data = contents[path] if path in contents else _WorkerState.tree.read(path)
            answers.append(question(path, data, _WorkerState.matcher))
        except VrefactorError as error:
            errors.append(error)
    return msgspec.msgpack.encode(answers), errors


def _facts_of(path: str, data: bytes, task: Task) -> FileFacts | None:
    if task.excluded:
        return extract_excluded(path, data, task.names)
    found = extract(path, data, WantedNames(task.names, task.macros), _WorkerState.matcher)
    if found is None and task.header:
        return directive_facts(path, data)
    return found


def holding(
    batch: Sequence[str], names: frozenset[bytes], contents: Mapping[str, bytes]
) -> list[str]:
    """Return the files of a batch that hold one of `names` as a word."""
    found: list[str] = []
    for path in batch:
        data = contents[path] if path in contents else _WorkerState.tree.read(path)
        # There are few names: to look for each as bytes is faster than to take words apart.
        if any(name in data for name in names) and not names.isdisjoint(words(data)):
            found.append(path)
    return found
