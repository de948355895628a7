"""Init functions that are there: the INIT calls that they lack, and the place of the values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vrefactor.c.parse.functions import Function
from vrefactor.c.preprocess.conditionals import Condition, Literal
from vrefactor.edit.bodies import FunctionBody
from vrefactor.edit.draft import Draft
from vrefactor.edit.openings import InitCall, call_lines, opening
from vrefactor.edit.stack_arguments import StackArguments
from vrefactor.generated.null_macros import null_heads
from vrefactor.rules.types import Container
from vrefactor.steps.initializers.assigning_functions import AssigningFunction
from vrefactor.steps.initializers.assignments import Assignment
from vrefactor.steps.initializers.paragraphs import Item, paragraphs
from vrefactor.steps.initializers.places import (
    NoPlace,
    StatementPlace,
    first_place,
    place_in_case,
)

REASON = "initial values"


@dataclass(frozen=True, slots=True)
class AssignmentPlace:
    """A function that takes values: its body, the place, and what holds there."""

    body: FunctionBody
    place: StatementPlace

    @property
    def known(self) -> Condition:
        """The condition under which the place is compiled."""
        return self.body.file.conditionals.condition(self.place.at)


@dataclass(slots=True)
class ExistingFunctions:
    """The init functions of a tree, and what is inserted into them."""

    draft: Draft
    arguments: StackArguments

    def place(self, function: AssigningFunction, assigned: Iterable[str]) -> AssignmentPlace:
        """Return where the values of `assigned` (the `V_` names) go.  Raises NoPlace."""
        files, rules = self.draft.files, self.draft.index.rules
        found = files.functions(function.path, function.name)
        if len(found) != 1:
            raise NoPlace(0, f"{function.path} defines it {len(found)} times")
        file = files.file(function.path, found)
        body = FunctionBody(file, found[0], self.draft.macros)
        if function.load:
            return AssignmentPlace(body, place_in_case(body, rules.initializers.load))
        names = frozenset(name.encode() for name in assigned)
        plain = files.plain(function.path)
        return AssignmentPlace(body, first_place(body, plain, self._leading(), names))

    def _leading(self) -> frozenset[bytes]:
        """Return the macros whose calls stay in front of all else: they select a stack."""
        words = self.draft.index.rules.vocabulary
        own = {container.init.encode() for container in self.draft.index.rules.containers}
        return frozenset(own | {name.encode() for name in null_heads(words)})

    def check(self, place: AssignmentPlace, assignment: Assignment) -> None:
        """Raise NoPlace if a value is set under another condition than its variable's.

        Or if the INIT call of its container is there, but not under every condition.
        """
        function, file = place.body.function, place.body.file
        own = assignment.file.conditionals.condition(assignment.at) | assignment.condition
        lacking = place.known - own
        if lacking:
            text = b" && ".join(text for text, _ in sorted(lacking)).decode("latin-1")
            raise NoPlace(function.open, f"its code there depends on {text}")
        for container in self.draft.index.rules.containers:
            needed = container.name in assignment.containers
            call = self._call(place, container) if needed else None
            if call is not None and not file.conditionals.condition(call) <= own | place.known:
                raise NoPlace(call, "the INIT call is under an #if that the variable is not under")

    def _call(self, place: AssignmentPlace, container: Container) -> int | None:
        """Return where a function has a container's INIT call."""
        function, code = place.body.function, place.body.file.source.code
        pattern = re.compile(rb"(?<!\w)%s\s*\(" % container.init.encode())
        match = pattern.search(code, function.open, function.close)
        return match.start() if match is not None else None

    def fill(
        self, place: AssignmentPlace, items: Sequence[Item], assignments: Sequence[Assignment]
    ) -> None:
        """Plan the values of one function, and the INIT calls that it lacks."""
        function, file = place.body.function, place.body.file
        lacking = [
            need
            for container, need in self.needs(assignments, place.known, file.path, function)
            if self._call(place, container) is None
        ]
        if lacking:
            top = opening(file, function)
            self.draft.insert(file.path, top.at, top.render(call_lines(lacking)), REASON)
        text = paragraphs(items, place.place.indent)
        if not place.place.follows:
            text = text.removesuffix(b"\n")
        gap = b"\n" if place.place.apart else b""
        self.draft.insert(file.path, place.place.at, gap + text, REASON)

    def needs(
        self, assignments: Sequence[Assignment], known: Condition, path: str, function: Function
    ) -> list[tuple[Container, InitCall]]:
        """Return the INIT calls that values need, in the rules' order."""
        found: list[tuple[Container, InitCall]] = []
        for container in self.draft.index.rules.containers:
            own = [value for value in assignments if container.name in value.containers]
            if not own:
                continue
            argument = self.arguments.of(path, function, container.name)
            found.append((container, InitCall(container.init, argument, _shared(own, known))))
        return found


def _shared(assignments: Sequence[Assignment], known: Condition) -> tuple[Literal, ...]:
    """Return the literals under which all values are set, but for those known to hold."""
    conditions = [
        value.file.conditionals.condition(value.at) | value.condition for value in assignments
    ]
    common = conditions[0].intersection(*conditions[1:]) - known
    return tuple(sorted(common))
