"""Step 2.2, the old places: definitions and declarations under `#ifdef VIMAGE_GLOBALS`.

    int useloopback = 1;             int useloopback = 1;
                                     #ifdef VIMAGE_GLOBALS
    static int arp_maxtries;         static int arp_maxtries;
    static int arp_proxyall;         static int arp_proxyall;
                                     #endif

Neighbours share a block, comments stay with their definition, what is not virtualised stays
outside; a list of declarators that holds both is split.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from vrefactor.c.model import Role
from vrefactor.c.model import TokenSite as Token
from vrefactor.c.preprocess.conditionals import parse_conditionals
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.lexer import Source, blank, lex
from vrefactor.c.query.declarations import Declaration, Declarator, declarations_at
from vrefactor.edit.declared import DeclaringFile, VariableDeclaration
from vrefactor.edit.includes import portability
from vrefactor.edit.lines import FileLines
from vrefactor.index.index import Index, Miss, Variable
from vrefactor.plan.model import Evidence, Refusal, Site, Skip, verdict_of
from vrefactor.plan.reasons import CommonSkip
from vrefactor.plan.symbols import Virtualised
from vrefactor.rules.types import RuleSet
from vrefactor.source.edits import Edit
from vrefactor.steps.containers.reasons import ContainerRefusal, ContainerSkip

OPTION = b"VIMAGE_GLOBALS"
"""The option of a kernel that keeps the plain variables."""

_GUARD = (b"defined(%s)" % OPTION, True)


Retagged = Mapping[tuple[str, int], tuple[int, int, bytes]]
"""By file and offset of a declaration: a macro's range, and the tag that takes its place."""


@dataclass(slots=True)
class Guarded:
    """The edits and the verdicts on every declaration."""

    step: str
    edits: list[Edit] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)


@dataclass(frozen=True, slots=True, order=True)
class _Span:
    """Whole lines, or a part of one line, that go under the guard; `hoisted` stays outside."""

    start: int
    end: int
    lead: bytes
    tail: bytes
    hoisted: bytes = b""


def guard(
    step: str,
    rules: RuleSet,
    files: Sequence[DeclaringFile],
    moving: Collection[Virtualised],
    retagged: Retagged,
) -> Guarded:
    """Return how the declarations of the variables that move are guarded.

    `retagged` says, by file and offset of a declaration, which part of its specifiers defines
    a type.  That must not go under the guard: of a definition the container has it, in front
    of any other declaration it stays.
    """
    result = Guarded(step)
    for file in files:
        spans: list[_Span] = []
        wanted = [declared for declared in file.declared if declared.known in moving]
        if portability(rules.portability, file.path) is not None:
            # Other systems have the plain variables, and no such option.
            _say(result, file, wanted, ContainerSkip.SHARED)
            continue
        for start, together in groupby(wanted, key=_start):
            own = list(together)
            span = None if start < 0 else _declaration(result, file, own, moving, retagged)
            if span is not None:
                spans.append(span)
        for span in _merged(file, sorted(spans)):
            _wrap(result, file.source, span)
    result.edits = _joined(result.edits, {file.path: file.source for file in files})
    return result


def _joined(edits: Sequence[Edit], sources: Mapping[str, Source]) -> list[Edit]:
    """Return the edits without the directives between blocks that touch each other."""
    found: list[Edit] = []
    for edit in sorted(edits):
        last = found[-1] if found else None
        if last is not None and last.path == edit.path:
            source = sources[edit.path]
            closing = last.replacement.rstrip(b"\r\n").endswith(b"#endif")
            opening = edit.replacement.startswith(b"#ifdef " + OPTION)
            if closing and opening and not source.data[last.end : edit.start].strip():
                newline = FileLines(source).newline
                head, _, tail = last.replacement.rpartition(b"#endif")
                found[-1] = replace(last, replacement=head.removesuffix(newline) + tail)
                if not head.strip():
                    found[-1] = replace(last, replacement=b"")
                edit = replace(edit, replacement=edit.replacement.partition(newline)[2])
        found.append(edit)
    return [edit for edit in found if edit.replacement or edit.start < edit.end]


