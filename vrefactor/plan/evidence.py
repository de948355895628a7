"""Comparing what a compiler says of each token with the verdicts of a plan."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from vrefactor.c.preprocess.lexer import words
from vrefactor.index.compiled_tokens import CompiledToken, Entity
from vrefactor.index.index import Variable
from vrefactor.plan.model import Evidence, Plan, Site, Verdict
from vrefactor.plan.reasons import CommonSkip
from vrefactor.plan.symbols import SymbolTable
from vrefactor.source.edits import Edit

_SOMETHING_ELSE = frozenset(
    {
        CommonSkip.TAG,
        CommonSkip.MEMBER,
        CommonSkip.LABEL,
        CommonSkip.LOCAL,
        CommonSkip.PARAMETER,
        CommonSkip.TYPE,
        CommonSkip.MACRO_PARAMETER,
        CommonSkip.FOREIGN,
    }
)
"""The reasons that say that a token does not denote the variable; the others say why it stays."""


@dataclass(frozen=True, slots=True, order=True)
class Contradiction:
    """A token of which the plan and the other front end say different things."""

    path: str
    line: int
    start: int
    name: str
    ours: str
    theirs: str
    configurations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evident:
    """A plan whose sites say how they are known, and what contradicts it."""

    plan: Plan
    contradictions: tuple[Contradiction, ...]
    counts: Counter[Evidence]
    """How many rewritten tokens of variables are known in each way."""


def names_of(plan: Plan, table: SymbolTable) -> frozenset[str]:
    """Return the spellings of the variables that a plan is about.

    There are none if the sites of the step are no tokens of variables: nothing is to be asked.
    """
    names = frozenset(variable.name for variable in _subjects(plan, table))
    asked = bool(plan.whole) or any(site.name in names for site in plan.sites)
    return names if asked else frozenset()


def _subjects(plan: Plan, table: SymbolTable) -> frozenset[Variable]:
    return plan.whole or frozenset(table.by_variable)


def with_evidence(plan: Plan, table: SymbolTable, compiled: Iterable[CompiledToken]) -> Evident:
    """Mark the sites that the `compiled` tokens agree with, and find those that they contradict.

    A rewritten site must be the variable that its edit says, and no other.  A site skipped as
    something else must not be a variable that the plan is about, nor one skipped as a
    declaration be a use.  A token of a variable that is a matter of the plan as a `whole` must
    be a site.
    """
    by_place: defaultdict[tuple[str, int], list[CompiledToken]] = defaultdict(list)
    for token in compiled:
        by_place[token.path, token.start].append(token)
    expected = _Expected(plan, table)
    sites: list[Site] = []
    found: list[Contradiction] = []
    for site in plan.sites:
        heard = by_place.pop((site.path, site.start), [])
        wrong = [
            other_token for other_token in heard if not _agrees(site, other_token.entity, expected)
        ]
        found += [_contradiction(other_token, site) for other_token in wrong]
        sites.append(
            _marked(site, [other_token for other_token in heard if other_token not in wrong])
        )
    for rest in by_place.values():
        found += [
            _contradiction(other_token)
            for other_token in rest
            if other_token.entity.variable in plan.whole
        ]
    names = names_of(plan, table)
    counts = Counter(
        site.reason for site in sites if isinstance(site.reason, Evidence) and site.name in names
    )
    return Evident(replace(plan, sites=tuple(sites)), tuple(sorted(found)), counts)


class _Expected:
    """Which variables a rewritten site may be, by what its edit makes of it."""

    def __init__(self, plan: Plan, table: SymbolTable) -> None:
        self.variables = _subjects(plan, table)
        self._macros = table.macros
        self._edits: dict[tuple[str, int], Edit] = {}
        for edit in plan.edits:
            for at in {edit.start, *range(edit.start, edit.end)}:
                self._edits[edit.path, at] = edit

    def of(self, site: Site) -> set[Variable]:
        """Return the variable of the macro that the site becomes; else those of its name."""
        edit = self._edits.get((site.path, site.start))
        named = set() if edit is None else self._made(edit, site)
        return named or {variable for variable in self.variables if variable.name == site.name}

    def _made(self, edit: Edit, site: Site) -> set[Variable]:
        """Return the variables whose macros stand in the text that the edit makes."""
        kept = site.name.encode() if edit.end <= site.start else b""
        made = {word.decode() for word in words(edit.replacement + kept)}
        return {known.variable for macro, known in self._macros.items() if macro in made}


def _agrees(site: Site, entity: Entity, expected: _Expected) -> bool:
    if site.verdict is Verdict.REWRITTEN:
        return entity.variable in expected.of(site)
    if site.verdict is Verdict.REFUSED or entity.variable not in expected.variables:
        return True
    if site.reason is CommonSkip.DECLARATION:
        return entity.declares
    return site.reason not in _SOMETHING_ELSE


def _marked(site: Site, heard: Sequence[CompiledToken]) -> Site:
    """Return the site with the evidence of compiled tokens that agree with it."""
    if not heard:
        return site
    configurations = tuple(sorted({name for token in heard for name in token.configurations}))
    if site.verdict is not Verdict.REWRITTEN:
        return replace(site, configurations=configurations)
    direct = any(not token.expanded for token in heard)
    evidence = Evidence.COMPILED if direct else Evidence.EXPANDED
    return replace(site, reason=evidence, configurations=configurations)


def _contradiction(token: CompiledToken, site: Site | None = None) -> Contradiction:
    ours = "not a candidate" if site is None else f"{site.verdict} ({site.reason})"
    theirs = str(token.entity) + (" (where the macro is used)" if token.expanded else "")
    name = token.entity.name if site is None else site.name
    return Contradiction(
        token.path, token.line, token.start, name, ours, theirs, token.configurations
    )
