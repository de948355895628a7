"""Workers: the same answers, in the same order, however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.index.building import index_at, index_of
from vrefactor.errors import VrefactorErrors
from vrefactor.index.pool import RunOptions, Workers, batches

FILES = {
    f"net/{at:02}.c": f"extern int foo;\nint f{at}(void) {{ return foo; }}\n" for at in range(40)
}


def nothing() -> None:
    """Start a worker."""


def shout(batch: Sequence[str], mark: str) -> list[str]:
    """Do what a worker does."""
    return [path.upper() + mark for path in batch]


def fail(batch: Sequence[str]) -> None:
    """Fail in a worker."""
    raise ValueError(batch[0])


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_order(jobs: int) -> None:
    workers = Workers(jobs, nothing)
    try:
        assert list(workers.map(shout, [["b", "a"], ["c"]], "!?")) == [["B!", "A!"], ["C?"]]
        assert list(workers.map(shout, [], "!")) == []
    finally:
        workers.close()


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_comes_through(jobs: int) -> None:
    workers = Workers(jobs, nothing)
    try:
        with pytest.raises(ValueError, match="x"):
            list(workers.map(fail, [["x"]]))
    finally:
        workers.close()


@pytest.mark.parametrize(
    ("sizes", "runs"),
    [
        ([], []),
        ([10], ["a"]),
        ([5000, 5000, 5000], ["ab", "c"]),
        ([90000, 1, 1], ["a", "bc"]),
    ],
    ids=["none", "one", "two fit", "a big one"],
)
def test_batches(sizes: list[int], runs: list[str]) -> None:
    names = "abcdef"[: len(sizes)]
    found = batches(list(names), lambda path: sizes[names.index(path)], most=10000)
    assert ["".join(run) for run in found] == runs


def test_jobs_do_not_matter(tmp_path: Path) -> None:
    alone = index_of(tmp_path / "tree", FILES).facts
    together = index_at(tmp_path / "tree", options=RunOptions(jobs=2, cache=False)).facts
    assert list(together.items()) == list(alone.items())


@pytest.mark.parametrize("jobs", [1, 2])
def test_all_errors_at_once(tmp_path: Path, jobs: int) -> None:
    broken = {"z.c": "foo /*", "b.c": "#if foo\n", "c.h": "\0"}
    with pytest.raises(VrefactorErrors) as caught:
        index_of(tmp_path / "tree", FILES | broken, options=RunOptions(jobs=jobs, cache=False))
    assert [error.path for error in caught.value.errors] == ["b.c", "c.h", "z.c"]
