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
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from vrefactor.c.parse.functions import Function
from vrefactor.c.parse.statements import Statement
from vrefactor.c.preprocess.known_macros import glob_call
from vrefactor.c.preprocess.lexer import matching
from vrefactor.c.preprocess.variants import choose
from vrefactor.edit.bodies import FunctionBody
from vrefactor.edit.draft import Draft
from vrefactor.steps.virtualize.callouts import arguments_of
from vrefactor.steps.virtualize.once_guards import guards, plan_guard
from vrefactor.steps.virtualize.once_only import plan_once, plan_skip, runs_of
from vrefactor.steps.virtualize.per_stack import Classifier, InitFunction, locals_of
from vrefactor.steps.virtualize.reach import Reach
from vrefactor.steps.virtualize.shared import SharedCheck

_MENTION = re.compile(rb"(?<![\w.>])[A-Za-z_]\w*(?!\w)(?!\s*\()")
_CALLED = re.compile(rb"(?<![\w.>])[A-Za-z_]\w*(?=\s*\()")
_LINE = re.compile(rb"^[ \t]*(\S[^\n]*)", re.M)
_LABEL = re.compile(rb"(?<!\w)(?:case\s[^:;{}]*|default\s*):(?!:)")


@dataclass(slots=True)
class InitSplit:
    """Plans the conditions in functions that run for each stack."""

    draft: Draft
    reach: Reach
    classifier: Classifier
    called: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    """What these functions call for each stack, with the chain that leads there."""

    def split(self, init: InitFunction) -> None:
        """Plan the conditions in a function that runs for each stack."""
        files, path = self.draft.files, init.path
        opened = self._open_guards(init)
        if opened is None:
            return
        hidden = _hidden(files.plain(path), init.function)
        body = files.body(path, init.function)
        plain = self.classifier.global_statements(body, init.uses, init.own)
        self._check(init, body, plain, opened)
        self._cut(path, body, plain, leave=not hidden)
        source, conditionals = files.open(path)
        for variant in choose(source.code, conditionals, sorted(hidden)):
            body = files.body(path, replace(init.function, text=variant.text))
            rest = _hidden(files.plain(path), body.function)
            new = hidden - rest
            plain = self.classifier.global_statements(body, init.uses, init.own)
            shown = [statement for statement in plain if statement.start in new]
            self._cut(path, body, shown, leave=not rest)
            hidden &= rest

    def skip(self, init: InitFunction) -> None:
        """Plan that further stacks leave a function that has nothing to do with one."""
        body = self.draft.files.body(init.path, init.function)
        if self.classifier.is_global(body):
            plan_skip(self.draft, self.classifier.words, init.path, body)

    def split_handler(self, init: InitFunction) -> None:
        """Plan the conditions in what the handler of a module does as it comes and goes."""
        rules = self.draft.index.rules
        for event in (rules.initializers.load, rules.attaching.unload):
            inner = case_of(init.function, event)
            if inner is not None:
                self._split_part(init, inner, leave=True)

    def _open_guards(self, init: InitFunction) -> set[int] | None:
        """Let what the function does once be done for each stack, as far as it is of one.

        Return where the statements start that are planned with that; None if further stacks
        do nothing.
        """
        body = self.draft.files.body(init.path, init.function)
        opened: set[int] = set()
        for guard in guards(body, init.uses):
            if guard.block is not None and not self._is_mixed(init, body, guard.block):
                continue
            if plan_guard(self.draft, self.classifier.words, init, guard):
                opened.add(guard.statement.start)
                if guard.block is not None:
                    self._split_part(init, guard.block, leave=False)
            elif guard.block is None:
                return None
        return opened

    def _is_mixed(self, init: InitFunction, body: FunctionBody, block: Function) -> bool:
        """Say whether a block has something of a stack."""
        part = FunctionBody(body.file, block, body.macros)
        return bool(self.classifier.rest_of(part, self._plain(init, body, part)))

    def _plain(
        self, init: InitFunction, whole: FunctionBody, part: FunctionBody
    ) -> list[Statement]:
        """Return the global statements of a part of a body, with what needs its locals later."""
        return self.classifier.global_statements(part, init.uses, init.own, locals_of(whole))

    def _split_part(self, init: InitFunction, inner: Function, *, leave: bool) -> None:
        body = self.draft.files.body(init.path, init.function)
        part = FunctionBody(body.file, inner, body.macros)
        plain = self._plain(init, body, part)
        self._check(init, part, plain, set())
        self._cut(init.path, part, plain, leave=leave)

    def _check(
        self,
        init: InitFunction,
        body: FunctionBody,
        plain: Sequence[Statement],
        opened: Collection[int],
    ) -> None:
        """Report what the statements that are done for each stack share."""
        own = locals_of(self.draft.files.body(init.path, init.function)) | {
            parameter.name.encode() for parameter in init.function.parameters
        }
        rest = [
            statement
            for statement in self.classifier.rest_of(body, plain)
            if statement.start not in opened
        ]
        check = SharedCheck(self.draft, self.classifier.machine, init.path, init.uses, own)
        check.check(body, rest)
        for statement in rest:
            self._note_calls(init, body.function.text, statement)

    def _note_calls(self, init: InitFunction, text: bytes, statement: Statement) -> None:
        """Note what a statement calls for each stack."""
        path, source = init.path, self.draft.files.open(init.path)[0]
        for match in _CALLED.finditer(text, statement.start, statement.end):
            name = match[0].decode()
            for home in self.reach.homes(path, name):
                chain = (
                    f"{init.function.name} runs for each stack",
                    f"calls {name}, {path}:{source.line(match.start())}",
                )
                self.called.setdefault((home, name), chain)

    def _cut(
        self, path: str, body: FunctionBody, plain: Sequence[Statement], *, leave: bool
    ) -> None:
        """Plan a condition for each run of statements that have nothing to do with a stack."""
        every = [statement for statement in body.statements or () if not statement.declaration]
        if not plain or len(plain) == len(every):
            return
        for run in runs_of(body, plain):
            self._check_handed(path, body, run)
            plan_once(self.draft, self.classifier.words, path, body, run, leave=leave)

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
