"""Step 3, when a stack goes: what undoes an init function, as far as the rules say how.

    V_zone = uma_zcreate("x", ...);         if (V_zone != NULL)
    callout_init(&V_timer, 1);                      uma_zdestroy(V_zone);
                                            callout_drain(&V_timer);

What it makes otherwise is the finding: a person undoes that.  Statements under an `#if` of the
function and in loops are among these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from vrefactor.c.parse.functions import Function
from vrefactor.c.parse.statements import Statement
from vrefactor.c.preprocess.known_macros import glob_call
from vrefactor.c.preprocess.lexer import matching, split_arguments
from vrefactor.edit.bodies import FunctionBody
from vrefactor.edit.container_uses import ContainerUse, File
from vrefactor.edit.draft import Draft
from vrefactor.rules.globs import Matcher, name_matcher
from vrefactor.rules.virtualize import UNDO_FIELD, Undo
from vrefactor.steps.virtualize.reach import Reach

_CALL = re.compile(rb"(?:([^=;(){}]+?)\s*=(?!=)\s*(?:\([^()]*\)\s*)*)?([A-Za-z_]\w*)\s*(\()")
_CALLED = re.compile(rb"(?<![\w.>])([A-Za-z_]\w*)\s*\(")
_SHORT = 48
_WORDS = frozenset(b"if for while switch return sizeof do".split())


@dataclass(frozen=True, slots=True)
class Undone:
    """What a function for the end of a stack does, in order, and what it leaves to a person.

    `selections` find the data that the statements `lines` use; `rest` are calls.
    """

    selections: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether the function is there: it has statements."""
        return bool(self.lines)


@dataclass(frozen=True, slots=True)
class Undoing:
    """Finds what undoes the functions that run for each stack."""

    draft: Draft
    used: Mapping[str, File]
    reach: Reach

    def of(self, path: str, function: Function) -> Undone:
        """Return what undoes a function, the last of it first."""
        file, rules = self.used.get(path), self.draft.index.rules.attaching
        if file is None or not rules.undo:
            return Undone()
        body = self.draft.files.body(path, function)
        single = name_matcher([*rules.once, *(undo.call for undo in rules.undo if not undo.undo)])
        wanted = name_matcher(rules.functions)

        def known(name: str) -> bool:
            return single(name) or (wanted(name) and name in self.reach.defined)

        lines: list[str] = []
        uses: list[ContainerUse] = []
        rest: list[str] = []
        for statement in reversed(body.statements or ()):
            held = [
                use for use in file.of(function) if statement.start <= use.start < statement.end
            ]
            if statement.declaration or not held:
                continue
            line = _undone(body, statement, held, rules.undo)
            if line is not None:
                lines.append(line)
                uses += held
            else:
                rest += _made(body, statement, known, {use.name for use in held})
        names = {name for use in uses for name in use.containers}
        selections = tuple(
            f"{container.init}({self.draft.index.rules.vocabulary.current});"
            for container in self.draft.index.rules.containers
            if container.name in names
        )
        return Undone(selections, tuple(lines), tuple(dict.fromkeys(rest)))


def report_rest(draft: Draft, path: str, function: Function, undone: Undone) -> None:
    """Report what a function leaves behind when a stack goes."""
    if undone.rest:
        what = f"a stack that goes leaves what these made: {', '.join(undone.rest)}"
        draft.find(path, function.name_at, function.name, what)


def _undone(
    body: FunctionBody, statement: Statement, held: Sequence[ContainerUse], rules: Sequence[Undo]
) -> str | None:
    """Return what undoes one statement, if it is a call that a rule tells how to undo."""
    text, data = body.function.text, body.file.source.data
    match = _CALL.match(text, statement.start, statement.end)
    if match is None or not body.is_whole(statement):
        return None
    closing = matching(text, match.start(3))
    if closing < 0 or text[closing + 1 : statement.end].strip() != b";":
        return None
    ranges = {
        str(number): pair
        for number, pair in enumerate(split_arguments(text, match.start(3), closing))
    }
    if match[1] is not None:
        ranges["result"] = match.span(1)
    for rule in rules:
        if rule.undo and glob_call([rule.call]).match(text, match.start(2)):
            return _filled(rule.undo, data, ranges, held)
    return None


def _filled(
    undo: str, data: bytes, ranges: Mapping[str, tuple[int, int]], held: Sequence[ContainerUse]
) -> str | None:
    """Return a rule's text for a call; None if it is not about a variable of a stack."""
    wanted = {field for _, field in UNDO_FIELD.findall(undo)}
    mine = any(
        start <= use.start < end
        for field in wanted & ranges.keys()
        for start, end in (ranges[field],)
        for use in held
    )
    if not mine or not wanted <= ranges.keys():
        return None
    words = {
        field: b" ".join(data[start:end].split()).decode("utf-8", "surrogateescape")
        for field, (start, end) in ranges.items()
    }
    line = UNDO_FIELD.sub(lambda field: _value(words[field[2]], field[1]), undo) + ";"
    # A constructor that failed has not come that far.
    return f"if ({words['result']} != NULL)\n\t{line}" if "result" in wanted else line


def _value(text: str, star: str) -> str:
    """Return an argument, or what it points to."""
    if not star:
        return text
    return text[1:].lstrip() if text.startswith("&") else f"*{text}"


def _made(
    body: FunctionBody, statement: Statement, known: Matcher, uses: set[str]
) -> Iterator[str]:
    """Yield the calls in a statement that may leave something behind."""
    text, data = body.function.text, body.file.source.data
    for match in _CALLED.finditer(text, statement.start, statement.end):
        name = match[1].decode("latin-1")
        if match[1] not in _WORDS and name not in uses and not known(name):
            closing = matching(text, match.end() - 1)
            call = b" ".join(data[match.start() : closing + 1].split()).decode("latin-1")
            yield call if 0 < len(call) <= _SHORT else f"{name}()"
