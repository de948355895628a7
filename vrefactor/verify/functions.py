"""The machine code of all objects, function by function: what is proved, why the rest is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from vrefactor.verify.causes import Change, optimiser_cause, statics
from vrefactor.verify.codegen import Proof, Unproved, prove
from vrefactor.verify.compare import Pair, comparable, settle
from vrefactor.verify.containers import Places, Virtualised, field_places
from vrefactor.verify.disassemble import side_by_side
from vrefactor.verify.elf import (
    SHN_UNDEF,
    STB_LOCAL,
    STT_FILE,
    STT_SECTION,
    ObjectFile,
    read_object,
)
from vrefactor.verify.engine import Engine, Result
from vrefactor.verify.graph import Edge
from vrefactor.verify.references import references
from vrefactor.verify.report import (
    CodeCause,
    CodegenReport,
    FunctionReport,
    ObjectReport,
    PlainName,
    Verdict,
)
from vrefactor.verify.targets import Targets
from vrefactor.verify.unoptimised import Plain, prove_unoptimised, static_sizes

MOST_LISTINGS = 50
"""Most functions that are disassembled to show their differences side by side."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The variables that have moved: where to, and which source defines each."""

    virtualised: Virtualised
    homes: Mapping[str, str]

    def foreign(self, file: ObjectFile, source: str) -> set[str]:
        """Return the virtualised names that are variables of another kind here: other statics."""
        return {
            symbol.name
            for symbol in file.symbols
            if symbol.binding == STB_LOCAL and self.homes.get(symbol.name, source) != source
        }


@dataclass(frozen=True, slots=True)
class _Compared:
    """One object on both sides, and what was proved of it."""

    pair: Pair
    before: Result
    after: Result
    places: Places
    proof: Proof

    @property
    def lone(self) -> list[str]:
        return [*self.proof.only_before, *self.proof.only_after]

    @property
    def in_doubt(self) -> list[str]:
        """The functions that are to be proved without the optimiser."""
        return [*(one.name for one in self.proof.unproved if one.is_function), *self.lone]

    def files(self) -> tuple[ObjectFile, ObjectFile]:
        old, new = (read_object(one.out.read_bytes(), self.pair.name) for one in self._sides)
        return old, new

    @property
    def _sides(self) -> tuple[Result, Result]:
        return self.before, self.after


def judge_functions(
    engine: Engine, edges: Sequence[Edge], pairs: Sequence[Pair], moved: Moved
) -> tuple[tuple[ObjectReport, ...], CodegenReport]:
    """Compare the machine code of all pairs that have an object on both sides.

    What is not proved the same is built again without the optimiser, to find out why.  Raises
    `VrefactorError` as `field_places`, `prove` and `Engine.run` do.
    """
    afters = [pair.after.out for pair in pairs if pair.after is not None and pair.after.ok]
    complete = all(settle(pair)[0] is not Verdict.BROKEN for pair in pairs)
    fields = field_places(moved.virtualised, afters, complete=complete)
    compared: list[_Compared] = []
    plain_names: list[PlainName] = []
    for pair, before, after in comparable(pairs):
        old, new = (read_object(side.out.read_bytes(), pair.name) for side in (before, after))
        foreign = moved.foreign(old, pair.command.source)
        places = {name: at for name, at in fields.places.items() if name not in foreign}
        compared.append(_Compared(pair, before, after, places, prove(old, new, places)))
    gone = {name for name, (at, _) in moved.virtualised.items() if at not in fields.absent}
    for pair in pairs:
        if pair.after is not None and pair.after.ok:
            plain_names += _plain_names(pair, pair.after, gone, moved)
    report = CodegenReport(
        sum(len(one.proof.functions) for one in compared),
        sum(len(one.proof.objects) for one in compared),
        *_reports(compared, _without_optimiser(engine, edges, compared)),
        tuple(plain_names),
        tuple(
            sorted((moved.virtualised[name][0], name) for name in moved.virtualised.keys() - gone)
        ),
    )
    different = {one.object for one in report.unproved}
    different |= {one.object for one in report.plain_names}
    return tuple(_verdict(pair, different) for pair in pairs), report


