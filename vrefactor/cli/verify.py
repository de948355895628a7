"""`vrefactor verify`: are the objects built before and after the same?"""

from __future__ import annotations

import shlex
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from vrefactor.build.freebsd.plan import split_kernconf
from vrefactor.build.options import BuildOptions
from vrefactor.build.recipe import recipe
from vrefactor.cli.common import (
    Progress,
    choose_rules,
    open_session,
    open_tree,
    write_json,
    write_output,
)
from vrefactor.cli.options import (
    CommonOptions,
    StepOptions,
    common_options,
    gathered,
    plain_step_options,
    verify_build_options,
)
from vrefactor.cli.planning import plan_stages
from vrefactor.cli.verify_output import VerifyOutcome, as_json, print_report
from vrefactor.errors import USAGE, VrefactorError
from vrefactor.index.pool import default_jobs
from vrefactor.rules.loader import bare
from vrefactor.steps.series import rewritten_places
from vrefactor.verify.change import Change, verify_change
from vrefactor.verify.report import VerifyReport
from vrefactor.verify.run import VerifyOptions, write_md5_files


@dataclass(frozen=True, slots=True)
class VerifyCall:
    """The options of `verify` alone: what is built, where, what is compared, what is written."""

    everything: bool
    launcher: str | None
    build_dir: Path | None
    md5_files: Path | None
    counterpatch: Path | None
    print_recipe: bool
    codegen: bool
    with_options: tuple[str, ...]
    allow_uncovered: bool
    sandbox: bool

    def options(self, jobs: int | None) -> VerifyOptions:
        """Return how to build and compare; raises USAGE for a launcher that is no command."""
        try:
            words = tuple(shlex.split(self.launcher or ""))
        except ValueError as error:
            raise VrefactorError(USAGE, f"--launcher: {error}: {self.launcher}") from None
        return VerifyOptions(
            jobs or default_jobs(),
            words,
            self.build_dir,
            sandbox=self.sandbox,
            allow_uncovered=self.allow_uncovered,
        )


@click.command()
@click.argument("trees", nargs=-1, type=click.Path(path_type=Path), metavar="TREE | BEFORE AFTER")
@plain_step_options
@gathered(
    VerifyCall,
    "call",
    click.option("--all", "everything", is_flag=True, help="Build all files of a kernel."),
    click.option("--launcher", metavar="COMMAND", help="Put this before the compiler: ccache, …"),
    click.option(
        "--build-dir",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Keep the builds in DIR: the next run builds only what has changed.",
    ),
    click.option(
        "--md5-files",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Write the MD5s to DIR/before.md5 and DIR/after.md5.",
    ),
    click.option(
        "--counterpatch",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write the padding of the tree before as a patch.",
    ),
    click.option("--print-recipe", is_flag=True, help="Print the recipe for FreeBSD, and stop."),
    click.option("--codegen", is_flag=True, help="Compare machine code modulo relocation."),
    click.option(
        "--with-option",
        "with_options",
        multiple=True,
        metavar="NAME",
        help="Compile the tree after with this option too (repeatable).",
    ),
    click.option(
        "--allow-uncovered",
        is_flag=True,
        help="Lines of the change that no build compiles are no finding.",
    ),
    click.option(
        "--sandbox", is_flag=True, help="Run the compilers in a sandbox (needs bubblewrap)."
    ),
)
@verify_build_options
@common_options
def verify(
    trees: tuple[Path, ...],
    steps: StepOptions,
    call: VerifyCall,
    building: BuildOptions,
    common: CommonOptions,
) -> int:
    """Build a tree before and after a step, and compare the objects.

    Or compare two trees from anywhere.  Both are laid out and built elsewhere: nothing is
    written into them.  Of a kernel, the files of the rules' subsystems and those that the
    change touches are built; with --all, all files.
    """
    if call.print_recipe:
        write_output(_recipe(building), None)
        return 0
    started = time.perf_counter()
    options = call.options(common.jobs)
    subject = (
        _one_tree(trees[0], steps, common) if len(trees) == 1 else _two_trees(trees, steps, common)
    )
    claimed = tuple(dict.fromkeys((*subject.change.claimed, *call.with_options)))
    with Progress(quiet=common.quiet) as bar:
        report = verify_change(
            replace(subject.change, claimed=claimed),
            building,
            replace(options, progress=lambda done, total: bar.report("compiling", done, total)),
            common.subsystems,
            everything=call.everything,
            codegen=call.codegen,
        )
    _write_files(report, call)
    lines = "changed lines" if subject.change.sites is None else "lines with rewritten sites"
    outcome = VerifyOutcome(subject.label, lines, report, time.perf_counter() - started)
    if common.json_file is not None:
        write_json(as_json(outcome), common.json_file)
    print_report(outcome, quiet=common.quiet)
    return int(report.exit_code)


def _recipe(building: BuildOptions) -> bytes:
    """Return the recipe for these configurations; options in a name are not for a makefile."""
    if building.defines:
        raise VrefactorError(USAGE, "--print-recipe has no place for --define")
    for name in building.kernconfs:
        plain, added, removed = split_kernconf(name)
        if added or removed:
            detail = f"--print-recipe takes the name of a configuration file: {plain}, not {name}"
            raise VrefactorError(USAGE, detail)
    if not building.kernconfs:
        return recipe(machine=building.arch).encode()
    return recipe(building.kernconfs, building.arch).encode()


@dataclass(frozen=True, slots=True)
class _Subject:
    """The change that is verified, and what the report calls it."""

    label: str
    change: Change


def _one_tree(tree: Path, steps: StepOptions, common: CommonOptions) -> _Subject:
    """Plan the steps on a tree: what they do is verified."""
    wanted = steps.wanted()
    session = open_session(tree, common)
    stages = plan_stages(session, wanted, common.subsystems, wrap=False)
    shown = stages if steps.through else [stage for stage in stages if stage.step in wanted]
    label = f"verify step {steps.step}" if steps.step else f"verify through {steps.through}"
    before, after = shown[0].before, shown[-1].after
    claims = [
        claim.worded(session.rules.vocabulary) for stage in shown for claim in stage.step.claims
    ]
    change = Change(
        before,
        after,
        session.rules,
        sites=rewritten_places(shown),
        untouched=session.tree if before.changes_since(session.tree) else None,
        claimed=tuple(option for claim in claims for option in claim.options),
    )
    return _Subject(label, change)


def _two_trees(trees: Sequence[Path], steps: StepOptions, common: CommonOptions) -> _Subject:
    """Open two trees; they need no rules, unless these say how to build."""
    if len(trees) != 2:
        raise VrefactorError(USAGE, "give TREE and --step S, or the trees BEFORE and AFTER")
    if steps.step or steps.through:
        raise VrefactorError(USAGE, "give --step S or --through S for one tree, not for two")
    before, after = map(open_tree, trees)
    rules = choose_rules(before, common.rules, lambda tree: bare("none"))
    return _Subject("verify", Change(before, after, rules))


def _write_files(report: VerifyReport, call: VerifyCall) -> None:
    """Write what a reviewer can check by hand."""
    if call.md5_files is not None:
        write_md5_files(report.objects, call.md5_files)
    if call.counterpatch is not None:
        before, after = report.counterpatches
        write_output(before, call.counterpatch)
        if after:  # only where lines were removed
            beside = call.counterpatch.with_name(f"{call.counterpatch.name}.after")
            write_output(after, beside)
