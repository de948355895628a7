"""Confirming a whole tree: lay out generated headers, choose files, ask in all processes."""

from __future__ import annotations

import os
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path

from vrefactor.build.model import GEN_MARK, TREE_MARK, BuildPlan, CompileCommand, expand_marks
from vrefactor.confirm.entities import Answer, TreeNamePlaces, answers
from vrefactor.confirm.flags import arguments
from vrefactor.confirm.libclang import library
from vrefactor.confirm.name_places import header_macros, mentioning
from vrefactor.confirm.unit import TranslationUnit, Unparsed
from vrefactor.errors import BUILD_DIR_UNWRITABLE, LIBCLANG_CRASHED, VrefactorError
from vrefactor.index.compiled_tokens import CompiledToken
from vrefactor.index.pool import Workers, batches
from vrefactor.source.tree import Tree

Report = Callable[[str, int, int], None]
"""Called with what is being done, how many files are done, and how many there are."""

_MOST_INCLUDERS = 4
"""Files that are parsed, per configuration, only to see a header that no other file includes."""

_BATCH = 1 << 18
"""Bytes of source that a process gets at a time."""


@dataclass(frozen=True, slots=True, order=True)
class Failure:
    """A file that libclang cannot parse in a configuration, and the first thing it says."""

    path: str
    configuration: str
    error: str


@dataclass(frozen=True, slots=True)
class Confirmation:
    """All that libclang said; `parsed` counts the translation units."""

    tokens: tuple[CompiledToken, ...]
    failures: tuple[Failure, ...]
    parsed: int


@dataclass(frozen=True, slots=True)
class _Build:
    """One plan, ready to parse: its commands by source, and its directory of headers."""

    plan: BuildPlan
    commands: dict[str, list[CompileCommand]]
    generated: str

    @classmethod
    def of(cls, plan: BuildPlan, generated: str) -> _Build:
        commands: dict[str, list[CompileCommand]] = {}
        for command in plan.commands:
            commands.setdefault(command.source, []).append(command)
        return cls(plan, commands, generated)


@dataclass(slots=True)
class _Batch:
    """What came of some files: answers with their configurations, failures, headers seen."""

    answers: dict[Answer, set[str]] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    searched: set[str] = field(default_factory=set)
    parsed: int = 0


def confirm(
    tree: Tree,
    plans: Sequence[BuildPlan],
    names: Iterable[str],
    *,
    jobs: int = 1,
    report: Report = lambda what, done, total: None,
) -> Confirmation:
    """Ask libclang what each identifier token spelled as one of `names` is.

    Every file of the plans that mentions a name, or a macro that leads to one, is parsed in
    every configuration that has it; and so are some that include a header with a name that is
    in none of these.  The tree is read where it is; files that a plan has changed, from memory.

    Raises `VrefactorError` LIBCLANG_MISSING, LIBCLANG_CRASHED, BUILD_DIR_UNWRITABLE (for the
    generated headers), and what `tree.read` raises.  A file that cannot be parsed is no error
    here, but is listed.
    """
    library()
    spellings = frozenset(name.encode() for name in names)
    with tempfile.TemporaryDirectory(prefix="vrefactor-confirm-") as folder:
        builds = [_lay_out(tree, plan, f"{folder}/{at}") for at, plan in enumerate(plans)]
        texts = TreeNamePlaces(tree, spellings, header_macros(tree, spellings))
        workers = Workers(jobs, _start, texts, builds)
        try:
            return _Asking(tree, texts, builds, workers, report).run()
        except BrokenProcessPool as error:
            raise VrefactorError(LIBCLANG_CRASHED) from error
        finally:
            workers.close()


def _lay_out(tree: Tree, plan: BuildPlan, folder: str) -> _Build:
    """Make the generated headers of one plan."""
    root = os.path.abspath(tree.root)
    try:
        os.makedirs(folder)
        for file in plan.generated:
            path = Path(folder, file.path)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)
        for name, target in plan.links:
            os.symlink(target.replace(TREE_MARK, root), f"{folder}/{name}")
    except OSError as error:
        detail = error.strerror or str(error)
        raise VrefactorError(BUILD_DIR_UNWRITABLE, detail, path=folder) from error
    return _Build.of(plan, folder)


