"""Names that several files define, at least one of them for itself alone.

`vrefactor.scan.objects` finds the same in object files, as the project's HOWTO did with
nm(1); a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable

from vrefactor.index.index import Index


def shared_names(index: Index, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return those of `names` that are variables of several files, one of them static.

    Gives the files that define each, sorted.  Statics of functions don't count.
    """
    shared: dict[str, tuple[str, ...]] = {}
    for name in sorted(names):
        found = index.definitions(name)
        if len(found) > 1 and any(variable.file for variable in found.values()):
            shared[name] = tuple(sorted(found))
    return shared
