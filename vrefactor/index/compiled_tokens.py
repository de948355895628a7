"""What a compiler says of a token: shared by those who ask it and those who compare."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from vrefactor.index.index import Variable


class EntityKind(StrEnum):
    """What kind of entity an identifier token declares or refers to."""

    VARIABLE = "file-scope variable"
    LOCAL = "local variable"
    PARAMETER = "parameter"
    MEMBER = "member"
    TAG = "tag"
    LABEL = "label"
    ENUMERATOR = "enumerator"
    TYPEDEF = "typedef"
    FUNCTION = "function"


@dataclass(frozen=True, slots=True, order=True)
class Entity:
    """An entity; `name` is its own, `file` where it is declared first if its linkage is internal.

    `declares` tells a declaration from a reference.
    """

    kind: EntityKind
    name: str
    file: str = ""
    declares: bool = False

    @property
    def variable(self) -> Variable | None:
        """The variable that it is, if it is one with linkage."""
        return Variable(self.name, self.file) if self.kind is EntityKind.VARIABLE else None

    def __str__(self) -> str:
        owner = f" of {self.file}" if self.file else ""
        return f"{'declaration of ' if self.declares else ''}{self.kind} `{self.name}`{owner}"


@dataclass(frozen=True, slots=True, order=True)
class CompiledToken:
    """What the token at byte `start` of `path` is, in some configurations.

    `expanded`: the token stands in a macro's body, and this is what it is where the macro is
    used.  A token may be one thing in one translation unit and another thing in the next: then
    there are two of these for it.
    """

    path: str
    start: int
    line: int
    entity: Entity
    expanded: bool
    configurations: tuple[str, ...]
