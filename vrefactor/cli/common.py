"""What the commands share: options, opening a tree, progress, errors, output."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import click

from vrefactor.errors import RULES_NO_FIT, USAGE, VrefactorError, VrefactorErrors
from vrefactor.index.pool import RunOptions, default_jobs
from vrefactor.rules import RuleSet, choose
from vrefactor.source.output import write_file
from vrefactor.source.tree import Tree
from vrefactor.steps.registry import STEPS, find
from vrefactor.steps.step import Step

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

TREE = click.argument("tree", type=click.Path(path_type=Path))
RULES = click.option("--rules", metavar="NAME|PATH", help="The rule set to use.")
SUBSYSTEM = click.option(
    "--subsystem",
    "subsystems",
    multiple=True,
    metavar="NAME",
    help="Only this subsystem (repeatable).",
)
JOBS = click.option(
    "--jobs", type=click.IntRange(1), metavar="N", help="Processes (default: all cores)."
)
JSON = click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write verdicts and figures to FILE.",
)
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
QUIET = click.option("-q", "--quiet", is_flag=True, help="No summary, no progress.")
NO_CACHE = click.option("--no-cache", is_flag=True, help="Neither read nor write the cache.")


def options(*chosen: Decorator) -> Decorator:
    """Return one decorator that applies several, the first outermost."""

    def apply(function: Callable[..., Any]) -> Callable[..., Any]:
        for decorate in reversed(chosen):
            function = decorate(function)
        return function

    return apply


class Progress:
    """A progress bar on standard error, only on a terminal and only after a second."""

    def __init__(self, *, quiet: bool) -> None:
        self._bar: Any = None
        self._enabled = not quiet and sys.stderr.isatty()
        self._done = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def report(self, what: str, done: int, total: int) -> None:
        """Show that `done` of `total` files have been dealt with."""
        if not self._enabled:
            return
        if self._bar is not None and done < self._done:
            self._bar.close()  # the next piece of work
            self._bar = None
        if self._bar is None:
            from tqdm import tqdm  # a tenth of a second that only a terminal needs

            self._bar = tqdm(total=total, desc=what, unit="file", leave=False, delay=1.0)
            self._done = 0
        self._bar.update(done - self._done)
        self._done = done


@dataclass(slots=True)
class Session:
    """An opened tree with its rules, and how to work on it."""

    tree: Tree
    rules: RuleSet
    options: RunOptions
    progress: Progress = field(default_factory=lambda: Progress(quiet=True))


def open_session(
    root: Path,
    rules: str | None,
    jobs: int | None,
    *,
    no_cache: bool,
    quiet: bool,
    unruled: Callable[[Tree], RuleSet] | None = None,
) -> Session:
    """Open `root`, choose its rules, and say on standard error what is not followed.

    `unruled` makes the rules of a tree that none fit, where a command can do without.
    """
    tree = open_tree(root)
    try:
        chosen = choose(tree, tree.read, rules, root)
    except VrefactorError as error:
        if unruled is None or error.kind is not RULES_NO_FIT:
            raise
        chosen = unruled(tree)
    progress = Progress(quiet=quiet)
    options = RunOptions(jobs or default_jobs(), not no_cache, progress.report)
    return Session(tree, chosen, options, progress)


def open_tree(root: Path) -> Tree:
    """Open `root`, and say on standard error what is not followed."""
    tree = Tree.open(root)
    for note in tree.notes:
        target = f" -> {note.target}" if note.target else ""
        complain(f"{note.path}{target}: {note.reason}: not followed")
    return tree


def steps_named(wanted: str) -> tuple[Step, ...]:
    """Return the steps that `wanted` means; raises USAGE with the list of steps if none."""
    steps = find(wanted)
    if not steps:
        known = ", ".join(f"{step.number} ({step.name})" for step in STEPS)
        raise VrefactorError(USAGE, f"no step `{wanted}`; there are: {known}")
    return steps


def complain(message: str) -> None:
    """Print one line to standard error; odd file names come out escaped."""
    text = message.encode("utf-8", "backslashreplace").decode("utf-8")
    click.echo(f"vrefactor: {text}", err=True)


def report_error(error: VrefactorError) -> int:
    """Print an error (each of several) with what to do; return the exit status."""
    errors = error.errors if isinstance(error, VrefactorErrors) else (error,)
    for vrefactor_error in errors:
        complain(f"{vrefactor_error}\n  {vrefactor_error.kind.help}")
    return int(error.kind.exit)


def write_output(content: bytes, output: Path | None) -> None:
    """Write bytes to a file, as `write_file` does, or to standard output."""
    if output is not None:
        write_file(output, content)
        return
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
