"""How a tree is built: the common type of every way to find it out.

`build.database`, `build.table` and `build.freebsd` each make a `BuildPlan`.  Those who use one
(`verify.engine`, `confirm`) make its generated headers in a directory of their own and run
or parse its commands.  Nothing here touches the disk.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

TREE_MARK = "{tree}"
"""Stands for the root of the tree in the arguments of a command."""

GEN_MARK = "{gen}"
"""Stands for the directory of the generated headers of one plan and one tree."""


class SourceFiles(Protocol):
    """What a build plan needs of a tree: its regular files, by path relative to the root."""

    @property
    def paths(self) -> tuple[str, ...]:
        """All regular files, sorted."""
        ...

    def read(self, path: str) -> bytes:
        """The bytes of one file."""
        ...

    def __contains__(self, path: object) -> bool: ...


@dataclass(frozen=True, slots=True)
class CompileCommand:
    """How one source file is compiled in one configuration.

    `argv` starts with the compiler and holds neither the source nor the output; the engine
    appends both.  `timeout` is in seconds.  `options` are those that the configuration has
    besides because a step claims that the tree compiles with them; else there are none.
    """

    source: str
    argv: tuple[str, ...]
    configuration: str
    timeout: float
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Generated:
    """A generated file, its path relative to the `{gen}` directory."""

    path: str
    content: bytes


@dataclass(frozen=True, slots=True)
class BuildPlan:
    """The build of one tree in one configuration (or in several that share `{gen}`).

    `links` are symbolic links to make inside `{gen}`: (name, target), where the target may
    hold `{tree}`.  `skipped` lists the source files that are not built, each with the reason.
    `beyond` are words of the commands that came from the tree and do more than describe how a
    file is compiled (`build.trust`).
    """

    commands: tuple[CompileCommand, ...]
    generated: tuple[Generated, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    beyond: tuple[str, ...] = ()


def expand_marks(argv: Iterable[str], *, tree: str, gen: str) -> tuple[str, ...]:
    """The arguments with `{tree}` and `{gen}` replaced by two directories."""
    return tuple(arg.replace(TREE_MARK, tree).replace(GEN_MARK, gen) for arg in argv)
