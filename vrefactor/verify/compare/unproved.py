"""What is not proved of one object, and why: all the evidence that there is, brought together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from vrefactor.verify.compare.causes import SourceChange, optimiser_cause, statics
from vrefactor.verify.compare.codegen import Proof, Unproved
from vrefactor.verify.compare.objects import Pair
from vrefactor.verify.compare.order import same_but_for_order
from vrefactor.verify.compare.sources import FunctionSources
from vrefactor.verify.compare.unoptimised import UnoptimisedCode, static_sizes
from vrefactor.verify.engine import Result
from vrefactor.verify.object.containers import Places
from vrefactor.verify.object.disassemble import side_by_side
from vrefactor.verify.object.dwarf import DebugDefinition, definitions
from vrefactor.verify.object.elf import ObjectFile, read_object
from vrefactor.verify.object.references import references
from vrefactor.verify.object.targets import Targets
from vrefactor.verify.report import URGENT, CodeCause, FunctionReport

_MOST = 3
"""Most functions whose changed source the evidence names."""


@dataclass(frozen=True, slots=True)
class ComparedObject:
    """One object on both sides, and what was proved of it."""

    pair: Pair
    before: Result
    after: Result
    places: Places
    proof: Proof

    @property
    def lone(self) -> list[str]:
        """The functions and objects of one side alone."""
        return [*self.proof.only_before, *self.proof.only_after]

    @property
    def in_doubt(self) -> list[str]:
        """The functions that are to be proved without the optimiser."""
        return [
            *(unproved.name for unproved in self.proof.unproved if unproved.is_function),
            *self.lone,
        ]

    @property
    def instances(self) -> frozenset[str]:
        """The instances in which the virtualised variables lie."""
        return frozenset(instance for instance, _ in self.places.values())

    def files(self) -> tuple[ObjectFile, ObjectFile]:
        """Return the objects of both sides, read again: they are not kept."""
        sides = (self.before, self.after)
        old, new = (read_object(result.out.read_bytes(), self.pair.name) for result in sides)
        return old, new


def doubtful_instances(
    compared: Iterable[ComparedObject], plain: Mapping[str, UnoptimisedCode]
) -> dict[str, set[str]]:
    """Return the instances that what is not proved refers to, by the name of the object.

    What is proved without the optimiser sees the right container.
    """
    found: dict[str, set[str]] = {}
    for compared_object in compared:
        proved = (
            plain[compared_object.pair.name].functions
            if compared_object.pair.name in plain
            else set()
        )
        names = (
            {each.name for each in compared_object.proof.unproved}
            - proved
            - compared_object.places.keys()
        )
        if names:
            after = Targets(compared_object.files()[1])
            for name in names:
                found.setdefault(compared_object.pair.name, set()).update(
                    named(after, name, compared_object.instances)
                )
    return {name: instances for name, instances in found.items() if instances}


def named(targets: Targets, name: str, wanted: Collection[str]) -> Iterator[str]:
    """Yield those of the `wanted` symbols that a function or object refers to."""
    symbol = targets.parts[name]
    section = targets.file.sections[symbol.section]
    stop = symbol.value + symbol.size
    for relocation in targets.relocations(section.index, symbol.value, stop):
        target = targets.target(section, relocation)
        if target.name in wanted:
            yield target.name


@dataclass(frozen=True)
class Explainer:
    """Finds the causes of what is not proved of one object.

    `plain` is what is proved of it without the optimiser; `layouts` are the differences in the
    layouts of containers, by object and instance.
    """

    compared: ComparedObject
    plain: UnoptimisedCode
    layouts: Mapping[tuple[str, str], str]
    sources: FunctionSources
    before: Targets
    after: Targets

    def report(self, found: Unproved, *, listed: bool) -> FunctionReport:
        """Return the report on a function or object; `listed`: with its code side by side.

        So is one that a person has to look at.
        """
        cause, evidence = self._cause(found)
        before: tuple[str, ...] = ()
        after: tuple[str, ...] = ()
        if found.is_function and (listed or cause in URGENT):
            compared = self.compared
            lines = side_by_side(found.name, compared.before.out, compared.after.out)
            before, after = lines.before, lines.after
        name = self.compared.pair.name
        return FunctionReport(
            name, found.name, found.detail, cause, evidence, before, after, found.is_function
        )

    def lone(self) -> tuple[list[FunctionReport], list[FunctionReport]]:
        """Return the reports on what the side before has alone, and on that of the side after."""
        proof = self.compared.proof
        return (
            [self._lone(name, "only before") for name in proof.only_before],
            [self._lone(name, "only after") for name in proof.only_after],
        )

    def _is_part(self, name: str) -> bool:
        """Say whether the optimiser made an object of an element of a virtualised static."""
        whole, dot, number = name.rpartition(".")
        known = whole in self.compared.places and whole in self.plain.statics
        return bool(dot) and number.isdigit() and known

    def _lone(self, name: str, detail: str) -> FunctionReport:
        """Return the report on a function of one side: without the optimiser both may have it."""
        cause = CodeCause.UNEXPLAINED
        added, removed = self._definitions[1].get(name), self._definitions[0].get(name)
        if name in self.plain.functions:
            cause = CodeCause.INLINED
        elif self._is_part(name):
            cause = CodeCause.SPLIT
        elif added is not None and removed is None and self.sources.added(name, added):
            cause = CodeCause.ADDED
        elif removed is not None and added is None and self.sources.removed(name, removed):
            cause = CodeCause.REMOVED
        return FunctionReport(self.compared.pair.name, name, detail, cause)

    @cached_property
    def _definitions(self) -> tuple[dict[str, DebugDefinition], dict[str, DebugDefinition]]:
        """Where functions and variables are defined on each side."""
        compared = self.compared
        old, new = (
            definitions(side.out.read_bytes()) for side in (compared.before, compared.after)
        )
        return old, new

    def _cause(self, found: Unproved) -> tuple[CodeCause, str]:
        name, places = found.name, self.compared.places
        if name in places and not found.is_function:
            return CodeCause.INITIAL_VALUE, ""
        if found.is_function:
            if same_but_for_order((self.before, self.after), name, places):
                return CodeCause.REORDERED, ""
            if name in self.plain.functions:
                return self._optimised(name)
        return self._layout(name) or self._source(name) or self._unexplained(found)

    def _optimised(self, name: str) -> tuple[CodeCause, str]:
        cause, evidence = optimiser_cause(self._change(name))
        if name in self.plain.reordered:
            evidence += "; without the optimiser, the same instructions in another order"
        return cause, evidence.removeprefix("; ")

    def _layout(self, name: str) -> tuple[CodeCause, str] | None:
        for instance in sorted(set(named(self.after, name, self.compared.instances))):
            detail = self.layouts.get((self.compared.pair.name, instance))
            if detail is not None:
                return CodeCause.LAYOUT, detail
        return None

    def _source(self, name: str) -> tuple[CodeCause, str] | None:
        """Return that the source is changed of all that the function has and that is not proved."""
        changes: dict[str, str] = {}
        for text in sorted(self.plain.doubtful(name)):
            at = self._definitions[1].get(text)
            changes[text] = "" if at is None else self.sources.change(at.path, text)
        if not changes or not all(changes.values()):
            return None
        if name in changes:
            return CodeCause.SOURCE, changes[name]
        listed = ", ".join(f"{change} {changes[change]}" for change in list(changes)[:_MOST])
        more = f", and {len(changes) - _MOST} more" if len(changes) > _MOST else ""
        return CodeCause.SOURCE, f"that of what it refers to: {listed}{more}"

    def _unexplained(self, found: Unproved) -> tuple[CodeCause, str]:
        if not found.is_function:
            return CodeCause.UNEXPLAINED, ""
        default = "it is not proved, or something that it refers to"
        detail = self.plain.details.get(found.name, default)
        return CodeCause.UNEXPLAINED, f"without the optimiser: {detail}"

    def _change(self, name: str) -> SourceChange:
        places = self.compared.places
        old, new = (
            references(side, side.parts[name], places) for side in (self.before, self.after)
        )
        return SourceChange.of(
            (old, new),
            statics(places, self.plain.statics, static_sizes(self.before.file)),
            self.compared.instances,
            frozenset(self.before.parts.keys() | self.after.parts.keys()),
        )
