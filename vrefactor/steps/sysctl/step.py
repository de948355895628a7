"""Step 1.5.3: sysctls on virtualised variables take their `SYSCTL_V_` form.

    SYSCTL_INT(_net_inet_ip, OID_AUTO, ttl, CTLFLAG_RW, &ip_defttl, 0, "");
    SYSCTL_V_INT(V_NET, vnet_inet, _net_inet_ip, OID_AUTO, ttl, CTLFLAG_RW,
        ip_defttl, 0, "");

The form names the container and the bare symbol, so that a later step can say where the
variable is instead of giving its address.  Until then it expands to the plain form.  It is
defined beside that, and documented where the tree has manual pages.

Left alone: sysctls on other variables, what the rules keep, the names of sysctls, and
sysctls that functions add (`SYSCTL_ADD_INT`), whose arguments are expressions.

    SYSCTL_INT(_net_inet_ip, OID_AUTO, ip_defttl, CTLFLAG_RW, &other, 0, "");
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from vrefactor.c.model import EnclosingCall, Role
from vrefactor.c.parse.toplevel import Invocation
from vrefactor.c.preprocess.lexer import Source, split_arguments
from vrefactor.c.query.invocations import enclosing_invocation
from vrefactor.edit.draft import Draft
from vrefactor.generated.container_macros import is_plain
from vrefactor.generated.sysctl_forms import POINTER, forms, plan_forms
from vrefactor.plan.classification import ClassifiedToken, Classifier
from vrefactor.plan.model import Evidence, Plan, Reason, Refusal, Skip
from vrefactor.plan.reasons import CommonRefusal, CommonSkip
from vrefactor.plan.symbols import Virtualised
from vrefactor.rules.types import Container
from vrefactor.steps.sysctl.layout import refill
from vrefactor.steps.sysctl.manpages import document
from vrefactor.steps.sysctl.reasons import SysctlRefusal

_POINTER = re.compile(rb"&?\s*([A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*)")


def plan(draft: Draft) -> Plan:
    """Return the plan of step 1.5.3; see the module's docstring.

    Raises RULES_NAME if the header that the rules name for the macros is not there or
    does not define them, and a sysctl needs it.
    """
    used: set[tuple[str, Container]] = set()
    for classified in _candidates(draft):
        reason, detail = _decide(draft, classified, used)
        draft.classify(classified.path, classified.token, reason, detail)
    if used:
        known = plan_forms(draft, [name for name, _ in used])
        named = {(container.subs, container.name) for _, container in used}
        document(draft, known, sorted(named))
    return draft.plan()


def _candidates(draft: Draft) -> Iterator[ClassifiedToken]:
    """Yield the tokens with a virtualised name in sysctls at file scope."""
    classifier = Classifier(draft.index, draft.table)
    for name in sorted(draft.table.names):
        for path, token in draft.index.tokens.get(name, ()):
            outer = token.calls[0].name.encode() if token.calls else b""
            if token.role is Role.MACRO_ARGUMENT and draft.macros.sysctl.match(outer):
                yield classifier.classify_exported(path, token)


def _decide(
    draft: Draft, classified: ClassifiedToken, used: set[tuple[str, Container]]
) -> tuple[Reason, str]:
    """Rewrite one sysctl, or say why it stays.

    `used` are the plain macros of which sysctls are rewritten, and of which container's
    variables.
    """
    call, known = classified.token.calls[0], classified.answer
    names = forms(draft.index.rules.vocabulary)
    if call.name in names.values():
        return CommonSkip.SYSCTL, "has its form already"
    if isinstance(known, Skip | Refusal):
        return known, classified.detail
    unfit = _unfit(draft, classified.path, call, known) or _rewrite(draft, classified, known)
    if unfit is not None:
        return unfit
    used.add((call.name, known.container))
    return Evidence.BOUND, names[call.name]


def _unfit(
    draft: Draft, path: str, call: EnclosingCall, known: Virtualised
) -> tuple[Reason, str] | None:
    """Say why a sysctl on a variable does not get a form, by what is known of its macro."""
    if known.symbol.keep_sysctl is not None:
        return CommonSkip.KEPT, known.symbol.keep_sysctl
    if is_plain(draft.index, known.container, known.macro):
        return CommonSkip.KEPT, "it has no field in its container"
    if not draft.index.macros.is_in_view(call.name, path):
        return CommonRefusal.UNKNOWN_MACRO, f"{call.name}()"
    if call.name not in forms(draft.index.rules.vocabulary):
        handled = draft.index.rules.vocabulary.sysctl_plain + "PROC"
        todo = f"{call.name}: make it a {handled} with a handler, or keep it (keep_sysctl)"
        return SysctlRefusal.KIND, todo
    if call.argument != POINTER:
        todo = f"argument {call.argument + 1} of {call.name}: write it without the variable"
        return SysctlRefusal.POINTER, todo
    return None


def _rewrite(
    draft: Draft, classified: ClassifiedToken, known: Virtualised
) -> tuple[Reason, str] | None:
    """Plan the form of a sysctl; return why there is none if it can't be taken apart."""
    name = classified.token.calls[0].name
    source, conditionals = draft.files.open(classified.path)
    found = enclosing_invocation(source, conditionals, name.encode(), classified.token.start)
    if found is None:
        todo = "its parentheses do not match, or a directive stands in it: write it once a branch"
        return SysctlRefusal.SHAPE, todo
    pointer = _pointer(source, found)
    if pointer is None:
        handled = draft.index.rules.vocabulary.sysctl_plain + "PROC"
        todo = f"name &{known.variable.name} alone, or export it by a handler ({handled})"
        return SysctlRefusal.POINTER, todo
    form = forms(draft.index.rules.vocabulary)[name]
    arguments = f"{known.container.subs}, {known.container.name}, ".encode()
    text = _converted(source.data, found, form.encode(), arguments, pointer)
    first, last = source.data.rfind(b"\n", 0, found.start) + 1, source.data.find(b"\n", found.end)
    after = source.data[found.end : last if last >= 0 else len(source.data)]
    text = refill(text, source.data[first : found.start], after, draft.index.rules.style)
    reason = f"{known.symbol.name} is virtualised, in {known.container.name}"
    draft.reword(source.path, found.start, found.end, text, reason)
    return None


def _pointer(source: Source, found: Invocation) -> tuple[int, int] | None:
    """Return the range of `&` (and blanks) in front of the symbol; None if it is no symbol.

    An array may stand without the `&`: its address is the same.
    """
    start, end = split_arguments(source.code, found.open, found.close)[POINTER]
    text = source.code[start:end].replace(b"\\\n", b"  ").replace(b"\\\r\n", b"   ")
    first = start + len(text) - len(text.lstrip())
    match = _POINTER.fullmatch(text.strip())
    return (first, first + match.start(1)) if match else None


def _converted(
    data: bytes, found: Invocation, form: bytes, arguments: bytes, pointer: tuple[int, int]
) -> bytes:
    """Return the invocation with its new name, two more arguments, and the bare symbol."""
    opening = found.open + 1
    blanks = re.compile(rb"[ \t]*").match(data, opening)
    following = blanks.end() if blanks else opening
    head = form + data[found.start + len(found.name) : opening] + arguments
    return head + data[following : pointer[0]] + data[pointer[1] : found.end]
