"""Reasons that this step alone gives."""

from __future__ import annotations

from vrefactor.plan.model import Refusal, Skip


class StubSkip(Skip):
    """Why a candidate is left as it is, in this step."""

    FILE_SCOPE = "at file scope"


class StubRefusal(Refusal):
    """Why a site can't be decided by machine, in this step."""

    ENTRY = "an entry point that can't set its network stack by machine"
