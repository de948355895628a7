"""Which files an `#include` means, and which files one file sees through its includes."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping

from vrefactor.c.model import FileFacts
from vrefactor.source.tree import Tree


class IncludeGraph:
    """The `#include` relation of a tree, resolved without a build's flags.

    A name is looked up beside the including file (if quoted), then in the rules'
    directories, then through links, and at last by its path's end anywhere in the tree.
    When several files fit the last way, all are taken: a superset of what any build sees.
    """

    def __init__(
        self, tree: Tree, facts: Mapping[str, FileFacts], include_dirs: Iterable[str]
    ) -> None:
        self._tree = tree
        self._facts = facts
        self._dirs = tuple(include_dirs)
        self._by_name: dict[str, list[str]] = {}
        for path in facts:
            self._by_name.setdefault(posixpath.basename(path), []).append(path)
        self._direct: dict[str, tuple[str, ...]] = {}
        self._resolved: dict[str, tuple[str, ...]] = {}
        self._closures: dict[str, frozenset[str]] = {}

    def direct(self, path: str) -> tuple[str, ...]:
        """Return the files that the `#include`s of `path` may mean."""
        known = self._direct.get(path)
        if known is None:
            facts = self._facts.get(path)
            found: dict[str, None] = {}
            for include in facts.includes if facts else ():
                found.update(dict.fromkeys(self.resolve(path, include.name, angled=include.angled)))
            known = self._direct[path] = tuple(found)
        return known

    def resolve(self, includer: str, name: str, *, angled: bool) -> tuple[str, ...]:
        """Return the files of the tree that `name` may mean in `includer`."""
        if not angled:
            beside = posixpath.normpath(posixpath.join(posixpath.dirname(includer), name))
            if beside in self._facts:
                return (beside,)
        known = self._resolved.get(name)
        if known is None:
            known = self._resolved[name] = self._look_up(name)
        return known

    def _look_up(self, name: str) -> tuple[str, ...]:
        for directory in self._dirs:
            path = self._through_link(posixpath.normpath(posixpath.join(directory, name)))
            if path in self._facts:
                return (path,)
        ending = "/" + posixpath.normpath(name).lstrip("./")
        candidates = self._by_name.get(posixpath.basename(name), ())
        return tuple(path for path in candidates if ("/" + path).endswith(ending))

    def _through_link(self, path: str) -> str:
        if path in self._facts or not self._tree.links:
            return path
        head, rest = path, ""
        while head:
            if head in self._tree.links:
                return posixpath.normpath(posixpath.join(self._tree.links[head], rest))
            head, _, tail = head.rpartition("/")
            rest = posixpath.join(tail, rest) if rest else tail
        return path

    def closure(self, path: str) -> frozenset[str]:
        """Return `path` and every file that it may include, directly or not."""
        known = self._closures.get(path)
        if known is None:
            seen = {path}
            pending = [path]
            while pending:
                for name in self.direct(pending.pop()):
                    if name not in seen:
                        seen.add(name)
                        pending.append(name)
            known = self._closures[path] = frozenset(seen)
        return known
