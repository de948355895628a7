"""Preprocessing directives of one file, and the tree of its conditional groups.

A *group* is one `#if … #elif … #else … #endif`; a *branch* is one of its parts.  The
*presence condition* of an offset is the set of literals (normalised expression, truth)
that hold wherever that offset is compiled.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NoReturn

from vrefactor.c.preprocess.lexer import CACHED_FILES, Source
from vrefactor.errors import (
    SOURCE_TOO_COMPLEX,
    SOURCE_UNTERMINATED,
    ErrorKind,
    VrefactorError,
)

Literal = tuple[bytes, bool]
Condition = frozenset[Literal]

MAX_BRANCHES = 256
"""Most branches of one group: each takes a variant of the file to read."""
MAX_DEPTH = 128
"""Most groups that may stand in one another."""
MAX_LITERALS = 1 << 20
"""Most literals of the conditions of one file: a branch also has those of the ones before."""

ALWAYS: Condition = frozenset()
CONSTANTS = {b"0": False, b"1": True}
"""The truth of expressions that no configuration changes."""

_DIRECTIVE = re.compile(rb"^[ \t\f\v]*#[ \t]*([A-Za-z_]\w*)?((?:[^\\\n]|\\\r?\n|\\.)*)", re.M)
_DEFINED = re.compile(rb"^!?\s*defined\s*(?:\(\s*(\w+)\s*\)|\s(\w+))$")
_HEADER_NAME = re.compile(rb'#[ \t]*(?:include|include_next|import)\b[ \t]*([<"])([^>"\n]*)')


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive line: its keyword, its whole range, and where its operands start."""

    keyword: bytes
    start: int
    operands: int
    end: int


@dataclass(frozen=True, slots=True)
class Branch:
    """One branch: the range between its directives, and what holds inside it."""

    start: int
    end: int
    condition: Condition


@dataclass(slots=True)
class Group:
    """One conditional group; `parent` is the (group, branch) index pair that holds it.

    `exhaustive` says that it has an `#else`: one of its branches is always there.
    """

    start: int
    end: int
    branches: list[Branch]
    parent: tuple[int, int] | None
    guard: bool = False
    exhaustive: bool = False


@dataclass(frozen=True, slots=True)
class Include:
    """One `#include`: the name between its delimiters, and where its line starts and ends."""

    name: bytes
    angled: bool
    start: int
    end: int


@dataclass(slots=True)
class Conditionals:
    """All directives and conditional groups of a file, in source order."""

    source: Source
    directives: list[Directive] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    _marks: list[int] = field(default_factory=list)
    _owners: list[tuple[int, int] | None] = field(default_factory=list)

    def owner(self, offset: int) -> tuple[int, int] | None:
        """Return the innermost (group, branch) that holds `offset`, or None at file level."""
        at = bisect_right(self._marks, offset) - 1
        return self._owners[at] if at >= 0 else None

    def chain(self, offset: int) -> list[tuple[int, int]]:
        """Return the (group, branch) pairs around `offset`, innermost first."""
        chain = []
        owner = self.owner(offset)
        while owner is not None:
            chain.append(owner)
            owner = self.groups[owner[0]].parent
        return chain

    def condition(self, offset: int) -> Condition:
        """Return the presence condition of `offset`; the include guard does not count."""
        literals: set[Literal] = set()
        for index, branch in self.chain(offset):
            if not self.groups[index].guard:
                literals |= self.groups[index].branches[branch].condition
        return frozenset(literals)

    def is_dead(self, offset: int) -> bool:
        """Say whether `offset` is under a condition that is constantly false (`#if 0`)."""
        return any(CONSTANTS.get(text, truth) != truth for text, truth in self.condition(offset))

    def directive_at(self, offset: int) -> Directive | None:
        """Return the directive whose line holds `offset`, or None."""
        index = bisect_right(self.directives, offset, key=lambda directive: directive.start) - 1
        found = self.directives[index] if index >= 0 else None
        return found if found is not None and offset < found.end else None

    def cuts(self, start: int, end: int) -> bool:
        """Say whether a conditional group begins or ends between two offsets."""
        at = bisect_right(self._marks, start)
        return at < len(self._marks) and self._marks[at] <= end

    def error(self, kind: ErrorKind, detail: str, offset: int) -> VrefactorError:
        """Return an error that names the line of an offset."""
        line = self.source.line(offset)
        return VrefactorError(kind, detail, path=self.source.path, line=line)

    def mark(self, offset: int, owner: tuple[int, int] | None) -> None:
        """Record that `owner` holds the bytes from `offset` on."""
        self._marks.append(offset)
        self._owners.append(owner)


