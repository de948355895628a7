"""Which lines a compiler saw: a site in code that no build compiles is not verified by any.

The preprocessor tells: it prints what the chosen branches hold, with line markers, and with
`-dD` the `#define`s too.  A branch of a conditional is compiled or left out as a whole, so one
printed line speaks for all lines of its branch (the arguments of a macro that go over several
lines, for example, are printed on the line of the macro's name).  A branch inside the arguments
of a macro, which C leaves undefined, may leave no trace: its sites then count as uncovered.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from vrefactor.c.preprocess.conditionals import Conditionals, parse_conditionals
from vrefactor.c.preprocess.lexer import Source, lex
from vrefactor.errors import VrefactorError
from vrefactor.source.tree import Tree
from vrefactor.verify.build_dir import Side
from vrefactor.verify.engine import Engine, Result, included
from vrefactor.verify.graph import BuildEdge, preprocess_edge
from vrefactor.verify.padding import LineMap
from vrefactor.verify.report import SiteCoverage

_MARKER = re.compile(rb'^# (\d+) "((?:[^"\\\n]|\\.)*)"[^\n]*\n', re.M)
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)")

_CLOSING = frozenset({b"elif", b"elifdef", b"elifndef", b"else", b"endif"})

Place = tuple[str, int]
"""A path of the tree before, and a line of it (from 1)."""


@dataclass(frozen=True, slots=True)
class _File:
    """The branches of one file, as the compiler got it: padded."""

    source: Source
    conditionals: Conditionals

    @classmethod
    def of(cls, path: str, data: bytes) -> _File:
        source = lex(path, data)
        return cls(source, parse_conditionals(source))

    def branch(self, line: int) -> tuple[int, int] | None:
        """Return the innermost branch that holds the start of `line`; None at file level.

        The `#else` or `#endif` that ends a branch is as much there as the `#if` that opens it.
        """
        starts = self.source.line_starts
        offset = starts[min(line, len(starts)) - 1]
        owner = self.conditionals.owner(offset)
        directive = self.conditionals.directive_at(offset)
        if owner is not None and directive is not None and directive.keyword in _CLOSING:
            return self.conditionals.groups[owner[0]].parent
        return owner


@dataclass(slots=True)
class _Seen:
    """The branches that were compiled, by file and configuration."""

    build: Path
    files: Mapping[str, _File]
    branches: defaultdict[tuple[str, str], set[tuple[int, int] | None]] = field(
        default_factory=lambda: defaultdict(set)
    )
    _names: dict[bytes, str] = field(default_factory=dict)

    def read(self, output: Path, configuration: str) -> None:
        """Take in the preprocessor's output of one file."""
        data = output.read_bytes()
        markers = list(_MARKER.finditer(data))
        ends = [marker.start() for marker in markers[1:]] + [len(data)]
        for marker, end in zip(markers, ends, strict=True):
            path = self._path(marker[2])
            if path in self.files:
                seen = self.branches[path, configuration]
                seen.add(None)
                for line in _printed(data, marker.end(), end, int(marker[1])):
                    seen.add(self.files[path].branch(line))

    def _path(self, name: bytes) -> str:
        """Return the path in the tree of what a line marker names."""
        if name not in self._names:
            plain = os.fsdecode(_ESCAPE.sub(_unescape, name))
            self._names[name] = _in_tree(self.build, plain)
        return self._names[name]


def _printed(data: bytes, start: int, end: int, first: int) -> Iterator[int]:
    """Yield the numbers of the lines between two markers that hold anything."""
    for number, line in enumerate(data[start:end].split(b"\n"), first):
        if line and not line.isspace():
            yield number


def _unescape(match: re.Match[bytes]) -> bytes:
    text = match[1]
    return bytes([int(text, 8) & 255]) if len(text) == 3 else text


def _in_tree(build: Path, name: str) -> str:
    """Return `name`, relative to the build directory, as a path in the tree; links resolved."""
    real = os.path.realpath(build / name)
    top = os.path.realpath(build / Side.BEFORE)
    return os.path.relpath(real, top)


def cover(
    engine: Engine,
    edges: Sequence[BuildEdge],
    padded: Tree,
    lines: LineMap,
    sites: Collection[Place],
    *,
    keep: bool = False,
) -> tuple[SiteCoverage, ...]:
    """Say of each site which configurations compiled it.

    `edges` are the compiles of the side before that succeeded; `padded` is that tree as it was
    laid out.  Files that hold sites are preprocessed, and after them, for the sites in headers
    that are still uncovered, the files that include those.  With `keep`, what the preprocessor
    prints (a megabyte a file) stays in the build directory, for the next run there.
    """
    paths = {path for path, _ in sites}
    files = dict(_files(padded, paths))
    seen = _Seen(engine.build, files)
    own = [edge for edge in edges if edge.command.source in paths]
    _preprocess(engine, "cpp", own, seen, keep=keep)
    found = _covered(seen, lines, sites)
    missed = {site.path for site in found if not site.configurations}
    rest = _including(engine, edges, own, missed)
    if rest:
        _preprocess(engine, "cpp-headers", rest, seen, keep=keep)
        found = _covered(seen, lines, sites)
    return found


def _files(padded: Tree, paths: Iterable[str]) -> Iterator[tuple[str, _File]]:
    for path in sorted(paths):
        if path in padded:
            try:
                yield path, _File.of(path, padded.read(path))
            except VrefactorError:
                continue  # not C that can be read: its sites stay uncovered, and are listed


def _preprocess(
    engine: Engine, name: str, edges: Sequence[BuildEdge], seen: _Seen, *, keep: bool
) -> None:
    results: Sequence[Result] = engine.run(name, [preprocess_edge(edge) for edge in edges])
    for edge, result in zip(edges, results, strict=True):
        if result.ok:
            seen.read(result.out, edge.command.configuration)
            if not keep:
                result.out.unlink()


def _including(
    engine: Engine, edges: Sequence[BuildEdge], done: Sequence[BuildEdge], paths: Collection[str]
) -> list[BuildEdge]:
    """Return the edges, besides those done, whose files include one of `paths`."""
    if not paths:
        return []
    places = partial(_in_tree, engine.build)
    names = {places(f"{Side.BEFORE}/{path}") for path in paths}
    known: dict[str, bool] = {}  # the same headers, thousands of times
    outs = set()
    for out, inputs in included(engine, "objects"):
        for name in inputs:
            if name not in known:
                known[name] = places(name) in names
        if any(known[name] for name in inputs):
            outs.add(out)
    finished = {edge.out for edge in done}
    return [edge for edge in edges if edge.out in outs and edge.out not in finished]


def _covered(seen: _Seen, lines: LineMap, sites: Collection[Place]) -> tuple[SiteCoverage, ...]:
    by_path: defaultdict[str, list[str]] = defaultdict(list)
    for path, configuration in sorted(seen.branches):
        by_path[path].append(configuration)
    found = []
    for path, line in sorted(set(sites)):
        configurations = tuple(
            configuration
            for configuration in by_path[path]
            if seen.files[path].branch(lines.padded(path, line))
            in seen.branches[path, configuration]
        )
        found.append(SiteCoverage(path, line, configurations))
    return tuple(found)
