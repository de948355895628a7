"""`vrefactor verify`: are the objects built before and after the same?"""

from __future__ import annotations

import shlex
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from vrefactor.build.freebsd.plan import check_kernel_compiler, split_kernconf
from vrefactor.build.freebsd.scope import Scope, scoped_plans
from vrefactor.build.model import BuildPlan
from vrefactor.build.recipe import recipe
from vrefactor.cli import building, common, planning
from vrefactor.cli.building import Building, build_plans
from vrefactor.cli.common import Progress
from vrefactor.cli.json import write_json
from vrefactor.cli.verify_output import VerifyOutcome, as_json, print_report
from vrefactor.errors import RULES_NO_FIT, USAGE, VrefactorError
from vrefactor.index.pool import default_jobs
from vrefactor.plan.symbols import selected
from vrefactor.rules import RuleSet, choose
from vrefactor.rules.loader import bare
from vrefactor.source.tree import Tree
from vrefactor.steps.places import rewritten_places
from vrefactor.verify.changes import changed_files
from vrefactor.verify.layout import Builds
from vrefactor.verify.report import VerifyReport
from vrefactor.verify.run import VerifyOptions, verify_trees, write_md5_files


@dataclass(frozen=True, slots=True)
class VerifySubject:
    """What is verified: two trees, their rules, and where the rewritten sites are.

    `sites` is None if it is not known what the change rewrites: then each changed line counts.
    """

    label: str
    before: Tree
    after: Tree
    rules: RuleSet
    sites: tuple[tuple[str, int], ...] | None


@click.command()
@common.options(
    click.argument(
        "trees", nargs=-1, type=click.Path(path_type=Path), metavar="TREE | BEFORE AFTER"
    ),
    planning.STEP,
    planning.THROUGH,
    click.option("--all", "everything", is_flag=True, help="Build all files of a kernel."),
    building.COMPILE_COMMANDS,
    building.KERNCONF,
    building.ARCH,
    building.ALSO,
    building.DEFINE,
    building.CC,
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
    common.RULES,
    common.SUBSYSTEM,
    common.JOBS,
    common.JSON,
    common.QUIET,
    common.NO_CACHE,
)
@click.pass_context
def verify(
    click_context: click.Context,
    trees: tuple[Path, ...],
    step: str | None,
    through: str | None,
    everything: bool,
    compile_commands: Path | None,
    kernconfs: tuple[str, ...],
    arch: str,
    also: tuple[str, ...],
    defines: tuple[str, ...],
    cc: str | None,
    launcher: str | None,
    build_dir: Path | None,
    md5_files: Path | None,
    counterpatch: Path | None,
    print_recipe: bool,
    codegen: bool,
    rules: str | None,
    subsystems: tuple[str, ...],
    jobs: int | None,
    json_file: Path | None,
    quiet: bool,
    no_cache: bool,
) -> None:
    """Build a tree before and after a step, and compare the objects.

    Or compare two trees from anywhere.  Both are laid out and built elsewhere: nothing is
    written into them.  Of a kernel, the files of the rules' subsystems and those that the
    change touches are built; with --all, all files.
    """
    if print_recipe:
        if defines:
            raise VrefactorError(USAGE, "--print-recipe has no place for --define")
        common.write_output(_recipe(kernconfs, arch), None)
        return
    started = time.perf_counter()
    how = Building(compile_commands, kernconfs, arch, cc, also, defines)
    if len(trees) == 1:
        wanted = planning.wanted_steps(step, through)
        session = common.open_session(trees[0], rules, jobs, no_cache=no_cache, quiet=quiet)
        stages = planning.plan_stages(session, wanted, subsystems, wrap=False)
        shown = stages if through else [stage for stage in stages if stage.step in wanted]
        label = f"verify step {step}" if step else f"verify through {through}"
        places = rewritten_places(shown)
        subject = VerifySubject(label, shown[0].before, shown[-1].after, session.rules, places)
    else:
        subject = _two_trees(trees, rules, step or through)
    scopes = _scopes(subject, how, subsystems, everything=everything)
    options = _options(subject, jobs, launcher, build_dir, subsystems if codegen else None)
    report = _build_and_compare(subject, scopes, options, quiet=quiet)
    _write_files(report, md5_files, counterpatch)
    left_out = max(scope.left_out for scope in scopes)
    lines = "changed lines" if subject.sites is None else "lines with rewritten sites"
    outcome = VerifyOutcome(subject.label, lines, report, left_out, time.perf_counter() - started)
    if json_file is not None:
        write_json(as_json(outcome), json_file)
    print_report(outcome, quiet=quiet)
    click_context.exit(int(report.exit_code))


