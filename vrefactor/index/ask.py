"""One question put to many files of a tree on disk, on all processors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import repeat
from typing import TypeVar

import msgspec

from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.errors import VrefactorError, VrefactorErrors
from vrefactor.index import worker
from vrefactor.index.build import RunOptions
from vrefactor.index.pool import Workers, batches, check_names
from vrefactor.rules.types import RuleSet
from vrefactor.source.tree import Tree

Answer = TypeVar("Answer")


def ask_files(
    tree: Tree,
    rules: RuleSet,
    paths: Sequence[str],
    ask: Callable[[str, bytes, MacroMatcher], Answer],
    kind: type[Answer],
    what: str,
    options: RunOptions,
    unread: list[VrefactorError] | None = None,
) -> list[Answer]:
    """Return `ask(path, content, macros)`, which makes a `kind`, for each file, in order.

    `what` says to whoever is told of the progress what is being done.  If some files can't
    be read as C, the errors go into `unread` where that is given, and those files have no
    answer; else raises VrefactorErrors, for all files at once.
    """
    check_names(paths)
    decoder = msgspec.msgpack.Decoder(list[kind])  # type: ignore[valid-type]
    workers = Workers(options.jobs, worker.start, tree, rules.macros)
    answers: list[Answer] = []
    errors: list[VrefactorError] = []
    done = 0
    try:
        runs = batches(paths, lambda path: stamp.size if (stamp := tree.stamp(path)) else 0)
        for run, (encoded, failed) in zip(
            runs, workers.map(worker.ask, runs, repeat(ask), repeat({})), strict=True
        ):
            answers.extend(decoder.decode(encoded))
            errors.extend(failed)
            done += len(run)
            options.report(what, done, len(paths))
    finally:
        workers.close()
    errors.sort(key=lambda error: error.path or "")
    if unread is not None:
        unread += errors
    elif errors:
        raise VrefactorErrors(errors)
    return answers
