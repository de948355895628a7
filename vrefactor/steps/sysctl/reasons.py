"""Reasons that this step alone gives."""

from __future__ import annotations

from vrefactor.plan.model import Refusal


class SysctlRefusal(Refusal):
    """Why a site can't be decided by machine, in this step."""

    KIND = "this kind of sysctl has no form for virtualised variables"
    POINTER = "neither a virtualised variable nor a field of one"
    SHAPE = "the invocation can't be taken apart"
