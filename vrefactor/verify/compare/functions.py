"""The machine code of all objects, function by function: what is proved, why the rest is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from vrefactor.verify.compare.codegen import prove
from vrefactor.verify.compare.container_layouts import other_layouts
from vrefactor.verify.compare.objects import Pair, comparable, settle
from vrefactor.verify.compare.sources import FunctionSources
from vrefactor.verify.compare.unoptimised import UnoptimisedCode, prove_unoptimised
from vrefactor.verify.compare.unproved import ComparedObject, Explainer, doubtful_instances
from vrefactor.verify.engine import Engine, Result
from vrefactor.verify.graph import BuildEdge
from vrefactor.verify.object.containers import MovedVariables, field_places
from vrefactor.verify.object.elf import (
    SHN_UNDEF,
    STT_FILE,
    STT_SECTION,
    read_object,
)
from vrefactor.verify.object.targets import Targets
from vrefactor.verify.report import (
    CodegenReport,
    FunctionReport,
    ObjectReport,
    ObjectVerdict,
    PlainName,
)

MOST_LISTINGS = 50
"""Most functions that are disassembled to show their differences side by side."""


def judge_functions(
    engine: Engine,
    edges: Sequence[BuildEdge],
    pairs: Sequence[Pair],
    moved: MovedVariables,
    sources: FunctionSources,
) -> tuple[tuple[ObjectReport, ...], CodegenReport]:
    """Compare the machine code of all pairs that have an object on both sides.

    What is not proved the same is built again without the optimiser, to find out why.  Raises
    `VrefactorError` as `field_places`, `prove` and `Engine.run` do.
    """
    afters = [pair.after.out for pair in pairs if pair.after is not None and pair.after.ok]
    complete = all(settle(pair)[0] is not ObjectVerdict.BROKEN for pair in pairs)
    fields = field_places(moved.fields, afters, complete=complete)
    compared: list[ComparedObject] = []
    plain_names: list[PlainName] = []
    for pair, before, after in comparable(pairs):
        old, new = (read_object(side.out.read_bytes(), pair.name) for side in (before, after))
        foreign = moved.foreign(old, pair.command.source)
        places = {name: at for name, at in fields.places.items() if name not in foreign}
        compared.append(ComparedObject(pair, before, after, places, prove(old, new, places)))
    plain = _without_optimiser(engine, edges, compared)
    suspects = doubtful_instances(compared, plain)
    layouts = other_layouts(engine, edges, suspects, fields.layouts)
    explain = partial(_explainer, plain=plain, layouts=layouts, sources=sources)
    gone = {name for name, (at, _) in moved.fields.items() if at not in fields.absent}
    for pair in pairs:
        if pair.after is not None and pair.after.ok:
            plain_names += _plain_names(pair, pair.after, gone, moved)
    report = CodegenReport(
        sum(len(compared_object.proof.functions) for compared_object in compared),
        sum(len(compared_object.proof.objects) for compared_object in compared),
        *_reports(compared, explain),
        tuple(plain_names),
        tuple(sorted((moved.fields[name][0], name) for name in moved.fields.keys() - gone)),
    )
    return tuple(_verdict(pair, report.different) for pair in pairs), report


def _plain_names(
    pair: Pair, after: Result, gone: set[str], moved: MovedVariables
) -> Iterator[PlainName]:
    """Yield the plain names that the symbol table of an object still has."""
    file = read_object(after.out.read_bytes(), pair.name)
    left = {
        symbol.name: symbol.section != SHN_UNDEF
        for symbol in file.symbols
        if symbol.name in gone and symbol.kind not in (STT_SECTION, STT_FILE)
    }
    for name in sorted(left.keys() - moved.foreign(file, pair.command.source)):
        yield PlainName(pair.name, name, left[name])


def _without_optimiser(
    engine: Engine, edges: Sequence[BuildEdge], compared: Sequence[ComparedObject]
) -> dict[str, UnoptimisedCode]:
    doubtful = {
        compared_object.pair.name: compared_object.in_doubt
        for compared_object in compared
        if compared_object.in_doubt
    }
    places = {compared_object.pair.name: compared_object.places for compared_object in compared}
    return prove_unoptimised(engine, edges, doubtful, places)


Reports = tuple[FunctionReport, ...]


def _explainer(
    compared: ComparedObject,
    plain: Mapping[str, UnoptimisedCode],
    layouts: Mapping[tuple[str, str], str],
    sources: FunctionSources,
) -> Explainer:
    before, after = map(Targets, compared.files())
    own = plain.get(compared.pair.name, UnoptimisedCode())
    return Explainer(compared, own, layouts, sources, before, after)


def _reports(
    compared: Sequence[ComparedObject], explain: Callable[[ComparedObject], Explainer]
) -> tuple[Reports, Reports, Reports]:
    """Return what is not proved, and what is on the side before or after alone."""
    unproved: list[FunctionReport] = []
    only_before: list[FunctionReport] = []
    only_after: list[FunctionReport] = []
    for compared_object in compared:
        if compared_object.proof.unproved or compared_object.lone:
            explainer = explain(compared_object)
            for found in compared_object.proof.unproved:
                unproved.append(explainer.report(found, listed=len(unproved) < MOST_LISTINGS))
            old, new = explainer.lone()
            only_before += old
            only_after += new
    return tuple(unproved), tuple(only_before), tuple(only_after)


def _verdict(pair: Pair, different: set[str]) -> ObjectReport:
    verdict, detail = settle(pair)
    if pair.name in different:
        verdict = ObjectVerdict.DIFFERENT
    command = pair.command
    return ObjectReport(pair.name, command.source, command.configuration, verdict, detail=detail)
