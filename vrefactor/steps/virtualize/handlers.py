"""Step 3, sysctl handlers: the address that they are handed is that of the current stack.

`oid_arg1` of the sysctl is none any more; the parameter `arg1` has been resolved.
"""

from __future__ import annotations

import re

from vrefactor.edit.draft import Draft
from vrefactor.generated.sysctl_forms import (
    HANDLER,
    forms_with_handler,
    give_argument,
    resolved_argument,
    used_forms,
)
from vrefactor.steps.virtualize.writing import rewritten

_RAW = re.compile(rb"(?<![\w.>])oidp\s*->\s*oid_arg1(?!\w)")


def plan_handlers(draft: Draft, paths: list[str]) -> None:
    """Plan the handlers that read `oid_arg1` themselves."""
    found = False
    argument = resolved_argument(draft.index.rules.vocabulary)
    for path in paths:
        code = draft.files.open(path)[0].code
        for name in sorted(_handlers(draft, path)):
            for function in draft.files.functions(path, name):
                for match in _RAW.finditer(code, function.open, function.close):
                    found = True
                    draft.replace(path, *match.span(), argument, "of the current stack")
                    rewritten(draft, path, match.start(), name, "arg1 is resolved, oid_arg1 is not")
    if found:
        give_argument(draft)


def _handlers(draft: Draft, path: str) -> set[str]:
    """Return the names of the handlers of virtualised sysctls in a file."""
    wanted = forms_with_handler(draft.index.rules.vocabulary)
    return {
        arguments[HANDLER].lstrip("& ")
        for _, name, arguments in used_forms(draft, path)
        if name in wanted and len(arguments) > HANDLER
    }
