"""What a whole file is, where that tells whose its variables are.

Signs are generic: interfaces of the kernel through which many modules of one kind are
plugged in, and conditions that show that a file is shared with other systems.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from vrefactor.c.facts.definitions import Survey
from vrefactor.scan.model import ScannedVariable


class Nature(StrEnum):
    """What a file is, as far as it matters for its variables."""

    NODE = "a netgraph node type"
    CLONER = "an interface that is cloned"
    DISCIPLINE = "a line discipline"
    FILTER = "an accept filter"
    SHARED = "code that is shared with other systems, or with user space"


@dataclass(frozen=True, slots=True)
class _Sign:
    """A macro invoked at file scope, or a table of a type that is handed out."""

    nature: Nature
    macro: str
    table: str


#: netgraph(4), "ng_type"; IFC_SIMPLE_DECLARE and if_clone_attach() of <net/if_clone.h>;
#: ttyldisc_register(9); accept_filter(9).
_SIGNS = (
    _Sign(Nature.NODE, r"NETGRAPH_INIT\w*", r"struct ng_type"),
    _Sign(Nature.CLONER, r"IFC_\w*DECLARE", r"struct if_clone"),
    _Sign(Nature.DISCIPLINE, r"TTY_LDISC\w*|LDISC_\w+", r"struct linesw"),
    _Sign(Nature.FILTER, r"ACCEPT_FILTER\w*", r"struct accept_filter"),
)
#: Macros that compilers predefine for a system, and the kernel's own `_KERNEL`: a source
#: file (not a header) that asks for one is compiled elsewhere, too.
_SYSTEMS = re.compile(
    r"_KERNEL|_?_?(?:FreeBSD|NetBSD|OpenBSD|DragonFly|APPLE|bsdi|linux|sun|Windows|WIN32)_*"
)


def natures(
    surveys: Mapping[str, Survey], variables: Iterable[ScannedVariable]
) -> dict[str, Nature]:
    """Return what the source files are; those of no special nature are left out."""
    found: dict[str, Nature] = {}
    for path, survey in surveys.items():
        nature = _invokes(survey) or _is_shared(path, survey)
        if nature is not None:
            found[path] = nature
    for variable in variables:
        if variable.path not in found and variable.usage.passed:
            for sign in _SIGNS:
                if re.fullmatch(sign.table, variable.definition.base):
                    found[variable.path] = sign.nature
    return found


def _invokes(survey: Survey) -> Nature | None:
    for sign in _SIGNS:
        if any(re.fullmatch(sign.macro, call.macro) for call in survey.invocations):
            return sign.nature
    return None


def _is_shared(path: str, survey: Survey) -> Nature | None:
    asks = any(_SYSTEMS.fullmatch(name) for name in survey.conditions)
    return Nature.SHARED if asks and not path.endswith(".h") else None
