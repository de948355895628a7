"""What a use does to a variable: does it write, or hand out the address, or only read?"""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache

from vrefactor.c.facts.definitions import Definition
from vrefactor.c.model import Access, MacroFact, Role, TokenSite
from vrefactor.index.index import Index
from vrefactor.index.macros import ArgumentRole

#: Functions of the C library and of BSD kernels that only read through these arguments
#: (standard prototypes: `const` parameters).
_READERS = {
    "bcmp": (0, 1),
    "bcopy": (0,),
    "copyout": (0,),
    "memcmp": (0, 1),
    "memcpy": (1,),
    "memmove": (1,),
    "printf": tuple(range(16)),
    "strcmp": (0, 1),
    "strcpy": (1,),
    "strlcpy": (1,),
    "strlen": (0,),
    "strncmp": (0, 1),
    "strncpy": (1,),
}
_ASSIGNED = r"\)*(?:(?:\.\w+|\[[^]]*\])\)*)*\s*(?:=(?!=)|[-+*/%|&^]=|<<=|>>=|\+\+|--)"
_CHANGED = r"(?:\+\+|--|&)\s*\(*\s*"


class Effect(IntEnum):
    """What one use may do."""

    NONE = 0
    """Not a use: the token is made a tag or a member, or only named in an export."""
    READ = 1
    LINKED = 2
    """Its address stands in the initialiser of another variable."""
    PASSED = 3
    WRITE = 4


def effect(index: Index, path: str, site: TokenSite, definition: Definition) -> Effect:
    """Return what the use of a variable at `site` does to it."""
    if site.role is Role.MACRO_ARGUMENT:
        return Effect.NONE
    if site.access is Access.WRITE:
        return Effect.WRITE
    whole = site.access is Access.ADDRESS
    if site.function is None and site.macro is None:
        return Effect.LINKED if whole or definition.array else Effect.READ
    decays = definition.array and not site.access
    call = site.calls[-1] if site.calls else None
    if call is None:
        return Effect.PASSED if whole else Effect.READ
    macros = index.macros.definitions(call.name, path)
    if not macros:
        passed = whole or (decays and call.sole)
        reads = call.argument in _READERS.get(call.name, ())
        return Effect.PASSED if passed and not reads else Effect.READ
    if call.sole and index.macros.role(call, path) in (ArgumentRole.TAG, ArgumentRole.MEMBER):
        return Effect.NONE
    if whole or (decays and call.sole):
        return Effect.PASSED
    return Effect.WRITE if any(_assigns(macro, call.argument) for macro in macros) else Effect.READ


@lru_cache(maxsize=4096)
def _assigns(macro: MacroFact, argument: int) -> bool:
    """Say whether the body of a macro assigns to one of its parameters."""
    if not macro.parameters or argument >= len(macro.parameters):
        return False
    name = re.escape(macro.parameters[argument])
    pattern = rf"(?<![\w.>])\(*{name}(?!\w){_ASSIGNED}|{_CHANGED}{name}(?!\w)"
    return re.search(pattern, macro.body) is not None
