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

A function that sets the current stack restores it on every way out; a value that it returns
is computed before (`returned`).  A loop takes initial values along that differ from stack to
stack (`loop_moves`).  What can't be done safely is refused, with the line of what is in the
way.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from vrefactor.c.parse.statements import Jump, Statement, jumps, labels
from vrefactor.c.preprocess.variants import choose
from vrefactor.edit.bodies import NAME, FunctionBody, Obstacle
from vrefactor.edit.container_uses import ContainerUse
from vrefactor.edit.draft import Draft
from vrefactor.edit.openings import InitCall, call_lines, opening, render
from vrefactor.edit.stack_arguments import render as fill_in
from vrefactor.rules.globs import name_matcher
from vrefactor.rules.types import Entry
from vrefactor.rules.vocabulary import Vocabulary
from vrefactor.steps.stubs.entry_macros import EntryMacros
from vrefactor.steps.stubs.loop_moves import Moves, moves_of
from vrefactor.steps.stubs.returned import Kept, ReturnedValue, depends, keep, value_of

_JUMP = re.compile(rb"(?<!\w)(?:return|goto)(?!\w)")


@dataclass(frozen=True)
class EntryPoint(FunctionBody):
    """One function that the rules name, and what is known of it."""

    draft: Draft
    entry: Entry
    uses: tuple[ContainerUse, ...]
    """The live uses in it."""
    view: EntryMacros

    @property
    def done(self) -> bool:
        """Whether the function sets a stack already."""
        words = self.words
        names = "|".join(map(re.escape, (words.set, words.set_quiet, words.foreach)))
        code, function = self.file.source.code, self.function
        pattern = re.compile(rf"(?:{names})\s*\(".encode())
        return pattern.search(code, function.open, function.close) is not None

    @property
    def words(self) -> Vocabulary:
        """The names of the macros that select a stack."""
        return self.draft.index.rules.vocabulary

    @property
    def selection(self) -> str:
        """The call that selects the stack."""
        return f"{self.words.set_quiet if self.entry.quiet else self.words.set}({self.vnet})"

    @property
    def restore(self) -> bytes:
        """The statement that ends the selection."""
        return f"{self.words.restore}();".encode()

    @property
    def vnet(self) -> str:
        """The expression for the stack."""
        if self.entry.vnet is None:
            return self.draft.index.rules.stubs.iterator
        return fill_in(self.entry.vnet, self.function.parameters)

    def plan(self, calls: Sequence[InitCall]) -> None:
        """Write the selection; `calls` are the INIT calls.

        Raises Obstacle, and has written nothing then.
        """
        body, own = self.statements, [replace(call, argument=self.vnet) for call in calls]
        if self.entry.vnet is not None and (body is not None or not self.assignments(self.vnet)):
            _set(self, own)
        elif body is None:
            raise Obstacle(self.function.open, "its body does not parse")
        else:
            _loop(self, body, own)

    def insert(self, at: int, text: bytes) -> None:
        """Insert a text into the function."""
        self.replace(at, at, text)

    def replace(self, start: int, end: int, text: bytes) -> None:
        """Put a text in place of a range of the function."""
        reason = f"{self.function.name} is an entry point"
        self.draft.replace(self.file.path, start, end, text, reason)

    def check_macros(self, start: int, end: int, *keywords: str) -> None:
        """Raise Obstacle at a macro in the range that has one of the keywords in it."""
        for match in NAME.finditer(self.function.text, start, end):
            name = match[0].decode("latin-1")
            if any(self.view.does(keyword, name, self.file.path) for keyword in keywords):
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


def _loop(point: EntryPoint, body: list[Statement], calls: list[InitCall]) -> None:
    moves, first, last = _looped(point, body)
    lines, words = point.lines, point.words
    start, end = lines.above(lines.start(first.start)), lines.next(last.end - 1)
    _check_loop(point, start, end)
    top = opening(point.file, point.function)
    if top.inline:
        raise Obstacle(point.function.open, "its body begins on the line of the brace")
    indent, inner = top.indent, top.indent + b"\t"
    iterator = point.draft.index.rules.stubs.iterator
    for value in moves.cut:
        point.replace(*value, b"")
    point.insert(top.at, top.render([f"{words.iterator}({iterator});".encode()]))
    head = [f"{words.lock}();".encode(), f"{words.foreach}({iterator}) {{".encode()]
    selected = [point.selection.encode() + b";", *call_lines(calls), *moves.assignments]
    point.insert(start, render(head, indent) + render(selected, inner))
    for at in _indented(point, start, end):
        point.insert(at, b"\t")
    tail = [b"}", f"{words.unlock}();".encode()]
    point.insert(end, render([point.restore], inner) + render(tail, indent))


def _looped(point: EntryPoint, body: list[Statement]) -> tuple[Moves, Statement, Statement]:
    """Return the first and the last statement that belong into the loop.

    With them the initial values that declarations have to leave to it.
    """
    matches = name_matcher(point.entry.inside)
    words = [
        (match.start(), match[0].decode("latin-1"))
        for match in NAME.finditer(point.function.text, point.function.open, point.function.close)
    ]
    offsets = [use.start for use in point.uses]
    offsets += [at for at, name in words if matches(name)]
    moves = moves_of(point, body, offsets)
    offsets += [at for at, name in words if name in moves.names]
    rest = [statement for statement in body if statement.start >= moves.behind]
    held = [
        statement
        for statement in rest
        if any(statement.start <= at < statement.end for at in offsets)
    ]
    for statement in held:
        if statement.declaration:
            raise Obstacle(statement.start, "a declaration behind a statement uses it")
    if not held:
        raise Obstacle(point.function.open, "nothing in it belongs into the loop")
    first = rest[0] if moves.names else held[0]
    for statement in (first, held[-1]):
        if not point.is_whole(statement):
            raise Obstacle(statement.start, "the loop would begin or end inside an #if")
    return moves, first, held[-1]


