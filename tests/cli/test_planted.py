"""An error planted into step 1 of the example kernel is found: by `verify`, or by `--confirm`."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.cli.planting import (
    Kind,
    dropped_line,
    forgotten,
    mistaken,
    moved_line,
    plant,
    prefixed_local,
    spots,
    taken,
    wrong_global,
)
from vrefactor.build.options import BuildOptions
from vrefactor.build.plans import build_plans
from vrefactor.confirm.run import confirm
from vrefactor.index.compiled_tokens import CompiledToken
from vrefactor.index.pool import RunOptions
from vrefactor.plan.evidence import with_evidence
from vrefactor.plan.model import Plan, Site, Verdict
from vrefactor.plan.reasons import CommonSkip
from vrefactor.rules import choose
from vrefactor.source.tree import Tree
from vrefactor.steps.registry import find
from vrefactor.steps.series import Stage, rewritten_places, run_series
from vrefactor.verify.build_dir import Builds
from vrefactor.verify.report import FINDINGS, VerifyReport
from vrefactor.verify.run import VerifyOptions, build_and_compare

MINIKERN = Path(__file__).resolve().parents[2] / "examples" / "minikern"
HOW = BuildOptions()
SEEDS = 25

needs_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="needs cc")


@dataclass(frozen=True)
class Sound:
    """Step 1 as it is, its builds, and the lines of sites that were compiled."""

    stage: Stage
    builds: Builds
    options: VerifyOptions
    report: VerifyReport

    def verify(self, after: Tree) -> VerifyReport:
        """Compare another result of the step; only what differs is compiled again."""
        return build_and_compare(self.stage.before, after, self.builds, self.options)


def plan_step1() -> tuple[Stage, Builds]:
    tree = Tree.open(MINIKERN)
    rules = choose(tree, tree.read, None, MINIKERN)
    (stage,) = run_series(tree, rules, find("1"), (), RunOptions(jobs=1, cache=False))
    plans = tuple(build_plans(tree, rules, HOW))
    return stage, Builds(plans, plans)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Sound:
    stage, builds = plan_step1()
    build_dir = tmp_path_factory.mktemp("planted") / "build"
    options = VerifyOptions(jobs=2, build_dir=build_dir, allow_uncovered=True)
    places = rewritten_places([stage])
    report = build_and_compare(stage.before, stage.after, builds, replace(options, sites=places))
    return Sound(stage, builds, options, report)


@needs_compiler
@pytest.mark.parametrize("kind", [wrong_global, prefixed_local, dropped_line, moved_line])
def test_verify_finds_what_is_planted(sound: Sound, kind: Kind) -> None:
    """Each object depends on its own .c file and on headers; the errors are in .c files only.

    So all files can have one at once: none hides another.
    """
    assert sound.report.exit_code == 0
    compiled = [
        (coverage.path, coverage.line)
        for coverage in sound.report.coverage
        if coverage.configurations
    ]
    found = spots(sound.stage, compiled)
    planted = 0
    for seed in range(10):
        after, errors = plant(sound.stage, kind, found, seed)
        report = sound.verify(after)
        assert {
            object_report.source
            for object_report in report.objects
            if object_report.verdict in FINDINGS
        } == set(errors)
        planted += len(errors)
        if planted >= SEEDS:
            return
    raise AssertionError(f"only {planted} errors could be planted")


Spoil = Callable[[Stage, random.Random, list[Site]], tuple[Plan, Site]]


@pytest.fixture(scope="module")
def heard() -> tuple[Stage, tuple[CompiledToken, ...]]:
    stage, builds = plan_step1()
    names = {site.name for site in stage.plan.sites} | stage.table.names
    return stage, tuple(confirm(stage.before, builds.before, names, jobs=1).tokens)


@needs_compiler
@pytest.mark.parametrize("spoil", [forgotten, mistaken, taken])
def test_libclang_contradicts_what_is_planted(
    heard: tuple[Stage, tuple[CompiledToken, ...]], spoil: Spoil
) -> None:
    stage, tokens = heard
    assert not with_evidence(stage.plan, stage.table, tokens).contradictions
    asked = {(token.path, token.start) for token in tokens}
    wanted = (
        CommonSkip.LOCAL,
        CommonSkip.PARAMETER,
        CommonSkip.MEMBER,
        CommonSkip.LABEL,
        CommonSkip.TAG,
    )
    candidates = [
        site
        for site in stage.plan.sites
        if (site.path, site.start) in asked
        and (site.reason in wanted if spoil is taken else site.verdict is Verdict.REWRITTEN)
    ]
    for seed in range(SEEDS):
        plan, site = spoil(stage, random.Random(f"{spoil.__name__} {seed}"), candidates)
        found = with_evidence(plan, stage.table, tokens).contradictions
        assert [(contradiction.path, contradiction.start) for contradiction in found] == [
            (site.path, site.start)
        ], seed
