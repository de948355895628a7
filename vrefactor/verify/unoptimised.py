"""Is a function proved the same when the optimiser is left out of it?

Machine code that was not optimised follows the source: where it is the same on both sides, the
source means the same, and whatever differs in the optimised code is the optimiser's choice.
That holds for a function together with all that it may have inlined, so whatever it refers to
in its object must be proved the same too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from vrefactor.verify.codegen import Proof, prove
from vrefactor.verify.compare import comparable, pair_results
from vrefactor.verify.containers import Places
from vrefactor.verify.elf import STB_LOCAL, STT_OBJECT, ObjectFile, read_object
from vrefactor.verify.engine import Engine
from vrefactor.verify.graph import Edge
from vrefactor.verify.targets import Targets

LEVELS: tuple[tuple[str, ...], ...] = (
    ("-O2", "-Xclang", "-disable-llvm-passes"),
    ("-O0",),
)
"""Flags that leave the optimiser out; a compiler that refuses them tells nothing.

clang's own first: the front end then still sees the macros that `-O` defines, and evaluates
the arguments of a call in the same order on both sides, as `-O0` does not always do.
"""


@dataclass(slots=True)
class Plain:
    """What is known of one object without the optimiser.

    `functions` are proved the same, with all that they may inline; `details` say of others what
    differs; `statics` are the sizes of its static variables before.
    """

    functions: set[str] = field(default_factory=set)
    details: dict[str, str] = field(default_factory=dict)
    statics: dict[str, int] = field(default_factory=dict)


def prove_unoptimised(
    engine: Engine,
    edges: Sequence[Edge],
    wanted: Mapping[str, Collection[str]],
    places: Mapping[str, Places],
) -> dict[str, Plain]:
    """Build the objects of `wanted` again without the optimiser, and prove what can be.

    `wanted` has the functions that matter by the name of their object, and `places` where the
    virtualised variables of each object lie.  An object that is proved at one level is not
    built at the next one.
    """
    found = {name: Plain() for name in wanted}
    for number, flags in enumerate(LEVELS):
        left = {name for name, plain in found.items() if set(wanted[name]) - plain.functions}
        level = [_edge(edge, number, flags) for edge in edges if edge.name in left]
        if not level:
            break
        results = engine.run(f"unoptimised{number}", level)
        for pair, before, after in comparable(pair_results(level, results)):
            old, new = (read_object(one.out.read_bytes(), pair.name) for one in (before, after))
            _add(found[pair.name], old, prove(old, new, places[pair.name]), places[pair.name])
    return found


def _edge(edge: Edge, level: int, flags: tuple[str, ...]) -> Edge:
    out = f"plain{level}/{edge.side}/{edge.name}"
    return replace(edge, args=(*edge.args, *flags), out=out)


def _add(plain: Plain, old: ObjectFile, proof: Proof, places: Places) -> None:
    plain.functions |= proved_with_callees(Targets(old), proof, places)
    for found in proof.unproved:
        plain.details.setdefault(found.name, found.detail)
    plain.statics |= static_sizes(old)


def static_sizes(file: ObjectFile) -> dict[str, int]:
    """Return the size of each static variable of an object, in bytes."""
    return {
        symbol.name: symbol.size
        for symbol in file.symbols
        if symbol.binding == STB_LOCAL and symbol.kind == STT_OBJECT
    }


def proved_with_callees(before: Targets, proof: Proof, places: Places) -> set[str]:
    """Return the proved functions that refer to nothing unproved in their object, at any depth."""
    good = {*proof.functions, *proof.objects}
    needs = {name: set(_own_references(before, name)) - places.keys() for name in good}
    while True:
        bad = {name for name in good if not needs[name] <= good}
        if not bad:
            return good & set(proof.functions)
        good -= bad


def _own_references(targets: Targets, name: str) -> Iterator[str]:
    """Yield the functions and variables of its object that a function or variable refers to."""
    symbol = targets.parts[name]
    section = targets.file.sections[symbol.section]
    stop = symbol.value + symbol.size
    for relocation in targets.relocations(section.index, symbol.value, stop):
        target = targets.target(section, relocation)
        if target.name in targets.parts:
            yield target.name