@dataclass(slots=True)
class _Asking:
    """The whole of the asking, while it goes on."""

    tree: Tree
    texts: TreeNamePlaces
    builds: list[_Build]
    workers: Workers
    report: Report
    answers: defaultdict[Answer, set[str]] = field(default_factory=lambda: defaultdict(set))
    failures: list[Failure] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    parsed: int = 0

    def run(self) -> Confirmation:
        words = self.texts.names | self.texts.macros
        sources = {source for build in self.builds for source in build.commands}
        first = mentioning(self.tree, sources, words)
        self._ask(dict.fromkeys(range(len(self.builds)), first))
        self._ask(self._includers(sources - first))
        return Confirmation(self._tokens(), tuple(sorted(set(self.failures))), self.parsed)

    def _ask(self, chosen: dict[int, set[str]]) -> None:
        groups: list[list[str]] = []
        numbers: list[int] = []
        for number, wanted in chosen.items():
            sources = [source for source in self.builds[number].commands if source in wanted]
            groups += batches(sources, lambda path: len(self.tree.read(path)), _BATCH)
            numbers += [number] * (len(groups) - len(numbers))
        done, total = 0, sum(map(len, groups))
        for group, found in zip(groups, self.workers.map(_run, groups, numbers), strict=True):
            self._take(found)
            done += len(group)
            self.report("asking libclang", done, total)

    def _take(self, batch: _Batch) -> None:
        for answer, configurations in batch.answers.items():
            self.answers[answer] |= configurations
        self.failures += batch.failures
        self.seen |= batch.seen
        self.parsed += batch.parsed

    def _includers(self, sources: set[str]) -> dict[int, set[str]]:
        """Return, for each build, some files that may include the headers not yet seen."""
        headers = {path for path in self.tree.paths if path.endswith(".h")} - self.seen
        missed = mentioning(self.tree, headers, self.texts.names)
        names = {os.fsencode(path.rpartition("/")[2]) for path in missed}
        chosen: dict[int, set[str]] = {number: set() for number in range(len(self.builds))}
        counts: defaultdict[tuple[int, bytes], int] = defaultdict(int)
        for source in sorted(sources):
            data = self.tree.read(source)
            for name in sorted(name for name in names if name in data):
                for number, build in enumerate(self.builds):
                    if source in build.commands and counts[number, name] < _MOST_INCLUDERS:
                        counts[number, name] += 1
                        chosen[number].add(source)
        return chosen

    def _tokens(self) -> tuple[CompiledToken, ...]:
        return tuple(
            sorted(
                CompiledToken(path, start, line, entity, expanded, tuple(sorted(configurations)))
                for (path, start, line, entity, expanded), configurations in self.answers.items()
            )
        )


class _State:
    """What every task of a worker needs: set once, when the worker starts."""

    texts: TreeNamePlaces
    builds: list[_Build]
    unsaved: dict[bytes, bytes]


def _start(texts: TreeNamePlaces, builds: list[_Build]) -> None:
    root = os.path.abspath(texts.tree.root)
    _State.texts, _State.builds = texts, builds
    _State.unsaved = {
        os.fsencode(f"{root}/{path}"): change.after
        for path, change in texts.tree.changes_since(None).items()
    }


def _run(sources: Sequence[str], number: int) -> _Batch:
    build = _State.builds[number]
    batch = _Batch()
    for source in sources:
        for command in build.commands[source]:
            try:
                _ask_one(command, build, batch)
            except Unparsed as error:
                said = _without_folders(str(error), build)
                batch.failures.append(Failure(source, command.configuration, said))
    return batch


def _without_folders(text: str, build: _Build) -> str:
    """Return a message with paths as they are in the tree and in a build plan."""
    root = os.path.abspath(_State.texts.tree.root)
    return text.replace(f"{build.generated}/", f"{GEN_MARK}/").replace(f"{root}/", "")


def _ask_one(command: CompileCommand, build: _Build, batch: _Batch) -> None:
    texts = _State.texts
    root = os.path.abspath(texts.tree.root)
    words = expand_marks(arguments(command.argv), tree=root, gen=build.generated)
    source = os.fsencode(f"{root}/{command.source}")
    unit = TranslationUnit(source, [os.fsencode(word) for word in words], _State.unsaved)
    try:
        for answer in answers(unit, texts, batch.searched):
            batch.answers.setdefault(answer, set()).add(command.configuration)
        batch.seen.update(path for name in unit.files if (path := texts.path(name)))
    finally:
        unit.close()
    batch.parsed += 1
