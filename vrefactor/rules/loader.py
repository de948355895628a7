"""Rule sets from disk: one file, or a folder whose `*.toml` files are merged."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from msgspec import convert
from msgspec.structs import fields

from vrefactor.errors import RULES_INCOMPLETE, RULES_MISSING, RULES_NAME, VrefactorError
from vrefactor.rules import paths
from vrefactor.rules.check import check
from vrefactor.rules.context import ContextRules
from vrefactor.rules.document import RuleSetTable, SymbolEntry
from vrefactor.rules.initializers import Init, InitRules
from vrefactor.rules.parse import RuleFile, closest, read_file
from vrefactor.rules.startup import StartupRules
from vrefactor.rules.types import (
    Container,
    MacroRules,
    PrefixRules,
    RuleSet,
    StubRules,
    Style,
    Symbol,
    SysctlRules,
    TreeRules,
)
from vrefactor.rules.virtualize import AttachRules
from vrefactor.rules.vocabulary import Vocabulary

#: The shared file that a rule set without `[macros]` takes.
DEFAULT_MACROS = "bsd-macros"
#: The one that a rule set without `[context]` takes.
DEFAULT_CONTEXT = "bsd-context"

_T = TypeVar("_T")
_Lists = TypeVar("_Lists", MacroRules, ContextRules)


def load(path: Path) -> RuleSet:
    """The rule set of a file, or of all `*.toml` files of a folder, checked.

    Raises VrefactorError (or VrefactorErrors, for several mistakes at once): a kind
    RULES_*, with the rule file and the line of the offending key.
    """
    files = read_files(path)
    check(files)
    head = _head(path, files)
    shared = [_shared(files, name) for name in _included(head, files)]
    taken = [file.document for file in shared]
    documents = [file.document for file in files]
    return RuleSet(
        name=head.name,
        title=head.title,
        origin=str(path),
        subsystems=tuple(s for d in documents for s in d.subsystem),
        containers=_ordered(head.order, [c.container() for d in documents for c in d.container]),
        symbols=tuple(s for file in files for s in _symbols(file)),
        tree=_only(d.tree for d in documents) or TreeRules(),
        prefix=_only(d.prefix for d in documents) or PrefixRules(),
        vocabulary=_only(d.vocabulary for d in documents) or Vocabulary(),
        sysctl=_only(d.sysctl for d in documents) or SysctlRules(),
        framework=_only(d.framework for d in documents),
        overrides=tuple(o for d in documents for o in d.override),
        portability=tuple(p for d in documents for p in d.portability),
        macros=_joined(MacroRules, [d.macros for d in (*taken, *documents)]),
        stubs=_only(d.stubs for d in documents) or StubRules(),
        registrations=tuple(r for d in documents for r in d.registration),
        arguments=tuple(a for d in documents for a in d.argument),
        entries=tuple(e for d in documents for e in d.entry),
        moves=tuple(m for d in documents for m in d.move),
        startup=_only(d.startup for d in documents) or StartupRules(),
        early=tuple(e for d in documents for e in d.early),
        initializers=_only(d.initializers for d in documents) or InitRules(),
        inits=tuple(i for file in files for i in _inits(file)),
        exported=tuple(e for d in documents for e in d.exported),
        attaching=_only(d.attaching for d in documents) or AttachRules(),
        fields=tuple(f for d in documents for f in d.field),
        attaches=tuple(a for d in documents for a in d.attach),
        context=_joined(ContextRules, [d.context for d in (*documents, *taken)]),
        style=_only(d.style for d in documents) or Style(),
        build=_only(d.build for d in documents),
        fingerprint=_only(d.fingerprint for d in documents),
        digest=_digest([*files, *shared]),
    )


def read_files(path: Path) -> list[RuleFile]:
    """The files of a rule set, each checked on its own, sorted by name.

    Raises VrefactorError: RULES_MISSING when there is none, or as `read_file`.
    """
    if not path.exists():
        raise VrefactorError(RULES_MISSING, path=str(path))
    if not path.is_dir():
        return [read_file(path)]
    names = sorted(path.glob("*.toml"))
    if not names:
        raise VrefactorError(RULES_MISSING, "the folder holds no *.toml file", path=str(path))
    return [read_file(name) for name in names]


def _only(tables: Iterable[_T | None]) -> _T | None:
    """The one table of a section that a set has at most once, or None."""
    return next((table for table in tables if table is not None), None)


def _head(path: Path, files: list[RuleFile]) -> RuleSetTable:
    head = _only(file.document.ruleset for file in files)
    if head is None:
        detail = "section `[ruleset]` with the set's `name`"
        raise VrefactorError(RULES_INCOMPLETE, detail, path=str(path))
    return head


def _included(head: RuleSetTable, files: list[RuleFile]) -> tuple[str, ...]:
    """The shared files of a set: those it names, and the defaults of what it says nothing of."""
    included = list(head.include)
    if not head.include and all(file.document.macros is None for file in files):
        included.append(DEFAULT_MACROS)
    if all(file.document.context is None for file in files):
        included.append(DEFAULT_CONTEXT)
    return tuple(dict.fromkeys(included))


def _shared(files: list[RuleFile], name: str) -> RuleFile:
    """A shared file by its name.  Raises VrefactorError(RULES_NAME)."""
    folder = paths.rules_root() / paths.SHARED
    known = sorted(file.stem for file in folder.glob("*.toml"))
    if name in known:
        return read_file(folder / f"{name}.toml")
    file = next(file for file in files if file.document.ruleset is not None)
    detail = f"shared file `{name}`{closest(name, known)}"
    at = file.document.ruleset.include.index(name) if file.document.ruleset else 0
    raise file.error(RULES_NAME, detail, "ruleset", "include", at)


def _ordered(order: tuple[str, ...], containers: list[Container]) -> tuple[Container, ...]:
    """The containers in the order that the set gives; the others behind them, as they come."""
    ranks = {name: rank for rank, name in enumerate(order)}
    return tuple(sorted(containers, key=lambda c: ranks.get(c.name, len(ranks))))


def _joined(kind: type[_Lists], sections: Iterable[_Lists | None]) -> _Lists:
    """The lists of several sections together, each entry once; of other keys the first counts."""
    found = [one for one in sections if one is not None]
    values: dict[str, object] = {}
    for field in fields(kind):
        each = [getattr(one, field.name) for one in found]
        if isinstance(field.default, tuple):
            values[field.name] = tuple(dict.fromkeys(entry for one in each for entry in one))
        else:
            given = (one for one in each if one != field.default)
            values[field.name] = next(given, field.default)
    return convert(values, kind)


def _symbols(file: RuleFile) -> Iterator[Symbol]:
    for index, table in enumerate(file.document.container):
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


def _inits(file: RuleFile) -> Iterator[Init]:
    for index, table in enumerate(file.document.init):
        values = {name: getattr(table, name) for name in table.__struct_fields__}
        yield Init(**values, origin=(str(file.path), file.line("init", index)))


def _digest(files: Iterable[RuleFile]) -> str:
    """A hash over the files' bytes, independent of where they lie."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(len(file.data).to_bytes(8, "big"))
        digest.update(file.data)
    return digest.hexdigest()
