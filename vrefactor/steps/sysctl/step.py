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
from dataclasses import dataclass, field

from vrefactor.c.model import Role
from vrefactor.c.parse.toplevel import Invocation
from vrefactor.c.preprocess.conditionals import Conditionals, parse_conditionals
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.lexer import Source, lex, split_arguments
from vrefactor.c.query.invocations import enclosing
from vrefactor.edit.draft import Draft
from vrefactor.generated.container_macros import is_plain
from vrefactor.generated.sysctl_forms import POINTER, forms, plan_forms
from vrefactor.index.index import Index
from vrefactor.plan.classification import ClassifiedToken, Classifier
from vrefactor.plan.model import Evidence, Plan, Refusal, Site, Skip, Verdict
from vrefactor.plan.reasons import CommonRefusal, CommonSkip
from vrefactor.plan.symbols import SymbolTable, Virtualised
from vrefactor.rules.types import Container
from vrefactor.source.edits import Edit, NewFile
from vrefactor.steps.sysctl.layout import refill
from vrefactor.steps.sysctl.manpages import document
from vrefactor.steps.sysctl.reasons import SysctlRefusal

NAME = "sysctl"

_POINTER = re.compile(rb"&?\s*([A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*)")


@dataclass(slots=True)
class _Work:
    """The plan while it is made."""

    index: Index
    judge: Classifier
    edits: list[Edit] = field(default_factory=list)
    new_files: list[NewFile] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    forms: dict[str, str] = field(init=False)
    used: set[tuple[str, Container]] = field(default_factory=set)
    """The plain macros of which sysctls are rewritten, and of which container's variables."""
    _opened: dict[str, tuple[Source, Conditionals]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.forms = forms(self.index.rules.vocabulary)

    def open(self, path: str) -> tuple[Source, Conditionals]:
        """Lex one file, once."""
        if path not in self._opened:
            source = lex(path, self.index.tree.read(path))
            self._opened[path] = source, parse_conditionals(source)
        return self._opened[path]


def plan(draft: Draft) -> Plan:
    """Return the plan of step 1.5.3; see the module's docstring.

    Raises RULES_NAME if the header that the rules name for the macros is not there or
    does not define them, and a sysctl needs it.
    """
    index, table = draft.index, draft.table
    work = _Work(index, Classifier(index, table))
    for judged in _candidates(work, table):
        _decide(work, judged)
    if work.used:
        known = plan_forms(draft, [name for name, _ in work.used])
        header, containers = index.rules.sysctl.header, _containers(work)
        documented = document(index.tree, header, known, containers)
        work.edits.extend(documented.edits)
        work.new_files.extend(documented.new_files)
        work.notes.extend(documented.notes)
    draft.add(work.edits, work.new_files)
    draft.add_sites(work.sites)
    for note in work.notes:
        draft.note(note)
    return draft.plan()


def _containers(work: _Work) -> list[tuple[str, str]]:
    """Return the containers of the rewritten sysctls as they name them: `subs` and `mod`."""
    return sorted({(container.subs, container.name) for _, container in work.used})


def _candidates(work: _Work, table: SymbolTable) -> Iterator[ClassifiedToken]:
    """Yield the tokens with a virtualised name in sysctls at file scope."""
    matcher = MacroMatcher(work.index.rules.macros)
    for name in sorted(table.names):
        for path, token in work.index.tokens.get(name, ()):
            outer = token.calls[0].name.encode() if token.calls else b""
            if token.role is Role.MACRO_ARGUMENT and matcher.sysctl.match(outer):
                yield work.judge.exported(path, token)


def _decide(work: _Work, judged: ClassifiedToken) -> None:
    call = judged.token.calls[0]
    if call.name in work.forms.values():
        _record(work, judged, Verdict.SKIPPED, CommonSkip.SYSCTL, "has its form already")
    elif isinstance(judged.answer, Skip):
        _record(work, judged, Verdict.SKIPPED, judged.answer, judged.detail)
    elif isinstance(judged.answer, Refusal):
        _record(work, judged, Verdict.REFUSED, judged.answer, judged.detail)
    elif judged.answer.symbol.keep_sysctl is not None:
        _record(work, judged, Verdict.SKIPPED, CommonSkip.KEPT, judged.answer.symbol.keep_sysctl)
    elif is_plain(work.index, judged.answer.container, judged.answer.macro):
        _record(work, judged, Verdict.SKIPPED, CommonSkip.KEPT, "it has no field in its container")
    elif not work.index.macros.is_in_view(call.name, judged.path):
        _record(work, judged, Verdict.REFUSED, CommonRefusal.UNKNOWN_MACRO, f"{call.name}()")
    elif call.name not in work.forms:
        todo = f"{call.name}: make it a SYSCTL_PROC with a handler, or keep it (keep_sysctl)"
        _record(work, judged, Verdict.REFUSED, SysctlRefusal.KIND, todo)
    elif call.argument != POINTER:
        todo = f"argument {call.argument + 1} of {call.name}: write it without the variable"
        _record(work, judged, Verdict.REFUSED, SysctlRefusal.POINTER, todo)
    else:
        _rewrite(work, judged, judged.answer)


def _record(
    work: _Work,
    judged: ClassifiedToken,
    verdict: Verdict,
    reason: Skip | Refusal | Evidence,
    detail: str = "",
) -> None:
    token = judged.token
    site = Site(judged.path, token.start, token.line, token.name, verdict, reason, detail)
    work.sites.append(site)


def _rewrite(work: _Work, judged: ClassifiedToken, known: Virtualised) -> None:
    name = judged.token.calls[0].name
    source, conditionals = work.open(judged.path)
    found = enclosing(source, conditionals, name.encode(), judged.token.start)
    if found is None:
        todo = "its parentheses do not match, or a directive stands in it: write it once a branch"
        _record(work, judged, Verdict.REFUSED, SysctlRefusal.SHAPE, todo)
        return
    pointer = _pointer(source, found)
    if pointer is None:
        todo = f"name &{known.variable.name} alone, or export it by a handler (SYSCTL_PROC)"
        _record(work, judged, Verdict.REFUSED, SysctlRefusal.POINTER, todo)
        return
    work.used.add((name, known.container))
    arguments = f"{known.container.subs}, {known.container.name}, ".encode()
    text = _converted(source.data, found, work.forms[name].encode(), arguments, pointer)
    reason = f"{known.symbol.name} is virtualised, in {known.container.name}"
    work.edits.append(_laid_out(work, source, found, text, reason))
    _record(work, judged, Verdict.REWRITTEN, Evidence.BOUND, work.forms[name])


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


def _laid_out(work: _Work, source: Source, found: Invocation, text: bytes, reason: str) -> Edit:
    """Return the edit that puts `text` in place of the invocation: only what differs."""
    data = source.data
    first = data.rfind(b"\n", 0, found.start) + 1
    last = data.find(b"\n", found.end)
    after = data[found.end : last if last >= 0 else len(data)]
    newline = b"\r\n" if b"\r\n" in data else b"\n"
    style = work.index.rules.style
    text = refill(text, data[first : found.start], after, newline, style)
    old = data[found.start : found.end]
    # The plain name is a prefix of the form up to here, and the end is what it was.
    head = _common(old, text)
    tail = _common(old[head:][::-1], text[head:][::-1])
    start, end = found.start + head, found.end - tail
    return Edit(source.path, start, end, text[head : len(text) - tail], NAME, reason)


def _common(text: bytes, other: bytes) -> int:
    """Return how many bytes two texts begin with in common."""
    for count, (left, right) in enumerate(zip(text, other, strict=False)):
        if left != right:
            return count
    return min(len(text), len(other))
