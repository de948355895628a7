"""Entry points: functions that select a network stack, or walk over all of them.

    void                                    void
    ip_drain(void)                          ip_drain(void)
    {                                       {
                                                    VNET_ITERATOR_DECL(vnet_iter);

            LOCK();                                 LOCK();
                                                    VNET_LIST_RLOCK();
                                                    VNET_FOREACH(vnet_iter) {
                                                            CURVNET_SET(vnet_iter);
                                                            INIT_VNET_INET(vnet_iter);
            drain(&V_ipq);                                  drain(&V_ipq);
                                                            CURVNET_RESTORE();
                                                    }
                                                    VNET_LIST_RUNLOCK();
            UNLOCK();                               UNLOCK();
    }                                       }

A function that sets the current stack restores it on every way out.  What can't be done
safely is refused, with the line of what is in the way.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from vrefactor.c.statements import Jump, Statement, jumps, labels
from vrefactor.c.variants import choose
from vrefactor.index.carriers import Carriers
from vrefactor.rules.globs import name_matcher
from vrefactor.rules.types import Entry, StubRules
from vrefactor.steps.stub_arguments import render as fill_in
from vrefactor.steps.stub_body import NAME, Body
from vrefactor.steps.stub_layout import Need, calls, opening, render
from vrefactor.steps.stub_sites import Use

_JUMP = re.compile(rb"(?<!\w)(?:return|goto)(?!\w)")
_DONE = re.compile(rb"CURVNET_SET(?:_QUIET)?\s*\(|VNET_FOREACH\s*\(")
_RESTORE = b"CURVNET_RESTORE();"


class Obstacle(Exception):
    """Why an entry point can't be rewritten: the offset and the reason."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(reason)
        self.offset = offset
        self.reason = reason


@dataclass(slots=True)
class Insertions:
    """What is inserted into one function, by offset; what comes first stands first."""

    texts: dict[int, bytes] = field(default_factory=dict)

    def add(self, at: int, text: bytes) -> None:
        """Insert `text` at an offset, behind what is to be inserted there already."""
        self.texts[at] = self.texts.get(at, b"") + text


@dataclass(frozen=True)
class EntryPoint(Body):
    """One function that the rules name, and what is known of it."""

    entry: Entry
    rules: StubRules
    uses: tuple[Use, ...]
    """The live uses in it."""
    leaving: Carriers
    """The macros that return or jump."""

    @property
    def done(self) -> bool:
        """Whether the function sets a stack already."""
        body = self.file.source.code[self.function.open : self.function.close]
        return _DONE.search(body) is not None

    @property
    def vnet(self) -> str:
        """The expression for the stack."""
        if self.entry.vnet is None:
            return self.rules.iterator
        return fill_in(self.entry.vnet, self.function.parameters)

    def plan(self, needs: Sequence[Need]) -> Insertions:
        """Return what to insert; `needs` are the INIT calls.  Raises Obstacle."""
        body = self.statements
        if body is None:
            raise Obstacle(self.function.open, "its body does not parse")
        plan = _loop if self.entry.vnet is None else _set
        return plan(self, body, [replace(need, argument=self.vnet) for need in needs])

    def check_macros(self, start: int, end: int) -> None:
        """Raise Obstacle at a macro in the range that returns or jumps."""
        for match in NAME.finditer(self.function.text, start, end):
            name = match[0].decode("latin-1")
            if self.leaving.in_view(name, self.file.path):
                raise Obstacle(match.start(), f"the macro {name} returns or jumps")

    def jumps(self) -> list[Jump]:
        """Return every `return` and `goto` of every branch of every `#if`, in order."""
        code, conditionals = self.file.source.code, self.file.conditionals
        body = slice(self.function.open, self.function.close)
        wanted = [match.start() for match in _JUMP.finditer(code, body.start, body.stop)]
        found: dict[int, Jump] = {}
        for variant in choose(code, conditionals, wanted):
            for jump in jumps(replace(self.function, text=variant.text)):
                known = found.get(jump.start)
                if known is None or jump.bare:
                    found[jump.start] = jump
        return [found[at] for at in sorted(found)]


def _loop(point: EntryPoint, body: list[Statement], needs: list[Need]) -> Insertions:
    first, last = _looped(point, body)
    start, end = _with_comment(point, point.line_start(first.start)), point.next_line(last.end - 1)
    _check_loop(point, start, end)
    top = opening(point.file, point.function)
    if top.inline:
        raise Obstacle(point.function.open, "its body begins on the line of the brace")
    indent = top.indent
    found = Insertions()
    iterator = point.rules.iterator.encode()
    found.add(top.at, top.render([b"VNET_ITERATOR_DECL(%s);" % iterator]))
    head = [b"VNET_LIST_RLOCK();", b"VNET_FOREACH(%s) {" % iterator]
    inner = [_selection(point), *calls(needs)]
    found.add(start, render(head, indent) + render(inner, indent + b"\t"))
    for at in _indented(point, start, end):
        found.add(at, b"\t")
    tail = render([_RESTORE], indent + b"\t") + render([b"}", b"VNET_LIST_RUNLOCK();"], indent)
    found.add(end, tail)
    return found


