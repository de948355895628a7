"""What the commands share: opening a tree, progress, errors, output."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import click

from vrefactor.cli.options import CommonOptions
from vrefactor.errors import OUTPUT_UNWRITABLE, RULES_NO_FIT, VrefactorError, VrefactorErrors
from vrefactor.index.pool import RunOptions, default_jobs
from vrefactor.rules import RuleSet, choose
from vrefactor.source.output import write_file
from vrefactor.source.tree import Tree


class Progress:
    """A progress bar on standard error, only on a terminal and only after a second."""

    def __init__(self, *, quiet: bool) -> None:
        self._bar: Any = None
        self._enabled = not quiet and sys.stderr is not None and sys.stderr.isatty()
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
    root: Path, common: CommonOptions, unruled: Callable[[Tree], RuleSet] | None = None
) -> Session:
    """Open `root`, choose its rules, and say on standard error what is not followed.

    `unruled` makes the rules of a tree that none fit, where a command can do without.
    """
    tree = open_tree(root)
    rules = choose_rules(tree, common.rules, unruled)
    progress = Progress(quiet=common.quiet)
    options = RunOptions(common.jobs or default_jobs(), not common.no_cache, progress.report)
    return Session(tree, rules, options, progress)


def choose_rules(
    tree: Tree, wanted: str | None, unruled: Callable[[Tree], RuleSet] | None
) -> RuleSet:
    """Return the rules of a tree; those that `unruled` makes where none fit."""
    try:
        return choose(tree, tree.read, wanted, tree.root)
    except VrefactorError as error:
        if unruled is None or error.kind is not RULES_NO_FIT:
            raise
        return unruled(tree)


def open_tree(root: Path) -> Tree:
    """Open `root`, and say on standard error what is not followed."""
    tree = Tree.open(root)
    for note in tree.notes:
        target = f" -> {note.target}" if note.target else ""
        complain(f"{note.path}{target}: {note.reason}: not followed")
    return tree


def complain(message: str) -> None:
    """Print one line to standard error; odd file names come out escaped."""
    text = message.encode("utf-8", "backslashreplace").decode("utf-8")
    click.echo(f"vrefactor: {text}", err=True)


def report_error(error: VrefactorError) -> int:
    """Print an error (each of several) with what to do; return the exit status."""
    errors = error.errors if isinstance(error, VrefactorErrors) else (error,)
    for each in errors:
        complain(f"{each}\n  {each.kind.help}")
    return int(error.kind.exit)


def write_output(content: bytes, output: Path | None) -> None:
    """Write bytes to a file, as `write_file` does, or to standard output."""
    if output is not None:
        write_file(output, content)
        return
    if sys.stdout is None:
        raise VrefactorError(OUTPUT_UNWRITABLE, "it is closed", path="standard output")
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def write_json(content: dict[str, Any], path: Path) -> None:
    """Write `content` to `path`, with sorted keys, one line an entry."""
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=True)
    write_output(text.encode() + b"\n", path)


def as_text(path: str) -> str:
    """Return a path, or a text with paths, as one that can be encoded: names may hold any bytes."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
