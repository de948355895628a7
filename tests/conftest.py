"""Settings of the whole suite: the same examples in every run, unless asked otherwise."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# `steady` is the default (pyproject.toml): derandomised, and never judged by the clock.
settings.register_profile(
    "steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
# `pytest --hypothesis-profile=fuzz` looks further, with new examples each time.
settings.register_profile(
    "fuzz", deadline=None, max_examples=5000, suppress_health_check=[HealthCheck.too_slow]
)
