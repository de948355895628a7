"""How a tree is built: the build plans, from whatever says so, and kept to what is asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vrefactor.build.database import compdb_plan
from vrefactor.build.freebsd import DEFAULT_NOOPTIONS, check_kernel_compiler, kernel_plan
from vrefactor.build.freebsd.options import option_headers
from vrefactor.build.model import BuildPlan, SourceFiles
from vrefactor.build.options import DEFAULT_KERNCONFS, BuildOptions
from vrefactor.build.table import table_plan
from vrefactor.build.trust import check_trust, lies_in
from vrefactor.errors import BUILD_UNKNOWN, VrefactorError
from vrefactor.rules import RuleSet
from vrefactor.rules.globs import path_matcher
from vrefactor.source.tree import Tree

TIMEOUT = 120.0
"""Seconds that one file may take to compile, where no rules say otherwise."""

_KERNEL_MARK = "conf/files"
"""The file that config(8) reads first: a tree that has it is a FreeBSD kernel."""

_MakePlan = Callable[[str, Sequence[str]], BuildPlan]
"""Makes the plan of a kernel configuration, with paths of files to build beyond its own."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The plans of a tree, and how many files of the configurations they leave out."""

    plans: tuple[BuildPlan, ...]
    left_out: int = 0


def build_plans(
    tree: Tree,
    rules: RuleSet,
    options: BuildOptions,
    made_at: Path | None = None,
    *,
    assertions: bool = False,
    claimed: tuple[str, ...] = (),
) -> list[BuildPlan]:
    """Find out how `tree` is built: one plan for each kernel configuration, else a single one.

    The first of these that there is: a `compile_commands.json`, the kernel configurations, the
    `[build]` table of the rules, the configuration GENERIC of a FreeBSD kernel tree.  A
    database names files where it was made: at `made_at`, or where the tree is on disk.  With
    `assertions`, a kernel keeps the options of its configuration that record line numbers: for
    those who want as much code compiled as may be, and compare no objects.  The options
    `claimed` are set besides: options of a kernel that lists them, else macros.

    Raises `VrefactorError` BUILD_UNKNOWN if there is none of them, BUILD_UNTRUSTED if the tree
    asks for more than compiling, USAGE for a macro that has no C name, and what the makers of
    build plans raise.
    """
    flags = options.macro_flags
    timeout = float(rules.build.timeout) if rules.build else TIMEOUT
    if _is_kernel(tree, rules, options):
        known = option_headers(tree, options.arch)
        plans = [
            kernel_plan(
                tree,
                name,
                arch=options.arch,
                cc=options.kernel_compiler,
                extra_options=[each if each in known else f"-D{each}" for each in claimed],
                no_options=() if assertions else DEFAULT_NOOPTIONS,
                also=options.also,
                timeout=timeout,
                trust=options.trust,
            )
            for name in options.kernconfs or DEFAULT_KERNCONFS
        ]
    else:
        flags += tuple(f"-D{option}" for option in claimed)
        plans = [_single_plan(tree, rules, options, made_at or tree.root, timeout)]
    if not options.trust and _is_foreign(tree, rules, options, made_at or tree.root):
        check_trust(plans)
    return [_with_more(plan, flags, claimed) for plan in plans] if flags or claimed else plans


def _is_foreign(tree: Tree, rules: RuleSet, options: BuildOptions, made_at: Path) -> bool:
    """Say whether what tells how to build came with the tree, and not from the user."""
    if _is_kernel(tree, rules, options):
        return True
    teller = options.compile_commands or rules.origin
    return any(lies_in(teller, root) for root in (tree.root, made_at))


def _single_plan(
    tree: Tree, rules: RuleSet, options: BuildOptions, made_at: Path, timeout: float
) -> BuildPlan:
    database = options.compile_commands
    if database is not None:
        return compdb_plan(tree, database, made_at, cc=options.cc, timeout=timeout)
    if rules.build is None:
        raise VrefactorError(BUILD_UNKNOWN, path=str(tree.root))
    return table_plan(tree, rules.build, cc=options.compiler)


