"""What a step answers: a plan.  Steps plan; they never write."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from vrefactor.index.index import Variable
from vrefactor.source.edits import Edit, NewFile


class Verdict(StrEnum):
    """What became of a candidate."""

    REWRITTEN = "rewritten"
    SKIPPED = "skipped"
    REFUSED = "refused"


class Skip(StrEnum):
    """Why a candidate is not a site of the step: it is something else, or it must stay.

    The reasons are its subclasses: `plan.reasons`, and a module `reasons` of each step.
    """


class Refusal(StrEnum):
    """Why a site can't be decided by machine.  The reasons are its subclasses."""


class Evidence(StrEnum):
    """How a rewritten site is known to denote the variable."""

    BOUND = "bound"
    COMPILED = "compiled"
    EXPANDED = "expanded"


Reason = Skip | Refusal | Evidence
"""What goes with a verdict."""


def verdict_of(reason: Reason) -> Verdict:
    """Return the verdict that a reason is one for."""
    if isinstance(reason, Skip):
        return Verdict.SKIPPED
    return Verdict.REFUSED if isinstance(reason, Refusal) else Verdict.REWRITTEN


@dataclass(frozen=True, slots=True, order=True)
class Site:
    """A candidate with its verdict.  `start` is a byte offset, `line` counts from 1.

    `configurations` are those in which a compiler's front end says the same of it.
    """

    path: str
    start: int
    line: int
    name: str
    verdict: Verdict
    reason: Reason
    detail: str = ""
    configurations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """What a person must look at though the step has done its work.

    `line` counts from 1.  `chain` is how it comes about, from the outermost cause to the place
    itself: one text a link.
    """

    path: str
    line: int
    name: str
    what: str
    chain: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole answer of one step on one tree; nothing has been written.

    `whole` are the variables of which every token is to be a site of the plan.
    """

    step: str
    title: str
    edits: tuple[Edit, ...]
    new_files: tuple[NewFile, ...]
    sites: tuple[Site, ...]
    notes: tuple[str, ...] = ()
    whole: frozenset[Variable] = frozenset()
    findings: tuple[Finding, ...] = ()

    @property
    def refused(self) -> tuple[Site, ...]:
        """The sites that the step could not decide."""
        return tuple(site for site in self.sites if site.verdict is Verdict.REFUSED)

    def count(self, verdict: Verdict) -> int:
        """Return how many sites have this verdict."""
        return sum(site.verdict is verdict for site in self.sites)

    def skipped(self) -> Counter[str]:
        """Return how many candidates were skipped, by reason."""
        return Counter(str(site.reason) for site in self.sites if site.verdict is Verdict.SKIPPED)
