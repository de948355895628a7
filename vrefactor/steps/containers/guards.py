"""Step 2.2, the old places: a kernel has the plain variables with an option only.

    int useloopback = 1;             int useloopback = 1;
                                     #ifdef ...
    static int arp_maxtries;         static int arp_maxtries;
    static int arp_proxyall;         static int arp_proxyall;
                                     #endif

Neighbours share a block, comments stay with their definition, what is not virtualised stays
outside; a list of declarators that holds both is split.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise

from vrefactor.c.model import Role
from vrefactor.c.model import TokenSite as Token
from vrefactor.c.preprocess.conditionals import Literal, parse_conditionals
from vrefactor.c.preprocess.lexer import blank, lex
from vrefactor.c.query.declarations import Declaration, Declarator, declarations_at
from vrefactor.edit.attributes import attributes_behind, declarator_end
from vrefactor.edit.declared import DeclaringFile, VariableDeclaration
from vrefactor.edit.draft import Draft
from vrefactor.edit.includes import portability
from vrefactor.edit.lines import FileLines
from vrefactor.generated.container_struct import ENDIF, plain_only
from vrefactor.index.index import Index, Miss, Variable
from vrefactor.plan.model import Evidence, Reason, Refusal
from vrefactor.plan.reasons import CommonSkip
from vrefactor.plan.symbols import Virtualised
from vrefactor.rules.vocabulary import Vocabulary
from vrefactor.steps.containers.reasons import ContainerRefusal, ContainerSkip

Replacements = Mapping[tuple[str, int], tuple[int, int, bytes]]
"""By file and offset of a declaration: a range in its specifiers, and the text for it."""


@dataclass(frozen=True, slots=True, order=True)
class _Span:
    """Whole lines, or a part of one line, that go under the guard; `hoisted` stays outside."""

    start: int
    end: int
    lead: bytes
    tail: bytes
    hoisted: bytes = b""


@dataclass(frozen=True, slots=True, order=True)
class _Change:
    """A text for a range of a file."""

    start: int
    end: int
    text: bytes
    reason: str


def guard_files(
    draft: Draft,
    files: Sequence[DeclaringFile],
    moving: Collection[Virtualised],
    retagged: Replacements,
    moved: Replacements,
) -> None:
    """Guard the declarations at file scope of the variables that move.

    `retagged` says, by file and offset of a declaration, which part of its specifiers defines
    a type.  That must not go under the guard: of a definition the container has it, in front
    of any other declaration it stays.  `moved` are types in specifiers that others replace.
    """
    for file in files:
        wanted = [declared for declared in file.declared if declared.known in moving]
        if portability(draft.index.rules.portability, file.path) is not None:
            # Other systems have the plain variables, and no such option.
            _say(draft, file, wanted, ContainerSkip.SHARED)
        else:
            _Guards(draft, file, retagged, moved).guard_all(wanted)


def _say(
    draft: Draft, file: DeclaringFile, own: Iterable[VariableDeclaration], why: Reason
) -> None:
    for declared in own:
        fact = declared.fact
        detail = "definition" if fact.defines else "declaration"
        draft.site(file.path, fact.start, fact.name, why, detail)


def condition(words: Vocabulary) -> Literal:
    """Return the condition under which the plain variables are there."""
    return b"defined(%s)" % words.option_globals.encode(), True


@dataclass(slots=True)
class _Guards:
    """What is written into one file."""

    draft: Draft
    file: DeclaringFile
    retagged: Replacements = field(default_factory=dict)
    moved: Replacements = field(default_factory=dict)
    lines: FileLines = field(init=False)
    changes: list[_Change] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lines = FileLines(self.file.source)

    @property
    def _words(self) -> Vocabulary:
        return self.draft.index.rules.vocabulary

    def guard_all(self, wanted: Sequence[VariableDeclaration]) -> None:
        """Guard these declarations, which are at file scope."""
        spans: list[_Span] = []
        for start, together in groupby(wanted, key=_start):
            if start >= 0:
                spans += self._declaration(list(together))
        for span in self._merged(sorted(spans)):
            self.wrap(span)
        self.changes = self._joined()
        self.write()

    def write(self) -> None:
        """Hand the changes over to the draft."""
        path = self.file.path
        for change in sorted(self.changes):
            if change.text or change.start < change.end:
                self.draft.replace(path, change.start, change.end, change.text, change.reason)

    def _change(self, start: int, end: int, text: bytes, reason: str = "") -> None:
        option = self._words.option_globals
        reason = reason or f"plain variables are there with {option} alone"
        self.changes.append(_Change(start, end, text, reason))

    def _declaration(self, own: Sequence[VariableDeclaration]) -> Iterator[_Span]:
        """Plan one declaration; yield the span to guard if it moves as a whole."""
        whole = own[0].declaration
        assert whole is not None
        if condition(self._words) in own[0].condition:
            _say(self.draft, self.file, own, CommonSkip.PRESENT)
            return
        if self.file.conditionals.cuts(whole.start, whole.end - 1):
            _say(self.draft, self.file, own, ContainerRefusal.CUT)
            return
        if not self.is_separable(whole):
            # It does no harm: without the option nothing uses what it declares.
            _say(self.draft, self.file, own, ContainerRefusal.MIXED)
            return
        _say(self.draft, self.file, own, Evidence.BOUND)
        names = {declared.fact.start for declared in own}
        cut = self.retagged.get((self.file.path, whole.start))
        hoisted = b""
        if cut is not None:
            self._change(*cut, "the type is there without the variable")
            if not own[0].fact.defines:
                hoisted = self.file.source.data[cut[0] : cut[1]] + b";\n"
        if any(declarator.name_at not in names for declarator in whole.declarators):
            self.split(whole, names, hoisted)
        else:
            yield replace(self.whole_lines(whole.start, whole.end), hoisted=hoisted)

    def is_separable(self, whole: Declaration) -> bool:
        """Say whether a declaration declares nothing but variables that can be told apart."""
        source, macros = self.file.source, self.draft.macros
        return None not in (
            attributes_behind(source, macros, whole, part) for part in whole.declarators
        )

    def whole_lines(self, start: int, end: int) -> _Span:
        """Return the lines of what stands at a range, with its comments, or a part of a line."""
        lead = tail = b""
        end = self.lines.behind(end)
        if self.lines.begins_line(start):
            start = self.lines.above(self.lines.start(start))
        else:
            lead = b"\n"
        if self.lines.ends_line(end):
            end = self.lines.next(end)
        else:
            tail = b"\n"
        return _Span(start, end, lead, tail)

    def _merged(self, spans: Sequence[_Span]) -> Iterator[_Span]:
        """Yield the spans, those joined with nothing but blanks and comments between them."""
        last: _Span | None = None
        for span in spans:
            if last is not None and not last.tail and self.lines.is_blank(last.end, span.start):
                hoisted = last.hoisted + span.hoisted
                last = _Span(last.start, span.end, last.lead, span.tail, hoisted)
                continue
            if last is not None:
                yield last
            last = span
        if last is not None:
            yield last

    def wrap(self, span: _Span) -> None:
        """Put the guard around a span."""
        opening = span.lead + span.hoisted + plain_only(self._words)
        self._change(span.start, span.start, opening)
        self._change(span.end, span.end, span.tail + ENDIF)

    def split(self, whole: Declaration, moving: Collection[int], hoisted: bytes = b"") -> None:
        """Make one declaration for each run of declarators that move or stay together.

        `moving` are the offsets of the names that move; `hoisted` goes in front of all.
        """
        data, opening, closing = self.file.source.data, plain_only(self._words), ENDIF[:-1]
        before = data[self.lines.start(whole.start) : whole.start]
        indent = before[: len(before) - len(before.lstrip())]
        first, last = whole.declarators[0], whole.declarators[-1]
        lead = hoisted + (opening + indent if first.name_at in moving else b"")
        if lead and not self.lines.begins_line(whole.start):
            lead = b"\n" + lead
        self._change(whole.start, whole.start, lead)
        for left, right in pairwise(whole.declarators):
            gap = b", "
            if (left.name_at in moving) != (right.name_at in moving):
                gap = b";\n" + (closing + b"\n" if left.name_at in moving else opening)
                gap += indent + self._head(whole)
            self._change(self._end(whole, left), right.start, gap, "some move")
        self._change(self._end(whole, last), whole.end, b";", "some move")
        if last.name_at in moving:
            # A comment behind the declaration must not get onto the line of a directive.
            rest = data[whole.end : self.lines.next(whole.end)].strip()
            self._change(whole.end, whole.end, b"\n" + closing + (b"\n" if rest else b""))

    def _end(self, whole: Declaration, part: Declarator) -> int:
        return declarator_end(self.file.source, self.draft.macros, whole, part)

    def _head(self, whole: Declaration) -> bytes:
        """Return the specifiers of a declaration, for a second one with the same type."""
        data, end = self.file.source.data, whole.declarators[0].start
        for replacements in (self.retagged, self.moved):
            found = replacements.get((self.file.path, whole.start))
            if found is not None:
                return data[whole.start : found[0]] + found[2] + data[found[1] : end]
        return data[whole.start : end]

    def _joined(self) -> list[_Change]:
        """Return the changes without the directives between blocks that touch each other."""
        found: list[_Change] = []
        data, opening = self.file.source.data, plain_only(self._words)
        for change in sorted(self.changes):
            last = found[-1] if found else None
            touching = last is not None and not data[last.end : change.start].strip()
            if last is not None and touching and change.text.startswith(opening):
                head, closing, tail = last.text.rpartition(ENDIF[:-1])
                if closing and not tail.strip():
                    text = head.removesuffix(b"\n") + tail if head.strip() else b""
                    found[-1] = replace(last, text=text)
                    change = replace(change, text=change.text.removeprefix(opening))
            found.append(change)
        return found


def _start(declared: VariableDeclaration) -> int:
    return -1 if declared.declaration is None else declared.declaration.start


def guard_blocks(draft: Draft, moving: Collection[Virtualised]) -> None:
    """Guard the declarations in blocks (`extern int ttl;` in a function) in the same way."""
    places: dict[str, dict[int, Token]] = {}
    for known in moving:
        for path, token in draft.index.tokens.get(known.variable.name, ()):
            inner = token.role is Role.DECLARATION and token.function is not None
            if inner and _denoted(draft.index, path, token.name) == known.variable:
                places.setdefault(path, {})[token.start] = token
    for path in sorted(places):
        file = DeclaringFile(path, *draft.files.open(path), ())
        guards = _BlockGuards(_Guards(draft, file), places[path].keys())
        for at, token in sorted(places[path].items()):
            done = condition(draft.index.rules.vocabulary) in file.conditionals.condition(at)
            why = CommonSkip.PRESENT if done else guards.guard(token)
            draft.site(path, at, token.name, why, "declaration in a block")
        guards.inner.write()


def _denoted(index: Index, path: str, name: str) -> Variable | Miss | None:
    found = index.denotes(path, name)
    return index.only_definition(name) if found is Miss.UNDECLARED else found


@dataclass(frozen=True, slots=True)
class _BlockGuards:
    """Guards the declarations in the blocks of one file; `moving` are the offsets of names."""

    inner: _Guards
    moving: Collection[int]
    done: set[int] = field(default_factory=set)
    """The starts of the declarations that are guarded by now."""

    def guard(self, token: Token) -> Refusal | Evidence:
        """Guard the declaration of a name; one that can't be read is left, and does no harm."""
        code = self.inner.file.source.code
        before = max(code.rfind(mark, 0, token.start) for mark in (b";", b"{", b"}")) + 1
        start = before + len(code[before:]) - len(code[before:].lstrip())
        end = code.find(b";", token.start) + 1
        whole = self._read(start, end, token.start)
        if whole is None or not self.inner.is_separable(whole):
            return ContainerRefusal.MIXED
        if whole.start not in self.done:
            self.done.add(whole.start)
            self._guard(whole)
        return Evidence.BOUND

    def _read(self, start: int, end: int, name_at: int) -> Declaration | None:
        """Read a declaration by itself: all else of the file is blank."""
        source = self.inner.file.source
        text = source.code[start:end]
        if not text.startswith(b"extern") or b"#" in text:
            return None
        alone = blank(source.data[:start]) + source.data[start:end]
        lone = lex(source.path, alone)
        macros = self.inner.draft.macros
        found = declarations_at(lone, parse_conditionals(lone), macros, [name_at])
        return next(iter(found.get(name_at, ())), None)

    def _guard(self, whole: Declaration) -> None:
        if all(declarator.name_at in self.moving for declarator in whole.declarators):
            self.inner.wrap(self.inner.whole_lines(whole.start, whole.end))
        else:
            self.inner.split(whole, self.moving)
