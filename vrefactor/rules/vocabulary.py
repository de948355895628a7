"""The words of a tree: the names of macros and options that steps write and audits read."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import asdict, fields

from vrefactor.rules.basics import Ident, Table


class Vocabulary(Table, frozen=True, kw_only=True):
    """The names that everything which speaks of network stacks takes from one place.

    The defaults are those of the original project.

    `option` is the kernel option for many stacks, `option_globals` the one that keeps the plain
    variables, `option_debug` the one that checks how stacks are selected.  `stack` is the tag
    of the structure of a stack, `current` the expression for the one that is selected.

    `set` and `set_quiet` select a stack, `restore` ends that.  `foreach` is the head of a loop
    over all stacks, whose variable `iterator` declares and which `lock` and `unlock` guard.
    `is_default` tests for the first stack, `assert_stack` for a condition on stacks.  `thread`
    and `process` give the stack of a thread and of a process.

    `member` reaches a variable in its container, `select_container` declares the pointer to a
    container of a stack.  `module` is what the numbers of all that registers begin with,
    `declare_module` what the macros begin with that declare it.

    `sysctl` is what the forms of sysctl macros for virtualised variables begin with,
    `sysctl_plain` what the macros themselves do.  `sysinit` and `sysuninit` have a function run
    at start-up and at shutdown.
    """

    option: Ident = "VIMAGE"
    option_globals: Ident = "VIMAGE_GLOBALS"
    option_debug: Ident = "VNET_DEBUG"
    stack: Ident = "vnet"
    current: Ident = "curvnet"
    set: Ident = "CURVNET_SET"
    set_quiet: Ident = "CURVNET_SET_QUIET"
    restore: Ident = "CURVNET_RESTORE"
    foreach: Ident = "VNET_FOREACH"
    iterator: Ident = "VNET_ITERATOR_DECL"
    lock: Ident = "VNET_LIST_RLOCK"
    unlock: Ident = "VNET_LIST_RUNLOCK"
    is_default: Ident = "IS_DEFAULT_VNET"
    assert_stack: Ident = "VNET_ASSERT"
    thread: Ident = "TD_TO_VNET"
    process: Ident = "P_TO_VNET"
    member: Ident = "VSYM"
    select_container: Ident = "INIT_FROM_VNET"
    module: Ident = "VNET_MOD_"
    declare_module: Ident = "VNET_MOD_DECLARE"
    sysctl: Ident = "SYSCTL_V_"
    sysctl_plain: Ident = "SYSCTL_"
    sysinit: Ident = "SYSINIT"
    sysuninit: Ident = "SYSUNINIT"

    @property
    def pointer(self) -> str:
        """The type of a pointer to a stack, with single blanks."""
        return f"struct {self.stack} *"

    @property
    def container_lead(self) -> str:
        """What the names of containers begin with of which each stack has one."""
        return f"{self.stack}_"

    def words(self) -> Mapping[str, str]:
        """Return what each word that a template can name stands for."""
        return asdict(self)


WORDS = tuple(field.name for field in fields(Vocabulary))
"""What every template can name."""