def _selection(point: EntryPoint) -> bytes:
    macro = "CURVNET_SET_QUIET" if point.entry.quiet else "CURVNET_SET"
    return f"{macro}({point.vnet});".encode()


def _looped(point: EntryPoint, body: list[Statement]) -> tuple[Statement, Statement]:
    """Return the first and the last statement that belong into the loop."""
    matches = name_matcher(point.entry.inside)
    offsets = [use.start for use in point.uses]
    offsets += [
        match.start()
        for match in NAME.finditer(point.function.text, point.function.open, point.function.close)
        if matches(match[0].decode("latin-1"))
    ]
    held = [one for one in body if any(one.start <= at < one.end for at in offsets)]
    for one in held:
        if one.declaration:
            raise Obstacle(one.start, "a declaration of the function's outermost block uses it")
    if not held:
        raise Obstacle(point.function.open, "nothing in it belongs into the loop")
    for one in (held[0], held[-1]):
        if not point.is_whole(one):
            raise Obstacle(one.start, "the loop would begin or end inside an #if")
    return held[0], held[-1]


def _with_comment(point: EntryPoint, start: int) -> int:
    """Return the line where a comment right above the line at `start` begins."""
    data = point.file.source.data
    for first, end in point.file.source.comments:
        above = point.line_start(first)
        alone = not data[above:first].strip() and not data[end:start].strip(b" \t\r\n")
        if alone and point.next_line(end - 1) == start and above > point.function.open:
            return above
    return start


def _check_loop(point: EntryPoint, start: int, end: int) -> None:
    inside = {name: at for name, at in labels(point.function).items() if start <= at < end}
    for jump in point.jumps():
        if start <= jump.start < end and not (jump.goto and jump.target in inside):
            word = "goto" if jump.goto else "return"
            raise Obstacle(jump.start, f"a {word} would leave the loop")
        if jump.goto and jump.target in inside and not start <= jump.start < end:
            raise Obstacle(jump.start, "a goto would enter the loop")
    point.check_macros(start, end)


def _indented(point: EntryPoint, start: int, end: int) -> list[int]:
    """Return the lines that get one more tab: no directive, no continued line, none empty."""
    data = point.file.source.data
    margins = [(one.start, one.end) for one in point.file.conditionals.directives]
    found: list[int] = []
    at = start
    while at < end:
        following = point.next_line(at)
        continued = data[:at].endswith((b"\\\n", b"\\\r\n")) and at != start
        directive = any(first <= at < last for first, last in margins)
        if data[at:following].strip() and not continued and not directive:
            found.append(at)
        at = following
    return found


def _set(point: EntryPoint, body: list[Statement], needs: list[Need]) -> Insertions:
    found = Insertions()
    lines = [_selection(point), *calls(needs)]
    settled = point.settled(point.vnet)
    top = opening(point.file, point.function)
    if settled is None:
        since = top.at
        found.add(since, top.render(lines))
    else:
        since, text = point.behind(settled, render(lines, top.indent))
        found.add(since, text)
    for use in point.uses:
        if use.start < since:
            raise Obstacle(use.start, f"{use.name} is used before the stack is known")
    _check_set(point, since)
    for jump in point.jumps():
        if jump.start >= since and not jump.goto:
            _restore_before(point, jump, found)
    _restore_at_end(point, body, found, top.indent)
    return found


def _check_set(point: EntryPoint, since: int) -> None:
    places = labels(point.function)
    names = {use.name for use in point.uses}
    for jump in point.jumps():
        target = places.get(jump.target, since) if jump.goto else since
        if jump.goto and (jump.start < since) != (target < since):
            raise Obstacle(jump.start, "a goto crosses the place where the stack is set")
        words = {word.decode("latin-1") for word in NAME.findall(jump.target)}
        calls_out = re.search(rb"\w\s*\(", jump.target) is not None
        if not jump.goto and jump.start >= since and (calls_out or words & names):
            raise Obstacle(jump.start, "the returned value is computed after the stack is left")
    point.check_macros(since, point.function.close)


def _restore_before(point: EntryPoint, jump: Jump, found: Insertions) -> None:
    data, owner = point.file.source.data, point.file.conditionals.owner
    indent = data[point.line_start(jump.start) : jump.start]
    alone = not indent.strip()
    before = _RESTORE + (b"\n" + indent if alone else b" ")
    if not jump.bare:
        found.add(jump.start, before)
        return
    if alone and owner(jump.after) == owner(jump.start):
        found.add(jump.after, b" {")
        found.add(jump.start, before)
        outer = indent[:-1] if indent.endswith(b"\t") else indent[:-4]
        found.add(jump.end, b"\n" + outer + b"}")
    else:
        found.add(jump.start, b"{ " + _RESTORE + b" ")
        found.add(jump.end, b" }")


def _restore_at_end(
    point: EntryPoint, body: list[Statement], found: Insertions, indent: bytes
) -> None:
    last = body[-1] if body else None
    if last is not None and point.is_whole(last):
        text = point.function.text[last.start : last.end]
        if _JUMP.match(text):
            return
    close = point.function.close
    start = point.line_start(close)
    if point.file.source.data[start:close].strip():
        found.add(close, _RESTORE + b" ")
    else:
        found.add(start, indent + _RESTORE + b"\n")
