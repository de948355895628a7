"""Step 2.2, what is the same for all containers: how members are reached and found by name.

In every tree the macros that reach a variable get their meanings (`member_access`).  Where
the rules have a `[framework]`, there is more: the registration of containers with what they
tell of their members, in the header of the prefix; the source file that keeps the list and
answers `kldsym(2)`; and the lines that other files need for that, as the rules say.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from vrefactor.c.parse.functions import Function
from vrefactor.c.parse.statements import Statement, statements
from vrefactor.c.preprocess.conditionals import Conditionals, parse_conditionals
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.lexer import Source, lex
from vrefactor.edit.rule_lines import fitted, functions_named, whole_lines
from vrefactor.errors import RULES_NAME, VrefactorError
from vrefactor.generated.container_macros import defines
from vrefactor.generated.framework_text import (
    registering,
    registration,
    registration_block,
    source,
    source_headers,
    symbol_map,
)
from vrefactor.generated.member_access import MemberAccess
from vrefactor.generated.prefix_header import additions
from vrefactor.index.index import Index
from vrefactor.plan.model import Finding
from vrefactor.plan.symbols import SymbolTable
from vrefactor.rules.framework import FrameworkRules
from vrefactor.rules.types import Container
from vrefactor.source.edits import Edit, NewFile


@dataclass(frozen=True, slots=True)
class Framework:
    """The part of step 2.2's plan that is the same for all containers."""

    edits: tuple[Edit, ...]
    new_files: tuple[NewFile, ...]
    notes: tuple[str, ...]
    findings: tuple[Finding, ...] = ()


def framework(
    index: Index, table: SymbolTable, containers: Sequence[Container], step: str
) -> Framework:
    """Plan the framework of `containers`, those whose variables move into a structure.

    Raises RULES_NAME if the tree lacks a header that the framework needs, or the macro
    `VSYM`, which step 1.5.2 defines.
    """
    if not containers:
        return Framework((), (), ())
    access = MemberAccess(index, {container.name for container in containers}, step)
    access.plan()
    edits, findings = access.edits, access.findings
    new_files: tuple[NewFile, ...] = ()
    rules = index.rules.framework
    if rules is not None:
        new_files = tuple(_source(index, rules, step))
        edits += _in_header(index, rules, step)
        lines = whole_lines(index.tree, rules.line, step)
        edits += lines.edits
        findings += lines.findings
        for planned in _registrations(index, table, containers, step):
            if isinstance(planned, Edit):
                edits.append(planned)
            else:
                findings.append(planned)
    notes = tuple(_notes(index))
    return Framework(tuple(sorted(edits)), new_files, notes, tuple(sorted(findings)))


def _notes(index: Index) -> Iterator[str]:
    path = index.rules.prefix.header
    if defines(index.tree.read(path), "VIMAGE_GLOBALS"):
        yield f"{path}: defines VIMAGE_GLOBALS: the containers are not used as long as it does"


def _source(index: Index, rules: FrameworkRules, step: str) -> Iterator[NewFile]:
    if rules.source not in index.tree:
        require(index, source_headers(rules))
        content = source(index.rules.prefix.header, rules)
        yield NewFile(rules.source, content, step, "the containers that have registered")


def _in_header(index: Index, rules: FrameworkRules, step: str) -> Iterator[Edit]:
    """Yield what adds the registration to the header of the prefix, if it is not there."""
    path = index.rules.prefix.header
    data = index.tree.read(path)
    if defines(data, "VNET_MOD_DECLARE"):
        return
    require(index, rules.declarations)
    for at, text in additions(data, {}, {}, (registration_block(rules).decode(),)).items():
        yield Edit(path, at, at, fitted(data, text), step, "how containers register")


def require(index: Index, headers: Iterable[str]) -> None:
    """Raise RULES_NAME for the first of these headers that `#include` does not find.

    One between `<` and `>` is none of the tree.
    """
    folders = index.rules.tree.include_dirs
    for header in headers:
        if header.startswith("<"):
            continue
        found = (posixpath.normpath(posixpath.join(folder, header)) for folder in folders)
        if not any(path in index.tree or path in index.tree.links for path in found):
            detail = f"the header {header}, which the rules' [framework] needs"
            raise VrefactorError(RULES_NAME, detail, path=index.rules.origin)


