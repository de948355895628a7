"""Reasons that this step alone gives."""

from __future__ import annotations

from vrefactor.plan.model import Refusal, Skip


class ContainerSkip(Skip):
    """Why a candidate is left as it is, in this step."""

    SHARED = "in a file of other systems too"


class ContainerRefusal(Refusal):
    """Why a site can't be decided by machine, in this step."""

    CUT = "an #if stands in its declaration"
    INITIALISED = "it has an initial value still"
    MACRO = "its name is a macro too"
    UNBOUND = "an array without a bound"
    TYPE_VARIES = "its definitions have several types"
    TYPE_HIDDEN = "its type is defined in a source file"
    PLAIN = "it is used by its plain name still"
    MIXED = "it is declared with others that stay"
    INLINE = "an inline function of a header that can't move along"