def _plain_names(pair: Pair, after: Result, gone: set[str], moved: Moved) -> Iterator[PlainName]:
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
    engine: Engine, edges: Sequence[Edge], compared: Sequence[_Compared]
) -> dict[str, Plain]:
    doubtful = {one.pair.name: one.in_doubt for one in compared if one.in_doubt}
    places = {one.pair.name: one.places for one in compared}
    return prove_unoptimised(engine, edges, doubtful, places)


Reports = tuple[FunctionReport, ...]


def _reports(
    compared: Sequence[_Compared], plain: Mapping[str, Plain]
) -> tuple[Reports, Reports, Reports]:
    """Return what is not proved, and what is on the side before or after alone."""
    unproved: list[FunctionReport] = []
    lone: tuple[list[FunctionReport], list[FunctionReport]] = ([], [])
    for one in compared:
        if one.proof.unproved or one.lone:
            explainer = _Explainer.of(one, plain.get(one.pair.name, Plain()))
            for found in one.proof.unproved:
                unproved.append(explainer.report(found, listed=len(unproved) < MOST_LISTINGS))
            lone[0].extend(explainer.lone(one.proof.only_before, "only before"))
            lone[1].extend(explainer.lone(one.proof.only_after, "only after"))
    return tuple(unproved), tuple(lone[0]), tuple(lone[1])


@dataclass(frozen=True, slots=True)
class _Explainer:
    """Finds the causes of what is not proved of one object."""

    compared: _Compared
    plain: Plain
    before: Targets
    after: Targets

    @classmethod
    def of(cls, compared: _Compared, plain: Plain) -> _Explainer:
        before, after = map(Targets, compared.files())
        return cls(compared, plain, before, after)

    def report(self, found: Unproved, *, listed: bool) -> FunctionReport:
        """Return the report on a function or object; `listed`: with its code side by side."""
        one = self.compared
        cause, evidence = self._cause(found)
        name = one.pair.name
        if not (listed and found.is_function):
            return FunctionReport(name, found.name, found.detail, cause, evidence)
        lines = side_by_side(found.name, one.before.out, one.after.out)
        return FunctionReport(
            name, found.name, found.detail, cause, evidence, lines.before, lines.after
        )

    def lone(self, functions: Iterable[str], detail: str) -> Iterator[FunctionReport]:
        """Yield the reports on functions of one side: without the optimiser both may have it."""
        for name in functions:
            both = name in self.plain.functions
            cause = CodeCause.INLINED if both else CodeCause.UNEXPLAINED
            yield FunctionReport(self.compared.pair.name, name, detail, cause)

    def _cause(self, found: Unproved) -> tuple[CodeCause, str]:
        name, places = found.name, self.compared.places
        if not found.is_function:
            lost = name in places
            return (CodeCause.INITIAL_VALUE if lost else CodeCause.UNEXPLAINED), ""
        if name not in self.plain.functions:
            detail = self.plain.details.get(
                name, "it is not proved, or something that it refers to"
            )
            return CodeCause.UNEXPLAINED, f"without the optimiser: {detail}"
        return optimiser_cause(self._change(name))

    def _change(self, name: str) -> Change:
        places = self.compared.places
        old, new = (
            references(side, side.parts[name], places) for side in (self.before, self.after)
        )
        return Change.of(
            (old, new),
            statics(places, self.plain.statics, static_sizes(self.before.file)),
            frozenset(instance for instance, _ in places.values()),
            frozenset(self.before.parts.keys() | self.after.parts.keys()),
        )


def _verdict(pair: Pair, different: set[str]) -> ObjectReport:
    verdict, detail = settle(pair)
    if pair.name in different:
        verdict = Verdict.DIFFERENT
    command = pair.command
    return ObjectReport(pair.name, command.source, command.configuration, verdict, detail=detail)
