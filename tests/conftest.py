"""Settings of the whole suite: the same examples in every run, unless asked otherwise."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.kernels import SteppedKernels
from vrefactor.source.seal import seal

# `steady` is the default (pyproject.toml): derandomised, and never judged by the clock.
settings.register_profile(
    "steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
# `pytest --hypothesis-profile=fuzz` looks further, with new examples each time.
settings.register_profile(
    "fuzz", deadline=None, max_examples=5000, suppress_health_check=[HealthCheck.too_slow]
)


@pytest.fixture(scope="session", autouse=True)
def _own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep the suite out of the user's own state: it has a folder, and a key, of its own."""
    folder = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_STATE_HOME", str(folder))
        seal("", b"")
        yield folder


@pytest.fixture(scope="session")
def stepped(tmp_path_factory: pytest.TempPathFactory) -> SteppedKernels:
    """The example kernel after each step, shared by all workers of the run."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "stepped"
    folder.mkdir(exist_ok=True)
    return SteppedKernels(folder)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the long tests first: the last one of a run should not be one of them."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
