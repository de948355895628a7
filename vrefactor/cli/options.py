"""The options that several commands take, gathered into one frozen value for each group."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import Any

import click

from vrefactor.build.options import BuildOptions
from vrefactor.errors import USAGE, VrefactorError
from vrefactor.steps.registry import find
from vrefactor.steps.step import Step

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

TREE = click.argument("tree", type=click.Path(path_type=Path))
CONTEXT = click.option(
    "--context",
    type=click.IntRange(0),
    default=3,
    show_default=True,
    metavar="N",
    help="Lines of context in a patch.",
)
OUTPUT = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write to FILE, not to standard output.",
)


def gathered(kind: type[Any], name: str, *chosen: Decorator) -> Decorator:
    """Return a decorator that adds the options `chosen`, and hands them over as one value.

    The function that it decorates gets an instance of the dataclass `kind` as the argument
    `name`, made of the options that are named like the fields.
    """
    names = [field.name for field in fields(kind)]

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def called(*arguments: Any, **given: Any) -> Any:  # noqa: ANN401 (as click calls it)
            own = {each: given.pop(each) for each in names if each in given}
            return function(*arguments, **{**given, name: kind(**own)})

        decorated: Callable[..., Any] = called
        for option in reversed(chosen):
            decorated = option(decorated)
        return decorated

    return decorate


@dataclass(frozen=True, slots=True)
class StepOptions:
    """Which steps are asked for, by `--step` or `--through`, and whether lines are broken."""

    step: str | None
    through: str | None
    wrap: bool = False

    def wanted(self) -> tuple[Step, ...]:
        """Return the steps asked for; raises USAGE unless exactly one of the two is given."""
        if (self.step is None) == (self.through is None):
            raise VrefactorError(USAGE, "give either --step S or --through S")
        return find(self.step or self.through or "")


_STEP = click.option("--step", metavar="S", help="The step: a number or a name.")
_THROUGH = click.option("--through", metavar="S", help="All steps up to S, as one.")
_WRAP = click.option("--wrap", is_flag=True, help="Break lines that get too long by it.")

step_options = gathered(StepOptions, "steps", _STEP, _THROUGH, _WRAP)
"""The steps, for commands that make a patch: the argument `steps`."""

plain_step_options = gathered(StepOptions, "steps", _STEP, _THROUGH)
"""The steps, for commands that make none."""


@dataclass(frozen=True, slots=True)
class CommonOptions:
    """The options that every command takes."""

    rules: str | None
    subsystems: tuple[str, ...]
    jobs: int | None
    json_file: Path | None
    quiet: bool
    no_cache: bool


common_options = gathered(
    CommonOptions,
    "common",
    click.option("--rules", metavar="NAME|PATH", help="The rule set to use."),
    click.option(
        "--subsystem",
        "subsystems",
        multiple=True,
        metavar="NAME",
        help="Only this subsystem (repeatable).",
    ),
    click.option(
        "--jobs", type=click.IntRange(1), metavar="N", help="Processes (default: all cores)."
    ),
    click.option(
        "--json",
        "json_file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write verdicts and figures to FILE.",
    ),
    click.option("-q", "--quiet", is_flag=True, help="No summary, no progress."),
    click.option("--no-cache", is_flag=True, help="Neither read nor write the cache."),
)
"""What every command takes: the argument `common`."""

_COMPILER = (
    click.option(
        "--compile-commands",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Build as this compile_commands.json says.",
    ),
    click.option(
        "--kernconf",
        "kernconfs",
        multiple=True,
        metavar="NAME",
        help="Build this kernel configuration (repeatable): GENERIC, LINT+OPTION~OPTION, …",
    ),
    click.option(
        "--arch",
        default="amd64",
        show_default=True,
        metavar="NAME",
        help="The architecture of the kernel configurations.",
    ),
    click.option(
        "--also",
        multiple=True,
        metavar="GLOB",
        help="Build these .c files too, in every kernel configuration (repeatable).",
    ),
    click.option("--cc", metavar="COMMAND", help="The C compiler (default: CC, then the rules)."),
    click.option(
        "--trust-build",
        "trust",
        is_flag=True,
        help="Run what the tree itself says of its build, flags that load code and scripts too.",
    ),
)
_DEFINE = click.option(
    "--define",
    "defines",
    multiple=True,
    metavar="NAME[=VALUE]",
    help="Define this macro in every compile of both trees (repeatable).",
)

confirm_build_options = gathered(BuildOptions, "building", *_COMPILER)
"""How a tree is built, for libclang to parse it: the argument `building`."""

verify_build_options = gathered(BuildOptions, "building", *_COMPILER, _DEFINE)
"""How a tree is built, for its objects to be compared."""