def negate(condition: Condition) -> Condition:
    """Return what holds where `condition` does not (one literal if it is a conjunction)."""
    if len(condition) == 1:
        ((text, truth),) = condition
        return frozenset({(text, not truth)})
    joined = b" && ".join(text if truth else b"!" + text for text, truth in sorted(condition))
    return frozenset({(joined, False)})


def parse_expression(keyword: bytes, text: bytes) -> Condition:
    """Return the literals of an `#if`, `#ifdef`, `#ifndef` or `#elif` line.

    A conjunction gives one literal a conjunct; anything else is one opaque literal, spelt
    with single blanks so that equal expressions compare equal.
    """
    text = b" ".join(text.replace(b"\\\n", b" ").replace(b"\\\r\n", b" ").split())
    if keyword in (b"ifdef", b"ifndef"):
        return frozenset({(b"defined(" + text + b")", keyword == b"ifdef")})
    if b"||" in text or b"?" in text:
        return frozenset({(text, True)})
    return frozenset(_literal(part.strip()) for part in text.split(b"&&"))


def _literal(text: bytes) -> Literal:
    match = _DEFINED.match(text)
    if match:
        return b"defined(" + (match[1] or match[2]) + b")", not text.startswith(b"!")
    if text.startswith(b"!") and re.fullmatch(rb"!\s*\w+", text):
        return text[1:].strip(), False
    return text, True


