"""Step 3, the init split: what an init function does for all stacks together, it does once.

    ip_init()                               ip_init()
    {                                       {
            V_ip_id = random();                     V_ip_id = random();

            netisr_register(...);                   if (!IS_DEFAULT_VNET(curvnet))
    }                                                       return;

                                                    netisr_register(...);
                                            }

With one stack the conditions are constant: the object code stays the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import groupby

from vrefactor.c.parse.functions import Function
from vrefactor.c.parse.statements import Statement
from vrefactor.c.preprocess.known_macros import glob_call
from vrefactor.c.preprocess.lexer import matching
from vrefactor.c.preprocess.variants import choose
from vrefactor.edit.bodies import FunctionBody
from vrefactor.edit.container_uses import File
from vrefactor.edit.draft import Draft
from vrefactor.edit.function_start import function_start
from vrefactor.edit.lines import FileLines
from vrefactor.steps.virtualize.callouts import arguments_of
from vrefactor.steps.virtualize.per_stack import Classifier, is_void, locals_of
from vrefactor.steps.virtualize.reach import Reach
from vrefactor.steps.virtualize.shared import check_shared
from vrefactor.steps.virtualize.words import Words
from vrefactor.steps.virtualize.writing import rewritten

_MENTION = re.compile(rb"(?<![\w.>])[A-Za-z_]\w*(?!\w)(?!\s*\()")
_LINE = re.compile(rb"^[ \t]*(\S[^\n]*)", re.M)
_LABEL = re.compile(rb"(?<!\w)(?:case\s[^:;{}]*|default\s*):(?!:)")


@dataclass(slots=True)
class InitSplit:
    """Plans the conditions in functions that run for each stack."""

    draft: Draft
    reach: Reach
    words: Words

    @property
    def classifier(self) -> Classifier:
        """What tells the statements of a stack from the others."""
        return Classifier(self.words, self.reach.names)

    def split(self, path: str, function: Function, file: File | None, *, attached: bool) -> None:
        """Plan the conditions in a function that runs for each stack.

        What an attached one is called with is the same for all stacks.
        """
        uses = [use.start for use in file.of(function)] if file is not None else []
        hidden = _hidden(self.draft.files.plain(path), function)
        self._cut_shown(path, function, uses, hidden, attached=attached)
        source, conditionals = self.draft.files.open(path)
        for variant in choose(source.code, conditionals, sorted(hidden)):
            other = replace(function, text=variant.text)
            rest = _hidden(self.draft.files.plain(path), other)
            self._cut_shown(path, other, uses, rest, attached=attached, only=hidden - rest)
            hidden &= rest

    def _cut_shown(
        self,
        path: str,
        function: Function,
        uses: Sequence[int],
        hidden: AbstractSet[int],
        *,
        attached: bool,
        only: AbstractSet[int] | None = None,
    ) -> None:
        """Plan the conditions of what one variant shows; `only` are the starts of what is new."""
        body = self.draft.files.body(path, function)
        names = () if attached else (parameter.name.encode() for parameter in function.parameters)
        plain = self.classifier.global_statements(body, uses, frozenset(names))
        if only is None:
            self._check(path, body, body, uses, plain)
        else:
            plain = [statement for statement in plain if statement.start in only]
        self._cut(path, body, plain, hidden)

    def split_handler(self, path: str, function: Function, file: File | None) -> None:
        """Plan the conditions in what the handler of a module does as it comes and goes."""
        rules = self.draft.index.rules
        body = self.draft.files.body(path, function)
        uses = [use.start for use in file.of(function)] if file is not None else []
        for event in (rules.initializers.load, rules.attaching.unload):
            inner = case_of(function, event)
            if inner is not None:
                part = FunctionBody(body.file, inner, body.macros)
                plain = self.classifier.global_statements(part, uses, needed=locals_of(body))
                self._check(path, body, part, uses, plain)
                self._cut(path, part, plain)

    def _check(
        self,
        path: str,
        whole: FunctionBody,
        part: FunctionBody,
        uses: Sequence[int],
        plain: Sequence[Statement],
    ) -> None:
        """Report what the statements that are done for each stack share."""
        own = locals_of(whole) | {
            parameter.name.encode() for parameter in whole.function.parameters
        }
        check_shared(self.draft, path, part, self.classifier.rest_of(part, plain), uses, own)

    def _cut(
        self,
        path: str,
        body: FunctionBody,
        plain: Sequence[Statement],
        hidden: AbstractSet[int] = frozenset(),
    ) -> None:
        """Plan a condition for each run of statements that have nothing to do with a stack.

        `hidden` are the starts of code that the body does not show: leaving would skip it.
        """
        every = [statement for statement in body.statements or () if not statement.declaration]
        if not plain or len(plain) == len(every):
            return
        for run in _runs(body, every, plain):
            at = run[0].start
            self._check_handed(path, body, run)
            lines = FileLines(body.file.source)
            if not lines.begins_line(at) or not lines.ends_line(run[-1].end):
                what = "runs for each stack, and shares its line with what does so"
                self.draft.find(path, at, body.function.name, what)
            elif run[-1] == every[-1] and not hidden and self._leaves(path, body, run):
                self._leave(path, body, run)
            else:
                self._wrap(path, body, run)

    def _check_handed(self, path: str, body: FunctionBody, run: Sequence[Statement]) -> None:
        """Report what hands over a function of a stack, and does so for the first one only."""
        told = {name for entry in self.draft.index.rules.entries for name in entry.functions}
        for statement in run:
            selected = self._selected(body.function.text[: statement.end], statement.start)
            for match in _MENTION.finditer(body.function.text, statement.start, statement.end):
                name = match[0].decode()
                if match.start() in selected:
                    continue
                if match[0] in self.reach.names and name not in told:
                    what = "is handed over once, but uses variables of a stack: which is it to be?"
                    self.draft.find(path, match.start(), name, what)

    def _selected(self, code: bytes, start: int) -> set[int]:
        """Return the offsets of functions handed to who selects a stack and then calls them."""
        callbacks = self.draft.index.rules.context.callbacks
        calls = [call for callback in callbacks if callback.stack for call in callback.calls]
        found: set[int] = set()
        for call in calls:
            for match in glob_call([call.call]).finditer(code, start):
                ranges = arguments_of(code, match.end() - 1)
                found |= {at for at, _ in ranges[call.argument : call.argument + 1]}
        return found

    def _leaves(self, path: str, body: FunctionBody, run: list[Statement]) -> bool:
        lead = function_start(self.draft.files, path, body.function.open)
        return is_void(body.function, lead) and all(body.is_whole(statement) for statement in run)

    def _leave(self, path: str, body: FunctionBody, run: list[Statement]) -> None:
        """Leave before what is last, the comment above it included."""
        lines = FileLines(body.file.source)
        start = lines.start(run[0].start)
        at = lines.above(start)
        indent = _indent(body, start)
        text = b"%sif (!%s)\n%s\treturn;\n\n" % (indent, self.words.is_first, indent)
        self.draft.insert(path, at, text, "once for all stacks")
        rewritten(self.draft, path, run[0].start, body.function.name, "leaves with a further stack")

    def _wrap(self, path: str, body: FunctionBody, run: list[Statement]) -> None:
        """Put a condition in front of a run of statements, and indent them."""
        lines = FileLines(body.file.source)
        start, end = lines.start(run[0].start), lines.next(run[-1].end - 1)
        indent = _indent(body, start)
        braces = len(run) > 1 or b"#" in body.file.source.data[start:end]
        head = b"%sif (%s)%s\n" % (indent, self.words.is_first, b" {" if braces else b"")
        self.draft.insert(path, start, head, "once for all stacks")
        at = start
        while at < end:
            following = lines.next(at)
            row = body.file.source.data[at:following]
            if row.strip() and not row.startswith(b"#"):
                self.draft.insert(path, at, b"\t", "once for all stacks")
            at = following
        if braces:
            self.draft.insert(path, end, indent + b"}\n", "once for all stacks")
        rewritten(
            self.draft, path, run[0].start, body.function.name, "does it for the first stack only"
        )


def _hidden(plain: bytes, function: Function) -> set[int]:
    """Return where the lines of a body begin that another branch of an `#if` has."""
    lines = _LINE.finditer(plain, function.open, function.close)
    return {
        match.start(1) for match in lines if not function.text[match.start() : match.end()].strip()
    }


def case_of(function: Function, event: str) -> Function | None:
    """Return the statements of a `case` as the body of a function; None if there is none.

    That is from its label to the next one, or to the end of the `switch`.
    """
    labels = list(_LABEL.finditer(function.text, function.open, function.close))
    for number, label in enumerate(labels):
        if re.fullmatch(rb"case\s+%s\s*:" % event.encode(), label[0]) is None:
            continue
        first = function.text.rfind(b"{", function.open, labels[0].start())
        end = matching(function.text, first)
        if number + 1 < len(labels):
            end = min(end, labels[number + 1].start() - 1)
        if end <= label.end():
            return None
        text = bytearray(function.text)
        text[label.end() - 1 : label.end()] = b"{"
        text[end : end + 1] = b"}"
        return replace(function, open=label.end() - 1, close=end, text=bytes(text))
    return None


def _runs(
    body: FunctionBody, every: Sequence[Statement], plain: Sequence[Statement]
) -> list[list[Statement]]:
    """Return what stands together: next to each other, and under the same `#if`."""
    owner = body.file.conditionals.owner
    keys = [
        (
            statement in plain and owner(statement.start) == owner(statement.end - 1),
            owner(statement.start),
        )
        for statement in every
    ]
    numbered = groupby(zip(keys, every, strict=True), key=lambda pair: pair[0])
    return [[statement for _, statement in run] for (wanted, _), run in numbered if wanted]


def _indent(body: FunctionBody, start: int) -> bytes:
    line = body.file.source.data[start : body.next_line(start)]
    return line[: len(line) - len(line.lstrip())]