def _check_loop(point: EntryPoint, start: int, end: int) -> None:
    inside = {name: at for name, at in labels(point.function).items() if start <= at < end}
    for jump in point.jumps():
        if start <= jump.start < end and not (jump.goto and jump.target in inside):
            word = "goto" if jump.goto else "return"
            raise Obstacle(jump.start, f"a {word} would leave the loop")
        if jump.goto and jump.target in inside and not start <= jump.start < end:
            raise Obstacle(jump.start, "a goto would enter the loop")
    point.check_macros(start, end, "return", "goto")


def _indented(point: EntryPoint, start: int, end: int) -> list[int]:
    """Return the lines that get one more tab: no directive, no continued line, none empty."""
    data = point.file.source.data
    margins = [
        (other_directive.start, other_directive.end)
        for other_directive in point.file.conditionals.directives
    ]
    found: list[int] = []
    at = start
    while at < end:
        following = point.lines.next(at)
        continued = data[:at].endswith((b"\\\n", b"\\\r\n")) and at != start
        directive = any(first <= at < last for first, last in margins)
        if data[at:following].strip() and not continued and not directive:
            found.append(at)
        at = following
    return found


def _set(point: EntryPoint, calls: list[InitCall]) -> None:
    lines = [point.selection.encode() + b";", *call_lines(calls)]
    settled = point.settled(point.vnet)
    top = opening(point.file, point.function)
    since, text = top.at, top.render(lines)
    if settled is not None:
        since, text = point.behind(settled, render(lines, top.indent))
    ways_out = [jump for jump in point.jumps() if jump.start >= since and not jump.goto]
    names = {use.name for use in point.uses}
    computed = [jump for jump in ways_out if depends(jump.target, names)]
    kept = keep(point, point.view, computed) if computed else None
    for use in point.uses:
        if use.start < since:
            raise Obstacle(use.start, f"{use.name} is used before the stack is known")
    _check_set(point, since)
    values = {jump.start: value_of(point, jump) for jump in computed}
    if kept is not None and kept.declaration:
        if settled is None:
            text = top.render([kept.declaration, *lines])
        else:
            point.insert(top.at, top.render([kept.declaration]))
    point.insert(since, text)
    for jump in ways_out:
        _restore_before(point, jump, kept, values.get(jump.start))
    if not any(_ends(point, jump) for jump in point.jumps()):
        _restore_at_end(point, top.indent)


def _check_set(point: EntryPoint, since: int) -> None:
    places = labels(point.function)
    for jump in point.jumps():
        target = places.get(jump.target, since) if jump.goto else since
        if jump.goto and (jump.start < since) != (target < since):
            raise Obstacle(jump.start, "a goto crosses the place where the stack is set")
        if not jump.goto and jump.start >= since and jump.enclosed:
            raise Obstacle(jump.start, "a return in the argument of a macro")
    point.check_macros(since, point.function.close, "return")
    # Where a macro jumps to is not known: no label may be on the other side.
    every = labels(replace(point.function, text=point.file.source.code)).values()
    if any(at >= since for at in every):
        point.check_macros(point.function.open, since, "goto")
    if any(at < since for at in every):
        point.check_macros(since, point.function.close, "goto")


def _restore_before(
    point: EntryPoint, jump: Jump, kept: Kept | None, value: ReturnedValue | None
) -> None:
    data, owner = point.file.source.data, point.file.conditionals.owner
    indent = data[point.lines.start(jump.start) : jump.start]
    alone = not indent.strip()
    space, lead, tail = b"\n" + indent if alone else b" ", b"", b""
    if jump.bare and alone and owner(jump.after) == owner(jump.start):
        point.insert(jump.after, b" {")
        outer = indent[:-1] if indent.endswith(b"\t") else indent[:-4]
        tail = b"\n" + outer + b"}"
    elif jump.bare:
        space, lead, tail = b" ", b"{ ", b" }"
    if kept is not None and value is not None:
        point.replace(jump.start, value.first, lead + kept.name + b" = " + value.opening)
        leaving = (value.closing + b";", point.restore, b"return (%s);" % kept.name)
        point.replace(value.last, jump.end, space.join(leaving))
    else:
        point.insert(jump.start, lead + point.restore + space)
    if tail:
        point.insert(_behind_comment(point, jump.end) if b"\n" in tail else jump.end, tail)


def _behind_comment(point: EntryPoint, at: int) -> int:
    """Return where the line of `at` ends if nothing but a comment follows on it, else `at`."""
    data, code = point.file.source.data, point.file.source.code
    line = data[at : point.lines.next(at)]
    end = at + len(line.rstrip())
    open_ended = any(first < end < last for first, last in point.file.source.comments)
    return at if code[at:end].strip() or open_ended else end


def _ends(point: EntryPoint, jump: Jump) -> bool:
    """Say whether every build ends the body with this jump."""
    text, owner = point.function.text, point.file.conditionals.owner
    last = len(text[: point.function.close].rstrip()) == jump.end
    plain = point.file.source.code[jump.after - 1 : jump.after] in (b"{", b"}", b";")
    return last and plain and owner(jump.start) == owner(point.function.open)


def _restore_at_end(point: EntryPoint, indent: bytes) -> None:
    close = point.function.close
    start = point.lines.start(close)
    if point.file.source.data[start:close].strip():
        point.insert(close, point.restore + b" ")
    else:
        point.insert(start, indent + point.restore + b"\n")
