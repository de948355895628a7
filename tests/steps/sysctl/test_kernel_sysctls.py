"""Steps 1.5.1 and 1.5.3 on a real kernel, whose `sys` directory VREFACTOR_SYS names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.steps.support import PARALLEL
from vrefactor.plan.model import Verdict
from vrefactor.plan.reasons import CommonSkip
from vrefactor.rules import load, shipped
from vrefactor.source.tree import Tree
from vrefactor.steps.registry import find
from vrefactor.steps.series import Stage, run_series

SYS = os.environ.get("VREFACTOR_SYS")
pytestmark = pytest.mark.skipif(SYS is None, reason="VREFACTOR_SYS names no kernel tree")


@pytest.fixture(scope="module")
def stages() -> dict[str, Stage]:
    """Return the stages of the series up to 1.5.3 by their number."""
    tree = Tree.open(Path(SYS or ""))
    done = run_series(tree, load(shipped()["freebsd"]), find("1.5.3"), (), PARALLEL)
    return {stage.step.number: stage for stage in done}


@pytest.mark.parametrize("number", ["1.5.1", "1.5.3"])
def test_every_site_is_decided(stages: dict[str, Stage], number: str) -> None:
    plan = stages[number].plan
    assert plan.refused == ()
    assert plan.count(Verdict.REWRITTEN) > 0


def test_no_sysctl_grows_past_the_last_column(stages: dict[str, Stage]) -> None:
    stage = stages["1.5.3"]
    for path in {edit.path for edit in stage.plan.edits}:
        before = set(stage.before.read(path).split(b"\n"))
        added = [line for line in stage.after.read(path).split(b"\n") if line not in before]
        assert max(len(line.decode("latin-1").expandtabs(8)) for line in added) <= 80, path


def test_what_the_rules_keep_is_all_that_stays(stages: dict[str, Stage]) -> None:
    plan = stages["1.5.3"].plan
    kept = {site.name for site in plan.sites if site.reason is CommonSkip.KEPT}
    assert kept == {"domainname"}
    skipped = {site.reason for site in plan.sites if site.verdict is Verdict.SKIPPED}
    assert skipped == {CommonSkip.KEPT, CommonSkip.SYSCTL}