def _with_more(plan: BuildPlan, flags: tuple[str, ...], claimed: tuple[str, ...]) -> BuildPlan:
    """Return the plan with flags at the end of each command, named for the options claimed."""
    commands = (
        replace(
            command,
            argv=(*command.argv, *flags),
            configuration="+".join((command.configuration, *claimed)),
            options=claimed,
        )
        for command in plan.commands
    )
    return replace(plan, commands=tuple(commands))


def _is_kernel(tree: SourceFiles, rules: RuleSet, options: BuildOptions) -> bool:
    """Say whether `tree` is built by kernel configurations."""
    if options.compile_commands is not None:
        return False
    return bool(options.kernconfs) or (rules.build is None and _KERNEL_MARK in tree)


@dataclass(frozen=True, slots=True)
class ScopeFinder:
    """Finds out how trees are built that are the same but for one change.

    A kernel is long to build and a change is mostly local.  So of a kernel only the files are
    built that are `changed`, those of the `subsystems` (of all that the rules have, if none is
    named), and those that `options` name; with `everything`, all files.  A compilation database
    was made at `made_at`.
    """

    rules: RuleSet
    options: BuildOptions
    subsystems: tuple[str, ...]
    everything: bool
    made_at: Path
    changed: tuple[str, ...]

    def scope(self, tree: Tree, claimed: tuple[str, ...] = ()) -> Scope:
        """Return how one of the trees is built, with the options `claimed` besides.

        Raises what `build_plans` raises.
        """
        rules, options = self.rules, self.options

        def plans(own: BuildOptions) -> list[BuildPlan]:
            return build_plans(tree, rules, own, self.made_at, claimed=claimed)

        def make(kernconf: str, also: Sequence[str]) -> BuildPlan:
            return plans(replace(options, kernconfs=(kernconf,), also=(*options.also, *also)))[0]

        if not _is_kernel(tree, rules, options):
            return Scope(tuple(plans(options)))
        known = {subsystem.name: subsystem.paths for subsystem in rules.subsystems}
        globs = [path for name in self.subsystems or known for path in known[name]]
        globs += options.also
        return scoped_plans(
            tree,
            options.kernconfs or DEFAULT_KERNCONFS,
            make,
            globs=globs,
            changed=self.changed,
            # Without any subsystem there is no telling what belongs to the change.
            everything=self.everything or not globs,
        )

    def check_compiler(self, tree: Tree) -> None:
        """Raise COMPILER_MISSING or COMPILER_UNFIT if `tree` is a kernel that it cannot build."""
        if _is_kernel(tree, self.rules, self.options):
            check_kernel_compiler(self.options.kernel_compiler, self.options.arch)


def scoped_plans(
    tree: SourceFiles,
    kernconfs: Sequence[str],
    make: _MakePlan,
    *,
    globs: Collection[str],
    changed: Collection[str],
    everything: bool,
) -> Scope:
    """Return the plans of some configurations, kept to the files that are asked for.

    Those are the files that fit `globs` and those `changed`.  One that no configuration takes
    is built as well, with the options of the last one.  With `everything`, all other files of
    the configurations are built too.  Raises what `make` raises.
    """
    fits = path_matcher(globs)
    wanted = {path for path in tree.paths if path in changed or fits(path)}
    plans = [make(kernconf, ()) for kernconf in kernconfs[:-1]]
    taken = _sources(plans)
    missing = sorted(path for path in wanted - taken if path.endswith(".c"))
    plans.append(make(kernconfs[-1], missing))
    taken = _sources(plans)
    if everything:
        return Scope(tuple(plans))
    return Scope(
        tuple(
            replace(
                plan,
                commands=tuple(command for command in plan.commands if command.source in wanted),
                skipped=tuple(row for row in plan.skipped if row[0] in wanted or fits(row[0])),
            )
            for plan in plans
        ),
        len(taken - wanted),
    )


def _sources(plans: Iterable[BuildPlan]) -> set[str]:
    return {command.source for plan in plans for command in plan.commands}
