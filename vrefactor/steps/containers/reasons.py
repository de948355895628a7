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
    HEADER = "it is defined in a header"
    MIXED = "it is declared with others that stay"
    THREAD = "each thread has its own"
    ATTRIBUTE = "an attribute that no field can have"
    UNBOUND = "an array without a bound"
    VARIABLE_TYPE = "its type depends on another variable"
    UNNAMED_TYPE = "its type has no name, and others need it"
    TYPE_VARIES = "its definitions have several types"
    TYPE_HIDDEN = "its type is defined in a source file"
    TYPE_PLACE = "its type depends on the place of its definition"
    PLAIN = "it is used by its plain name still"
    SHADOWED = "a macro that uses it is expanded where a local has its name"
    INLINE = "a function of a header uses it that can't move along"
