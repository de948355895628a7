"""Macros that carry a name into the files that use them."""

from __future__ import annotations

from collections.abc import Iterable

from vrefactor.index.index import Index

Definition = tuple[str, str]
"""A macro definition: the file that holds it, and the macro's name."""


class ExpansionClosure:
    """The macro definitions whose expansion uses one of the seeds, through others too."""

    def __init__(self, index: Index, seeds: Iterable[Definition]) -> None:
        self._index = index
        self._files: dict[str, set[str]] = {}
        for path, name in seeds:
            self._files.setdefault(name, set()).add(path)
        self._spread()

    def _spread(self) -> None:
        pending = set(self._files)
        while pending:
            found = [item for bodies in self._index.bodies for item in bodies.mentioning(pending)]
            pending = set()
            for path, macro, carried in found:
                if self.in_view(carried, path) and path not in self._files.get(macro.name, ()):
                    self._files.setdefault(macro.name, set()).add(path)
                    pending.add(macro.name)

    def in_view(self, name: str, path: str) -> bool:
        """Say whether a carrying definition of macro `name` is in view of the file `path`."""
        files = self._files.get(name)
        return files is not None and not files.isdisjoint(self._index.includes.closure(path))

    def used_by(self, path: str) -> bool:
        """Say whether the code of the file `path` expands a carrying macro."""
        facts = self._index.facts[path]
        if any(self.in_view(name, path) for name in facts.macro_uses):
            return True
        own = {macro.name for macro in facts.macros}
        return not path.endswith(".h") and any(path in self._files.get(name, ()) for name in own)
