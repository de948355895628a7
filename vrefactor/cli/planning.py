"""What diff, apply and series share: planning the wanted steps, and leaving."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from vrefactor.cli.common import Session, write_json
from vrefactor.cli.confirming import confirmed_json, print_confirmed
from vrefactor.cli.options import CommonOptions
from vrefactor.cli.summary import as_json, exit_status, parse_json, print_summary
from vrefactor.errors import ExitCode
from vrefactor.steps.series import Stage, run_series
from vrefactor.steps.step import Step

if TYPE_CHECKING:
    from vrefactor.confirm.plan import ConfirmedPlan
    from vrefactor.index.parse_coverage import ParseReport


def plan_stages(
    session: Session, wanted: Sequence[Step], subsystems: tuple[str, ...], *, wrap: bool
) -> list[Stage]:
    """Plan every step up to the last wanted one, with a progress bar on a terminal."""
    with session.progress:
        return run_series(
            session.tree, session.rules, wanted, subsystems, session.options, wrap=wrap
        )


def finish(
    stages: Sequence[Stage],
    common: CommonOptions,
    confirmed: Sequence[ConfirmedPlan] = (),
    parse: ParseReport | None = None,
) -> int:
    """Report what was planned, and return the exit status that it means.

    `confirmed` is what libclang says of the stages, if it was asked; `parse` says how much of
    the tree parses, for the JSON report.
    """
    if common.json_file is not None:
        report = _report(stages, confirmed)
        if parse is not None:
            report["parse"] = parse_json(parse)
        write_json(report, common.json_file)
    if not common.quiet:
        for number, stage in enumerate(stages):
            print_summary(stage)
            for heard in confirmed[number : number + 1]:
                print_confirmed(heard)
    contradicted = any(heard.evident.contradictions for heard in confirmed)
    return int(ExitCode.FINDINGS) if contradicted else exit_status([stage.plan for stage in stages])


def _report(stages: Sequence[Stage], confirmed: Sequence[ConfirmedPlan]) -> dict[str, Any]:
    report = as_json(stages)
    for entry, heard in zip(report["steps"], confirmed, strict=False):
        entry["confirm"] = confirmed_json(heard)
    return report