def _recipe(kernconfs: Sequence[str], arch: str) -> bytes:
    """Return the recipe for these configurations; options in a name are not for a makefile."""
    for name in kernconfs:
        plain, added, removed = split_kernconf(name)
        if added or removed:
            detail = f"--print-recipe takes the name of a configuration file: {plain}, not {name}"
            raise VrefactorError(USAGE, detail)
    return (recipe(kernconfs, arch) if kernconfs else recipe(machine=arch)).encode()


def _two_trees(trees: Sequence[Path], rules: str | None, step: str | None) -> VerifySubject:
    """Open two trees; they need no rules, unless these say how to build."""
    if len(trees) != 2:
        raise VrefactorError(USAGE, "give TREE and --step S, or the trees BEFORE and AFTER")
    if step is not None:
        raise VrefactorError(USAGE, "give --step S or --through S for one tree, not for two")
    before, after = map(common.open_tree, trees)
    try:
        chosen = choose(before, before.read, rules, before.root)
    except VrefactorError as error:
        if error.kind is not RULES_NO_FIT:
            raise
        chosen = bare("none")
    return VerifySubject("verify", before, after, chosen, None)


def _scopes(
    subject: VerifySubject, how: Building, subsystems: Sequence[str], *, everything: bool
) -> tuple[Scope, Scope]:
    """Find out how each of the two trees is built."""
    known = {subsystem.name: subsystem.paths for subsystem in subject.rules.subsystems}
    selected(subject.rules, subsystems)  # an unknown subsystem is an error of the call
    globs = [path for name in subsystems or known for path in known[name]] + list(how.also)
    if how.is_kernel(subject.before, subject.rules):
        check_kernel_compiler(how.kernel_compiler, how.arch)
        changed = frozenset(changed_files(subject.before, subject.after))
        before, after = (
            _kernel_scope(tree, subject.rules, how, globs, changed, everything=everything)
            for tree in (subject.before, subject.after)
        )
        return before, after
    made_at = subject.before.root
    before, after = (
        Scope(tuple(build_plans(tree, subject.rules, how, made_at=made_at)), 0)
        for tree in (subject.before, subject.after)
    )
    return before, after


def _kernel_scope(
    tree: Tree,
    rules: RuleSet,
    how: Building,
    globs: Sequence[str],
    changed: frozenset[str],
    *,
    everything: bool,
) -> Scope:
    def make(kernconf: str, also: Sequence[str]) -> BuildPlan:
        own = replace(how, kernconfs=(kernconf,), also=(*how.also, *also))
        return build_plans(tree, rules, own)[0]

    kernconfs = how.kernconfs or building.DEFAULT_KERNCONFS
    # Without any subsystem there is no telling what belongs to the change.
    whole = everything or not globs
    return scoped_plans(tree, kernconfs, make, globs=globs, changed=changed, everything=whole)


def _options(
    subject: VerifySubject,
    jobs: int | None,
    launcher: str | None,
    build_dir: Path | None,
    codegen: Sequence[str] | None,
) -> VerifyOptions:
    """Return how to verify; with `codegen`, the symbols of those subsystems have moved."""
    try:
        words = tuple(shlex.split(launcher or ""))
    except ValueError as error:
        raise VrefactorError(USAGE, f"--launcher: {error}: {launcher}") from None
    options = VerifyOptions(jobs or default_jobs(), words, build_dir, sites=subject.sites)
    if codegen is None:
        return options
    symbols = selected(subject.rules, codegen)
    return replace(
        options,
        virtualised={
            symbol.name: (f"{symbol.container}_0", f"_{symbol.name}") for symbol in symbols
        },
        homes={symbol.name: symbol.file for symbol in symbols},
    )


def _build_and_compare(
    subject: VerifySubject, scopes: tuple[Scope, Scope], options: VerifyOptions, *, quiet: bool
) -> VerifyReport:
    builds = Builds(scopes[0].plans, scopes[1].plans)
    with Progress(quiet=quiet) as bar:
        shown = replace(options, progress=lambda done, all: bar.report("compiling", done, all))
        return verify_trees(subject.before, subject.after, builds, shown)


def _write_files(report: VerifyReport, md5_files: Path | None, counterpatch: Path | None) -> None:
    """Write what a reviewer can check by hand."""
    if md5_files is not None:
        write_md5_files(report.objects, md5_files)
    if counterpatch is not None:
        before, after = report.counterpatches
        common.write_output(before, counterpatch)
        if after:  # only where lines were removed
            common.write_output(after, counterpatch.with_name(f"{counterpatch.name}.after"))
