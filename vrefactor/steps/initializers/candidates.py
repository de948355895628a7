"""Every definition with an initial value, taken apart and given an init function, or refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vrefactor.c.model import Range
from vrefactor.c.preprocess.conditionals import ALWAYS, parse_expression
from vrefactor.c.query.declarations import Declaration, Declarator
from vrefactor.edit.declared import DeclaringFile, VariableDeclaration, declaring_files
from vrefactor.edit.draft import Draft
from vrefactor.plan.model import Refusal, Skip
from vrefactor.plan.reasons import CommonRefusal, CommonSkip
from vrefactor.steps.initializers.assigning_functions import AssigningFunctions, NoFunction
from vrefactor.steps.initializers.assignments import Assignment
from vrefactor.steps.initializers.reasons import InitializerRefusal
from vrefactor.steps.initializers.statements import StatementWriter
from vrefactor.steps.initializers.values import InitialValue, Unassignable, ValueContext


@dataclass(frozen=True, slots=True, eq=False)
class InitializedDefinition:
    """A definition with an initial value, and what is known to become of it."""

    file: DeclaringFile
    declared: VariableDeclaration
    answer: Assignment | Refusal | Skip
    detail: str = ""


def candidates(draft: Draft, functions: AssigningFunctions) -> Iterator[InitializedDefinition]:
    """Yield the definitions with an initial value, in the order of their files and offsets."""
    context = ValueContext.of(draft.files, frozenset(draft.table.macros))
    for file in declaring_files(draft.files, draft.table):
        for declared in file.declared:
            if not (declared.fact.defines and declared.fact.has_initializer):
                continue
            if file.conditionals.is_dead(declared.fact.start):
                yield InitializedDefinition(file, declared, CommonSkip.DEAD)
                continue
            yield _decided(draft, context, file, declared, functions)


def _decided(
    draft: Draft,
    context: ValueContext,
    file: DeclaringFile,
    declared: VariableDeclaration,
    functions: AssigningFunctions,
) -> InitializedDefinition:
    whole = _whole(file, declared)
    if whole is None:
        detail = "its declaration is not the same in every branch: write it once a branch"
        return InitializedDefinition(file, declared, CommonRefusal.UNPARSED, detail)
    declaration, declarator, (start, end) = whole
    macros = draft.table.macros
    value = InitialValue(
        context, file.source, declaration, declarator, declared.known.macro, start, end
    )
    try:
        statements = StatementWriter(value).statements()
        function, condition = functions.of(declared.known, file.path)
    except Unassignable as obstacle:
        return InitializedDefinition(file, declared, obstacle.reason, obstacle.detail)
    except NoFunction as obstacle:
        return InitializedDefinition(file, declared, InitializerRefusal.NOWHERE, str(obstacle))
    further = ALWAYS if condition is None else parse_expression(b"if", condition.encode())
    used = (macros[name] for name in sorted(value.names & macros.keys()))
    containers = frozenset(known.container.name for known in (declared.known, *used))
    assignment = Assignment(
        file, declared, declaration, declarator, value, statements, function, further, containers
    )
    return InitializedDefinition(file, declared, assignment)


def _whole(
    file: DeclaringFile, declared: VariableDeclaration
) -> tuple[Declaration, Declarator, Range] | None:
    """Return a declaration, the declarator and the range of its value.

    An `#if` may stand in the value of a declaration that has no other: then all of its
    branches are the value.
    """
    readings = [
        (other_declaration, other_declaration.declarator(declared.fact.start))
        for other_declaration in declared.declarations
    ]
    outside = {(whole.start, whole.end, reading.start, reading.end) for whole, reading in readings}
    if len(outside) != 1:
        return None
    declaration, declarator = readings[0]
    owner, end = file.conditionals.owner, declaration.end - 1
    cuts = [
        directive.start
        for directive in file.conditionals.directives
        if declaration.start < directive.start < end
    ]
    if not cuts:
        return None if declarator.value is None else (declaration, declarator, declarator.value)
    whole = owner(declaration.start) == owner(end) and len(declaration.declarators) == 1
    if not whole or min(cuts) < declarator.end:
        return None
    code = file.source.code
    start = code.index(b"=", declarator.end) + 1
    return declaration, declarator, (start, start + len(code[start:end].rstrip()))
