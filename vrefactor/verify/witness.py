"""The untouched tree as a witness: what an earlier step broke is no excuse for a later one.

A step that is verified alone starts from what the steps before it made.  A file that compiles
on neither side of it is compared with nothing; whether it ever compiled, only the tree tells
that the chain starts from.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from vrefactor.build.model import BuildPlan
from vrefactor.source.tree import Tree
from vrefactor.verify.build_dir import Builds, Side, lay_out, writing
from vrefactor.verify.engine import Engine
from vrefactor.verify.graph import object_edges
from vrefactor.verify.report import ObjectReport, ObjectVerdict

_FOLDER = "untouched"
_IN_DOUBT = (ObjectVerdict.NOT_COVERED, ObjectVerdict.MENDED)


@dataclass(frozen=True, slots=True)
class Witness:
    """The tree that a chain of steps starts from, and how it is built."""

    tree: Tree
    plans: tuple[BuildPlan, ...]


def with_witness(
    objects: Iterable[ObjectReport], witness: Witness, engine: Engine
) -> tuple[ObjectReport, ...]:
    """Return the reports, where what only an earlier step can have broken is told apart.

    Only what does not compile before the step is compiled again.  Raises what `lay_out` and
    `Engine.run` raise.
    """
    objects = tuple(objects)
    doubtful = {_key(found) for found in objects if found.verdict in _IN_DOUBT}
    if not doubtful:
        return objects
    compiled = _compiled(doubtful, witness, engine)
    return tuple(
        replace(found, verdict=ObjectVerdict.BROKEN_EARLIER) if _key(found) in compiled else found
        for found in objects
    )


def _key(report: ObjectReport) -> tuple[str, str]:
    return report.configuration, report.source


def _compiled(
    wanted: set[tuple[str, str]], witness: Witness, engine: Engine
) -> set[tuple[str, str]]:
    """Return which of the wanted configurations and sources the untouched tree compiles."""
    own = replace(engine, build=engine.build / _FOLDER, seconds=0.0)
    with writing(own.build):
        own.build.mkdir(exist_ok=True)
    builds = Builds(witness.plans, witness.plans)
    edges = [
        edge
        for edge in object_edges(builds)
        if edge.side is Side.BEFORE and (edge.command.configuration, edge.command.source) in wanted
    ]
    own.check(edge.command for edge in edges)
    lay_out(own.build, witness.tree, witness.tree, builds)
    results = own.run("objects", edges)
    engine.seconds += own.seconds
    return {
        (edge.command.configuration, edge.command.source)
        for edge, result in zip(edges, results, strict=True)
        if result.ok
    }
