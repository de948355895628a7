"""Which statements of a function have to do with a network stack, and which are global.

Those are that use a variable of one, call what leads to one, or read a local that may point
to what belongs to one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from vrefactor.c.parse.functions import Function
from vrefactor.c.parse.statements import Statement
from vrefactor.edit.bodies import FunctionBody
from vrefactor.edit.container_uses import File
from vrefactor.steps.virtualize.machine_calls import MachineCalls
from vrefactor.steps.virtualize.words import Words

_CALL = re.compile(rb"(?<![\w.>])[A-Za-z_]\w*(?=\s*\()")
_INDIRECT = re.compile(rb"\)\s*\(|(?:->|\.)\s*\w+\s*\(")
_LEAVES = re.compile(rb"(?<!\w)(?:return|goto|break|continue)(?!\w)|\A\w+\s*:(?!:)")
_WRITTEN = re.compile(rb"(?<![\w.>])([A-Za-z_]\w*)\s*(?:[-+*/|&^]?=(?!=)|\+\+|--)|&\s*(\w+)")
_FILLED = re.compile(rb"(?<![\w.>])([A-Za-z_]\w*)\s*(?:->|\.|\[)[^;={}]*=(?!=)")
_COPIED = re.compile(rb"(?<![\w.>])([A-Za-z_]\w*)\s*=\s*(?:\([^()]*\)\s*)*([A-Za-z_]\w*)\s*;")
_LED = re.compile(rb"(?:\A|[^\s\w*])\s*\*[\s*]*\Z")
_SET = re.compile(rb"\s*=(?!=)")
_STATIC = re.compile(rb"static(?!\w)")
_WORD = re.compile(rb"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class InitFunction:
    """A function that runs for each stack; `uses` are the offsets of a stack's variables.

    `attached` says that what it is called with is the same for all stacks; `places` is how
    many call it.
    """

    path: str
    function: Function
    uses: frozenset[int]
    attached: bool
    places: int

    @classmethod
    def of(
        cls, path: str, function: Function, file: File | None, *, attached: bool, places: int
    ) -> InitFunction:
        """Return a function with its uses; `file` has those of its file, if there are any."""
        uses = file.of(function) if file is not None else ()
        starts = frozenset(use.start for use in uses)
        return cls(path, function, starts, attached, places)

    @property
    def own(self) -> frozenset[bytes]:
        """The parameters that may point to what belongs to a stack."""
        names = () if self.attached else self.function.parameters
        return frozenset(parameter.name.encode() for parameter in names)


@dataclass(frozen=True, slots=True)
class Classifier:
    """Tells global statements from those of a stack; `names` are functions that lead to one."""

    words: Words
    names: frozenset[bytes]
    machine: MachineCalls

    def global_statements(
        self,
        body: FunctionBody,
        uses: Collection[int],
        own: frozenset[bytes] = frozenset(),
        needed: frozenset[bytes] = frozenset(),
    ) -> list[Statement]:
        """Return the outermost statements of a body that have nothing to do with a stack.

        `uses` are the offsets of a stack's variables.  `own` are locals and parameters that
        may point to what belongs to one.  So may locals that get their value from these, or
        from a variable of a stack; and calls through pointers may lead to one.  What sets a
        local that a later statement of a stack needs, or one that is `needed` behind the
        body, is done for each.  So is all that is about a variable which each stack sets, or
        about what a local points to that it does.
        """
        values = locals_of(body) - _pointers(body) | _alike(body)
        set_by_each: frozenset[bytes] = frozenset()
        while True:
            plain = self._unused(body, uses, own | set_by_each)
            found = self._not_needed(body, plain, needed)
            moved = [statement for statement in plain if statement not in found]
            written = frozenset(name for each in moved for name in _set_in(body, each)) - values
            if written <= set_by_each:
                return found
            set_by_each |= written

    def _unused(
        self, body: FunctionBody, uses: Collection[int], own: frozenset[bytes]
    ) -> list[Statement]:
        """Return the statements that use nothing of a stack."""
        found: list[Statement] = []
        held = set(own)
        for statement in body.statements or ():
            text = body.function.text[statement.start : statement.end]
            if self.words.left.match(text):
                break
            used = any(statement.start <= at < statement.end for at in uses) or self._leads(text)
            if used or not held.isdisjoint(_read(text)):
                held |= _writes(text)
            elif not statement.declaration:
                found.append(statement)
        return found

    def rest_of(self, body: FunctionBody, plain: Sequence[Statement]) -> list[Statement]:
        """Return the other statements, but for declarations and what is done once already."""
        found: list[Statement] = []
        for statement in body.statements or ():
            text = body.function.text[statement.start : statement.end]
            if self.words.left.match(text):
                break
            if statement not in plain and not (
                statement.declaration or self.words.once.search(text)
            ):
                found.append(statement)
        return found

    def is_global(self, body: FunctionBody) -> bool:
        """Say whether a body that uses no variable of a stack does something, and for no stack."""
        text = body.function.text[body.function.open : body.function.close]
        speaks = self.words.speaks.search(text) or _INDIRECT.search(text)
        return not speaks and self.names.isdisjoint(_CALL.findall(text)) and b";" in text

    def _not_needed(
        self, body: FunctionBody, plain: Sequence[Statement], behind: frozenset[bytes]
    ) -> list[Statement]:
        """Return those of the statements that set nothing which another later one reads.

        Nor what that leads to: `p->x = 1` belongs to a `p` that is needed, unless `p` is what
        the function is told or leads to a static object: these are the same for all stacks.
        So is what there is one of, once it is made.
        """
        needed, alike = set(behind), _alike(body)
        own = locals_of(body) | {parameter.name.encode() for parameter in body.function.parameters}
        given = _given(body)
        found: list[Statement] = []
        for statement in reversed(body.statements or ()):
            text = body.function.text[statement.start : statement.end]
            written = _writes(text) | set(_FILLED.findall(text)) - alike | given[statement.start]
            lasts = self.machine.makes_for_all(text, 0, len(text), own)
            if statement in plain and (lasts or not written & needed):
                found.append(statement)
            else:
                needed -= _fresh(text)
                needed |= _read(text)
        return found[::-1]

    def _leads(self, text: bytes) -> bool:
        """Say whether a statement leads to a stack, or decides what the others do."""
        if _INDIRECT.search(text) or _LEAVES.search(text) or self.words.speaks.search(text):
            return True
        return not self.names.isdisjoint(_CALL.findall(text))


def _pointers(body: FunctionBody) -> frozenset[bytes]:
    """Return the locals that are declared as pointers."""
    return frozenset(re.findall(rb"\*\s*([A-Za-z_]\w*)", _declarations(body)))


def _set_in(body: FunctionBody, statement: Statement) -> set[bytes]:
    """Return what a statement gives a value, itself or by a macro."""
    text = body.function.text[statement.start : statement.end]
    return _writes(text) | _given(body)[statement.start]


def _given(body: FunctionBody) -> dict[int, set[bytes]]:
    """Return the locals that a macro gives their first value, by the start of its statement.

    `MALLOC(p, ...)`: nothing has named them before, and here they stand for themselves.
    """
    unset = {
        name
        for name in locals_of(body)
        if re.search(rb"(?<!\w)%s\s*=" % name, _declarations(body)) is None
    }
    found: dict[int, set[bytes]] = {}
    for statement in body.statements or ():
        text = body.function.text[statement.start : statement.end]
        words = unset & set(_WORD.findall(text)) if not statement.declaration else set()
        found[statement.start] = {
            name for name in words if re.search(rb"[(,]\s*%s\s*[,)]" % name, text) is not None
        }
        unset -= words
    return found


def _declarations(body: FunctionBody) -> bytes:
    texts = (
        body.function.text[statement.start : statement.end]
        for statement in body.statements or ()
        if statement.declaration
    )
    return b"\n".join(text for text in texts if _STATIC.match(text) is None)


def _alike(body: FunctionBody) -> set[bytes]:
    """Return the parameters, and the locals that are copies of them or of what is no local."""
    text = body.function.text[body.function.open : body.function.close]
    found = {parameter.name.encode() for parameter in body.function.parameters if parameter.name}
    other = locals_of(body) - found
    for match in _COPIED.finditer(text):
        again = len(re.findall(rb"(?<![\w.>])%s\s*=(?!=)" % match[1], text)) > 1
        if (match[2] in found or match[2] not in other) and not again:
            found.add(match[1])
    return found


def locals_of(body: FunctionBody) -> frozenset[bytes]:
    """Return the names in the declarations of a body's outermost block, but for static ones."""
    return frozenset(_WORD.findall(_declarations(body)))


def _read(text: bytes) -> set[bytes]:
    """Return the names in a statement, but for those that it sets before anything else."""
    return set(_WORD.findall(text)) - _fresh(text)


def _fresh(text: bytes) -> set[bytes]:
    """Return the names that a statement gives a value at their first mention, for itself.

    What a pointer leads to is another thing than the pointer.
    """
    first: dict[bytes, tuple[int, int]] = {}
    for match in _WORD.finditer(text):
        first.setdefault(match[0], match.span())
    return {
        name
        for name, (start, end) in first.items()
        if _SET.match(text, end) and not _LED.search(text, 0, start)
    }


def _writes(text: bytes) -> set[bytes]:
    return {name for pair in _WRITTEN.findall(text) for name in pair if name}
