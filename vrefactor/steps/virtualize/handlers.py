"""Step 3, sysctl handlers: the address that they are handed is that of the current stack.

`oid_arg1` of the sysctl is none any more; the parameter `arg1` has been resolved.
"""

from __future__ import annotations

import re

from vrefactor.c.preprocess.lexer import matching, split_arguments
from vrefactor.edit.draft import Draft
from vrefactor.generated.prefix_header import additions
from vrefactor.generated.template import render
from vrefactor.steps.virtualize.writing import rewritten

_FORMS = re.compile(rb"(?<!\w)SYSCTL_V_(?:PROC|OID)\s*(\()")
_LEAD = b"SYSCTL_V_"
_HANDLER = 8
"""Which argument of `SYSCTL_V_PROC` and of `SYSCTL_V_OID` is the handler, from 0."""
_RAW = re.compile(rb"(?<![\w.>])oidp\s*->\s*oid_arg1(?!\w)")
_MACRO = b"SYSCTL_V_ARG1"


def plan_handlers(draft: Draft, paths: list[str]) -> None:
    """Plan the handlers that read `oid_arg1` themselves."""
    found = False
    for path in paths:
        if _LEAD not in draft.files.read(path):
            continue
        for name in sorted(_handlers(draft.files.open(path)[0].code)):
            for function in draft.files.functions(path, name):
                code = draft.files.open(path)[0].code
                for match in _RAW.finditer(code, function.open, function.close):
                    found = True
                    text = _MACRO + b"(oidp, arg1)"
                    draft.replace(path, match.start(), match.end(), text, "of the current stack")
                    rewritten(draft, path, match.start(), name, "arg1 is resolved, oid_arg1 is not")
    header = draft.index.rules.sysctl.header
    if found and _MACRO not in draft.files.read(header):
        data = draft.files.read(header)
        meaning = render("sysctl/arg1", draft.index.rules.vocabulary).decode()
        for at, text in additions(data, {}, {}, (meaning,)).items():
            draft.insert(header, at, text, "what arg1 of a handler is")


def _handlers(code: bytes) -> set[str]:
    """Return the names of the handlers of virtualised sysctls."""
    found: set[str] = set()
    for match in _FORMS.finditer(code):
        closing = matching(code, match.start(1))
        ranges = split_arguments(code, match.start(1), closing) if closing >= 0 else []
        if len(ranges) > _HANDLER:
            found.add(code[slice(*ranges[_HANDLER])].strip(b"& \t\r\n").decode("latin-1"))
    return found