def _start(declared: VariableDeclaration) -> int:
    return -1 if declared.declaration is None else declared.declaration.start


def _declaration(
    result: Guarded,
    file: DeclaringFile,
    own: Sequence[VariableDeclaration],
    moving: Collection[Virtualised],
    retagged: Retagged,
) -> _Span | None:
    """Plan one declaration; return the span to guard if it moves as a whole."""
    whole = own[0].declaration
    assert whole is not None
    if _GUARD in own[0].condition:
        _say(result, file, own, CommonSkip.PRESENT)
        return None
    if file.conditionals.cuts(whole.start, whole.end - 1):
        _say(result, file, own, ContainerRefusal.CUT)
        return None
    _say(result, file, own, Evidence.BOUND)
    names = {declared.fact.start for declared in own}
    cut = retagged.get((file.path, whole.start))
    if all(declarator.name_at in names for declarator in whole.declarators):
        span = _whole_lines(file.source, whole.start, whole.end)
        if cut is None:
            return span
        reason = "the type is there without the variable"
        result.edits.append(Edit(file.path, *cut, result.step, reason))
        if own[0].fact.defines:
            return span
        made = file.source.data[cut[0] : cut[1]]
        return replace(span, hoisted=made + b";" + FileLines(file.source).newline)
    text = _split(file, whole, names)
    result.edits.append(Edit(file.path, whole.start, whole.end, text, result.step, "some move"))
    return None


def _say(
    result: Guarded,
    file: DeclaringFile,
    own: Sequence[VariableDeclaration],
    why: Skip | Refusal | Evidence,
) -> None:
    for declared in own:
        fact = declared.fact
        detail = "definition" if fact.defines else "declaration"
        verdict = verdict_of(why)
        site = Site(file.path, fact.start, fact.line, fact.name, verdict, why, detail)
        result.sites.append(site)


def _whole_lines(source: Source, start: int, end: int) -> _Span:
    """Return the lines of what stands at a range, with its comments; a part of one if shared."""
    lines = FileLines(source)
    end = lines.behind(end)
    lead = tail = b""
    if lines.begins_line(start):
        start = lines.above(lines.start(start))
    else:
        lead = lines.newline
    if lines.ends_line(end):
        end = lines.next(end)
    else:
        tail = lines.newline
    return _Span(start, end, lead, tail)


def _merged(file: DeclaringFile, spans: Sequence[_Span]) -> Iterator[_Span]:
    """Yield the spans, those joined between which there is nothing but blanks and comments."""
    lines = FileLines(file.source)
    last: _Span | None = None
    for span in spans:
        if last is not None and not last.tail and lines.is_blank(last.end, span.start):
            hoisted = last.hoisted + span.hoisted
            last = _Span(last.start, span.end, last.lead, span.tail, hoisted)
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last


def _wrap(result: Guarded, source: Source, span: _Span) -> None:
    newline = FileLines(source).newline
    missing = b"" if source.data[: span.end].endswith(b"\n") else newline
    before = span.lead + span.hoisted + b"#ifdef " + OPTION + newline
    after = (span.tail or missing) + b"#endif" + newline
    reason = f"plain variables are there with {OPTION.decode()} alone"
    for at, text in ((span.start, before), (span.end, after)):
        result.edits.append(Edit(source.path, at, at, text, result.step, reason))


