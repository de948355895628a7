"""How far a tree is, for comments that each step words anew."""

from __future__ import annotations

from enum import Enum

from vrefactor.edit.draft import Draft
from vrefactor.generated.header import Header


class Stage(Enum):
    """What a `V_` macro means: the variable; a member of the one instance; one of a stack's."""

    VARIABLES = "variables"
    MEMBERS = "members"
    STACKS = "stacks"

    @property
    def sections(self) -> dict[str, bool]:
        """Which section of a template is there."""
        return {stage.value: stage is self for stage in Stage}


def reword(draft: Draft, header: Header, comment: tuple[int, int] | None, text: bytes) -> None:
    """Plan another comment in place of one, if that is there."""
    if comment is not None:
        draft.replace(header.path, *comment, text, "what the macros are now")
