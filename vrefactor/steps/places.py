"""Where the sites of several steps are in the tree that the first of them starts from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vrefactor.plan.model import Verdict
from vrefactor.source.compose import Splice
from vrefactor.steps.series import Stage


def rewritten_places(stages: Sequence[Stage]) -> tuple[tuple[str, int], ...]:
    """Return the path and line (from 1) of each rewritten site, in order, each place once.

    Sites in files that an earlier one of these steps has made are left out: the tree that the
    first starts from does not have them.
    """
    return tuple(sorted({place for stage in stages for place in _places(stages[0], stage)}))


def _places(first: Stage, stage: Stage) -> Iterator[tuple[str, int]]:
    changes = stage.before.changes_since(first.before)
    for site in stage.plan.sites:
        if site.verdict is not Verdict.REWRITTEN:
            continue
        change = changes.get(site.path)
        if change is None:
            yield site.path, site.line
        elif change.before is not None:
            start = _base_offset(change.splices, site.start)
            yield site.path, change.before.count(b"\n", 0, start) + 1


def _base_offset(splices: Sequence[Splice], offset: int) -> int:
    """Return where a byte of the later version is in the base; in new text, where that went in."""
    moved = 0
    for start, end, text in splices:
        if offset < start + moved:
            break
        if offset < start + moved + len(text):
            return start
        moved += len(text) - (end - start)
    return offset - moved
