"""Rule sets from disk: one file, a folder whose `*.toml` files are merged, a shipped set."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from msgspec.structs import FieldInfo, fields

from vrefactor.errors import (
    RULES_INCOMPLETE,
    RULES_MISSING,
    RULES_NAME,
    RULES_UNREADABLE,
    VrefactorError,
)
from vrefactor.rules.basics import Table
from vrefactor.rules.check import check
from vrefactor.rules.document import SHARED_SECTIONS, ContainerTable, RuleSetTable, SymbolEntry
from vrefactor.rules.initializers import Init, InitTable
from vrefactor.rules.parse import RuleFile, closest, read_file
from vrefactor.rules.types import Container, RuleSet, Symbol, is_list, sections

#: The folder beside the shipped sets with the files that sets can include.
SHARED = "shared"


def load(path: Path) -> RuleSet:
    """The rule set of a file, or of all `*.toml` files of a folder, checked.

    Raises VrefactorError (or VrefactorErrors, for several mistakes at once): a kind
    RULES_*, with the rule file and the line of the offending key.
    """
    files = read_files(path)
    check(files)
    head = _head(path, files)
    shared = [_shared(files, name) for name in _included(head, files)]
    values = _merged(files, shared)
    values["containers"] = _ordered(head.order, values["containers"])
    return RuleSet(
        name=head.name,
        title=head.title,
        origin=str(path),
        symbols=tuple(symbol for file in files for symbol in _symbols(file)),
        digest=_digest([*files, *shared]),
        **values,
    )


def bare(name: str) -> RuleSet:
    """Rules for a tree that has none: what the shared files say, neither subsystem nor symbol."""
    shared = [
        read_file(rules_root() / SHARED / f"{file}.toml") for file in SHARED_SECTIONS.values()
    ]
    return RuleSet(name=name, **_merged((), shared))


def rules_root() -> Path:
    """The folder of the shipped rule sets: in the wheel, or in a checkout beside the package."""
    package = Path(str(resources.files("vrefactor")))
    installed = package / "_rules"
    return installed if installed.is_dir() else package.parent / "rules"


def shipped() -> Mapping[str, Path]:
    """The shipped rule sets: name to folder, sorted by name."""
    folders = sorted(path for path in rules_root().glob("*") if path.is_dir())
    return {path.name: path for path in folders if path.name != SHARED}


def read_files(path: Path) -> list[RuleFile]:
    """The files of a rule set, each checked on its own, sorted by name.

    Raises VrefactorError: RULES_MISSING when there is none, or as `read_file`.
    """
    if not os.path.exists(path):
        raise VrefactorError(RULES_MISSING, path=str(path))
    if not os.path.isdir(path):
        return [read_file(path)]
    try:
        names = sorted(path / name for name in os.listdir(path) if name.endswith(".toml"))
    except OSError as error:
        detail = error.strerror or str(error)
        raise VrefactorError(RULES_UNREADABLE, detail, path=str(path)) from error
    if not names:
        raise VrefactorError(RULES_MISSING, "the folder holds no *.toml file", path=str(path))
    return [read_file(name) for name in names]


def _head(path: Path, files: list[RuleFile]) -> RuleSetTable:
    for file in files:
        if file.document.ruleset is not None:
            return file.document.ruleset
    detail = "section `[ruleset]` with the set's `name`"
    raise VrefactorError(RULES_INCOMPLETE, detail, path=str(path))


def _included(head: RuleSetTable, files: list[RuleFile]) -> tuple[str, ...]:
    """The shared files of a set: those it names, and the defaults of what it says nothing of."""
    included = list(head.include)
    given = {section for file in files for section in file.sections}
    if not head.include and "macros" not in given:
        included.append(SHARED_SECTIONS["macros"])
    if "context" not in given:
        included.append(SHARED_SECTIONS["context"])
    return tuple(dict.fromkeys(included))


def _shared(files: list[RuleFile], name: str) -> RuleFile:
    """A shared file by its name.  Raises VrefactorError(RULES_NAME)."""
    folder = rules_root() / SHARED
    known = sorted(file.stem for file in folder.glob("*.toml"))
    if name in known:
        return read_file(folder / f"{name}.toml")
    file = next(file for file in files if file.document.ruleset is not None)
    detail = f"shared file `{name}`{closest(name, known)}"
    at = file.document.ruleset.include.index(name) if file.document.ruleset else 0
    raise file.error(RULES_NAME, detail, "ruleset", "include", at)


def _merged(files: Iterable[RuleFile], shared: Iterable[RuleFile]) -> dict[str, Any]:
    """What several files say in each section, by the name of its field."""
    values: dict[str, Any] = {}
    for section in sections():
        if is_list(section):
            values[section.name] = tuple(
                table for file in files for table in _tables(file, section)
            )
            continue
        given = [
            getattr(file.document, section.name)
            for file in (*files, *shared)
            if section.encode_name in file.sections
        ]
        values[section.name] = _joined(given) if given else section.default
    return values


def _tables(file: RuleFile, section: FieldInfo) -> Iterator[Table]:
    """The tables of a list of a file, as a rule set has them."""
    for index, table in enumerate(getattr(file.document, section.name)):
        if isinstance(table, ContainerTable):
            yield table.container()
        elif isinstance(table, InitTable):
            values = {name: getattr(table, name) for name in table.__struct_fields__}
            yield Init(**values, origin=(str(file.path), file.line(section.encode_name, index)))
        else:
            yield table


def _joined(given: list[Table]) -> Table:
    """The lists of several tables together, each entry once; of other keys the first counts."""
    values: dict[str, object] = {}
    for key in fields(type(given[0])):
        each = [getattr(table, key.name) for table in given]
        if isinstance(key.default, tuple):
            values[key.name] = tuple(dict.fromkeys(entry for some in each for entry in some))
        else:
            values[key.name] = next((value for value in each if value != key.default), key.default)
    return type(given[0])(**values)


def _ordered(order: tuple[str, ...], containers: tuple[Container, ...]) -> tuple[Container, ...]:
    """The containers in the order that the set gives; the others behind them, as they come."""
    ranks = {name: rank for rank, name in enumerate(order)}
    return tuple(sorted(containers, key=lambda container: ranks.get(container.name, len(ranks))))


def _symbols(file: RuleFile) -> Iterator[Symbol]:
    for index, table in enumerate(file.document.containers):
        for source, entries in table.symbols.items():
            for at, entry in enumerate(entries):
                line = file.line("container", index, "symbols", source, at)
                if isinstance(entry, str):
                    entry = SymbolEntry(name=entry)
                yield Symbol(
                    name=entry.name,
                    file=source,
                    container=table.name,
                    was=entry.was,
                    optional=entry.optional,
                    keep_sysctl=entry.keep_sysctl,
                    origin=(str(file.path), line),
                )


def _digest(files: Iterable[RuleFile]) -> str:
    """A hash over the files' bytes, independent of where they lie."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(len(file.data).to_bytes(8, "big"))
        digest.update(file.data)
    return digest.hexdigest()
