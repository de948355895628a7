"""Do all files see a container as the file does that defines its instance?

A macro that has another value where a header is included changes the size of an array in it,
and with it the place of all members behind: such a file reads and writes other variables than
the rest of the program.  The compiler says nothing, as each file by itself is in order.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from vrefactor.verify.build_dir import Side
from vrefactor.verify.engine import Engine
from vrefactor.verify.graph import BuildEdge
from vrefactor.verify.object.dwarf import ALL_TYPES, Layout, layout_of_type


def other_layouts(
    engine: Engine,
    edges: Sequence[BuildEdge],
    suspects: Mapping[str, Collection[str]],
    layouts: Mapping[str, Layout],
) -> dict[tuple[str, str], str]:
    """Return what differs in the layout of a container, by object and instance.

    `suspects` are the instances that are in doubt, by the name of the object; these objects of
    the side after are built again, with debug information on all types.  A compiler that
    cannot give it tells nothing.  `layouts` are those of the files that define the instances.
    """
    wanted = [
        replace(edge, args=(*edge.args, ALL_TYPES), out=f"layouts/{edge.name}")
        for edge in edges
        if edge.side is Side.AFTER and edge.name in suspects
    ]
    if not wanted:
        return {}
    found: dict[tuple[str, str], str] = {}
    for edge, result in zip(wanted, engine.run("layouts", wanted), strict=True):
        for instance in sorted(suspects[edge.name]) if result.ok else ():
            layout = layouts.get(instance, Layout())
            here = layout_of_type(result.out.read_bytes(), layout.type) if layout.type else layout
            detail = difference(layout, here) if here.fields else ""
            if detail:
                found[edge.name, instance] = detail
    return found


def difference(defined: Layout, here: Layout) -> str:
    """Return the first member that differs between two layouts, in words; empty if none does."""
    previous = ""
    for name, offset in defined.fields.items():
        behind = f", behind {previous}" if previous else ""
        if name not in here.fields:
            return f"{defined.type} has no {name} here{behind}"
        if here.fields[name] != offset:
            return (
                f"the first member of {defined.type} that differs is {name}{behind}: at "
                f"{here.fields[name]:#x}, and at {offset:#x} in the file that defines the instance"
            )
        previous = name
    more = [name for name in here.fields if name not in defined.fields]
    return f"{defined.type} has a {more[0]} here alone" if more else ""
