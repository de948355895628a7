"""What a scan answers: one `ScanRow` a variable, frozen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from vrefactor.c.facts.definitions import Definition
from vrefactor.c.model import ParseCoverage, Storage
from vrefactor.errors import VrefactorError


class VariableKind(StrEnum):
    """What a variable is for, told by its type, its initialiser, its uses and its exports."""

    CONSTANT = "constant"
    """Declared const."""
    LOCK = "lock"
    TABLE = "table"
    """Written out in the source: operations, registrations, values to look up."""
    HOOK = "hook"
    """A pointer to a function, or a list of such."""
    ZONE = "zone"
    """An allocator."""
    HANDLE = "handle"
    """What a registration returned: an event handler's tag."""
    TASK = "task"
    """Work for a thread, or the thread."""
    QUEUE = "queue"
    """A queue of packets between layers."""
    TIMER = "timer"
    STATISTICS = "statistics"
    TUNABLE = "tunable"
    """A number or text that the administrator sets, by sysctl or at boot."""
    NEVER_WRITTEN = "never written"
    """Mutable, but nothing writes it after its definition."""
    LIST = "list"
    """The head of a list, tree or hash table."""
    STATE = "state"


class Proposal(StrEnum):
    """What to do with a variable."""

    VIRTUALISE = "virtualise"
    LEAVE = "leave"
    ASK = "ask"
    """The signs contradict each other: a person decides."""


@dataclass(frozen=True, slots=True)
class SourcePlace:
    """A line of a file; lines count from 1."""

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Export:
    """One SYSCTL or TUNABLE that names a variable."""

    place: SourcePlace
    macro: str
    name: str
    """The node's name below its parent, or the tunable's name."""
    writable: bool
    """Whether it can be set while the kernel runs."""
    boot: bool
    """Whether its value is fetched from the boot environment."""


@dataclass(frozen=True, slots=True)
class Usage:
    """How often a variable is read, written, and passed on; by how many files."""

    reads: int = 0
    writes: int = 0
    passed: int = 0
    """Uses that hand out its address, so that a write can't be excluded."""
    linked: int = 0
    """Initialisers that hold its address."""
    reading_files: tuple[str, ...] = ()
    writing_files: tuple[str, ...] = ()
    """Files that write it or hand out its address."""
    writers: tuple[str, ...] = ()
    """The functions (or macros) that write it or hand out its address."""
    unclear: int = 0
    """Tokens of its name of which it can't be told whether they denote it."""

    @property
    def may_be_written(self) -> bool:
        """Whether some code writes it, or could through its address."""
        return self.writes + self.passed > 0


@dataclass(frozen=True, slots=True)
class ScannedVariable:
    """One variable of the tree, with all that is known of it."""

    name: str
    definition: Definition
    defined: tuple[SourcePlace, ...]
    """Its definitions, the one that `definition` shows first."""
    declared: tuple[SourcePlace, ...]
    exports: tuple[Export, ...]
    usage: Usage

    @property
    def path(self) -> str:
        """The file of its definition."""
        return self.defined[0].path

    @property
    def internal(self) -> bool:
        """Whether it has internal linkage."""
        return self.definition.storage is Storage.STATIC


@dataclass(frozen=True, slots=True)
class ScanRow:
    """A variable with its kind, the proposal, and the reason for it."""

    variable: ScannedVariable
    kind: VariableKind
    proposal: Proposal
    reason: str


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a line that no variant parses."""

    place: SourcePlace
    size: int
    file_scope: bool


@dataclass(frozen=True, slots=True)
class Scan:
    """The whole answer: the variables by path and line, and how well the files parse."""

    rows: tuple[ScanRow, ...]
    files: int
    coverage: ParseCoverage
    regions: tuple[Region, ...]
    unread: tuple[VrefactorError, ...] = ()
    """Why some files could not be read as C: they are left out."""

    @property
    def hidden(self) -> tuple[Region, ...]:
        """The regions outside of functions: one might hide a definition."""
        return tuple(region for region in self.regions if region.file_scope)
