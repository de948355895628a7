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
    evident = with_evidence(stage.plan, stage.table, heard.opinions)
    return Confirmed(replace(stage, plan=evident.plan), evident, heard)


def print_confirmed(confirmed: Confirmed) -> None:
    """Print what contradicts the plan, what could not be parsed, and the figures."""
    for failure in confirmed.confirmation.failures:
        where = f"{failure.path}: not confirmed in {failure.configuration}"
        complain(f"{where}: {failure.error}")
    for one in confirmed.evident.contradictions:
        complain(_describe(one))
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


def _describe(one: Contradiction) -> str:
    return (
        f"{one.path}:{one.line}: {one.name}: we say: {one.ours}; libclang says: {one.theirs}"
        f" (in {', '.join(one.configurations)})"
    )


def confirmed_json(confirmed: Confirmed) -> dict[str, Any]:
    """Return the figures, failures and contradictions of one stage as plain data."""
    counts = confirmed.evident.counts
    return {
        "translation_units": confirmed.confirmation.parsed,
        "evidence": {str(evidence): counts[evidence] for evidence in Evidence},
        "failures": [
            {"path": one.path, "configuration": one.configuration, "error": one.error}
            for one in confirmed.confirmation.failures
        ],
        "contradictions": [
            {
                "path": one.path,
                "line": one.line,
                "offset": one.start,
                "name": one.name,
                "ours": one.ours,
                "libclang": one.theirs,
                "configurations": list(one.configurations),
            }
            for one in confirmed.evident.contradictions
        ],
    }
