"""One verification from two trees to a report: pad, lay out, build, compare, cover."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from vrefactor.errors import BUILD_EMPTY, VrefactorError
from vrefactor.source.diff import unified_diff
from vrefactor.source.tree import Tree
from vrefactor.verify.build_dir import Builds, Side, check_place, lay_out, prepare, writing
from vrefactor.verify.compare.codegen import CODEGEN_FLAGS
from vrefactor.verify.compare.objects import Pair, compare, pair_results, settle_claimed
from vrefactor.verify.compare.sources import FunctionSources
from vrefactor.verify.coverage import Place, cover
from vrefactor.verify.engine import Engine, Progress, Result
from vrefactor.verify.graph import BuildEdge, object_edges
from vrefactor.verify.object.containers import MovedVariables
from vrefactor.verify.padding import LineMap, Padding, pad_trees
from vrefactor.verify.report import CodegenReport, ObjectReport, VerifyReport, md5_lists
from vrefactor.verify.witness import Witness, with_witness


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """How to verify.

    `jobs` compilers run at a time, with the words of `launcher` in front of each, and with
    `sandbox` in one.  `build_dir`
    is kept, and used again; without one a temporary directory is.  `sites` are the places in
    the tree before whose coverage is wanted; None means every line that differs.

    With `moved`, machine code is compared function by function (`--codegen`) instead of whole
    objects.  What does not compile on either side is tried in the `witness`, the tree that the
    chain of steps starts from.  With `allow_uncovered`, places that are not compiled are no
    finding.
    """

    jobs: int = 1
    launcher: tuple[str, ...] = ()
    build_dir: Path | None = None
    progress: Progress | None = None
    sites: tuple[Place, ...] | None = ()
    moved: MovedVariables | None = None
    witness: Witness | None = None
    sandbox: bool = False
    allow_uncovered: bool = False


def build_and_compare(
    before: Tree, after: Tree, builds: Builds, options: VerifyOptions
) -> VerifyReport:
    """Build both trees and compare what comes out; neither tree is written to.

    Raises `VrefactorError`: BUILD_EMPTY if no plan has a command, and what the compilers, the
    build directory, unreadable trees and objects that are not ELF give rise to.
    """
    commands = [command for side in Side for plan in builds.of(side) for command in plan.commands]
    if not commands:
        raise VrefactorError(BUILD_EMPTY, "no plan has a command to run")
    started = time.perf_counter()
    roots = (before.root, after.root)
    if options.build_dir is not None:
        check_place(options.build_dir, roots)
    padding = pad_trees(before, after)
    padded = before.with_plan(padding.before), after.with_plan(padding.after)
    with _build_dir(options, roots) as build:
        engine = Engine(build, options.jobs, options.launcher, options.progress, options.sandbox)
        engine.check(commands)
        lay_out(build, *padded, builds)
        edges = object_edges(builds, () if options.moved is None else CODEGEN_FLAGS)
        results = engine.run("objects", edges)
        pairs = pair_results(edges, results)
        plain = [pair for pair in pairs if not pair.command.options]
        claimed = [pair for pair in pairs if pair.command.options]
        objects, codegen = _judge(engine, edges, plain, padded, options)
        if options.witness is not None:
            objects = with_witness(objects, options.witness, engine)
        lines = LineMap.of(before, padding.before)
        good = list(_compiled_before(edges, results))
        sites = padding.changed if options.sites is None else options.sites
        keep = options.build_dir is not None
        coverage = cover(engine, good, padded[0], lines, sites, keep=keep) if sites else ()
    return VerifyReport(
        objects,
        tuple(sorted({row for side in Side for plan in builds.of(side) for row in plan.skipped})),
        coverage,
        codegen,
        _counterpatches(before, after, padding),
        (engine.seconds, time.perf_counter() - started - engine.seconds),
        claimed=tuple(settle_claimed(claimed, plain)),
        allow_uncovered=options.allow_uncovered,
    )


@contextmanager
def _build_dir(options: VerifyOptions, roots: Sequence[Path]) -> Iterator[Path]:
    if options.build_dir is not None:
        prepare(options.build_dir)
        yield options.build_dir
        return
    with writing(Path(os.environ.get("TMPDIR", "/tmp"))):
        temporary = tempfile.TemporaryDirectory(prefix="vrefactor-verify-")
    with temporary as name:
        check_place(Path(name), roots)
        yield Path(name)


def _counterpatches(before: Tree, after: Tree, padding: Padding) -> tuple[bytes, bytes]:
    return (
        unified_diff(before, before.with_plan(padding.before)),
        unified_diff(after, after.with_plan(padding.after)),
    )


def _compiled_before(edges: Sequence[BuildEdge], results: Sequence[Result]) -> Iterator[BuildEdge]:
    for edge, result in zip(edges, results, strict=True):
        if edge.side is Side.BEFORE and result.ok:
            yield edge


def _judge(
    engine: Engine,
    edges: Sequence[BuildEdge],
    pairs: Sequence[Pair],
    padded: tuple[Tree, Tree],
    options: VerifyOptions,
) -> tuple[tuple[ObjectReport, ...], CodegenReport | None]:
    if options.moved is None:
        return tuple(compare(pair) for pair in pairs), None
    # Loaded here, because of the decoder of instructions: whole objects need none.
    from vrefactor.verify.compare.functions import judge_functions

    return judge_functions(engine, edges, pairs, options.moved, FunctionSources(*padded))


def write_md5_files(objects: tuple[ObjectReport, ...], folder: Path) -> None:
    """Write `before.md5` and `after.md5`, sorted, for `diff -u` to compare.

    Raises `VrefactorError` BUILD_DIR_UNWRITABLE if `folder` cannot be written.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in zip(("before", "after"), md5_lists(objects), strict=True):
            (folder / f"{name}.md5").write_bytes(text.encode("utf-8", "surrogateescape"))