class _Builder:
    """Builds the groups of one file; raises the errors of `parse_conditionals`."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.result = Conditionals(source)
        self.open: list[int] = []
        self.starts: list[int] = []
        self.negated: list[list[Condition]] = []
        self.current: list[Condition] = []
        self.literals = 0

    def build(self) -> Conditionals:
        for match in _DIRECTIVE.finditer(self.source.code):
            directive = Directive(match[1] or b"", match.start(), match.start(2), match.end())
            self.result.directives.append(directive)
            self._take(directive)
        if self.open:
            self._fail("#if without #endif", self.result.groups[self.open[-1]].start)
        return self.result

    def _take(self, directive: Directive) -> None:
        keyword = directive.keyword
        if keyword in (b"if", b"ifdef", b"ifndef"):
            self._begin(directive)
        elif keyword in (b"elif", b"elifdef", b"elifndef", b"else", b"endif"):
            if not self.open:
                self._fail(f"#{keyword.decode()} without #if", directive.start)
            self._close_branch(directive)
            if keyword == b"endif":
                self._end(directive)
            else:
                self._next(directive)

    def _begin(self, directive: Directive) -> None:
        parent = self._owner()
        self.result.groups.append(Group(directive.start, -1, [], parent))
        self.open.append(len(self.result.groups) - 1)
        if len(self.open) > MAX_DEPTH:
            self._refuse(f"more than {MAX_DEPTH} #ifs in one another", directive.start)
        self.negated.append([])
        self._start_branch(directive, self._expression(directive))

    def _next(self, directive: Directive) -> None:
        self.negated[-1].append(negate(self.current[-1]))
        self.starts.pop()
        own = self.current.pop()
        own = ALWAYS if directive.keyword == b"else" else self._expression(directive)
        self.result.groups[self.open[-1]].exhaustive = directive.keyword == b"else"
        self._start_branch(directive, own)

    def _expression(self, directive: Directive) -> Condition:
        text = self.source.code[directive.operands : directive.end]
        keyword = directive.keyword.removeprefix(b"el")
        return parse_expression(keyword, text)

    def _start_branch(self, directive: Directive, own: Condition) -> None:
        self.starts.append(directive.end)
        self.current.append(own)
        group = self.result.groups[self.open[-1]]
        self.result.mark(directive.end, (self.open[-1], len(group.branches)))

    def _close_branch(self, directive: Directive) -> None:
        group = self.result.groups[self.open[-1]]
        literals = set(self.current[-1])
        for earlier in self.negated[-1]:
            literals |= earlier
        group.branches.append(Branch(self.starts[-1], directive.start, frozenset(literals)))
        self.literals += len(literals)
        if len(group.branches) > MAX_BRANCHES:
            self._refuse(f"an #if of more than {MAX_BRANCHES} branches", group.start)
        if self.literals > MAX_LITERALS:
            self._refuse("the conditions of its #ifs are too many", directive.start)

    def _end(self, directive: Directive) -> None:
        group = self.result.groups[self.open.pop()]
        group.end = directive.end
        self.starts.pop()
        self.current.pop()
        self.negated.pop()
        self.result.mark(directive.end, self._owner())

    def _owner(self) -> tuple[int, int] | None:
        if not self.open:
            return None
        return self.open[-1], len(self.result.groups[self.open[-1]].branches)

    def _fail(self, detail: str, offset: int) -> NoReturn:
        raise self.result.error(SOURCE_UNTERMINATED, detail, offset)

    def _refuse(self, detail: str, offset: int) -> NoReturn:
        raise self.result.error(SOURCE_TOO_COMPLEX, detail, offset)


@lru_cache(CACHED_FILES)
def parse_conditionals(source: Source) -> Conditionals:
    """Return the directives and groups of `source`; the answer is shared, not to be changed.

    Raises SOURCE_UNTERMINATED, with the line, for an `#if` without `#endif`, for an
    `#else`, `#elif` or `#endif` without `#if`, and for a string or character literal
    without an end, unless it is in a directive or in dead code: prose has apostrophes.
    Raises SOURCE_TOO_COMPLEX, with the line, for more conditions than the limits above.
    """
    result = _Builder(source).build()
    _find_guard(source, result)
    for offset in source.unpaired_quotes:
        if result.directive_at(offset) is None and not result.is_dead(offset):
            what = "string" if source.data[offset] == 0x22 else "character"
            detail = f"{what} literal without its end on the line"
            raise result.error(SOURCE_UNTERMINATED, detail, offset)
    return result


def _find_guard(source: Source, result: Conditionals) -> None:
    """Mark the group that is an include guard: it is then no condition of its contents."""
    if len(result.directives) < 3 or not result.groups:
        return
    first, group = result.directives[0], result.groups[0]
    code = source.code
    if group.start != first.start or first.keyword != b"ifndef" or len(group.branches) != 1:
        return
    name = code[first.operands : first.end].split()[:1]
    defines = (directive for directive in result.directives if directive.keyword == b"define")
    if any(code[directive.operands : directive.end].split()[:1] == name for directive in defines):
        group.guard = not code[: group.start].strip() and not code[group.end :].strip()


def includes(source: Source, conditionals: Conditionals) -> tuple[Include, ...]:
    """Return the `#include` directives of a file, in order; computed includes are left out."""
    found = []
    for directive in conditionals.directives:
        if directive.keyword in (b"include", b"include_next", b"import"):
            match = _HEADER_NAME.search(source.data, directive.start, directive.end)
            if match:
                name = match[2].strip()
                found.append(Include(name, match[1] == b"<", directive.start, directive.end))
    return tuple(found)
