"""What a file does with the current network stack: sets it, needs it, loops over all.

Offsets are bytes of the file.  Where a function's SETs hold is found on every way through it,
under every condition; see `ways`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from msgspec import Struct

from vrefactor.audit.path_state import Fault, Words, ways
from vrefactor.c.parse.functions import Function, function_of
from vrefactor.c.parse.macro_bodies import MacroBody, defines
from vrefactor.c.parse.toplevel import blocks
from vrefactor.c.preprocess.blanking import live_code
from vrefactor.c.preprocess.conditionals import Conditionals, parse_conditionals
from vrefactor.c.preprocess.forced_defines import hidden_branches, variants_with_defines
from vrefactor.c.preprocess.known_macros import MacroMatcher, glob_call
from vrefactor.c.preprocess.lexer import Source, argument_texts, find_names, lex, words
from vrefactor.c.preprocess.variants import choose
from vrefactor.errors import VrefactorError
from vrefactor.rules.context import ContextRules
from vrefactor.rules.globs import name_matcher

_DISPATCH = re.compile(rb"\s*\)?\s*\(")
_OPENING = re.compile(rb"\s*\(")
_MEMBER = re.compile(rb"(?:\.|->)\s*\Z")
Span = tuple[int, int]


class Setting(Struct, frozen=True, array_like=True):
    """A SET: where, and the stack that it sets, with single blanks."""

    start: int
    call: str
    argument: str


class Restoring(Struct, frozen=True, array_like=True):
    """A RESTORE: where, and by which macro."""

    start: int
    call: str


class StackMacroCall(Struct, frozen=True, array_like=True):
    """A call of a kind that rules name: its name, and its arguments with single blanks."""

    start: int
    call: str
    arguments: tuple[str, ...]


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
    settings: tuple[Setting, ...] = ()
    restores: tuple[Restoring, ...] = ()
    faults: tuple[Fault, ...] = ()
    arms: tuple[StackMacroCall, ...] = ()
    links: tuple[StackMacroCall, ...] = ()
    defaults: tuple[int, ...] = ()
    unclear: tuple[int, ...] = ()
    dispatches: tuple[StackUse, ...] = ()
    """Calls through members that the rules name."""
    absent: tuple[Span, ...] = ()
    """What is left out where the names are defined that rules take for defined."""
    error: str = ""


@dataclass(frozen=True, slots=True)
class ContextQuestion:
    """The question what a file does with the current stack.

    `names` are the V_ names of headers; a file may have more of its own.
    """

    rules: ContextRules
    names: frozenset[str]
    prefix: str

    def key(self) -> bytes:
        """Return what stands for the whole of the question."""
        return repr((self.rules, sorted(self.names), self.prefix)).encode()

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
        absent = hidden_branches(conditionals, self.rules.defined)
        if not concerned:
            return FileContext(path, absent=absent)
        return _Reading(self, source, conditionals, absent, macros).answer()

    def _is_concerned(self, data: bytes) -> bool:
        """Say whether a file may have anything to do with a stack."""
        rules = self.rules
        through = tuple(member for handed_class in rules.handed for member in handed_class.through)
        others = (*rules.set, *rules.restore, *rules.iterators, *rules.direct, *through)
        hints = [self.prefix, *others, *(name for name in self.names if self.prefix not in name)]
        if not any(hint.encode() in data for hint in hints):
            return False
        known = {name.encode() for name in (*self.names, *others)}
        own = re.search(rb"define\s+" + self.prefix.encode() + rb"\w+\s+[A-Za-z_]", data)
        return own is not None or not known.isdisjoint(words(data))

    def _is_split(self, data: bytes) -> bool:
        """Say whether a file may have lines that the defined names leave out."""
        defined = "|".join(map(re.escape, self.rules.defined)).encode()
        return bool(defined) and (
            re.search(rb"^[ \t]*#[ \t]*(?:if|elif)[^\n]*\b(?:" + defined + rb")\b", data, re.M)
            is not None
        )


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
        rules = self.reader.rules
        self.code = live_code(self.source, self.conditionals, self.absent)
        self.present = frozenset(words(self.source.code))
        bodies = [
            macro for macro in defines(self.source, self.conditionals) if self._is_there(macro)
        ]
        own = names_of(
            ((macro.name, macro.parameters, macro.body) for macro in map(MacroBody.fact, bodies)),
            rules,
            self.reader.prefix,
            self.reader.names,
        )
        names = self._known(self.reader.names | own | set(rules.direct))
        sets = self._invoked(rules.set)
        settings = [Setting(call.start, call.call, call.arguments[0]) for call in sets]
        self._follow([setting.start for setting in settings])
        return FileContext(
            self.source.path,
            tuple(self._uses(names)),
            tuple(self._needing(bodies, names)),
            tuple(sorted(own)),
            tuple(self.covered),
            tuple(sorted(self.loops)),
            tuple(settings),
            tuple(Restoring(call.start, call.call) for call in self._invoked(rules.restore)),
            tuple(sorted(self.faults)),
            tuple(self._invoked([callout.call for callout in rules.callouts])),
            tuple(self._invoked([link.call for link in rules.links])),
            tuple(at for at, _ in find_names(self.code, self._known(rules.default))),
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
        members = self._known(
            member for handed_class in self.reader.rules.handed for member in handed_class.through
        )
        for at, name in find_names(self.code, members):
            called = _DISPATCH.match(self.code, at + len(name))
            if called and _MEMBER.search(self.code, max(0, at - 8), at):
                yield StackUse(at, name.decode("latin-1"))

    def _needing(self, bodies: Iterable[MacroBody], names: Collection[bytes]) -> Iterator[str]:
        """Yield the macros with parameters that need a stack and do not set it themselves."""
        sets = [name.encode() for name in self.reader.rules.set]
        for macro in bodies:
            needs = macro.parameters is not None and find_names(macro.text, names)
            if needs and not find_names(macro.text, sets):
                yield macro.name.decode("latin-1")

    def _invoked(self, globs: Collection[str]) -> Iterator[StackMacroCall]:
        fits = name_matcher(globs)
        found = [word for word in self.present if fits(word.decode("latin-1"))]
        for at, name in find_names(self.code, found):
            call = _OPENING.match(self.code, at + len(name))
            arguments = argument_texts(self.code, call.end() - 1) if call is not None else None
            if arguments is not None:
                yield StackMacroCall(at, name.decode("latin-1"), arguments)

    def _follow(self, sets: Sequence[int]) -> None:
        """Follow the ways through the functions that set, restore or loop."""
        rules = self.reader.rules
        others = self._known([*rules.restore, *rules.iterators])
        places = sorted({*sets, *(at for at, _ in find_names(self.code, others))})
        if not places:
            return
        pattern = Words(_calls(rules.set), _calls(rules.restore), _calls(rules.iterators))
        within: dict[int, set[Span]] = {}
        without: dict[int, set[Span]] = {}
        done: set[tuple[int, bytes]] = set()
        for function in self._functions(places):
            key = (function.open, function.text[function.open : function.close])
            if key in done:
                continue
            done.add(key)
            found = ways(function, pattern, self.macros)
            if found is None:
                self.unclear.add(function.open)
                within.setdefault(function.open, set()).update(_lexical(function, pattern))
                continue
            within.setdefault(function.open, set()).update(found.within)
            without.setdefault(function.open, set()).update(found.without)
            self.loops.update(found.loops)
            self.faults.update(found.faults)
        for opened in sorted(within):
            self.covered += _minus(within[opened], without.get(opened, ()))

    def _functions(self, places: Sequence[int]) -> Iterator[Function]:
        """Yield the functions around the places, each as every variant shows it."""
        found: dict[int, Function] = {}
        for variant in choose(self.source.code, self.conditionals, places):
            for block in blocks(variant.text) or ():
                if block.function and any(block.open < at < block.close for at in places):
                    found.setdefault(block.open, function_of(variant.text, block))
        wanted = sorted({*places, *self._branches(found.values())})
        defined = self.reader.rules.defined
        for variant in variants_with_defines(self.source.code, self.conditionals, wanted, defined):
            for function in found.values():
                if _is_whole(variant.text, function):
                    yield replace(function, text=variant.text)

    def _branches(self, functions: Iterable[Function]) -> Iterator[int]:
        """Yield the starts of the branches in some functions, dead ones left out."""
        spans = [(function.open, function.close) for function in functions]
        for group in self.conditionals.groups:
            if any(opened < group.start < closed for opened, closed in spans):
                for branch in group.branches:
                    if not self.conditionals.is_dead(branch.start):
                        yield branch.start


def _is_whole(text: bytes, function: Function) -> bool:
    """Say whether the braces of a function's body balance in a variant."""
    opened, closed = function.open, function.close + 1
    return text.count(b"{", opened, closed) == text.count(b"}", opened, closed) > 0


def _minus(spans: Collection[Span], others: Collection[Span]) -> Iterator[Span]:
    """Yield what some ranges have that others have not, in order."""
    cuts = sorted(others)
    done = -1
    for start, end in sorted(spans):
        start = max(start, done)
        for opened, closed in cuts:
            if closed > start and opened < end:
                if opened > start:
                    yield start, opened
                start = closed
        if start < end:
            yield start, end
        done = max(done, end)


def _lexical(function: Function, patterns: Words) -> Iterator[Span]:
    """Yield what lies between a SET and the last RESTORE before the next one, in the text."""
    opened, closed = function.open, function.close
    starts = [match.start() for match in patterns.sets.finditer(function.text, opened, closed)]
    for start, end in pairwise([*starts, closed]):
        restores = list(patterns.restores.finditer(function.text, start, end))
        yield start, restores[-1].start() if restores else end


def _calls(names: Collection[str]) -> re.Pattern[bytes]:
    if not names:
        return re.compile(rb"(?!)")
    return re.compile(rb"(?<!\w)(?:" + "|".join(names).encode() + rb")[ \t]*\(")
