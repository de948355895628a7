"""Reading the files in scope: what each defines, and its own uses of its statics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from msgspec import Struct

from vrefactor.c.definitions import Survey, survey
from vrefactor.c.extract import Vocabulary, extract
from vrefactor.c.facts import FileFacts, Storage
from vrefactor.c.macros import MacroMatcher
from vrefactor.errors import VrefactorError, VrefactorErrors
from vrefactor.index.build import Options
from vrefactor.index.pool import Workers, batches
from vrefactor.rules.types import MacroRules, RuleSet
from vrefactor.source.tree import Tree


class FileReport(Struct, frozen=True, array_like=True):
    """One file: its survey, and the facts of its statics (None if it has none)."""

    survey: Survey
    own: FileFacts | None


_decoder = msgspec.msgpack.Decoder(list[FileReport])


@dataclass(slots=True)
class _State:
    tree: Tree
    macros: MacroMatcher


class _Worker:
    """What every task of a worker needs: set once, when the worker starts."""

    state: _State


def _start(tree: Tree, macros: MacroRules) -> None:
    _Worker.state = _State(tree, MacroMatcher(macros))


def _run(batch: Sequence[str]) -> tuple[bytes, list[VrefactorError]]:
    reports: list[FileReport] = []
    errors: list[VrefactorError] = []
    for path in batch:
        try:
            reports.append(_report(path))
        except VrefactorError as error:
            errors.append(error)
    return msgspec.msgpack.encode(reports), errors


def _report(path: str) -> FileReport:
    data = _Worker.state.tree.read(path)
    found = survey(path, data, _Worker.state.macros)
    statics = frozenset(
        one.name.encode("latin-1") for one in found.definitions if is_private(path, one.storage)
    )
    own = extract(path, data, Vocabulary(statics), _Worker.state.macros) if statics else None
    return FileReport(found, own)


def is_private(path: str, storage: Storage) -> bool:
    """Say whether only the file itself can name such a variable (a header's is shared)."""
    return storage is Storage.STATIC and not path.endswith(".h")


def gather(
    tree: Tree, rules: RuleSet, paths: Sequence[str], options: Options
) -> dict[str, FileReport]:
    """Return the reports of the files `paths`, by path.

    Raises VrefactorErrors for all files that can't be read as C, at once.
    """
    workers = Workers(options.jobs, _start, tree, rules.macros)
    reports: dict[str, FileReport] = {}
    errors: list[VrefactorError] = []
    done = 0
    try:
        runs = batches(paths, lambda path: stamp.size if (stamp := tree.stamp(path)) else 0)
        for run, (encoded, failed) in zip(runs, workers.map(_run, runs), strict=True):
            errors.extend(failed)
            reports.update((one.survey.path, one) for one in _decoder.decode(encoded))
            done += len(run)
            options.report("scanning", done, len(paths))
    finally:
        workers.close()
    if errors:
        raise VrefactorErrors(sorted(errors, key=lambda error: error.path or ""))
    return reports
