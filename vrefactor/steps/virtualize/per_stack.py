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
        body, is done for each.
        """
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
        return self._not_needed(body, found, needed)

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
        found: list[Statement] = []
        for statement in reversed(body.statements or ()):
            text = body.function.text[statement.start : statement.end]
            filled = set(_FILLED.findall(text)) - alike
            lasts = self.machine.makes_for_all(text, 0, len(text), own)
            if statement in plain and (lasts or not (_writes(text) | filled) & needed):
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
    texts = (
        body.function.text[statement.start : statement.end]
        for statement in body.statements or ()
        if statement.declaration
    )
    return frozenset(
        word for text in texts if _STATIC.match(text) is None for word in _WORD.findall(text)
    )


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
