"""Which function takes the initial value of a variable: by the rules, else by registrations."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field

from vrefactor.edit.files import Files
from vrefactor.edit.registered_functions import RegisteredFunctions
from vrefactor.plan.symbols import Virtualised
from vrefactor.rules.globs import path_matcher
from vrefactor.rules.initializers import Init


@dataclass(frozen=True, slots=True, order=True)
class AssigningFunction:
    """A function `name` of the file `path` that takes initial values.

    They go behind a `case` of it, if `load`.  `rule` is what it is made by, if it is not there.
    """

    path: str
    name: str
    load: bool = False
    rule: Init | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What init functions are ordered by: the file and the name."""
        return self.path, self.name


class NoFunction(Exception):
    """Why a value can't go anywhere, and what to do about it."""


@dataclass(slots=True)
class AssigningFunctions:
    """Answers for one tree, each question once."""

    files: Files
    registered: RegisteredFunctions
    _by_file: dict[str, AssigningFunction | NoFunction] = field(default_factory=dict)
    _by_function: dict[tuple[str, str], AssigningFunction] = field(default_factory=dict)

    def of(self, known: Virtualised, path: str) -> tuple[AssigningFunction, str | None]:
        """Return the function for a variable that `path` defines, and the rule's condition.

        Raises NoFunction.
        """
        rule = self._rule(known, path)
        if rule is not None:
            return self._by_rule(rule), rule.condition
        if known.container.init_function is not None:
            return self._of_container(known, known.container.init_function), None
        if path not in self._by_file:
            try:
                self._by_file[path] = self._own(path)
            except NoFunction as obstacle:
                self._by_file[path] = obstacle
        found = self._by_file[path]
        if isinstance(found, NoFunction):
            raise found
        return found, None

    def _rule(self, known: Virtualised, path: str) -> Init | None:
        rules = self.files.index.rules.inits
        named = [init for init in rules if known.symbol.name in init.symbols]
        matching = [init for init in rules if init.files and path_matcher(init.files)(path)]
        return next(iter([*named, *matching]), None)

    def _by_rule(self, rule: Init) -> AssigningFunction:
        where = f"{rule.origin[0]}:{rule.origin[1]}"
        if rule.path not in self.files.index.tree:
            raise NoFunction(f"{where}: there is no {rule.path}")
        if self.files.functions(rule.path, rule.function):
            return self._existing(rule.path, rule.function)
        if rule.beside or rule.called_by or rule.sysinit:
            return AssigningFunction(rule.path, rule.function, rule=rule)
        raise NoFunction(
            f"{where}: {rule.path} has no function {rule.function}; to have it made, say who"
            " calls it: `beside`, `called_by` or `sysinit`"
        )

    def _of_container(self, known: Virtualised, function: str) -> AssigningFunction:
        key = (known.container.name, function)
        if key not in self._by_function:
            paths = self.files.defining(function)
            if len(paths) != 1:
                found = (
                    f"{len(paths)} files define it: {', '.join(paths)}"
                    if paths
                    else "none is there"
                )
                raise NoFunction(
                    f"init_function `{function}` of container {known.container.name}: {found};"
                    " name function and path in an [[init]]"
                )
            self._by_function[key] = self._existing(paths[0], function)
        return self._by_function[key]

    def _existing(self, path: str, function: str) -> AssigningFunction:
        """Return a function that is there: behind its `case`, if it is a module's handler."""
        return AssigningFunction(path, function, self.registered.handles(path, function))

    def _own(self, path: str) -> AssigningFunction:
        found = self.registered.of(path)
        if len(found) == 1:
            return AssigningFunction(path, found[0].function, found[0].load)
        todo = f"name the function for {path} in an [[init]]"
        if found:
            names = ", ".join(entered.function for entered in found)
            raise NoFunction(f"several functions initialise it: {names}; {todo}")
        beside = self.registered.beside(path)
        if not beside:
            raise NoFunction(
                f"no function initialises it; {todo}, with who calls it if it is to be made"
            )
        neighbour = beside[0].function
        stem = neighbour.rpartition("_")[0] or posixpath.splitext(posixpath.basename(path))[0]
        name = f"{stem}_init"
        if self.files.functions(path, name):
            raise NoFunction(f"{name} is there, but no table names it; {todo}")
        made = Init(
            function=name, path=path, beside=neighbour, reason="its own table", origin=("", 0)
        )
        return AssigningFunction(path, name, rule=made)
