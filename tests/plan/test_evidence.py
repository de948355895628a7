"""Verdicts and what a compiler says, side by side: what agrees, and what is a contradiction."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.source.helpers import edit
from tests.steps.support import CONTAINER
from vrefactor.index.compiled_tokens import CompiledToken, Entity, EntityKind
from vrefactor.index.index import Variable
from vrefactor.plan.evidence import Evident, names_of, with_evidence
from vrefactor.plan.model import Evidence, Plan, Refusal, Site, Skip, Verdict
from vrefactor.plan.reasons import CommonRefusal, CommonSkip
from vrefactor.plan.symbols import SymbolTable, Virtualised
from vrefactor.rules import Symbol
from vrefactor.source.edits import Edit


def _virtualised(name: str, file: str = "") -> Virtualised:
    symbol = Symbol(name=name, file=file or "a.c", container="vnet_net", origin=("toy.toml", 1))
    return Virtualised(symbol, CONTAINER, Variable(name, file), f"V_{name}")


TABLE = SymbolTable(
    {
        known.variable: known
        for known in (_virtualised("x"), _virtualised("y"), _virtualised("s", "a.c"))
    }
)
X = Entity(EntityKind.VARIABLE, "x")
Y = Entity(EntityKind.VARIABLE, "y")
DECLARED = Entity(EntityKind.VARIABLE, "x", declares=True)
LOCAL = Entity(EntityKind.LOCAL, "x")
TAG = Entity(EntityKind.TAG, "x")
OTHER_FILE = Entity(EntityKind.VARIABLE, "x", "b.c")
OWN_FILE = Entity(EntityKind.VARIABLE, "s", "a.c")
FOREIGN_FILE = Entity(EntityKind.VARIABLE, "s", "b.c")

Given = tuple[Verdict, Skip | Refusal | Evidence] | None
REWRITTEN_SITE = (Verdict.REWRITTEN, Evidence.BOUND)
REWRITTEN: Given = REWRITTEN_SITE


def _skipped(reason: Skip) -> Given:
    return Verdict.SKIPPED, reason


def _laid(
    verdict: Given,
    *entities: Entity,
    name: str = "x",
    edits: tuple[Edit, ...] = (),
    expanded: bool = False,
) -> Evident:
    sites = () if verdict is None else (Site("a.c", 7, 2, name, *verdict),)
    plan = Plan("prefix", "a test", edits, (), sites, whole=frozenset(TABLE.by_variable))
    tokens = [CompiledToken("a.c", 7, 2, entity, expanded, ("LINT",)) for entity in entities]
    return with_evidence(plan, TABLE, tokens)


AGREE: dict[str, tuple[Given, tuple[Entity, ...]]] = {
    "nothing is said": (REWRITTEN, ()),
    "a use": (REWRITTEN, (X,)),
    "a declaration that a later step rewrites": (REWRITTEN, (DECLARED,)),
    "a tag": (_skipped(CommonSkip.TAG), (TAG,)),
    "a local": (_skipped(CommonSkip.LOCAL), (LOCAL,)),
    "a local that libclang takes for a tag: neither is the variable": (
        _skipped(CommonSkip.LOCAL),
        (TAG,),
    ),
    "another file's static": (_skipped(CommonSkip.FOREIGN), (OTHER_FILE,)),
    "a declaration": (_skipped(CommonSkip.DECLARATION), (DECLARED,)),
    "the argument of a sysctl": (_skipped(CommonSkip.SYSCTL), (X,)),
    "kept by rule": (_skipped(CommonSkip.KEPT), (X,)),
    "refused": ((Verdict.REFUSED, CommonRefusal.STRINGISED), (X, LOCAL)),
    "no candidate, and not the variable": (None, (TAG, OTHER_FILE)),
}

CONTRADICT: dict[str, tuple[Given, tuple[Entity, ...]]] = {
    "rewritten, but a local": (REWRITTEN, (LOCAL,)),
    "rewritten, but a tag": (REWRITTEN, (TAG,)),
    "rewritten, but another file's static": (REWRITTEN, (OTHER_FILE,)),
    "rewritten, but another variable": (REWRITTEN, (Y,)),
    "rewritten, and the variable in one unit only": (REWRITTEN, (X, LOCAL)),
    "skipped as a local, but the variable": (_skipped(CommonSkip.LOCAL), (X,)),
    "skipped as a tag, but the variable": (_skipped(CommonSkip.TAG), (X,)),
    "skipped as a foreign static, but the variable": (_skipped(CommonSkip.FOREIGN), (X,)),
    "skipped as a declaration, but a use": (_skipped(CommonSkip.DECLARATION), (X,)),
    "no candidate, but the variable": (None, (X,)),
}


@pytest.mark.parametrize("case", AGREE)
def test_agreement(case: str) -> None:
    verdict, entities = AGREE[case]
    assert _laid(verdict, *entities).contradictions == ()


@pytest.mark.parametrize("case", CONTRADICT)
def test_contradiction(case: str) -> None:
    verdict, entities = CONTRADICT[case]
    (found,) = _laid(verdict, *entities).contradictions
    assert (found.path, found.line, found.start, found.name) == ("a.c", 2, 7, "x")
    assert found.configurations == ("LINT",)


def test_a_contradiction_has_both_readings() -> None:
    (found,) = _laid(REWRITTEN, LOCAL).contradictions
    assert (found.ours, found.theirs) == ("rewritten (bound)", "local variable `x`")


def test_a_static_is_known_by_its_file() -> None:
    assert not _laid(REWRITTEN, OWN_FILE, name="s").contradictions
    assert _laid(REWRITTEN, FOREIGN_FILE, name="s").contradictions


@pytest.mark.parametrize(
    ("change", "agrees"),
    [
        (edit("a.c", 7, 7, b"V_"), True),
        (edit("a.c", 7, 8, b"V_x"), True),
        (edit("a.c", 5, 9, b"f(V_x"), True),
        (edit("a.c", 7, 7, b"\n\t    V_"), True),
        (edit("a.c", 7, 8, b"INIT(x)"), True),
        (edit("a.c", 7, 8, b"V_y"), False),
        (edit("a.c", 7, 8, b"(V_y)"), False),
    ],
)
def test_the_edit_says_which_variable_is_meant(change: Edit, agrees: bool) -> None:
    assert (not _laid(REWRITTEN, X, edits=(change,)).contradictions) == agrees


def test_a_plan_may_be_about_other_variables_than_the_virtualised() -> None:
    twin = Variable("x", "b.c")
    site = Site("b.c", 7, 2, "x", *REWRITTEN_SITE)
    plan = Plan("statics", "a test", (), (), (site,), whole=frozenset({twin}))
    said = [CompiledToken("b.c", 7, 2, OTHER_FILE, False, ("LINT",))]
    assert not with_evidence(plan, TABLE, said).contradictions
    assert with_evidence(plan, TABLE, [replace(said[0], entity=X)]).contradictions
    elsewhere = replace(said[0], start=20)
    assert with_evidence(plan, TABLE, [elsewhere]).contradictions
    assert not with_evidence(plan, TABLE, [replace(elsewhere, entity=X)]).contradictions


def test_a_plan_need_not_be_about_every_token() -> None:
    plan = Plan("sysctl", "a test", (), (), ())
    said = [CompiledToken("a.c", 7, 2, X, False, ("LINT",))]
    assert not with_evidence(plan, TABLE, said).contradictions


def test_evidence_and_configurations_are_noted() -> None:
    (site,) = _laid(REWRITTEN, X).plan.sites
    assert (site.reason, site.configurations) == (Evidence.COMPILED, ("LINT",))
    (site,) = _laid(REWRITTEN, X, expanded=True).plan.sites
    assert site.reason is Evidence.EXPANDED
    (site,) = _laid(REWRITTEN).plan.sites
    assert (site.reason, site.configurations) == (Evidence.BOUND, ())
    (site,) = _laid(_skipped(CommonSkip.TAG), TAG).plan.sites
    assert (site.reason, site.configurations) == (CommonSkip.TAG, ("LINT",))


def test_a_contradicted_site_is_no_better_known_than_before() -> None:
    evident = _laid(REWRITTEN, LOCAL)
    assert evident.plan.sites[0].reason is Evidence.BOUND
    assert evident.counts == {Evidence.BOUND: 1}


def test_what_is_to_be_asked() -> None:
    token = Site("a.c", 7, 2, "x", *REWRITTEN_SITE)
    function = Site("a.c", 7, 2, "main", *REWRITTEN_SITE)
    whole = frozenset({Variable("z", "b.c")})
    for sites, about, names in (
        ((token,), frozenset[Variable](), {"x", "y", "s"}),
        ((function,), frozenset[Variable](), set[str]()),
        ((), frozenset[Variable](), set[str]()),
        ((), whole, {"z"}),
        ((token,), whole, {"z"}),
    ):
        plan = Plan("a step", "a test", (), (), sites, whole=about)
        assert names_of(plan, TABLE) == names


def test_sites_that_are_no_tokens_are_not_counted() -> None:
    function = Site("a.c", 7, 2, "main", *REWRITTEN_SITE)
    plan = Plan("stubs", "a test", (), (), (function,))
    assert not with_evidence(plan, TABLE, ()).counts
