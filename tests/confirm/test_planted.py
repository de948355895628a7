"""Errors planted in a plan, at random places: libclang's word finds each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import pytest

from tests.confirm.asking import plan_of
from tests.source.helpers import open_tree
from tests.steps.support import rules_for, run_step1
from vrefactor.build.model import BuildPlan
from vrefactor.build.table import table_plan
from vrefactor.confirm.run import confirm
from vrefactor.index.compiled_tokens import CompiledToken
from vrefactor.plan.evidence import names_of, with_evidence
from vrefactor.plan.model import Evidence, Plan, Site, Verdict
from vrefactor.plan.reasons import CommonSkip
from vrefactor.rules import choose
from vrefactor.source.edits import Edit
from vrefactor.source.tree import Tree
from vrefactor.steps.series import Stage

MINIKERN = Path(__file__).parent.parent.parent / "examples" / "minikern"
SEEDS = range(100)

SYMBOLS = {"ifnet": "net/if.c", "ipstat": "net/ip.c", "count": "net/if.c", "twin": "net/if.c"}
PROGRAM = {
    "net/if.h": b"struct ifnet { int ifnet; struct ifnet *next; };\n"
    b"extern struct ifnet *ifnet;\nextern int count;\n"
    b"#define FIRST() (ifnet)\n#define EACH(p) for ((p) = ifnet; (p); (p) = (p)->next)\n"
    b"static inline int counted(void) { return count; }\n",
    "net/if.c": b"#include <net/if.h>\nstruct ifnet *ifnet;\nint count;\nstatic int twin;\n"
    b"int add(struct ifnet *p) { p->next = ifnet; ifnet = p; count++; return 0; }\n"
    b"int get(struct ifnet *p) { twin = p->ifnet; return twin; }\n"
    b"int walk(int count) { struct ifnet *p; EACH(p) count++; return count + FIRST()->ifnet; }\n",
    "net/ip.c": b"#include <net/if.h>\nstruct ipstat { int count; };\nstruct ipstat ipstat;\n"
    b"static int twin;\n"
    b"void in(void) { ipstat.count++; count -= sizeof(ipstat); twin = count + counted(); }\n"
    b"int out(struct ipstat *ipstat) { int twin = ipstat->count; return twin; }\n"
    b"void end(void) { goto ifnet; ifnet: ; }\n",
}


@dataclass(frozen=True)
class Asked:
    """A planned tree, and what libclang says of it."""

    stage: Stage
    tokens: tuple[CompiledToken, ...]

    def sites(self, verdict: Verdict) -> list[Site]:
        """Return the sites of that verdict of which libclang says something."""
        heard = {(token.path, token.start) for token in self.tokens}
        sites = self.stage.plan.sites
        return [
            site for site in sites if site.verdict is verdict and (site.path, site.start) in heard
        ]

    def contradicted(self, plan: Plan) -> list[tuple[str, int]]:
        found = with_evidence(plan, self.stage.table, self.tokens).contradictions
        return [(contradiction.path, contradiction.start) for contradiction in found]


def _asked(stage: Stage, build: BuildPlan) -> Asked:
    heard = confirm(stage.before, [build], names_of(stage.plan, stage.table), jobs=2)
    assert not heard.failures
    return Asked(stage, heard.tokens)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    tree = open_tree(tmp_path_factory.mktemp("small") / "tree", PROGRAM)
    return _asked(run_step1(tree, rules_for(SYMBOLS)), plan_of(tree))


@pytest.fixture(scope="module")
def minikern() -> Asked:
    tree = Tree.open(MINIKERN)
    rules = choose(tree, tree.read, None, MINIKERN)
    assert rules.build is not None
    return _asked(run_step1(tree, rules), table_plan(tree, rules.build))


@pytest.fixture(params=["small", "minikern"])
def asked(request: pytest.FixtureRequest) -> Asked:
    found: Asked = request.getfixturevalue(request.param)
    return found


def _with(plan: Plan, old: Site, new: Site | None, edit: Edit | None) -> Plan:
    """Return the plan with one site and its edit exchanged."""
    edits = [
        other_edit
        for other_edit in plan.edits
        if (other_edit.path, other_edit.start) != (old.path, old.start)
    ]
    sites = [site for site in plan.sites if site != old]
    return replace(
        plan,
        edits=tuple(sorted([*edits, edit] if edit else edits)),
        sites=tuple(sorted([*sites, new] if new else sites)),
    )


def _rewrite_something_else(asked: Asked, random: Random) -> tuple[Plan, Site]:
    others = {
        CommonSkip.LOCAL,
        CommonSkip.PARAMETER,
        CommonSkip.MEMBER,
        CommonSkip.TAG,
        CommonSkip.LABEL,
        CommonSkip.FOREIGN,
    }
    chosen = [site for site in asked.sites(Verdict.SKIPPED) if site.reason in others]
    site = random.choice(chosen)
    falsified = replace(site, verdict=Verdict.REWRITTEN, reason=Evidence.BOUND)
    edit = Edit(site.path, site.start, site.start, b"V_", "prefix", "planted")
    return _with(asked.stage.plan, site, falsified, edit), site


def _take_a_wrong_global(asked: Asked, random: Random) -> tuple[Plan, Site]:
    site = random.choice(asked.sites(Verdict.REWRITTEN))
    macros = sorted(known.macro for known in asked.stage.table.by_variable.values())
    edits = asked.stage.plan.edits
    # A static twin's macro is not just the prefix and its name.
    right = {
        other_edit.replacement.decode() for other_edit in edits if other_edit.path == site.path
    }
    right.add(f"V_{site.name}")
    wrong = random.choice([macro for macro in macros if macro not in right])
    end = site.start + len(site.name)
    edit = Edit(site.path, site.start, end, wrong.encode(), "prefix", "planted")
    return _with(asked.stage.plan, site, site, edit), site


def _drop_a_use(asked: Asked, random: Random) -> tuple[Plan, Site]:
    site = random.choice(asked.sites(Verdict.REWRITTEN))
    return _with(asked.stage.plan, site, None, None), site


def _skip_a_use(asked: Asked, random: Random) -> tuple[Plan, Site]:
    site = random.choice(asked.sites(Verdict.REWRITTEN))
    wrong = (
        CommonSkip.LOCAL,
        CommonSkip.TAG,
        CommonSkip.MEMBER,
        CommonSkip.PARAMETER,
        CommonSkip.FOREIGN,
        CommonSkip.DECLARATION,
    )
    skipped = replace(site, verdict=Verdict.SKIPPED, reason=random.choice(wrong))
    return _with(asked.stage.plan, site, skipped, None), site


PLANTED = (_rewrite_something_else, _take_a_wrong_global, _drop_a_use, _skip_a_use)


def test_the_true_plan_is_not_contradicted(asked: Asked) -> None:
    evident = with_evidence(asked.stage.plan, asked.stage.table, asked.tokens)
    assert evident.contradictions == ()
    assert evident.counts[Evidence.COMPILED] > evident.counts[Evidence.BOUND]
    assert evident.counts[Evidence.EXPANDED] > 0


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_error_is_found(
    plant: Callable[[Asked, Random], tuple[Plan, Site]], asked: Asked
) -> None:
    for seed in SEEDS:
        falsified, site = plant(asked, Random(seed))
        assert asked.contradicted(falsified) == [(site.path, site.start)], f"seed {seed}: {site}"


def test_statics_of_other_files_are_told_apart(small: Asked) -> None:
    foreign = [site for site in small.sites(Verdict.SKIPPED) if site.reason is CommonSkip.FOREIGN]
    assert {(site.path, site.name) for site in foreign} == {("net/ip.c", "twin")}
