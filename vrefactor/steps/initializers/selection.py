"""Which initial values become assignments, and where: each that can't is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from vrefactor.edit.draft import Draft
from vrefactor.edit.registered_functions import RegisteredFunctions
from vrefactor.edit.stack_arguments import StackArguments
from vrefactor.plan.model import Refusal
from vrefactor.steps.initializers.assigning_functions import AssigningFunction, AssigningFunctions
from vrefactor.steps.initializers.assignments import Assignment
from vrefactor.steps.initializers.candidates import InitializedDefinition, candidates
from vrefactor.steps.initializers.existing_functions import AssignmentPlace, ExistingFunctions
from vrefactor.steps.initializers.exports import Exports, NotExported
from vrefactor.steps.initializers.forward_declarations import ForwardDeclarations
from vrefactor.steps.initializers.macro_moves import MacroMoves
from vrefactor.steps.initializers.new_functions import NewFunctions
from vrefactor.steps.initializers.places import NoPlace
from vrefactor.steps.initializers.reasons import InitializerRefusal
from vrefactor.steps.initializers.tunables import NoFetch, Tunable, Tunables
from vrefactor.steps.initializers.uses_before_init import AssignedVariable
from vrefactor.steps.initializers.visibility import Visibility

Target = AssignmentPlace | int
"""The place in a function that is there, or the offset at which one is made."""

_Answer = tuple[Refusal, str] | None


@dataclass(slots=True)
class Selection:
    """The definitions of a tree, those that move among them, and the places of their values."""

    draft: Draft
    candidates: list[InitializedDefinition] = field(default_factory=list)
    targets: dict[AssigningFunction, Target] = field(default_factory=dict)
    fetched: dict[Assignment, list[Tunable]] = field(default_factory=dict)
    visibility: Visibility = field(init=False)
    macro_moves: MacroMoves = field(init=False)
    exports: Exports = field(init=False)
    forward: ForwardDeclarations = field(init=False)
    existing: ExistingFunctions = field(init=False)
    new: NewFunctions = field(init=False)
    tunables: Tunables = field(init=False)
    _registered: RegisteredFunctions = field(init=False)

    def __post_init__(self) -> None:
        files = self.draft.files
        self._registered = RegisteredFunctions(files)
        self.visibility = Visibility(files)
        self.macro_moves = MacroMoves(files, self.visibility)
        self.exports = Exports(self.draft)
        self.forward = ForwardDeclarations(self.draft, self.visibility)
        self.existing = ExistingFunctions(self.draft, StackArguments(self.draft.index.rules))
        self.new = NewFunctions(self.draft, self._registered, self.existing)
        self.tunables = Tunables(self.draft)

    @property
    def assignments(self) -> list[Assignment]:
        """What moves, by what is known so far."""
        answers = (candidate.answer for candidate in self.candidates)
        return [answer for answer in answers if isinstance(answer, Assignment)]

    def decide(self) -> None:
        """Find what moves; refuse what can't."""
        functions = AssigningFunctions(self.draft.files, self._registered)
        self.candidates = list(candidates(self.draft, functions))
        self._find_targets()
        for test in (self._has_place, self._sees_names, self._exported, self._fetched):
            answers = {value: test(value) for value in self.assignments}
            self._refuse({value: answer for value, answer in answers.items() if answer})
        self._refuse_staying_macros()
        self._refuse_halves()

    def _refuse(self, refused: Mapping[Assignment, tuple[Refusal, str]]) -> None:
        for number, candidate in enumerate(self.candidates):
            if isinstance(candidate.answer, Assignment) and candidate.answer in refused:
                reason, detail = refused[candidate.answer]
                self.candidates[number] = replace(candidate, answer=reason, detail=detail)

    def _find_targets(self) -> None:
        refused: dict[Assignment, tuple[Refusal, str]] = {}
        for function, assignments in self.by_function().items():
            try:
                self.targets[function] = self._target(function, assignments)
            except NoPlace as obstacle:
                detail = self._detail(function, obstacle)
                refused.update(dict.fromkeys(assignments, (InitializerRefusal.PLACE, detail)))
        self._refuse(refused)

    def by_function(self) -> dict[AssigningFunction, list[Assignment]]:
        """Return what moves by its init function, in order."""
        found: dict[AssigningFunction, list[Assignment]] = {}
        for value in self.assignments:
            found.setdefault(value.function, []).append(value)
        return {key: found[key] for key in sorted(found, key=lambda function: function.key)}

    def _target(self, function: AssigningFunction, assignments: Sequence[Assignment]) -> Target:
        if function.rule is None:
            return self.existing.place(function, [value.value.macro for value in assignments])
        caller = self.new.caller(function.rule)
        if caller is not None:
            self.existing.place(caller, ())
        own = [value.declaration.end for value in assignments if value.path == function.path]
        return self.new.place(function, max(own, default=0))

    def _detail(self, function: AssigningFunction, obstacle: NoPlace) -> str:
        where = f"{function.name} of {function.path}"
        if not obstacle.offset:
            return f"{where}: {obstacle.reason}"
        line = self.draft.files.open(function.path)[0].line(obstacle.offset)
        return f"{where}, line {line}: {obstacle.reason}"

    def _has_place(self, assignment: Assignment) -> _Answer:
        target = self.targets[assignment.function]
        if isinstance(target, int):
            return None
        try:
            self.existing.check(target, assignment)
        except NoPlace as obstacle:
            return InitializerRefusal.PLACE, self._detail(assignment.function, obstacle)
        return None

    def _sees_names(self, assignment: Assignment) -> _Answer:
        target = self.targets[assignment.function]
        where = f"{assignment.function.name} of {assignment.function.path}"
        if isinstance(target, int):
            at = target
        else:
            at = target.body.function.open
            hidden = self.visibility.hidden(assignment, target)
            if hidden:
                what = f"{where} has a local {', '.join(hidden)}: rename it"
                return InitializerRefusal.UNSEEN, what
        redefined = self.visibility.redefined(assignment, at)
        if redefined:
            what = f"{', '.join(redefined)} may mean another thing in {where}"
            return InitializerRefusal.UNSEEN, what
        names = self.visibility.names(assignment)
        unseen = self.visibility.unseen(assignment, at, names)
        if self.forward.is_needed(assignment, at):
            unseen += self.forward.obstacles(assignment, at)
        if unseen:
            return InitializerRefusal.UNSEEN, f"{where} does not see {', '.join(unseen)}"
        return None

    def _exported(self, assignment: Assignment) -> _Answer:
        if self.exports.is_needed(assignment):
            try:
                self.exports.check(assignment)
            except NotExported as obstacle:
                return InitializerRefusal.EXPORT, str(obstacle)
        return None

    def _fetched(self, assignment: Assignment) -> _Answer:
        variable = assignment.declared.known.variable
        try:
            found = self.tunables.of(variable, assignment.value.macro, assignment.function.path)
        except NoFetch as obstacle:
            return InitializerRefusal.TUNABLE, str(obstacle)
        if found:
            self.fetched[assignment] = found
        return None

    def _refuse_staying_macros(self) -> None:
        """Refuse values with macros that stay; what goes with them may then have to stay too."""
        while staying := self.macro_moves.staying(self.assignments):
            self._refuse(
                {
                    value: (
                        InitializerRefusal.UNSEEN,
                        f"{value.path} uses {', '.join(names)} for more than this",
                    )
                    for value, names in staying.items()
                }
            )

    def _refuse_halves(self) -> None:
        """Refuse a definition if another one of the same variable is refused."""
        refused = {
            candidate.declared.known.macro
            for candidate in self.candidates
            if isinstance(candidate.answer, Refusal)
        }
        answer = (InitializerRefusal.TOGETHER, "the same variable under another #if")
        halves = [value for value in self.assignments if value.value.macro in refused]
        self._refuse(dict.fromkeys(halves, answer))

    def assigned(self) -> tuple[AssignedVariable, ...]:
        """Return what moves as those see it who look for uses before initialisation."""
        found: list[AssignedVariable] = []
        for value in self.assignments:
            target, rule = self.targets[value.function], value.function.rule
            called = None if rule is None else self.new.called(rule)
            at = None if isinstance(target, int) else target.place.at
            found.append(value.assigned(at, called, fetched=value in self.fetched))
        return tuple(found)

    def notes(self) -> list[str]:
        """Say where a value depends on an option that its new file may not know."""
        found: dict[tuple[str, str], set[str]] = {}
        for value in self.assignments:
            lacking = self.visibility.options(value) if value.elsewhere else []
            if lacking:
                found.setdefault((value.path, value.function.path), set()).update(lacking)
        return [
            f"{path}: its values are set in {other}, which may not know {', '.join(sorted(names))}:"
            " it includes fewer headers of options"
            for (path, other), names in sorted(found.items())
        ]
