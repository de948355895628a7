"""SETs and RESTOREs that do not go together, within one function."""

from __future__ import annotations

from collections.abc import Iterator

from vrefactor.audit.facts import Facts
from vrefactor.audit.model import AuditFinding, FindingKind, JudgedPlace
from vrefactor.audit.path_state import Fault


def pair_findings(facts: Facts) -> Iterator[JudgedPlace]:
    """Yield the faults of each function.

    Of a SET that is there on some paths only, what follows from it is not told again.
    """
    for path, context in sorted(facts.contexts.items()):
        split = {fault.cause for fault in context.faults if fault.kind is FindingKind.SPLIT}
        for fault in context.faults:
            function = facts.function(path, fault.start - 1)
            if function is None or (fault.kind is FindingKind.KEPT and fault.cause in split):
                continue
            line = facts.line(path, fault.start)
            what = _what(facts, path, fault)
            finding = AuditFinding(path, line, fault.kind, function.name, what)
            yield JudgedPlace(finding, ((path, fault.cause),))


def _what(facts: Facts, path: str, fault: Fault) -> str:
    if fault.kind is FindingKind.KEPT:
        line = facts.line(path, fault.cause)
        return f"leaves the block here with the stack still set that line {line} set"
    if fault.kind is FindingKind.UNSET:
        return "restores a stack that was not set, at least on some ways"
    return "sets or restores the stack on some ways only: SET and RESTORE belong into one block"
