"""Which files of a kernel are compared: it is long to build, and a patch is mostly local."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from vrefactor.build.model import BuildPlan, SourceFiles
from vrefactor.rules.globs import path_matcher

MakePlan = Callable[[str, Sequence[str]], BuildPlan]
"""Makes the plan of a kernel configuration, with paths of files to build beyond its own."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The plans of a tree, and how many files of the configurations they leave out."""

    plans: tuple[BuildPlan, ...]
    left_out: int


def scoped_plans(
    tree: SourceFiles,
    kernconfs: Sequence[str],
    make: MakePlan,
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
        return Scope(tuple(plans), 0)
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


def _sources(plans: Sequence[BuildPlan]) -> set[str]:
    return {command.source for plan in plans for command in plan.commands}
