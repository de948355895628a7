"""What a macro does with an argument: read off the macro's own body.

`TAILQ_HEAD(name, type)` makes a tag of its arguments, `offsetof(type, field)` a member
name, `MAC_CHECK(x)` pastes; most take an expression.  A token that is an argument can
only be judged with this.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from enum import Flag, auto
from functools import cached_property, lru_cache
from itertools import accumulate

from vrefactor.c.model import EnclosingCall, FileFacts, MacroFact
from vrefactor.index.includes import IncludeGraph

_TOKEN = re.compile(r"[A-Za-z_]\w*|##|#|->|\.\.\.|\S")
_OPENING = frozenset("([{")
_CLOSING = frozenset(")]}")
_DEPTH = 12


class ArgumentRole(Flag):
    """The ways in which a macro uses one of its arguments."""

    NONE = 0
    EXPRESSION = auto()
    TAG = auto()
    MEMBER = auto()
    PASTED = auto()
    STRINGISED = auto()
    UNKNOWN = auto()
    """The macro is not defined in view: nothing can be said."""


class MacroTable:
    """The macros of a tree by name, and what each does with its arguments."""

    def __init__(self, facts: Mapping[str, FileFacts], includes: IncludeGraph) -> None:
        self._includes = includes
        self._by_name: dict[str, list[tuple[str, MacroFact]]] = {}
        for path, file_facts in facts.items():
            for macro in file_facts.macros:
                self._by_name.setdefault(macro.name, []).append((path, macro))
        self._memo: dict[tuple[str, int, str], ArgumentRole] = {}

    def definitions(self, name: str, path: str) -> list[MacroFact]:
        """Return the definitions of macro `name` that the file `path` may see.

        Where none is in view by the includes, those of all headers count.
        """
        everywhere = self._by_name.get(name, [])
        if len(everywhere) > 1:
            view = self._includes.closure(path)
            visible = [macro for where, macro in everywhere if where in view]
            if visible:
                return visible
        return [macro for where, macro in everywhere if where == path or where.endswith(".h")]

    def is_in_view(self, name: str, path: str) -> bool:
        """Say whether the file `path` sees a macro `name` by its own text or its includes."""
        view = self._includes.closure(path)
        return any(where in view for where, _ in self._by_name.get(name, ()))

    def role(self, call: EnclosingCall, path: str) -> ArgumentRole:
        """Return what the macro of `call`, as seen from `path`, does with that argument.

        EXPRESSION if the name is no macro in view: then it is a function.
        """
        definitions = self.definitions(call.name, path)
        if not definitions:
            return _builtin(call.name, call.argument)
        roles = ArgumentRole.NONE
        for macro in definitions:
            roles |= self._role_in(macro, call.argument, path, _DEPTH)
        return roles

    def _role_in(self, macro: MacroFact, argument: int, path: str, depth: int) -> ArgumentRole:
        if macro.parameters is None:
            return self._through_alias(macro, argument, path, depth)
        if not macro.parameters or depth == 0:
            return ArgumentRole.NONE
        index = min(argument, len(macro.parameters) - 1)
        parameter = macro.parameters[index]
        if parameter.endswith("..."):
            parameter = parameter[:-3] or "__VA_ARGS__"
        elif argument != index:
            return ArgumentRole.NONE
        return self._uses_in_body(macro.body, parameter, path, depth)

    def _through_alias(
        self, macro: MacroFact, argument: int, path: str, depth: int
    ) -> ArgumentRole:
        target = macro.body
        if depth and target.isidentifier() and target != macro.name:
            return self._nested(target, argument, path, depth)
        return ArgumentRole.EXPRESSION

    def _uses_in_body(self, body: str, parameter: str, path: str, depth: int) -> ArgumentRole:
        tokens = _tokens(body)
        roles = ArgumentRole.NONE
        calls: list[tuple[str, int]] = []
        for at, token in enumerate(tokens):
            if token in _OPENING:
                callee = tokens[at - 1] if at and token == "(" else ""
                calls.append((callee if callee.isidentifier() else "", 0))
            elif token in _CLOSING and calls:
                calls.pop()
            elif token == "," and calls:
                calls[-1] = (calls[-1][0], calls[-1][1] + 1)
            elif token == parameter:
                roles |= self._use(tokens, at, calls, path, depth)
        return roles

    def _use(
        self, tokens: tuple[str, ...], at: int, calls: list[tuple[str, int]], path: str, depth: int
    ) -> ArgumentRole:
        before = tokens[at - 1] if at else ""
        after = tokens[at + 1] if at + 1 < len(tokens) else ""
        if "##" in (before, after):
            return ArgumentRole.PASTED
        if before == "#":
            return ArgumentRole.STRINGISED
        if before in ("struct", "union", "enum"):
            return ArgumentRole.TAG
        if before in (".", "->"):
            return ArgumentRole.MEMBER
        roles = ArgumentRole.NONE
        for name, argument in calls:
            if name:
                roles |= self._nested(name, argument, path, depth) & ArgumentRole.STRINGISED
        if calls and calls[-1][0]:
            inner = self._nested(calls[-1][0], calls[-1][1], path, depth)
            roles |= inner & _reach(before in ("(", ","), after in (")", ","))
        return roles or ArgumentRole.EXPRESSION

    def _nested(self, name: str, argument: int, path: str, depth: int) -> ArgumentRole:
        key = (name, argument, path)
        if key not in self._memo:
            self._memo[key] = ArgumentRole.NONE  # a cycle of macros adds nothing
            roles = ArgumentRole.NONE
            definitions = self.definitions(name, path)
            for macro in definitions:
                roles |= self._role_in(macro, argument, path, depth - 1)
            self._memo[key] = roles if definitions else _builtin(name, argument)
        return self._memo[key]


def _builtin(name: str, argument: int) -> ArgumentRole:
    """Return what a name that no file defines as a macro does with an argument."""
    is_member = argument == 1 and name in ("offsetof", "__offsetof", "__builtin_offsetof")
    return ArgumentRole.MEMBER if is_member else ArgumentRole.EXPRESSION


def _reach(first: bool, last: bool) -> ArgumentRole:
    """Return the roles that an argument passes on to its first, its last or its only token."""
    reach = ArgumentRole.PASTED if first or last else ArgumentRole.NONE
    if first:
        reach |= ArgumentRole.TAG | ArgumentRole.MEMBER
    return reach | ArgumentRole.EXPRESSION if first and last else reach


@lru_cache(maxsize=4096)
def _tokens(body: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(body))


def macros_mentioning(bodies: MacroBodies, seeds: Iterable[str]) -> frozenset[str]:
    """Return `seeds` and every macro whose body mentions, through others too, one of them."""
    found: set[str] = set()
    pending = set(seeds)
    while pending:
        found |= pending
        pending = {macro.name for _, macro, _ in bodies.mentioning(pending)} - found
    return frozenset(found)


class MacroBodies:
    """The replacement lists of all macros, joined so that one search goes through all."""

    def __init__(self, facts: Iterable[FileFacts]) -> None:
        self._owners = [
            (file_facts.path, macro) for file_facts in facts for macro in file_facts.macros
        ]
        self._text = "\n".join(macro.body for _, macro in self._owners)
        lengths = (len(macro.body) + 1 for _, macro in self._owners)
        self._starts = list(accumulate(lengths, initial=0))

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of every body."""
        return frozenset(re.findall(r"\w+", self._text))

    def mentioning(self, names: Iterable[str]) -> Iterator[tuple[str, MacroFact, str]]:
        """Yield (file, macro, name) for each time a macro's body mentions one of `names`."""
        for name in sorted(names):
            at = self._text.find(name)
            while at >= 0:
                end = at + len(name)
                around = self._text[max(0, at - 1) : at] + self._text[end : end + 1]
                if not any(char.isalnum() or char == "_" for char in around):
                    path, macro = self._owners[bisect_right(self._starts, at) - 1]
                    yield path, macro, name
                at = self._text.find(name, end)
