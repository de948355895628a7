"""The names that collide, as `scan --objects` lists them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vrefactor.scan.objects import Collision


def colliding(found: Sequence[Collision]) -> bytes:
    """Return a line for each name and file, with what only one account knows marked."""
    lines = ["", f"collisions: {len(found)} names of statics that other files define too"]
    for collision in found:
        lines.append(f"  {collision.name}")
        lines.extend(_files(collision))
    return ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace")


def _files(collision: Collision) -> Iterator[str]:
    for path in sorted({*collision.in_source, *collision.in_objects}):
        if path not in collision.in_objects:
            yield f"    {path} (not in the objects)"
        elif path not in collision.in_source:
            yield f"    {path} (only in the objects)"
        else:
            yield f"    {path}"
