"""A fetched kernel, if VREFACTOR_SYS names one: libclang agrees, and finds what is planted."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

from tests.confirm.test_planted import PLANTED, Asked
from tests.steps.support import PARALLEL, run_step1
from vrefactor.build.options import BuildOptions
from vrefactor.build.plans import build_plans
from vrefactor.confirm.run import confirm
from vrefactor.plan.evidence import names_of, with_evidence
from vrefactor.plan.model import Evidence
from vrefactor.rules import choose
from vrefactor.source.tree import Tree

SYS = os.environ.get("VREFACTOR_SYS")
SEEDS = range(20)

pytestmark = pytest.mark.skipif(not SYS, reason="VREFACTOR_SYS names no kernel tree")


@pytest.fixture(scope="module")
def asked() -> Asked:
    root = Path(str(SYS))
    tree = Tree.open(root)
    rules = choose(tree, tree.read, None, root)
    folders = ("net", "netinet", "netinet6", "netipsec", "netgraph")
    there = {path.split("/")[0] for path in tree.paths if path.endswith(".c")}
    also = tuple(f"{name}/**/*.c" for name in folders if name in there)
    building = BuildOptions(kernconfs=("LINT", "GENERIC"), also=also)
    stage = run_step1(tree, rules, PARALLEL)
    plans = build_plans(tree, rules, building, assertions=True)
    return Asked(stage, confirm(tree, plans, names_of(stage.plan, stage.table), jobs=2).tokens)


def test_nothing_is_contradicted(asked: Asked) -> None:
    evident = with_evidence(asked.stage.plan, asked.stage.table, asked.tokens)
    assert evident.contradictions == ()
    assert evident.counts[Evidence.COMPILED] > 10 * evident.counts[Evidence.BOUND]


def test_planted_errors_are_found(asked: Asked) -> None:
    for plant in PLANTED:
        for seed in SEEDS:
            falsified, site = plant(asked, Random(seed))
            assert asked.contradicted(falsified) == [(site.path, site.start)], f"{seed}: {site}"
