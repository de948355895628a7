"""Reading the files in scope: what each defines, and its own uses of its statics."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from vrefactor.c.facts.definitions import Survey, survey
from vrefactor.c.facts.extract import WantedNames, extract
from vrefactor.c.model import FileFacts, Storage
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.errors import VrefactorError, VrefactorErrors
from vrefactor.index.ask import Asker
from vrefactor.index.pool import Progress, RunOptions
from vrefactor.rules.types import RuleSet
from vrefactor.source.tree import Tree


class FileReport(Struct, frozen=True, array_like=True):
    """One file: its survey, and the facts of its statics (None if it has none)."""

    survey: Survey
    own: FileFacts | None


def _report(path: str, data: bytes, macros: MacroMatcher) -> FileReport:
    found = survey(path, data, macros)
    statics = frozenset(
        definition.name.encode("latin-1")
        for definition in found.definitions
        if is_private(path, definition.storage)
    )
    own = extract(path, data, WantedNames(statics), macros) if statics else None
    return FileReport(found, own)


def is_private(path: str, storage: Storage) -> bool:
    """Say whether only the file itself can name such a variable (a header's is shared)."""
    return storage is Storage.STATIC and not path.endswith(".h")


def gather(
    tree: Tree,
    rules: RuleSet,
    paths: Sequence[str],
    options: RunOptions,
    unread: list[VrefactorError] | None = None,
) -> dict[str, FileReport]:
    """Return the reports of the files `paths`, by path.

    The errors of all files that can't be read as C go into `unread`; raises VrefactorErrors
    where it is not given.
    """
    progress = Progress(options.report, "scanning", len(paths))
    with Asker(tree, rules, options) as asker:
        reports, errors = asker.answers(paths, _report, FileReport, progress=progress)
    if unread is not None:
        unread += errors
    elif errors:
        raise VrefactorErrors(errors)
    return reports