def _split(file: DeclaringFile, whole: Declaration, moving: Collection[int]) -> bytes:
    """Return a declaration as one for each run of declarators that move or stay together."""
    data, lines = file.source.data, FileLines(file.source)
    head = data[whole.start : whole.declarators[0].start]
    before = data[lines.start(whole.start) : whole.start]
    indent = before[: len(before) - len(before.lstrip())]
    parts: list[bytes] = []
    for moves, run in groupby(
        whole.declarators, key=lambda declarator: declarator.name_at in moving
    ):
        text = head + b", ".join(_source(data, declarator) for declarator in run) + b";"
        text = indent + text if parts or moves else text
        if moves:
            text = lines.newline.join((b"#ifdef " + OPTION, text, b"#endif"))
        parts.append(text)
    text = lines.newline.join(parts)
    lead = lines.newline if text.startswith(b"#") and not lines.begins_line(whole.start) else b""
    # A comment behind the declaration must not get onto the line of a directive.
    rest = data[whole.end : lines.next(whole.end)].strip()
    tail = lines.newline if text.endswith(b"#endif") and rest else b""
    return lead + text + tail


def _source(data: bytes, declarator: Declarator) -> bytes:
    return data[declarator.start : declarator.stop]


def guard_in_blocks(
    result: Guarded, index: Index, moving: Collection[Virtualised], opened: Mapping[str, Source]
) -> None:
    """Plan the declarations in blocks (`extern int ttl;` in a function) in the same way.

    `opened` are files that are lexed already.
    """
    places: dict[str, list[Token]] = {}
    for known in moving:
        for path, token in index.tokens.get(known.variable.name, ()):
            inner = token.role is Role.DECLARATION and token.function is not None
            if inner and _denoted(index, path, token.name) == known.variable:
                places.setdefault(path, []).append(token)
    macros = MacroMatcher(index.rules.macros)
    for path in sorted(places):
        source = opened.get(path) or lex(path, index.tree.read(path))
        file = DeclaringFile(path, source, parse_conditionals(source), ())
        block = _Block(result, file, macros, {token.start for token in places[path]})
        for token in sorted(places[path], key=lambda token: token.start):
            done = _GUARD in file.conditionals.condition(token.start)
            why = CommonSkip.PRESENT if done else block.guard(token)
            verdict, detail = verdict_of(why), "declaration in a block"
            site = Site(path, token.start, token.line, token.name, verdict, why, detail)
            result.sites.append(site)


def _denoted(index: Index, path: str, name: str) -> Variable | Miss | None:
    found = index.denotes(path, name)
    return index.only_definition(name) if found is Miss.UNDECLARED else found


@dataclass(frozen=True, slots=True)
class _Block:
    """Guards the declarations in the blocks of one file; `moving` are the offsets of names."""

    result: Guarded
    file: DeclaringFile
    macros: MacroMatcher
    moving: Collection[int]
    done: set[int] = field(default_factory=set)
    """The starts of the declarations that are guarded by now."""

    def guard(self, token: Token) -> Refusal | Evidence:
        """Guard the declaration of a name; one that can't be read is left, and does no harm."""
        source = self.file.source
        before = max(source.code.rfind(mark, 0, token.start) for mark in (b";", b"{", b"}")) + 1
        start = before + len(source.code[before:]) - len(source.code[before:].lstrip())
        end = source.code.find(b";", token.start) + 1
        whole = self._read(start, end, token.start)
        if whole is None:
            return ContainerRefusal.MIXED
        if whole.start not in self.done:
            self.done.add(whole.start)
            self._guard(whole)
        return Evidence.BOUND

    def _read(self, start: int, end: int, name_at: int) -> Declaration | None:
        """Read a declaration by itself: all else of the file is blank."""
        source = self.file.source
        text = source.code[start:end]
        if not text.startswith(b"extern") or b"#" in text:
            return None
        alone = blank(source.data[:start]) + source.data[start:end]
        lone = lex(source.path, alone)
        found = declarations_at(lone, parse_conditionals(lone), self.macros, [name_at])
        return next(iter(found.get(name_at, ())), None)

    def _guard(self, whole: Declaration) -> None:
        source = self.file.source
        if all(declarator.name_at in self.moving for declarator in whole.declarators):
            _wrap(self.result, source, _whole_lines(source, whole.start, whole.end))
            return
        text = _split(self.file, whole, self.moving)
        edit = Edit(source.path, whole.start, whole.end, text, self.result.step, "some move")
        self.result.edits.append(edit)
