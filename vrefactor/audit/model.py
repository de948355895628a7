"""What an audit answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is wrong with a place."""

    ENTRY = "entry"
    """A function that is called without a stack needs one."""
    KEPT = "kept"
    """A way out of a function leaves its stack set."""
    UNSET = "unset"
    """A stack is restored that was not set."""
    SPLIT = "split"
    """A stack is set, or restored, on some ways only."""
    LOOP = "loop"
    """A loop over all stacks runs within another."""
    CALLOUT = "callout"
    """The callout of a stack is armed without it."""
    LINK = "link"
    """Memory of a stack is linked into a list of all."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A place that a person must look at.

    `line` counts from 1.  `chain` is how it comes about, from the outermost cause to the place
    itself: one text a link.
    """

    path: str
    line: int
    kind: Kind
    name: str
    what: str
    chain: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Unknown:
    """A function that needs a stack, and that is handed over in a way that no rule names."""

    name: str
    path: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Audit:
    """All findings, in order of their places, and what could not be told.

    `names` counts the V_ names of the tree, `uses` their uses, `entries` the functions that
    need a stack and are handed over in a way that rules name; `unknown` are the other ones.
    """

    findings: tuple[Finding, ...]
    names: int
    uses: int
    entries: int
    unknown: tuple[Unknown, ...] = ()
    notes: tuple[str, ...] = ()
