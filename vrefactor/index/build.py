"""Gathering the facts of a tree: headers first, then the sources, on all processors."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Self

from vrefactor.c.facts.rebase import rebase
from vrefactor.c.model import FileFacts, Role
from vrefactor.errors import VrefactorError, VrefactorErrors
from vrefactor.index.ask import Answer, Asker, Question
from vrefactor.index.index import Index
from vrefactor.index.macros import MacroBodies, macros_mentioning
from vrefactor.index.pool import Progress, RunOptions, check_names
from vrefactor.index.questions import FactsQuestion, WordsQuestion
from vrefactor.rules.globs import path_matcher
from vrefactor.rules.types import RuleSet
from vrefactor.source.tree import Tree, TreeChange


@dataclass(slots=True)
class _Stage:
    """The facts of one kind of file: what was asked, and the answers so far."""

    question: FactsQuestion
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
        self._asker = Asker(tree, rules, options)
        self._entered = False
        self._stages: dict[str, _Stage] = {}
        self._changes: Mapping[str, TreeChange] = {}
        self._errors: list[VrefactorError] = []
        self._header_bodies = MacroBodies(())

    def __enter__(self) -> Self:
        self._entered = True
        return self

    def __exit__(self, *failure: object) -> None:
        self._entered = False
        self._asker.close()

    def index(self, tree: Tree) -> Index:
        """Return the index of `tree`: the first one, or one that comes from the last.

        Raises VrefactorErrors, for all files at once, if some that hold a candidate can't
        be read as C.
        """
        self._changes = tree.changes_since(self._tree) if tree is not self._tree else {}
        self._tree = tree
        self._asker.follow(tree)
        sources = [path for path in tree.paths if path.endswith(self._rules.tree.suffixes)]
        check_names(sources)
        excluded = [path for path in sources if self._is_excluded(path)]
        included = [path for path in sources if not self._is_excluded(path)]
        headers = [path for path in included if path.endswith(".h")]
        others = [path for path in included if not path.endswith(".h")]
        progress = Progress(self._options.report, "reading", len(sources))
        facts = self._stage("headers", headers, self._of_headers(), progress)
        facts |= self._stage("sources", others, self._of_sources(facts), progress)
        nothing = FactsQuestion(False, True, self._names, frozenset())
        facts |= self._stage("excluded", excluded, nothing, progress)
        if self._errors:
            raise VrefactorErrors(sorted(self._errors, key=lambda error: error.path or ""))
        return Index(tree, facts, self._rules, self._header_bodies, partial(self.ask, tree))

    def ask(
        self,
        tree: Tree,
        paths: Sequence[str],
        question: Question[Answer],
        kind: object,
        key: bytes = b"",
    ) -> list[Answer]:
        """Put a question to files of the tree that was indexed last; see `Asker.ask`."""
        if tree is not self._tree:
            raise ValueError("the tree has been followed by another")
        try:
            return self._asker.ask(paths, question, kind, key)
        finally:
            if not self._entered:
                self._asker.close()  # asked after the end of the `with`: nobody else will

    def _of_headers(self) -> FactsQuestion:
        return FactsQuestion(True, False, self._names, frozenset())

    def _of_sources(self, headers: Mapping[str, FileFacts]) -> FactsQuestion:
        """Return what to ask of the sources: also for the macros that expand to a candidate."""
        self._header_bodies = MacroBodies(headers.values())
        expanding = macros_mentioning(self._header_bodies, _seeds(headers.values()))
        aliases = _aliases(headers.values(), self._rules.prefix.prefix)
        macros = frozenset(name.encode("latin-1") for name in expanding - aliases)
        names = self._names | {name.encode("latin-1") for name in aliases}
        return FactsQuestion(False, False, names, macros - names)

    def _stage(
        self, kind: str, paths: list[str], question: FactsQuestion, progress: Progress
    ) -> dict[str, FileFacts]:
        """Return the facts of the files of one kind, reading as few as will do."""
        earlier = self._stages.get(kind)
        answers: dict[str, FileFacts | None] = {}
        stale, key = paths, question.key()
        if earlier is not None:
            answers = earlier.answers
            rebased = self._rebased(paths, earlier, question)
            answers.update(rebased)
            stale, key = self._stale(paths, earlier, question, rebased), b""
            progress.advance(len(paths) - len(stale))
        found, errors = self._asker.answers(stale, question, FileFacts | None, key, progress)
        answers.update(found)
        self._errors += errors
        self._stages[kind] = _Stage(question, answers)
        return {path: facts for path in paths if (facts := answers.get(path)) is not None}

    def _rebased(
        self, paths: list[str], earlier: _Stage, question: FactsQuestion
    ) -> dict[str, FileFacts]:
        """Return the facts of the changed files that follow from the earlier ones."""
        found: dict[str, FileFacts] = {}
        for path in paths:
            change, facts = self._changes.get(path), earlier.answers.get(path)
            if change is None or change.before is None or facts is None or question.excluded:
                continue
            rebased = rebase(facts, change.before, change.splices, question.wanted)
            if rebased is not None:
                found[path] = rebased
        return found

    def _stale(
        self,
        paths: list[str],
        earlier: _Stage,
        question: FactsQuestion,
        rebased: Collection[str],
    ) -> list[str]:
        """Return the files whose earlier answers do not hold for this tree and question."""
        stale = {path for path in paths if path not in earlier.answers}
        stale.update(path for path in paths if path in self._changes and path not in rebased)
        added = question.wanted - earlier.question.wanted
        if added:
            others = [path for path in paths if path not in stale]
            holding = self._asker.ask(others, WordsQuestion(added), bool)
            stale.update(path for path, holds in zip(others, holding, strict=True) if holds)
        return sorted(stale)


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
