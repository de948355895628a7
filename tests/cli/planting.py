"""Planting errors into the result of a step, at random but the same in every run."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from vrefactor.plan.model import Evidence, Plan, Site, Verdict
from vrefactor.plan.reasons import CommonSkip
from vrefactor.source.edits import Edit
from vrefactor.source.tree import Tree
from vrefactor.steps.series import Stage

_WORD = re.compile(rb"\w+")
_LOCAL = re.compile(rb"^\t(?:(?:struct|const|register) )*\w+ \**(\w+)[;,=[ ]", re.M)
_ASSIGNMENT = re.compile(rb"[^=!<>]=[^=]|\+\+|--")
_CONTROL = re.compile(rb"[ \t]*(?:\}|return\b|goto\b|break\b|if\b|else\b|for\b|while\b)")


@dataclass(frozen=True, slots=True)
class Spot:
    """A rewritten site in a file as the step left it: `start` is where its new name stands."""

    site: Site
    text: bytes
    start: int

    @property
    def word(self) -> tuple[int, int]:
        """Where the new name starts and ends."""
        found = _WORD.match(self.text, self.start)
        assert found is not None
        return found.span()

    @property
    def line(self) -> tuple[int, int]:
        """Where the line starts, and where the next one does."""
        start = self.text.rfind(b"\n", 0, self.start) + 1
        return start, self.text.find(b"\n", self.start) + 1


Splice = tuple[int, int, bytes]
Kind = Callable[[Spot, random.Random, list[bytes]], Splice | None]
"""Spoils the text at a spot, given the macros of all variables; None if it can't be done there."""


def spots(stage: Stage, compiled: Iterable[tuple[str, int]]) -> dict[str, list[Spot]]:
    """Return the sites on `compiled` lines of .c files, by file."""
    lines = set(compiled)
    changes = stage.after.changes_since(stage.before)
    found: dict[str, list[Spot]] = {}
    for site in stage.plan.sites:
        if site.verdict is not Verdict.REWRITTEN or (site.path, site.line) not in lines:
            continue
        if site.path.endswith(".c"):
            change = changes[site.path]
            moved = sum(
                len(splice.text) - (splice.end - splice.start)
                for splice in change.splices
                if splice.end <= site.start and splice.start < site.start
            )
            found.setdefault(site.path, []).append(Spot(site, change.after, site.start + moved))
    return found


def wrong_global(spot: Spot, rng: random.Random, macros: list[bytes]) -> Splice | None:
    """Another global's macro where this one belongs; under `sizeof` it could be as large."""
    if b"sizeof" in spot.text[slice(*spot.line)]:
        return None
    start, end = spot.word
    return start, end, rng.choice([macro for macro in macros if macro != spot.text[start:end]])


def prefixed_local(spot: Spot, rng: random.Random, macros: list[bytes]) -> Splice | None:
    """A global's macro in place of a local variable on the same line."""
    head = spot.text.rfind(b"\n{", 0, spot.start)
    names = set(_LOCAL.findall(spot.text, head, spot.start))
    start, end = spot.line
    words = [word for word in _WORD.finditer(spot.text, start, end) if word[0] in names]
    if not words:
        return None
    word = rng.choice(words)
    return word.start(), word.end(), rng.choice(macros)


def dropped_line(spot: Spot, rng: random.Random, macros: list[bytes]) -> Splice | None:
    """The whole line gone."""
    return *spot.line, b""


def moved_line(spot: Spot, rng: random.Random, macros: list[bytes]) -> Splice | None:
    """An assignment behind the line of control flow that follows it."""
    start, end = spot.line
    after = spot.text.find(b"\n", end) + 1
    line, following = spot.text[start:end], spot.text[end:after]
    if after == 0 or not (_ASSIGNMENT.search(line) and _CONTROL.match(following)):
        return None
    return start, after, following + line


def plant(
    stage: Stage, kind: Kind, found: dict[str, list[Spot]], seed: int
) -> tuple[Tree, dict[str, Splice]]:
    """Plant one error of a kind in every file that has room for it; return them by file."""
    macros = sorted(known.macro.encode() for known in stage.table.by_variable.values())
    planted: dict[str, Splice] = {}
    for path, places in sorted(found.items()):
        rng = random.Random(f"{kind.__name__} {path} {seed}")
        for spot in rng.sample(places, len(places)):
            splice = kind(spot, rng, macros)
            if splice is not None:
                planted[path] = splice
                break
    edits = [Edit(path, *splice, "planted", "an error") for path, splice in planted.items()]
    return stage.after.with_plan(edits), planted


def forgotten(stage: Stage, rng: random.Random, compiled: list[Site]) -> tuple[Plan, Site]:
    """Return the plan with a use taken for a local variable, and left alone."""
    site = rng.choice(compiled)
    spoilt = replace(site, verdict=Verdict.SKIPPED, reason=CommonSkip.LOCAL)
    sites = tuple(spoilt if other_site == site else other_site for other_site in stage.plan.sites)
    edits = tuple(edit for edit in stage.plan.edits if not _is_at(edit, site))
    return replace(stage.plan, edits=edits, sites=sites), site


def mistaken(stage: Stage, rng: random.Random, compiled: list[Site]) -> tuple[Plan, Site]:
    """Return the plan with the macro of another variable at a site."""
    site = rng.choice(compiled)
    own = {
        known.macro
        for known in stage.table.by_variable.values()
        if known.variable.name == site.name
    }
    others = {known.macro for known in stage.table.by_variable.values()} - own
    wrong = rng.choice(sorted(others)).encode()
    end = site.start + len(site.name)
    edits = tuple(
        replace(edit, end=end, replacement=wrong) if _is_at(edit, site) else edit
        for edit in stage.plan.edits
    )
    return replace(stage.plan, edits=edits), site


def taken(stage: Stage, rng: random.Random, others: list[Site]) -> tuple[Plan, Site]:
    """Return the plan with something that has a global's name prefixed as if it were the global."""
    site = rng.choice(others)
    spoilt = replace(site, verdict=Verdict.REWRITTEN, reason=Evidence.BOUND)
    sites = tuple(spoilt if other_site == site else other_site for other_site in stage.plan.sites)
    prefix = Edit(site.path, site.start, site.start, b"V_", stage.plan.step, "planted")
    return replace(stage.plan, edits=(*stage.plan.edits, prefix), sites=sites), site


def _is_at(edit: Edit, site: Site) -> bool:
    return edit.path == site.path and edit.start == site.start and bool(edit.replacement.strip())
