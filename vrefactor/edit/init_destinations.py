"""Which function takes the initial value of a variable: by the rules, else by the hooks."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field

from vrefactor.edit.files import Files
from vrefactor.edit.init_hooks import Hooks
from vrefactor.plan.symbols import Virtualised
from vrefactor.rules.globs import path_matcher
from vrefactor.rules.initializers import Init


@dataclass(frozen=True, slots=True, order=True)
class Destination:
    """A function that takes initial values: behind a `case` of it, if `load`.

    `made` is the rule by which it is made, if it is not there.
    """

    path: str
    function: str
    load: bool = False
    made: Init | None = None


class Nowhere(Exception):
    """Why a value can't go anywhere, and what to do about it."""


@dataclass(slots=True)
class Destinations:
    """Answers for one tree, each question once."""

    files: Files
    hooks: Hooks
    _by_file: dict[str, Destination | Nowhere] = field(default_factory=dict)
    _by_function: dict[tuple[str, str], Destination] = field(default_factory=dict)

    def of(self, known: Virtualised, path: str) -> tuple[Destination, str | None]:
        """Return the destination for a variable that `path` defines, and the rule's condition.

        Raises Nowhere.
        """
        rule = self._rule(known, path)
        if rule is not None:
            return self._by_rule(rule), rule.condition
        if known.container.init_function is not None:
            return self._of_container(known, known.container.init_function), None
        if path not in self._by_file:
            try:
                self._by_file[path] = self._own(path)
            except Nowhere as nowhere:
                self._by_file[path] = nowhere
        found = self._by_file[path]
        if isinstance(found, Nowhere):
            raise found
        return found, None

    def _rule(self, known: Virtualised, path: str) -> Init | None:
        rules = self.files.index.rules.inits
        named = [init for init in rules if known.symbol.name in init.symbols]
        matching = [init for init in rules if init.files and path_matcher(init.files)(path)]
        return next(iter([*named, *matching]), None)

    def _by_rule(self, rule: Init) -> Destination:
        where = f"{rule.origin[0]}:{rule.origin[1]}"
        if rule.path not in self.files.index.tree:
            raise Nowhere(f"{where}: there is no {rule.path}")
        if self.files.functions(rule.path, rule.function):
            return self._there(rule.path, rule.function)
        if rule.beside or rule.called_by or rule.sysinit:
            return Destination(rule.path, rule.function, made=rule)
        raise Nowhere(
            f"{where}: {rule.path} has no function {rule.function}; to have it made, say who"
            " calls it: `beside`, `called_by` or `sysinit`"
        )

    def _of_container(self, known: Virtualised, function: str) -> Destination:
        key = (known.container.name, function)
        if key not in self._by_function:
            paths = self.files.defining(function)
            if len(paths) != 1:
                found = (
                    f"{len(paths)} files define it: {', '.join(paths)}"
                    if paths
                    else "none is there"
                )
                raise Nowhere(
                    f"init_function `{function}` of container {known.container.name}: {found};"
                    " name function and path in an [[init]]"
                )
            self._by_function[key] = self._there(paths[0], function)
        return self._by_function[key]

    def _there(self, path: str, function: str) -> Destination:
        """Return a function that is there: behind its `case`, if it is a module's handler."""
        return Destination(path, function, self.hooks.handles(path, function))

    def _own(self, path: str) -> Destination:
        found = self.hooks.of(path)
        if len(found) == 1:
            return Destination(path, found[0].function, found[0].load)
        todo = f"name the function for {path} in an [[init]]"
        if found:
            names = ", ".join(hook.function for hook in found)
            raise Nowhere(f"several functions initialise it: {names}; {todo}")
        beside = self.hooks.beside(path)
        if not beside:
            raise Nowhere(
                f"no function initialises it; {todo}, with who calls it if it is to be made"
            )
        held = beside[0].function
        name = held.rpartition("_")[0] or posixpath.splitext(posixpath.basename(path))[0]
        function = f"{name}_init"
        if self.files.functions(path, function):
            raise Nowhere(f"{function} is there, but no table names it; {todo}")
        made = Init(
            function=function, path=path, beside=held, reason="its own table", origin=("", 0)
        )
        return Destination(path, function, made=made)
