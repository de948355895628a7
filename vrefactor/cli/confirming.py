"""`vrefactor diff --confirm`: what libclang says of the sites, printed and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from vrefactor.cli.common import complain
from vrefactor.plan.evidence import Contradiction
from vrefactor.plan.model import Evidence

if TYPE_CHECKING:
    from vrefactor.confirm.plan import ConfirmedPlan


def print_confirmed(confirmed: ConfirmedPlan) -> None:
    """Print what contradicts the plan, what could not be parsed, and the figures."""
    for failure in confirmed.confirmation.failures:
        where = f"{failure.path}: not confirmed in {failure.configuration}"
        complain(f"{where}: {failure.error}")
    for contradiction in confirmed.evident.contradictions:
        complain(_describe(contradiction))
    counts = confirmed.evident.counts
    if not counts:
        click.echo("  confirmed: no site of the step is a token of a variable", err=True)
        return
    click.echo(
        f"  confirmed: {counts[Evidence.COMPILED]} compiled, {counts[Evidence.EXPANDED]} expanded, "
        f"{counts[Evidence.BOUND]} only bound (not compiled in any configuration); "
        f"{confirmed.confirmation.parsed} translation units parsed, "
        f"{len(confirmed.confirmation.failures)} not",
        err=True,
    )


def _describe(contradiction: Contradiction) -> str:
    return (
        f"{contradiction.path}:{contradiction.line}: {contradiction.name}: "
        f"we say: {contradiction.ours}; libclang says: {contradiction.theirs}"
        f" (in {', '.join(contradiction.configurations)})"
    )


def confirmed_json(confirmed: ConfirmedPlan) -> dict[str, Any]:
    """Return the figures, failures and contradictions of one stage as plain data."""
    counts = confirmed.evident.counts
    return {
        "translation_units": confirmed.confirmation.parsed,
        "evidence": {str(evidence): counts[evidence] for evidence in Evidence},
        "failures": [
            {"path": failure.path, "configuration": failure.configuration, "error": failure.error}
            for failure in confirmed.confirmation.failures
        ],
        "contradictions": [
            {
                "path": contradiction.path,
                "line": contradiction.line,
                "offset": contradiction.start,
                "name": contradiction.name,
                "ours": contradiction.ours,
                "libclang": contradiction.theirs,
                "configurations": list(contradiction.configurations),
            }
            for contradiction in confirmed.evident.contradictions
        ],
    }
