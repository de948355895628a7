"""The rule set that a scan proposes: what `vrefactor diff` then works by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, count

from msgspec.structs import replace

from vrefactor.errors import VrefactorErrors
from vrefactor.index.build import build_index
from vrefactor.index.pool import RunOptions
from vrefactor.rules.types import Container, Override, RuleSet, Subsystem, Symbol
from vrefactor.rules.vocabulary import Vocabulary
from vrefactor.rules.writer import emit
from vrefactor.scan.model import Proposal, Scan, ScanRow
from vrefactor.scan.names import final_names
from vrefactor.scan.program import for_program
from vrefactor.scan.scope import excluding, identifier
from vrefactor.source.scope import subsystem_of, with_folders
from vrefactor.source.tree import Tree

MARK = "# Proposed by `vrefactor scan`."
"""The first line of a proposal: how an earlier one is known."""


def proposal(
    tree: Tree, rules: RuleSet, subsystems: Iterable[str], scan: Scan, options: RunOptions
) -> bytes:
    """Return a rule file with every variable that the scan proposes to virtualise.

    The rest of the rules (macros, style, containers...) stays; a subsystem without a
    container gets one.  What a person has to decide is listed in comments at the top.
    Files that hold one of the names, but can't be read as C, are excluded: so the set is
    one that a step accepts as it is.
    """
    proposed = _proposed(tree, rules, subsystems, scan)
    return _header(scan).encode() + emit(_without_unreadable(tree, proposed, options))


def _without_unreadable(tree: Tree, rules: RuleSet, options: RunOptions) -> RuleSet:
    names = {symbol.name for symbol in rules.symbols}
    names |= {rules.prefix.prefix + symbol.name for symbol in rules.symbols}
    names |= {symbol.was for symbol in rules.symbols if symbol.was is not None}
    try:
        build_index(tree, rules, names, options)
    except VrefactorErrors as errors:
        return excluding(rules, errors.errors)
    return rules


def _proposed(tree: Tree, rules: RuleSet, subsystems: Iterable[str], scan: Scan) -> RuleSet:
    rules = with_folders(tree, rules, subsystems)
    rows = [row for row in scan.rows if row.proposal is Proposal.VIRTUALISE]
    containers = list(rules.containers)
    names = final_names(tree, rules, rows)
    symbols: list[Symbol] = []
    for row in rows:
        container = _container(rules, containers, row.variable.path)
        was, name = row.variable.name, names[row.variable.name, row.variable.path]
        symbols.append(
            Symbol(
                name=name,
                file=row.variable.path,
                container=container.name,
                was=None if was == name else was,
                origin=("", 0),
            )
        )
    found = replace(
        _self_contained(rules, containers),
        title=f"Proposed by vrefactor scan for {rules.name}",
        containers=tuple(containers),
        symbols=tuple(symbols),
        overrides=tuple(_overrides(rules, {symbol.name for symbol in symbols})),
    )
    return for_program(tree, found, subsystems, rows)


def _self_contained(rules: RuleSet, containers: Sequence[Container]) -> RuleSet:
    """Return the rules with a subsystem for every container that has been added."""
    known = {subsystem.name for subsystem in rules.subsystems}
    missing = dict.fromkeys(
        container.subsystem for container in containers if container.subsystem not in known
    )
    added = [Subsystem(name=name, paths=(name,)) for name in missing]
    return replace(rules, subsystems=(*rules.subsystems, *added))


def _header(scan: Scan) -> str:
    asked = [row for row in scan.rows if row.proposal is Proposal.ASK]
    lines = [
        MARK,
        "#",
        "# Each name here is a proposal; `vrefactor scan` gives the reason.  Take out what one",
        "# copy can serve, and add what you know better.",
    ]
    if asked:
        lines += ["#", "# Not taken in, for a person to decide:"]
        lines += [f"#   {_line(row)}" for row in asked]
    return "\n".join(lines) + "\n\n"


def _line(row: ScanRow) -> str:
    text = f"{row.variable.path}: {row.variable.name}: {row.reason}"
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\n", "\\n")


def _container(rules: RuleSet, containers: list[Container], path: str) -> Container:
    """Return the container of a file's variables, made if its subsystem has none yet."""
    found = subsystem_of(rules, path)
    name = found.name if found is not None else path.split("/", 1)[0]
    for container in containers:
        if container.subsystem == name:
            return container
    made = _made(rules.vocabulary, containers, name, path.rpartition("/")[0])
    containers.append(made)
    return made


def _made(
    vocabulary: Vocabulary, containers: Sequence[Container], subsystem: str, folder: str
) -> Container:
    """Return a container of a subsystem; none of its names is that of another one."""
    taken = {name for container in containers for name in _names(container)}
    plain = identifier(subsystem.rsplit("/", 1)[-1]).lower()
    for word in chain([plain], (f"{plain}{number}" for number in count(2))):
        lead = vocabulary.container_lead
        accessor = f"{lead}{word}".upper()
        made = Container(
            name=f"{lead}{word}",
            subsystem=subsystem,
            header=f"{folder}/v{word}.h" if folder else f"v{word}.h",
            accessor=accessor,
            init=f"INIT_{accessor}",
            module=f"{vocabulary.module}{word.upper()}",
        )
        if taken.isdisjoint(_names(made)):
            return made
    raise AssertionError("there is always another number")


def _names(container: Container) -> tuple[str, ...]:
    return container.name, container.accessor, container.init, container.module


def _overrides(rules: RuleSet, names: set[str]) -> Iterable[Override]:
    """Yield the overrides, without names that are no longer symbols."""
    for override in rules.overrides:
        left = tuple(name for name in override.names if name in names)
        if left or not override.names:
            yield replace(override, names=left)