def _registrations(
    index: Index, table: SymbolTable, containers: Iterable[Container], step: str
) -> Iterator[Edit | Finding]:
    for container in containers:
        if symbol_map(container, members(table, container)):
            planned = plan_registration(index, container, step)
            if planned is not None:
                yield planned


def members(table: SymbolTable, container: Container) -> frozenset[str]:
    """Return the names of a container's members, as `symbol_map` wants them."""
    return frozenset(
        known.variable.name
        for known in table.by_variable.values()
        if known.container.name == container.name
    )


def plan_registration(index: Index, container: Container, step: str) -> Edit | Finding | None:
    """Plan the call that registers a container, in its init function, behind the locals.

    None if it is there; a finding if there is no one such function, or no place in it.
    """
    name = container.init_function or ""
    found = list(_defining(index, container, name))
    if not found:
        what = f"no file of subsystem {container.subsystem} defines it"
        return _unregistered(container, container.header, 1, what)
    path, file, function = found[0]
    if len(found) > 1:
        others = ", ".join(
            f"{path}:{source.line(other.name_at)}" for path, source, other in found[1:]
        )
        what = f"it is defined elsewhere too ({others})"
        return _unregistered(container, path, file.line(function.name_at), what)
    if registering(container) in file.code[function.open : function.close]:
        return None
    at = _behind_locals(index, file, function)
    if at is None:
        what = "its statements can't be told apart"
        return _unregistered(container, path, file.line(function.name_at), what)
    return _call(container, file, at, step)


def _unregistered(container: Container, path: str, line: int, what: str) -> Finding:
    todo = f"{what}: call vnet_mod_register(&{container.name}_modinfo) by hand, once"
    return Finding(path, line, container.init_function or container.name, todo)


def _defining(
    index: Index, container: Container, name: str
) -> Iterator[tuple[str, Source, Function]]:
    """Yield the functions of a name in the files of a container's subsystem."""
    paths = next(
        subsystem.paths
        for subsystem in index.rules.subsystems
        if subsystem.name == container.subsystem
    )
    for path in index.tree.paths:
        inside = any(path == text or path.startswith(text + "/") for text in paths)
        if not inside or not path.endswith(".c"):
            continue
        data = index.tree.read(path)
        if name.encode() in data:
            file = lex(path, data)
            yield from ((path, file, function) for function in functions_named(file, name))


def _behind_locals(index: Index, file: Source, function: Function) -> int | None:
    """Return the line behind a body's declarations and INIT calls; None if it has no such."""
    found = statements(function, MacroMatcher(index.rules.macros))
    if found is None:
        return None
    selections = tuple(f"{container.init}(".encode() for container in index.rules.containers)
    last = function.open
    for statement in found:
        if not statement.declaration and not _text(function, statement).startswith(selections):
            break
        last = statement.end - 1
    at = _next_line(file.data, last)
    return _outside_of_groups(parse_conditionals(file), file.data, function, at)


def _text(function: Function, statement: Statement) -> bytes:
    return function.text[statement.start : statement.end]


def _next_line(data: bytes, offset: int) -> int:
    return data.find(b"\n", offset) + 1 or len(data)


def _outside_of_groups(
    conditionals: Conditionals, data: bytes, function: Function, at: int
) -> int | None:
    """Return the line from `at` on that is under no `#if` but the function's own ones."""
    outer = conditionals.owner(function.open)
    while at < function.close and (owner := conditionals.owner(at)) != outer:
        if owner is None:
            return None
        at = _next_line(data, conditionals.groups[owner[0]].end)
    return at if at <= function.close else None


def _call(container: Container, file: Source, at: int, step: str) -> Edit:
    following = file.data[at : _next_line(file.data, at)].strip()
    text = b"\n" + registration(container) + (b"\n" if following not in (b"", b"}") else b"")
    reason = f"{container.name} has variables that programs look up"
    return Edit(file.path, at, at, fitted(file.data, text), step, reason)
