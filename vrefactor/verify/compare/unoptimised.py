"""Is a function proved the same when the optimiser is left out of it?

Machine code that was not optimised follows the source: where it is the same on both sides, the
source means the same, and whatever differs in the optimised code is the optimiser's choice.
That holds for a function together with all that it may have inlined, so whatever it refers to
in its object must be proved the same too.  Even then a compiler may load the arguments of a call
in another order, so the order of independent instructions does not count (see `order`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from vrefactor.verify.compare.codegen import prove
from vrefactor.verify.compare.objects import comparable, pair_results
from vrefactor.verify.compare.order import same_but_for_order
from vrefactor.verify.engine import Engine
from vrefactor.verify.graph import BuildEdge
from vrefactor.verify.object.containers import Places
from vrefactor.verify.object.elf import STB_LOCAL, STT_FUNC, STT_OBJECT, ObjectFile, read_object
from vrefactor.verify.object.targets import Targets

LEVELS: tuple[tuple[str, ...], ...] = (
    ("-O2", "-Xclang", "-disable-llvm-passes", "-mllvm", "-combiner-store-merging=false"),
    ("-O0",),
)
"""Flags that leave the optimiser out; a compiler that refuses them tells nothing.

clang's own first: the front end then still sees the macros that `-O` defines, and evaluates
the arguments of a call in the same order on both sides, as `-O0` does not always do.
"""


@dataclass(slots=True)
class UnoptimisedCode:
    """What is known of one object without the optimiser.

    `functions` are proved the same, with all that they may inline; `details` say of others what
    differs; `statics` are the sizes of its static variables before.  `reordered` are proved but
    for the order of their instructions.  `own` are the functions and objects that are proved by
    themselves, and `needs` what each part of the object refers to in it.
    """

    functions: set[str] = field(default_factory=set)
    details: dict[str, str] = field(default_factory=dict)
    statics: dict[str, int] = field(default_factory=dict)
    reordered: set[str] = field(default_factory=set)
    own: set[str] = field(default_factory=set)
    needs: dict[str, set[str]] = field(default_factory=dict)

    def doubtful(self, name: str) -> set[str]:
        """Return what is not proved of a function and all that it refers to, at any depth."""
        seen: set[str] = set()
        todo = {name} & self.needs.keys()
        while todo:
            seen |= todo
            todo = {other for text in todo for other in self.needs[text]} - seen
        return seen - self.own


def prove_unoptimised(
    engine: Engine,
    edges: Sequence[BuildEdge],
    wanted: Mapping[str, Collection[str]],
    places: Mapping[str, Places],
) -> dict[str, UnoptimisedCode]:
    """Build the objects of `wanted` again without the optimiser, and prove what can be.

    `wanted` has the functions that matter by the name of their object, and `places` where the
    virtualised variables of each object lie.  An object that is proved at one level is not
    built at the next one; what is proved at one is the same source, and need not be at the other.
    """
    found = {name: UnoptimisedCode() for name in wanted}
    for number, flags in enumerate(LEVELS):
        left = {name for name, plain in found.items() if set(wanted[name]) - plain.functions}
        level = [_edge(edge, number, flags) for edge in edges if edge.name in left]
        if not level:
            break
        results = engine.run(f"unoptimised{number}", level)
        for pair, before, after in comparable(pair_results(level, results)):
            old, new = (
                read_object(result.out.read_bytes(), pair.name) for result in (before, after)
            )
            _add(found[pair.name], (Targets(old), Targets(new)), places[pair.name])
    return found


def _edge(edge: BuildEdge, level: int, flags: tuple[str, ...]) -> BuildEdge:
    out = f"plain{level}/{edge.side}/{edge.name}"
    return replace(edge, args=(*edge.args, *flags), out=out)


def _add(plain: UnoptimisedCode, sides: tuple[Targets, Targets], places: Places) -> None:
    old, new = sides
    proof = prove(old.file, new.file, places)
    plain.own |= {*proof.functions, *proof.objects}
    for found in proof.unproved:
        if found.name in plain.own:
            continue
        if found.is_function and same_but_for_order(sides, found.name, places):
            plain.own.add(found.name)
            plain.reordered.add(found.name)
        else:
            plain.details.setdefault(found.name, found.detail)
    for name in old.parts.keys() - places.keys():
        needed = set(_own_references(old, name)) - places.keys()
        plain.needs.setdefault(name, set()).update(needed)
    plain.functions = {
        name
        for name, symbol in old.parts.items()
        if symbol.kind == STT_FUNC and not plain.doubtful(name)
    } | plain.functions
    plain.statics |= static_sizes(old.file)


def static_sizes(file: ObjectFile) -> dict[str, int]:
    """Return the size of each static variable of an object, in bytes."""
    return {
        symbol.name: symbol.size
        for symbol in file.symbols
        if symbol.binding == STB_LOCAL and symbol.kind == STT_OBJECT
    }


def _own_references(targets: Targets, name: str) -> Iterator[str]:
    """Yield the functions and variables of its object that a function or variable refers to."""
    symbol = targets.parts[name]
    section = targets.file.sections[symbol.section]
    stop = symbol.value + symbol.size
    for relocation in targets.relocations(section.index, symbol.value, stop):
        target = targets.target(section, relocation)
        if target.name in targets.parts:
            yield target.name
