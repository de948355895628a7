"""Telling what a variable is for: by its type, its initialiser, its writes, its exports.

The patterns below are over *types* of BSD kernels (and of the C that grew up beside them),
never over names of variables.  A type is matched by its specifiers, qualifiers aside.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from vrefactor.c.facts.definitions import Definition, InitializerKind
from vrefactor.scan.model import ScannedVariable, Usage, VariableKind

#: A type by the end of its name, and what an object of it is for; the first match counts.
#: locking(9) and mutex(9); uma(9) and zone(9); EVENTHANDLER(9), sysctl_ctx_init(9),
#: make_dev(9) and encap_attach() for handles; taskqueue(9), kthread(9); pfil(9); the queues
#: of packets of ifnet(9); callout(9) and timeout(9); queue(3), tree(3).
TYPES: tuple[tuple[str, VariableKind], ...] = (
    (r"(?:mtx|mtx_padalign|rwlock|rmlock|sx|lock|mutex|spin|sema|cv)(?:_t)?", VariableKind.LOCK),
    (r"(?:zone|objcache|mempool)(?:_t)?", VariableKind.ZONE),
    (r"eventhandler_tag|sysctl_ctx_list|sysctl_oid|cdev|encaptab", VariableKind.HANDLE),
    (r"(?:task|taskqueue|proc|thread|kthread)(?:_t)?", VariableKind.TASK),
    (r"(?:pfil|hook)_?(?:head|list)?(?:_t)?", VariableKind.HOOK),
    (r"(?:if|pkt|mbuf)_?q(?:ueue)?(?:_t)?", VariableKind.QUEUE),
    (r"(?:callout|callout_handle|timeout|timer)(?:_t)?", VariableKind.TIMER),
    (r"\w*stats?(?:_t)?|statistics", VariableKind.STATISTICS),
    (r"\w*(?:head|list|tree|radix_node_head|hash)(?:_t)?", VariableKind.LIST),
)
_TYPES = tuple((re.compile(rf"(?:.*[ _])?(?:{pattern})"), kind) for pattern, kind in TYPES)
_SHARED = (
    VariableKind.LOCK,
    VariableKind.ZONE,
    VariableKind.HANDLE,
    VariableKind.TASK,
    VariableKind.HOOK,
    VariableKind.QUEUE,
)
_HEAD = re.compile(r"\w*_HEAD\s*\(")
_NUMBER = re.compile(
    r"(?:(?:unsigned|signed|short|long|int|char|float|double|_?Bool|bool|boolean)\s*)+"
    r"|(?:u_?)?(?:char|short|int|long|quad)(?:8|16|32|64)?(?:_t)?|u_int\d*_t|[us]\d+"
    r"|\w*(?:size|time|off|id|addr|port|bool|boolean|flags?|mode|uid|gid)_?t"
)


def kind_of(
    variable: ScannedVariable, functions: Collection[str], hooks: Collection[str]
) -> VariableKind:
    """Return what a variable is for.

    `functions` are the functions known to the scan, `hooks` the names of types of
    functions and of pointers to them.
    """
    definition = variable.definition
    if definition.const:
        return VariableKind.CONSTANT
    if definition.function or definition.base in hooks:
        return VariableKind.HOOK
    typed = _by_type(definition)
    if typed in _SHARED:
        return typed
    if _is_table(definition, variable.usage, functions):
        return VariableKind.TABLE
    if _is_set(variable) and _is_plain(definition):
        return VariableKind.TUNABLE
    if not _changes(variable):
        return VariableKind.NEVER_WRITTEN
    return typed or VariableKind.STATE


def is_number(definition: Definition) -> bool:
    """Say whether this is one number: no array, no pointer, no structure."""
    plain = not definition.pointer and not definition.array
    return plain and _NUMBER.fullmatch(definition.base) is not None


def _by_type(definition: Definition) -> VariableKind | None:
    """Return what the type says; a pointer to one is as good where all share the object."""
    if _HEAD.match(definition.base):
        return None if definition.pointer else VariableKind.LIST
    for pattern, kind in _TYPES:
        if pattern.fullmatch(definition.base):
            return kind if kind in _SHARED or not definition.pointer else None
    return None


def _is_table(definition: Definition, usage: Usage, functions: Collection[str]) -> bool:
    """Say whether the initialiser writes out operations, or values that stay as they are.

    An array that a macro initialises is written out by that macro.
    """
    by_macro = definition.array and definition.initial in (
        InitializerKind.SCALAR,
        InitializerKind.CALL,
    )
    if definition.initial is not InitializerKind.LIST and not by_macro:
        return False
    operations = any(name in functions for name in definition.names)
    return operations or not usage.may_be_written


def _is_plain(definition: Definition) -> bool:
    """Say whether an administrator could set it: a number, or a text."""
    return not definition.pointer and not definition.base.startswith(("struct", "union"))


def _is_set(variable: ScannedVariable) -> bool:
    return any(export.writable or export.boot for export in variable.exports)


def _changes(variable: ScannedVariable) -> bool:
    return variable.usage.may_be_written or _is_set(variable)
