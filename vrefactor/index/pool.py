"""Workers: the same function over many files, results in the order of the files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vrefactor.errors import SOURCE_NAME, VrefactorError, VrefactorErrors

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor


Report = Callable[[str, int, int], None]
"""Called with what is being done, how many files are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to work: in how many processes, whether to use the cache, and whom to tell."""

    jobs: int = 1
    cache: bool = True
    report: Report = field(default=lambda what, done, total: None)


@dataclass(slots=True)
class Progress:
    """How many of the files are done; who wants to know is told of each advance."""

    report: Report
    what: str
    total: int
    done: int = 0

    def advance(self, files: int) -> None:
        """Count some more files as done."""
        self.done += files
        self.report(self.what, self.done, self.total)


def default_jobs() -> int:
    """Return the number of processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def check_names(paths: Iterable[str]) -> None:
    """Raise VrefactorErrors SOURCE_NAME for names that no answer, cache or report can hold."""
    odd = [path for path in paths if not _is_text(path)]
    if odd:
        shown = [os.fsencode(path).decode("utf-8", "replace") for path in odd]
        raise VrefactorErrors([VrefactorError(SOURCE_NAME, path=path) for path in shown])


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


class Workers:
    """A pool that is started once; with one job the work is done in this process.

    Processes are forked where that is possible, because then they inherit the modules
    and the tree instead of loading them again.
    """

    def __init__(self, jobs: int, initialiser: Callable[..., None], *arguments: object) -> None:
        self._executor: ProcessPoolExecutor | None = None
        if jobs == 1:
            initialiser(*arguments)
            return
        # Loaded here, because many runs find all that they need in the cache.
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor

        methods = multiprocessing.get_all_start_methods()
        context = multiprocessing.get_context("fork" if "fork" in methods else None)
        self._executor = ProcessPoolExecutor(jobs, context, initialiser, arguments)

    def map(
        self,
        function: Callable[..., Any],
        batches: Sequence[Sequence[str]],
        *arguments: Iterable[object],
    ) -> Iterator[Any]:
        """Yield `function(batch, *its arguments)` for each batch, in order, as `map` does."""
        if self._executor is None:
            yield from map(function, batches, *arguments)
            return
        futures: list[Future[Any]] = [
            self._executor.submit(function, *each)
            for each in zip(batches, *arguments, strict=False)
        ]
        for future in futures:
            yield future.result()

    def close(self) -> None:
        """Stop the processes."""
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)


def batches(
    paths: Sequence[str], size: Callable[[str], int], most: int = 1 << 19
) -> list[list[str]]:
    """Cut `paths` into runs of at most about `most` bytes each, keeping their order."""
    result: list[list[str]] = []
    room = 0
    for path in paths:
        if room <= 0:
            result.append([])
            room = most
        result[-1].append(path)
        room -= size(path) + 1024
    return result
