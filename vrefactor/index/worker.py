"""What a worker process does: it puts a question to one file after the other.

Loading this module loads the front end too: once, before the processes are forked, and only
when a file has to be read at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

import vrefactor.c.facts.extract  # noqa: F401
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.errors import VrefactorError
from vrefactor.rules.types import MacroRules
from vrefactor.source.tree import Tree


class _WorkerState:
    """What all questions to a worker need: set once, when the worker starts."""

    tree: Tree
    matcher: MacroMatcher


def start(tree: Tree, macros: MacroRules) -> None:
    """Take what all questions share: the tree on disk, and the macros that the rules know."""
    _WorkerState.tree = tree
    _WorkerState.matcher = MacroMatcher(macros)


def ask(
    batch: Sequence[str],
    question: Callable[[str, bytes, MacroMatcher], object],
    contents: Mapping[str, bytes],
) -> tuple[bytes, dict[str, VrefactorError]]:
    """Return the encoded answers of a batch of files, and the errors of those without one.

    `contents` holds the files that are not as on disk.
    """
    answers: list[object] = []
    errors: dict[str, VrefactorError] = {}
    for path in batch:
        try:
            data = contents[path] if path in contents else _WorkerState.tree.read(path)
            answers.append(question(path, data, _WorkerState.matcher))
        except VrefactorError as error:
            errors[path] = error
    return msgspec.msgpack.encode(answers), errors
