"""Step 2.1 on initialisers drawn at random: the bytes of every variable stay the same."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.fuzz.initialisers import BATCH, Outcome, check, draw
from tests.steps.initializers.running import COMPILER

DRAWN = int(os.environ.get("VREFACTOR_INITIALISERS", "200"))
"""How many are drawn: by default few, of the seeds from 1 on."""


def test_a_seed_draws_the_same() -> None:
    assert draw(7) == draw(7)
    assert draw(7) != draw(8)


@pytest.mark.skipif(COMPILER is None, reason="there is no C compiler")
def test_every_variable_gets_its_value(tmp_path: Path) -> None:
    outcome = Outcome()
    for seed in range(1, 1 + -(-DRAWN // BATCH)):
        outcome.add(check(tmp_path / str(seed), seed))
    assert outcome.wrong == []
    assert outcome.broken == []
    assert outcome.refused.total() < outcome.drawn / 5, outcome.refused
