"""Likely entry points: functions that are registered to be called from elsewhere.

A timer, an event handler, a protocol's method runs while no network stack is selected, or
under that of whoever calls.  How functions are registered, the rules say
(`[[registration]]`); what is found here is proposed as `[[entry]]` tables.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter

from vrefactor.c.facts.registrations import RegisteredFunction, RegistrationFinder
from vrefactor.c.parse.functions import Function, Parameter, body_offsets, find_functions
from vrefactor.c.preprocess.conditionals import parse_conditionals
from vrefactor.c.preprocess.lexer import Source, lex
from vrefactor.errors import RULES_INCOMPLETE, VrefactorError, VrefactorErrors
from vrefactor.rules.templates import fill
from vrefactor.rules.types import RuleSet
from vrefactor.source.scope import files_in_scope
from vrefactor.source.tree import Tree

_ELEMENT = "an element"
_OPAQUE = ("void *", "caddr_t")
"""The types of a parameter that can be anything: here, a stack."""


@dataclass(frozen=True, slots=True, order=True)
class RegistrationPlace:
    """A place where a function is registered: as which registration, through what."""

    path: str
    line: int
    registration: str
    through: str


@dataclass(frozen=True, slots=True)
class EntryCandidate:
    """A function that may be an entry point, and all places where it is registered."""

    path: str
    line: int
    name: str
    parameters: tuple[Parameter, ...]
    places: tuple[RegistrationPlace, ...]
    known: bool
    """Whether the rules have it."""


@dataclass(slots=True)
class _Found:
    sources: dict[str, Source] = field(default_factory=dict)
    registered: dict[str, list[tuple[str, RegisteredFunction]]] = field(default_factory=dict)
    """By the function's name: the file, and what was found there."""


def find_entry_points(
    tree: Tree, rules: RuleSet, subsystems: Collection[str]
) -> tuple[EntryCandidate, ...]:
    """Return the functions of the files in scope that one of them registers, by place.

    Raises RULES_INCOMPLETE if the rules know no registration, RULES_NAME as
    `files_in_scope`, and the errors of `lex`, those of all files at once.
    """
    if not rules.registrations:
        raise VrefactorError(RULES_INCOMPLETE, "`[[registration]]`", path=rules.origin or None)
    found = _seek(tree, rules, files_in_scope(tree, rules, subsystems))
    known = {(entry.path, name) for entry in rules.entries for name in entry.functions}
    names = frozenset(name.encode() for name in found.registered)
    defined = {path: _defined(source, names) for path, source in found.sources.items()}
    owners: dict[str, set[str]] = {}
    for path, functions in defined.items():
        for function in functions:
            owners.setdefault(function.name, set()).add(path)
    candidates = [
        EntryCandidate(
            path,
            found.sources[path].line(function.name_at),
            function.name,
            function.parameters,
            places,
            (path, function.name) in known,
        )
        for path, functions in defined.items()
        for function in functions
        if (places := _places(found, path, function.name, owners[function.name]))
    ]
    return tuple(sorted(candidates, key=attrgetter("path", "line", "name")))


def _seek(tree: Tree, rules: RuleSet, paths: Iterable[str]) -> _Found:
    seeker = RegistrationFinder(rules.registrations)
    found = _Found()
    errors: list[VrefactorError] = []
    for path in sorted(paths):
        try:
            source = lex(path, tree.read(path))
        except VrefactorError as error:
            errors.append(error)
            continue
        found.sources[path] = source
        for registered in seeker.find(source.code):
            found.registered.setdefault(registered.function, []).append((path, registered))
    if errors:
        raise VrefactorErrors(errors)
    return found


def _defined(source: Source, names: frozenset[bytes]) -> list[Function]:
    """Return the functions of these names that a file defines, each once."""
    places = body_offsets(source.code, names)
    if not places:
        return []
    functions = find_functions(source.code, parse_conditionals(source), places).functions
    by_name = {functions[at].name: functions[at] for at in sorted(functions, reverse=True)}
    return [function for name, function in sorted(by_name.items()) if name.encode() in names]


def _places(
    found: _Found, path: str, name: str, owners: Collection[str]
) -> tuple[RegistrationPlace, ...]:
    """Return where a function is registered: in its file, or where no other one is defined."""
    places = (
        RegistrationPlace(
            where, found.sources[where].line(registered.start), registered.way, registered.through
        )
        for where, registered in found.registered.get(name, [])
        if where == path or where not in owners
    )
    return tuple(sorted(set(places)))


def propose(rules: RuleSet, candidates: Iterable[EntryCandidate]) -> str:
    """Return `[[entry]]` tables for the candidates that the rules do not have yet.

    Where neither the parameters nor the rules tell the network stack, a comment says so.
    """
    templates = {
        argument.parameter: argument.argument
        for argument in reversed(rules.arguments)
        if argument.parameter is not None and not argument.containers and not argument.registrations
    }
    templates |= dict.fromkeys(_OPAQUE, f"({rules.vocabulary.pointer}) {{parameter}}")
    texts = [_table(candidate, templates) for candidate in candidates if not candidate.known]
    return "\n".join(texts)


def _table(candidate: EntryCandidate, templates: Mapping[str, str]) -> str:
    lines = [f"# {candidate.path}:{candidate.line}: {candidate.name}"]
    lines += [
        f"#   {place.registration}: {place.through or _ELEMENT} ({place.path}:{place.line})"
        for place in candidate.places
    ]
    first = candidate.parameters[0] if candidate.parameters else None
    vnet = None if first is None else _vnet(first, templates)
    if first is not None and vnet is None:
        lines.append(f"#   runs under its caller's stack, or: no rule for `{first.type}`")
        return "\n".join(lines) + "\n"
    lines += ["[[entry]]", f'path = "{candidate.path}"', f'functions = ["{candidate.name}"]']
    if vnet is not None:
        lines.append(f'vnet = "{vnet}"')
    return "\n".join(lines) + "\n"


def _vnet(first: Parameter, templates: Mapping[str, str]) -> str | None:
    """Return the expression for the stack that a first parameter gives."""
    if not first.name:
        return None
    template = templates.get(first.type, "")
    return template if fill(template, parameter="\0") != template else None
