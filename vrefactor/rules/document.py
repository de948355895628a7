"""The tables of one rule file, as TOML spells them.

Most sections are the frozen types themselves; only what the loader rearranges
(symbols listed under their container, the set's own name) has a type of its own.
"""

from __future__ import annotations

import msgspec

from vrefactor.rules.basics import Ident, Table, Text, TreePath
from vrefactor.rules.initializers import InitTable
from vrefactor.rules.types import Container, Sections

#: The shared file that a rule set without such a section takes.
SHARED_SECTIONS = {"macros": "bsd-macros", "context": "bsd-context"}


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


class Document(Sections[ContainerTable, InitTable], frozen=True, kw_only=True):
    """One rule file."""

    ruleset: RuleSetTable | None = None
