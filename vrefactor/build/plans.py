"""How a tree is built: the build plans, from whatever says so, and kept to what is asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vrefactor.build.database import compdb_plan
from vrefactor.build.freebsd import DEFAULT_NOOPTIONS, check_kernel_compiler, kernel_plan
from vrefactor.build.model import BuildPlan, SourceFiles
from vrefactor.build.options import DEFAULT_KERNCONFS, BuildOptions
from vrefactor.build.table import table_plan
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
) -> list[BuildPlan]:
    """Find out how `tree` is built: one plan for each kernel configuration, else a single one.

    The first of these that there is: a `compile_commands.json`, the kernel configurations, the
    `[build]` table of the rules, the configuration GENERIC of a FreeBSD kernel tree.  A
    database names files where it was made: at `made_at`, or where the tree is on disk.  With
    `assertions`, a kernel keeps the options of its configuration that record line numbers: for
    those who want as much code compiled as may be, and compare no objects.

    Raises `VrefactorError` BUILD_UNKNOWN if there is none of them, USAGE for a macro that has
    no C name, and what the makers of build plans raise.
    """
    flags = options.macro_flags
    plans = _plans(tree, rules, options, made_at, assertions=assertions)
    return [_with_flags(plan, flags) for plan in plans] if flags else plans


def _with_flags(plan: BuildPlan, flags: tuple[str, ...]) -> BuildPlan:
    commands = tuple(replace(command, argv=(*command.argv, *flags)) for command in plan.commands)
    return replace(plan, commands=commands)


def _plans(
    tree: Tree, rules: RuleSet, options: BuildOptions, made_at: Path | None, *, assertions: bool
) -> list[BuildPlan]:
    timeout = float(rules.build.timeout) if rules.build else TIMEOUT
    if options.compile_commands is not None:
        root = made_at or tree.root
        return [compdb_plan(tree, options.compile_commands, root, cc=options.cc, timeout=timeout)]
    if not _is_kernel(tree, rules, options):
        if rules.build is None:
            raise VrefactorError(BUILD_UNKNOWN, path=str(tree.root))
        return [table_plan(tree, rules.build, cc=options.compiler)]
    return [
        kernel_plan(
            tree,
            name,
            arch=options.arch,
            cc=options.kernel_compiler,
            no_options=() if assertions else DEFAULT_NOOPTIONS,
            also=options.also,
            timeout=timeout,
        )
        for name in options.kernconfs or DEFAULT_KERNCONFS
    ]


def _is_kernel(tree: SourceFiles, rules: RuleSet, options: BuildOptions) -> bool:
    """Say whether `tree` is built by kernel configurations."""
    if options.compile_commands is not None:
        return False
    return bool(options.kernconfs) or (rules.build is None and _KERNEL_MARK in tree)


def scopes(
    trees: Sequence[Tree],
    rules: RuleSet,
    options: BuildOptions,
    subsystems: Collection[str] = (),
    *,
    everything: bool = False,
) -> tuple[Scope, ...]:
    """Find out how some trees are built: one before a change, one after it, and any others.

    A kernel is long to build and a change is mostly local.  So of a kernel only the files are
    built that the change touches, those of the `subsystems` (of all that the rules have, if
    none is named), and those that `options` name; with `everything`, all files.  A database was
    made in the first tree.

    Raises what `build_plans` raises, and COMPILER_MISSING or COMPILER_UNFIT for a compiler that
    cannot build kernels.
    """
    first = trees[0]
    if not _is_kernel(first, rules, options):
        made = (build_plans(tree, rules, options, made_at=first.root) for tree in trees)
        return tuple(Scope(tuple(plans)) for plans in made)
    known = {subsystem.name: subsystem.paths for subsystem in rules.subsystems}
    globs = [path for name in subsystems or known for path in known[name]] + list(options.also)
    changed = first.differing(trees[1])
    # Without any subsystem there is no telling what belongs to the change.
    whole = everything or not globs
    found = tuple(
        _kernel_scope(tree, rules, options, globs, changed, everything=whole) for tree in trees
    )
    check_kernel_compiler(options.kernel_compiler, options.arch)
    return found


def _kernel_scope(
    tree: Tree,
    rules: RuleSet,
    options: BuildOptions,
    globs: Collection[str],
    changed: Collection[str],
    *,
    everything: bool,
) -> Scope:
    def make(kernconf: str, also: Sequence[str]) -> BuildPlan:
        own = replace(options, kernconfs=(kernconf,), also=(*options.also, *also))
        return build_plans(tree, rules, own)[0]

    kernconfs = options.kernconfs or DEFAULT_KERNCONFS
    return scoped_plans(tree, kernconfs, make, globs=globs, changed=changed, everything=everything)


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
