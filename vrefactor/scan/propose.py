"""What to do with a variable, and why: rules in order, the first that speaks decides.

Each rule states one observation of what the FreeBSD project chose, in general terms; none
knows a variable or a file by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vrefactor.scan.kinds import is_number
from vrefactor.scan.model import Proposal, ScannedVariable, ScanRow, VariableKind
from vrefactor.scan.natures import Nature

Answer = tuple[Proposal, str]

#: Names of functions that run once, when the kernel or a module starts: the conventions of
#: start-up hooks, of pr_init in <sys/protosw.h> and of module(9).
_INITIALISES = re.compile(r"init|attach|mod_?event|(?:^|_)load")


@dataclass(frozen=True, slots=True)
class _Case:
    """One variable with what is known of it and of its file."""

    variable: ScannedVariable
    kind: VariableKind
    nature: Nature | None


_LEFT = {
    VariableKind.CONSTANT: "declared const: the same for every stack",
    VariableKind.LOCK: "a lock: one serves all stacks",
    VariableKind.TABLE: "written out in the source: operations or values that stay as they are",
    VariableKind.HOOK: "a hook: which module is loaded does not depend on the stack",
    VariableKind.ZONE: "an allocator: one serves all stacks",
    VariableKind.HANDLE: "what a registration returned: the handler is registered once",
    VariableKind.TASK: "work for a thread: one serves all stacks",
    VariableKind.QUEUE: "packets on their way between layers: each knows its own stack",
}
_VIRTUAL = {
    VariableKind.TIMER: "a timer of the protocol's state",
    VariableKind.STATISTICS: "statistics of a protocol",
    VariableKind.TUNABLE: "a setting of a protocol",
    VariableKind.LIST: "the head of a list of the protocol's objects",
    VariableKind.STATE: "state of a protocol",
}


def _by_kind(case: _Case) -> Answer | None:
    reason = _LEFT.get(case.kind)
    return None if reason is None else (Proposal.LEAVE, reason)


def _by_nature(case: _Case) -> Answer | None:
    """A module's own state follows the module's instances, unless others use it."""
    nature = case.nature
    if nature is None:
        return None
    if nature is Nature.SHARED:
        return Proposal.ASK, f"its file is {nature}"
    others = set(case.variable.usage.reading_files) - {case.variable.path}
    if len(others) > 1:
        reason = f"its file is {nature}, but {len(others)} other files read it"
        return Proposal.VIRTUALISE, reason
    return Proposal.LEAVE, f"its file is {nature}: its state belongs to the instances"


def _set_once(case: _Case) -> Answer | None:
    """What only initialisation sets is as constant as what it is computed from."""
    usage = case.variable.usage
    if case.kind is not VariableKind.STATE or not usage.writes or usage.passed:
        return None
    if all(_INITIALISES.search(name) for name in usage.writers):
        where = ", ".join(usage.writers)
        return Proposal.ASK, f"only {where}() sets it: a constant, or state of the protocol?"
    return None


def _never_written(case: _Case) -> Answer | None:
    if case.kind is not VariableKind.NEVER_WRITTEN:
        return None
    if is_number(case.variable.definition):
        # BSD kernels have many of these: an administrator patches the kernel, or a debugger
        # sets them.  `const` was not written, so a change was meant to be possible.
        reason = "a number that no code sets, and that is not const: a setting to be patched"
        return Proposal.VIRTUALISE, reason
    if case.variable.usage.linked:
        return Proposal.ASK, "nothing writes it by name, but initialisers hold its address"
    return Proposal.LEAVE, "nothing writes it after its definition: a constant"


def _state(case: _Case) -> Answer | None:
    variable = case.variable
    usage = variable.usage
    if variable.exports and case.kind is VariableKind.TUNABLE:
        return Proposal.VIRTUALISE, f"{_VIRTUAL[case.kind]}, exported as {variable.exports[0].name}"
    files = len(usage.writing_files)
    written = f"written in {files} file{'s' if files != 1 else ''}"
    return Proposal.VIRTUALISE, f"{_VIRTUAL[case.kind]}, {written}"


RULES: tuple[Callable[[_Case], Answer | None], ...] = (
    _by_kind,
    _by_nature,
    _set_once,
    _never_written,
    _state,
)
"""All of them, in their order; the last one always answers."""


def propose(
    variable: ScannedVariable, kind: VariableKind, natures: Mapping[str, Nature]
) -> ScanRow:
    """Return the row of one variable."""
    case = _Case(variable, kind, natures.get(variable.path))
    for rule in RULES:
        answer = rule(case)
        if answer is not None:
            return ScanRow(variable, kind, *answer)
    raise AssertionError("the last rule answers")
