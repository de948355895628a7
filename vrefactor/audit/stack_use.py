"""What a file does with the current network stack: sets it, needs it, loops over all.

Offsets are bytes of the file.  Where a function's SETs hold is found on every path through it,
under every condition.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from msgspec import Struct

from vrefactor.audit.path_state import Fault, StackPatterns, stack_paths
from vrefactor.c.parse.functions import Function
from vrefactor.c.parse.macro_bodies import MacroBody, macro_definitions
from vrefactor.c.preprocess.blanking import live_code
from vrefactor.c.preprocess.conditionals import Conditionals, parse_conditionals
from vrefactor.c.preprocess.forced_defines import hidden_branches
from vrefactor.c.preprocess.known_macros import MacroMatcher, glob_call
from vrefactor.c.preprocess.lexer import Source, find_names, lex, words
from vrefactor.c.query.calls import NamedCall, named_calls
from vrefactor.c.query.function_variants import function_variants
from vrefactor.c.query.spans import Span, minus
from vrefactor.errors import VrefactorError
from vrefactor.rules.context import ContextRules
from vrefactor.rules.types import RuleSet

_DISPATCH = re.compile(rb"\s*\)?\s*\(")
_MEMBER = re.compile(rb"(?:\.|->)\s*\Z")


class StackUse(Struct, frozen=True, array_like=True):
    """A name that needs a stack, in a function."""

    start: int
    name: str


class FileContext(Struct, frozen=True, array_like=True):
    """What one file says; `unclear` are the functions with SETs that do not parse.

    `macros` are the file's macros whose bodies need a stack; `names` its own V_ names;
    `error` is why it can't be read, if it can't.
    """

    path: str
    uses: tuple[StackUse, ...] = ()
    macros: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    covered: tuple[Span, ...] = ()
    loops: tuple[Span, ...] = ()
    settings: tuple[NamedCall, ...] = ()
    restores: tuple[NamedCall, ...] = ()
    faults: tuple[Fault, ...] = ()
    arms: tuple[NamedCall, ...] = ()
    links: tuple[NamedCall, ...] = ()
    defaults: tuple[int, ...] = ()
    unclear: tuple[int, ...] = ()
    dispatches: tuple[StackUse, ...] = ()
    """Calls through members that the rules name."""
    absent: tuple[Span, ...] = ()
    """What is left out where the names are defined that rules take for defined."""
    error: str = ""


@dataclass(frozen=True, slots=True)
class StackMacros:
    """What selects a stack: the words of the vocabulary, and what does the same.

    In every `#if` the names in `defined` are taken for defined.
    """

    sets: tuple[str, ...]
    restores: tuple[str, ...]
    loops: tuple[str, ...]
    default_tests: tuple[str, ...]
    defined: tuple[str, ...]

    @classmethod
    def of(cls, rules: RuleSet) -> StackMacros:
        """Return those of a rule set."""
        words, context = rules.vocabulary, rules.context
        return cls(
            (words.set, words.set_quiet, *context.also_set),
            (words.restore, *context.also_restore),
            (words.foreach, *context.also_foreach),
            (words.is_default, *context.also_is_default),
            (words.option, *context.defined),
        )

    def patterns(self) -> StackPatterns:
        """Return what finds their calls."""
        return StackPatterns(_call(self.sets), _call(self.restores), _call(self.loops))


@dataclass(frozen=True, slots=True)
class ContextQuestion:
    """The question what a file does with the current stack.

    `names` are the V_ names of headers; a file may have more of its own.
    """

    rules: ContextRules
    stack: StackMacros
    names: frozenset[str]
    prefix: str

    def key(self) -> bytes:
        """Return what stands for the whole of the question."""
        return repr((self.rules, self.stack, sorted(self.names), self.prefix)).encode()

    def members(self) -> tuple[str, ...]:
        """Return the members through which the tree calls functions, as the rules tell."""
        return tuple(member for callback in self.rules.callbacks for member in callback.through)

    def __call__(self, path: str, data: bytes, macros: MacroMatcher) -> FileContext:
        """Read one file; one that is no C says so in its `error`."""
        concerned = self._is_concerned(data)
        if not concerned and not self._is_split(data):
            return FileContext(path)
        try:
            source = lex(path, data)
            conditionals = parse_conditionals(source)
        except VrefactorError as error:
            return FileContext(path, error=str(error) if concerned else "")
        absent = hidden_branches(conditionals, self.stack.defined)
        if not concerned:
            return FileContext(path, absent=absent)
        return _Reading(self, source, conditionals, absent, macros).answer()

    def _is_concerned(self, data: bytes) -> bool:
        """Say whether a file may have anything to do with a stack."""
        stack = self.stack
        selecting = (*stack.sets, *stack.restores, *stack.loops)
        others = (*selecting, *self.rules.direct, *self.members())
        hints = [self.prefix, *others, *(name for name in self.names if self.prefix not in name)]
        if not any(hint.encode() in data for hint in hints):
            return False
        known = {name.encode() for name in (*self.names, *others)}
        own = re.search(rb"define\s+" + self.prefix.encode() + rb"\w+\s+[A-Za-z_]", data)
        return own is not None or not known.isdisjoint(words(data))

    def _is_split(self, data: bytes) -> bool:
        """Say whether a file may have lines that the defined names leave out."""
        defined = "|".join(map(re.escape, self.stack.defined)).encode()
        split = re.compile(rb"^[ \t]*#[ \t]*(?:if|elif)[^\n]*\b(?:" + defined + rb")\b", re.M)
        return split.search(data) is not None


def names_of(
    macros: Iterable[tuple[str, Sequence[str] | None, str]],
    rules: ContextRules,
    prefix: str,
    known: frozenset[str] = frozenset(),
) -> frozenset[str]:
    """Return the names without parameters that need a stack, of macros: name, parameters, body.

    These stand for an accessor with a variable, for such a name, or for a `known` one.
    """
    if not rules.accessors:
        return frozenset()
    accessor = re.compile(glob_call(rules.accessors).pattern + rb"\s*\w+\s*\)\Z")
    plain = [(name, body.strip()) for name, parameters, body in macros if parameters is None]
    found = {
        name
        for name, body in plain
        if name.startswith(prefix) and accessor.match(body.encode("latin-1", "replace"))
    }
    while more := {name for name, body in plain if body in found | known} - found:
        found |= more
    return frozenset(found)


@dataclass(slots=True)
class _Reading:
    reader: ContextQuestion
    source: Source
    conditionals: Conditionals
    absent: tuple[Span, ...]
    macros: MacroMatcher
    code: bytes = b""
    present: frozenset[bytes] = frozenset()
    covered: list[Span] = field(default_factory=list)
    loops: set[Span] = field(default_factory=set)
    faults: set[Fault] = field(default_factory=set)
    unclear: set[int] = field(default_factory=set)

    def answer(self) -> FileContext:
        rules, stack = self.reader.rules, self.reader.stack
        self.code = live_code(self.source, self.conditionals, self.absent)
        self.present = frozenset(words(self.source.code))
        bodies = [
            macro
            for macro in macro_definitions(self.source, self.conditionals)
            if self._is_there(macro)
        ]
        own = names_of(
            ((macro.name, macro.parameters, macro.body) for macro in map(MacroBody.fact, bodies)),
            rules,
            self.reader.prefix,
            self.reader.names,
        )
        names = self._known(self.reader.names | own | set(rules.direct))
        settings = self._calls(stack.sets)
        self._follow([setting.start for setting in settings])
        return FileContext(
            self.source.path,
            tuple(self._uses(names)),
            tuple(self._needing(bodies, names)),
            tuple(sorted(own)),
            tuple(self.covered),
            tuple(sorted(self.loops)),
            settings,
            self._calls(stack.restores),
            tuple(sorted(self.faults)),
            self._calls([callout.call for callout in rules.callouts]),
            self._calls([link.call for link in rules.links]),
            tuple(at for at, _ in find_names(self.code, self._known(stack.default_tests))),
            tuple(sorted(self.unclear)),
            tuple(self._dispatches()),
            self.absent,
        )

    def _is_there(self, body: MacroBody) -> bool:
        return not any(start <= body.start < end for start, end in self.absent)

    def _known(self, names: Iterable[str]) -> frozenset[bytes]:
        return self.present.intersection(name.encode("latin-1") for name in names)

    def _uses(self, names: Collection[bytes]) -> Iterator[StackUse]:
        for at, name in find_names(self.code, names):
            if not _MEMBER.search(self.code, max(0, at - 8), at):
                yield StackUse(at, name.decode("latin-1"))

    def _dispatches(self) -> Iterator[StackUse]:
        for at, name in find_names(self.code, self._known(self.reader.members())):
            called = _DISPATCH.match(self.code, at + len(name))
            if called and _MEMBER.search(self.code, max(0, at - 8), at):
                yield StackUse(at, name.decode("latin-1"))

    def _needing(self, bodies: Iterable[MacroBody], names: Collection[bytes]) -> Iterator[str]:
        """Yield the macros with parameters that need a stack and do not set it themselves."""
        sets = [name.encode() for name in self.reader.stack.sets]
        for macro in bodies:
            needs = macro.parameters is not None and find_names(macro.text, names)
            if needs and not find_names(macro.text, sets):
                yield macro.name.decode("latin-1")

    def _calls(self, globs: Collection[str]) -> tuple[NamedCall, ...]:
        return tuple(named_calls(self.code, self.present, globs))

    def _follow(self, sets: Sequence[int]) -> None:
        """Follow the paths through the functions that set, restore or loop."""
        stack = self.reader.stack
        others = self._known([*stack.restores, *stack.loops])
        places = sorted({*sets, *(at for at, _ in find_names(self.code, others))})
        if not places:
            return
        patterns = stack.patterns()
        within: dict[int, set[Span]] = {}
        without: dict[int, set[Span]] = {}
        for function in function_variants(
            self.source.code, self.conditionals, places, stack.defined
        ):
            found = stack_paths(function, patterns, self.macros)
            if found is None:
                self.unclear.add(function.open)
                within.setdefault(function.open, set()).update(_lexical(function, patterns))
                continue
            within.setdefault(function.open, set()).update(found.within())
            without.setdefault(function.open, set()).update(found.without())
            self.loops |= found.loops
            self.faults |= found.faults
        for opened in sorted(within):
            self.covered += minus(within[opened], without.get(opened, ()))


def _lexical(function: Function, patterns: StackPatterns) -> Iterator[Span]:
    """Yield what lies between a SET and the last RESTORE before the next one, in the text."""
    opened, closed = function.open, function.close
    starts = [match.start() for match in patterns.sets.finditer(function.text, opened, closed)]
    for start, end in pairwise([*starts, closed]):
        restores = list(patterns.restores.finditer(function.text, start, end))
        yield start, restores[-1].start() if restores else end


def _call(names: Collection[str]) -> re.Pattern[bytes]:
    return re.compile(rb"(?<!\w)(?:" + "|".join(names).encode() + rb")[ \t]*\(")
