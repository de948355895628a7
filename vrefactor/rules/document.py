"""The tables of one rule file, as TOML spells them.

Most sections are the frozen types themselves; only what the loader rearranges
(symbols listed under their container, the set's own name) has a type of its own.
"""

from __future__ import annotations

import msgspec

from vrefactor.rules.basics import Ident, Table, Text, TreePath
from vrefactor.rules.context import ContextRules
from vrefactor.rules.framework import FrameworkRules
from vrefactor.rules.initializers import Exported, InitRules, InitTable
from vrefactor.rules.startup import Early, StartupRules
from vrefactor.rules.types import (
    BuildRules,
    Container,
    Entry,
    Fingerprint,
    MacroRules,
    Move,
    Override,
    Portability,
    PrefixRules,
    Registration,
    StubArgument,
    StubRules,
    Style,
    Subsystem,
    SysctlRules,
    TreeRules,
)
from vrefactor.rules.virtualize import Attach, AttachRules, StackField
from vrefactor.rules.vocabulary import Vocabulary


class RuleSetTable(Table, frozen=True, kw_only=True):
    """`[ruleset]`: the set's name, the shared files it builds on, its containers' order."""

    name: Text
    title: str = ""
    include: tuple[Text, ...] = ()
    order: tuple[Ident, ...] = ()


class SymbolEntry(Table, frozen=True, kw_only=True):
    """A symbol with more to say than its name."""

    name: Ident
    was: Ident | None = None
    optional: bool = False
    keep_sysctl: Text | None = None


class ContainerTable(Container, frozen=True, kw_only=True):
    """`[[container]]`: a container and, by the file of their definition, its symbols."""

    symbols: dict[TreePath, tuple[Ident | SymbolEntry, ...]] = msgspec.field(default_factory=dict)

    def container(self) -> Container:
        """The container without its symbols."""
        return Container(**{name: getattr(self, name) for name in Container.__struct_fields__})


class Document(Table, frozen=True, kw_only=True):
    """One rule file.  A section of which a set has but one may stand in any of its files."""

    ruleset: RuleSetTable | None = None
    fingerprint: Fingerprint | None = None
    tree: TreeRules | None = None
    prefix: PrefixRules | None = None
    vocabulary: Vocabulary | None = None
    sysctl: SysctlRules | None = None
    framework: FrameworkRules | None = None
    style: Style | None = None
    macros: MacroRules | None = None
    stubs: StubRules | None = None
    startup: StartupRules | None = None
    initializers: InitRules | None = None
    attaching: AttachRules | None = None
    context: ContextRules | None = None
    build: BuildRules | None = None
    subsystem: tuple[Subsystem, ...] = ()
    container: tuple[ContainerTable, ...] = ()
    override: tuple[Override, ...] = ()
    portability: tuple[Portability, ...] = ()
    registration: tuple[Registration, ...] = ()
    argument: tuple[StubArgument, ...] = ()
    entry: tuple[Entry, ...] = ()
    move: tuple[Move, ...] = ()
    early: tuple[Early, ...] = ()
    init: tuple[InitTable, ...] = ()
    exported: tuple[Exported, ...] = ()
    field: tuple[StackField, ...] = ()
    attach: tuple[Attach, ...] = ()
