"""Which functions a file defines, what each calls, and what runs or is held at file scope.

Read by brackets under every condition, as `functions` does: a call of a function and an
expansion of a macro look alike, and which it is only the whole tree can tell.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from msgspec import Struct

from vrefactor.c.facts.extract import include_facts
from vrefactor.c.facts.tables import StructTable, Tables
from vrefactor.c.model import IncludeFact, MacroFact
from vrefactor.c.parse.functions import function_of
from vrefactor.c.parse.macro_bodies import macro_definitions
from vrefactor.c.parse.toplevel import Block, blocks
from vrefactor.c.preprocess.blanking import live_code
from vrefactor.c.preprocess.conditionals import Conditionals, parse_conditionals
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.lexer import argument_texts, lex
from vrefactor.c.preprocess.variants import Prefer, Variant, choose
from vrefactor.errors import VrefactorError

_CALL = re.compile(rb"(?<![\w.])(?<!->)[A-Za-z_]\w*(?=\s*\()")
_STATIC = re.compile(rb"(?<!\w)static\s[^;{}()=]*?(\w+)\s*\(")
_KEYWORDS = frozenset(
    b"if for while switch return sizeof defined do else case typeof __typeof __attribute__".split()
)
_NAMES = bytes(c if c in b"(_" or (chr(c).isalnum() and c < 128) else 0x20 for c in range(256))


class FunctionCalls(Struct, frozen=True, array_like=True):
    """One function definition: where its body is, and the offsets of its calls, by name."""

    name: str
    start: int
    open: int
    close: int
    static: bool
    calls: dict[str, tuple[int, ...]]


class FileScopeCall(Struct, frozen=True, array_like=True):
    """A macro invoked at file scope, with its arguments: comments blank, blanks joined."""

    macro: str
    start: int
    arguments: tuple[str, ...]


class FileCalls(Struct, frozen=True, array_like=True):
    """What one file says of calls; `error` is why it can't be read, if it can't."""

    path: str
    includes: tuple[IncludeFact, ...] = ()
    functions: tuple[FunctionCalls, ...] = ()
    macros: tuple[MacroFact, ...] = ()
    invocations: tuple[FileScopeCall, ...] = ()
    tables: tuple[StructTable, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class CalledNamesQuestion:
    """The question which names a file may call, and which tables it may hold, unlexed.

    `tags` are struct tags or typedef names.
    """

    tags: frozenset[str] = frozenset()

    def key(self) -> bytes:
        """Return what stands for the whole of the question."""
        return f"names before parentheses, tables of {sorted(self.tags)}".encode()

    def __call__(self, path: str, data: bytes, macros: MacroMatcher) -> bytes:
        """Return every word before a `(`, and `=tag` for a table, with blanks between.

        A superset: prose in comments counts too.
        """
        text = data.translate(_NAMES).replace(b" (", b"(").replace(b"(", b"( ")
        names = {word[:-1] for word in set(text.split()) if word[-1] == 0x28}
        for tag in self.tags:
            if re.search(tag.encode() + rb"\s+\w+\s*(?:\[[^\]]*\]\s*)?=\s*\{", data):
                names.add(b"=" + tag.encode())
        return b" ".join(names)


@dataclass(frozen=True, slots=True)
class CallsQuestion:
    """The question what a file calls.

    `invoked` are the macros of which invocations at file scope are wanted, and `tags` the
    struct tags and typedef names of which tables are.
    """

    invoked: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()

    def key(self) -> bytes:
        """Return what stands for the whole of the question."""
        return repr((sorted(self.invoked), sorted(self.tags))).encode()

    def __call__(self, path: str, data: bytes, macros: MacroMatcher) -> FileCalls:
        """Read one file; one that is no C says so in its `error`."""
        try:
            source = lex(path, data)
            conditionals = parse_conditionals(source)
        except VrefactorError as error:
            return FileCalls(path, error=str(error))
        own = tuple(body.fact() for body in macro_definitions(source, conditionals))
        code = live_code(source, conditionals)
        sorter = _Sorter(source.code, conditionals)
        sorter.sort([match.start() for match in _CALL.finditer(code)])
        return FileCalls(
            path,
            include_facts(source, conditionals),
            tuple(sorter.functions(code)),
            () if path.endswith(".h") else own,
            tuple(self._invocations(code, sorter.outside, own)),
            tuple(Tables(self.tags).find(code)) if self.tags else (),
        )

    def _invocations(
        self, code: bytes, outside: Iterable[int], own: Iterable[MacroFact]
    ) -> Iterator[FileScopeCall]:
        names = {name.encode() for name in self.invoked}
        names |= {macro.name.encode("latin-1") for macro in own if self._mentions(macro.body)}
        for at in sorted(outside):
            word = _CALL.match(code, at)
            if word is None or word[0] not in names:
                continue
            arguments = argument_texts(code, code.index(b"(", at))
            if arguments is not None:
                yield FileScopeCall(word[0].decode(), at, arguments)

    def _mentions(self, body: str) -> bool:
        return not self.invoked.isdisjoint(re.findall(r"\w+", body))


@dataclass(slots=True)
class _Sorter:
    """Sorts offsets by the function that holds them, looking at as few variants as will do.

    An offset that a variant hides is in a function all the same if the whole `#if` that hides
    it is, and braces balance in each of its branches.
    """

    code: bytes
    conditionals: Conditionals
    outside: list[int] = field(default_factory=list)
    _found: dict[int, tuple[Variant, Block]] = field(default_factory=dict)
    _held: dict[int, list[int]] = field(default_factory=dict)

    def sort(self, offsets: list[int]) -> None:
        """Look for the functions around the offsets, under every condition."""
        left = self._look(choose(self.code, self.conditionals, [0]), offsets)
        for prefer in (Prefer.FIRST, Prefer.LAST, Prefer.LEAST):
            if left and self.conditionals.groups:
                left = self._look(choose(self.code, self.conditionals, left, prefer), left)

    def functions(self, code: bytes) -> Iterator[FunctionCalls]:
        """Yield the functions that hold offsets, in order, with their calls."""
        static = set(_STATIC.findall(code))
        for opened, (variant, block) in sorted(self._found.items()):
            function = function_of(variant.text, block)
            if function.name:
                calls = self._calls(code, self._held.get(opened, ()))
                internal = function.name.encode() in static
                yield FunctionCalls(
                    function.name, function.name_at, block.open, block.close, internal, calls
                )

    def _calls(self, code: bytes, offsets: Iterable[int]) -> dict[str, tuple[int, ...]]:
        calls: dict[str, list[int]] = {}
        for at in offsets:
            word = _CALL.match(code, at)
            if word is not None and word[0] not in _KEYWORDS:
                calls.setdefault(word[0].decode(), []).append(at)
        return {name: tuple(found) for name, found in calls.items()}

    def _look(self, variants: Iterable[Variant], offsets: list[int]) -> list[int]:
        """Take one variant after the other; return the offsets that none of them settles."""
        for variant in variants:
            pairs = blocks(variant.text)
            if pairs is None:
                continue
            bodies = [block for block in pairs if block.function]
            for block in bodies:
                self._found.setdefault(block.open, (variant, block))
            offsets = self._settle(variant, bodies, offsets)
        return offsets

    def _settle(self, variant: Variant, bodies: list[Block], offsets: list[int]) -> list[int]:
        left: list[int] = []
        hiding: dict[tuple[int, int] | None, int | None] = {}
        starts = [block.open for block in bodies]
        for at in offsets:
            index = bisect_right(starts, at) - 1
            block = bodies[index] if index >= 0 and at < bodies[index].close else None
            owner = self.conditionals.owner(at)
            if owner not in hiding:
                hiding[owner] = self._hidden_by(variant, at)
            group = hiding[owner]
            if group is not None and (block is None or not self._is_within(group, block)):
                left.append(at)
            elif block is None:
                self.outside.append(at)
            else:
                self._held.setdefault(block.open, []).append(at)
        return left

    def _hidden_by(self, variant: Variant, offset: int) -> int | None:
        """Return the outermost group whose chosen branch does not hold `offset`, if any."""
        for group, branch in reversed(self.conditionals.chain(offset)):
            if variant.choice[group] != branch:
                return group
        return None

    def _is_within(self, group: int, block: Block) -> bool:
        other_group = self.conditionals.groups[group]
        return (
            block.open < other_group.start
            and other_group.end <= block.close
            and all(
                self.code.count(b"{", branch.start, branch.end)
                == self.code.count(b"}", branch.start, branch.end)
                for branch in other_group.branches
            )
        )
