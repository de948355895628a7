"""Which files of a kernel are built: those of the subsystems, those that differ, or all."""

from __future__ import annotations

from collections.abc import Sequence

from tests.build.freebsd.minitree import Files
from vrefactor.build.model import BuildPlan, CompileCommand
from vrefactor.build.plans import Scope, scoped_plans

TREE = Files(
    dict.fromkeys(
        ["net/if.c", "net/if.h", "net/odd[1].c", "net/odd1.c", "kern/a.c", "kern/b.c", "dev/x.c"],
        "",
    )
)
TAKEN = {
    "GENERIC": ["net/if.c", "kern/a.c"],
    "LINT": ["net/if.c", "kern/a.c", "kern/b.c"],
}


def make(kernconf: str, also: Sequence[str]) -> BuildPlan:
    paths = sorted({*TAKEN[kernconf], *also})
    commands = tuple(CompileCommand(path, ("cc",), kernconf, 1.0) for path in paths)
    return BuildPlan(commands, skipped=(("net/asm.S", "assembly"), ("kern/asm.S", "assembly")))


def scope(globs: Sequence[str], changed: Sequence[str] = (), *, everything: bool = False) -> Scope:
    return scoped_plans(
        TREE, list(TAKEN), make, globs=globs, changed=changed, everything=everything
    )


def sources(found: Scope) -> list[list[str]]:
    return [[command.source for command in plan.commands] for plan in found.plans]


def test_a_subsystem_and_what_the_last_configuration_must_add() -> None:
    found = scope(["net"])
    assert sources(found) == [["net/if.c"], ["net/if.c", "net/odd1.c", "net/odd[1].c"]]
    assert found.left_out == 2
    assert found.plans[0].skipped == (("net/asm.S", "assembly"),)


def test_changed_files_are_built_wherever_they_are() -> None:
    found = scope([], ["kern/b.c", "dev/x.c", "net/if.h"])
    assert sources(found) == [[], ["dev/x.c", "kern/b.c"]]
    assert found.left_out == 2


def test_everything_is_all_that_the_configurations_take_and_more() -> None:
    found = scope([], ["dev/x.c"], everything=True)
    assert sources(found) == [sorted(TAKEN["GENERIC"]), sorted([*TAKEN["LINT"], "dev/x.c"])]
    assert found.left_out == 0
    assert len(found.plans[0].skipped) == 2
