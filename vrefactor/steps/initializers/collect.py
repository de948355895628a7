"""Every definition with an initial value, taken apart and given a destination, or refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vrefactor.c.model import Range
from vrefactor.c.preprocess.conditionals import ALWAYS, parse_expression
from vrefactor.c.query.declarations import Declaration, Declarator
from vrefactor.edit.declared import DeclaringFile, VariableDeclaration, declaring_files
from vrefactor.edit.files import Files
from vrefactor.edit.init_destinations import Destinations, Nowhere
from vrefactor.index.index import Index
from vrefactor.plan.model import Refusal, Skip
from vrefactor.plan.reasons import CommonRefusal, CommonSkip
from vrefactor.plan.symbols import SymbolTable
from vrefactor.steps.initializers.moving import Moving
from vrefactor.steps.initializers.reasons import InitializerRefusal
from vrefactor.steps.initializers.values import InitialValue, Unassignable


@dataclass(frozen=True, slots=True, eq=False)
class InitializedDefinition:
    """A definition with an initial value, and what is known to become of it."""

    file: DeclaringFile
    declared: VariableDeclaration
    answer: Moving | Refusal | Skip
    detail: str = ""


def candidates(
    index: Index, table: SymbolTable, files: Files, destinations: Destinations
) -> Iterator[InitializedDefinition]:
    """Yield the definitions with an initial value, in the order of their files and offsets."""
    for file in declaring_files(files, table):
        for declared in file.declared:
            if not (declared.fact.defines and declared.fact.initialised):
                continue
            if file.conditionals.is_dead(declared.fact.start):
                yield InitializedDefinition(file, declared, CommonSkip.DEAD)
                continue
            yield _judged(file, declared, files, destinations, table)


def _judged(
    file: DeclaringFile,
    declared: VariableDeclaration,
    files: Files,
    destinations: Destinations,
    table: SymbolTable,
) -> InitializedDefinition:
    whole = _whole(file, declared)
    if whole is None:
        detail = "its declaration is not the same in every branch: write it once a branch"
        return InitializedDefinition(file, declared, CommonRefusal.UNPARSED, detail)
    declaration, declarator, (start, end) = whole
    macros = frozenset(table.macros)
    value = InitialValue(
        files, file.source, declaration, declarator, declared.known.macro, macros, start, end
    )
    try:
        assigned = value.assigned()
        destination, condition = destinations.of(declared.known, file.path)
    except Unassignable as obstacle:
        return InitializedDefinition(file, declared, obstacle.reason, obstacle.detail)
    except Nowhere as nowhere:
        return InitializedDefinition(file, declared, InitializerRefusal.NOWHERE, str(nowhere))
    further = ALWAYS if condition is None else parse_expression(b"if", condition.encode())
    used = (table.macros[name] for name in sorted(value.names & macros))
    containers = frozenset(known.container.name for known in (declared.known, *used))
    moving = Moving(
        file, declared, declaration, declarator, value, assigned, destination, further, containers
    )
    return InitializedDefinition(file, declared, moving)


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
