"""Reasons that this step alone gives."""

from __future__ import annotations

from vrefactor.plan.model import Refusal


class InitializerRefusal(Refusal):
    """Why a site can't be decided by machine, in this step."""

    NOWHERE = "no function is known that could set it"
    PLACE = "its init function has no place for it"
    CONST = "a constant can't be assigned to"
    VALUE = "its value can't be assigned by machine"
    UNSEEN = "its value uses what its init function can't see"
    EXPORT = "its init function can't be given access to it"
    TUNABLE = "its tunable has no form for functions"
    TYPE = "its type is not known"
    TOGETHER = "another definition of it is refused"
