"""`vrefactor diff --confirm`: what libclang says of the sites, printed and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from vrefactor.cli.building import Building, build_plans
from vrefactor.cli.common import Session, complain
from vrefactor.plan.evidence import Contradiction, Evident, names_of, with_evidence
from vrefactor.plan.model import Evidence
from vrefactor.steps.series import Stage

if TYPE_CHECKING:
    from vrefactor.confirm.run import Confirmation

CONFIRM = click.option(
    "--confirm", is_flag=True, help="Ask libclang about every site; it may contradict."
)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A stage whose sites say how they are known, and all that libclang said."""

    stage: Stage
    evident: Evident
    confirmation: Confirmation


def confirm_stages(
    session: Session, stages: Sequence[Stage], building: Building
) -> list[Confirmed]:
    """Ask libclang about the sites of each stage, in the tree before it.

    Raises what `build_plans` and `confirm` raise.
    """
    return [_confirm_stage(session, stage, building) for stage in stages]


def _confirm_stage(session: Session, stage: Stage, building: Building) -> Confirmed:
    from vrefactor.confirm.run import confirm  # loads libclang, which few runs need

    plans = build_plans(stage.before, session.rules, building, assertions=True)
    names = names_of(stage.plan, stage.table)
    with session.progress:
        options = session.options
        heard = confirm(stage.before, plans, names, jobs=options.jobs, report=options.report)
    evident = with_evidence(stage.plan, stage.table, heard.tokens)
    return Confirmed(replace(stage, plan=evident.plan), evident, heard)


def print_confirmed(confirmed: Confirmed) -> None:
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


def confirmed_json(confirmed: Confirmed) -> dict[str, Any]:
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
