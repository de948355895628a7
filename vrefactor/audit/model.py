"""What an audit answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FindingKind(StrEnum):
    """What is wrong with a place."""

    ENTRY = "entry"
    """A function that is called without a stack needs one."""
    KEPT = "kept"
    """A way out of a function leaves its stack set."""
    UNSET = "unset"
    """A stack is restored that was not set."""
    SPLIT = "split"
    """A stack is set, or restored, on some paths only."""
    LOOP = "loop"
    """A loop over all stacks runs within another."""
    CALLOUT = "callout"
    """The callout of a stack is armed without it."""
    LINK = "link"
    """Memory of a stack is linked into a list of all."""


@dataclass(frozen=True, slots=True, order=True)
class AuditFinding:
    """A place that a person must look at.

    `line` counts from 1.  `chain` is how it comes about, from the outermost cause to the place
    itself: one text a link.
    """

    path: str
    line: int
    kind: FindingKind
    name: str
    what: str
    chain: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JudgedPlace:
    """A finding with the candidates that it is about: their files and byte offsets."""

    finding: AuditFinding
    candidates: tuple[tuple[str, int], ...]


class AuditSubject(StrEnum):
    """What can be right or wrong."""

    USE = "use"
    """A name that needs a stack, in the text of a function."""
    ENTRY = "entry point"
    """An address-taken function that needs a stack from its caller."""
    PAIR = "SET or RESTORE"
    LOOP = "loop"
    CALLOUT = "callout"
    """A call that arms a callout."""
    LINK = "link"
    """A call that links an element into a list."""


class AuditVerdict(StrEnum):
    """What became of a candidate."""

    FINE = "fine"
    FINDING = "finding"
    ACCEPTED = "accepted"
    """The rules say why it does not matter."""
    UNKNOWN = "unknown"
    """It could not be told."""


@dataclass(frozen=True, slots=True, order=True)
class AuditCandidate:
    """A place that was judged.

    `line` counts from 1.  `reason` says why, `detail` what is special to this one.
    """

    path: str
    line: int
    subject: AuditSubject
    name: str
    verdict: AuditVerdict
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Audit:
    """All findings and all candidates, in order of their places.

    `names` counts the V_ names of the tree; `notes` say what was not, or not wholly, read.
    """

    findings: tuple[AuditFinding, ...]
    candidates: tuple[AuditCandidate, ...]
    names: int
    notes: tuple[str, ...] = ()
