"""Reasons that this step alone gives."""

from __future__ import annotations

from vrefactor.plan.model import Refusal


class StaticsRefusal(Refusal):
    """Why a site can't be decided by machine, in this step."""

    NAME_TAKEN = "the new name means something else there"
