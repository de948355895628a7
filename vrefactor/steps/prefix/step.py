"""Step 1: every use of a virtualised global `x` becomes `V_x`, a macro that means `x`.

Rewritten: each expression that denotes the variable, wherever it stands: functions, macro
bodies, initialisers, inline functions of headers, every branch of every `#if`.

    ipstat.ips_total++;             V_ipstat.ips_total++;
    TAILQ_FOREACH(ifp, &ifnet, l)   TAILQ_FOREACH(ifp, &V_ifnet, l)

Left alone: declarations, tags, members, arguments of SYSCTLs and of TUNABLEs at file
scope, comments and strings.

    struct ifnet *ifp;
    SYSCTL_INT(_net_inet_ip, OID_AUTO, ttl, CTLFLAG_RW, &ip_defttl, 0, "");
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from vrefactor.c.model import DeclKind, FileFacts, Role
from vrefactor.edit.draft import Draft
from vrefactor.edit.includes import insertion_point
from vrefactor.errors import RULES_NAME, VrefactorError
from vrefactor.generated.prefix_header import additions, define_line, new_header
from vrefactor.index.index import Index
from vrefactor.index.macro_carriers import ExpansionClosure
from vrefactor.plan.classification import ClassifiedToken, Classifier
from vrefactor.plan.model import Evidence, Plan, Refusal, Site, Skip, Verdict
from vrefactor.plan.overrides import Overrides, keeps
from vrefactor.plan.reasons import CommonSkip
from vrefactor.plan.symbols import SymbolTable, Virtualised
from vrefactor.rules.globs import path_matcher
from vrefactor.rules.types import Define, Override, Portability, RuleSet
from vrefactor.source.edits import Edit, NewFile

NAME = "prefix"

_FORM_NAME = re.compile(r"[A-Za-z_]\w*")
_WORD = re.compile(r"\w+")


@dataclass(slots=True)
class _Work:
    """The plan while it is made."""

    index: Index
    rules: RuleSet
    table: SymbolTable
    edits: list[Edit] = field(default_factory=list)
    new_files: list[NewFile] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    users: dict[str, list[int]] = field(default_factory=dict)
    """Per file, the offsets of code that needs the macros."""
    carried: set[tuple[str, str]] = field(default_factory=set)
    used: dict[str, set[str]] = field(default_factory=dict)
    """Per file, the macros that its rewritten sites use."""
    wrappers: dict[str, list[str]] = field(default_factory=dict)
    """Per header, the definitions that overrides ask for."""
    known_macros: set[str] = field(default_factory=set)


def plan(draft: Draft) -> Plan:
    """Return the plan of step 1; see the module's docstring."""
    index, table = draft.index, draft.table
    work = _Work(index, index.rules, table)
    work.known_macros = {macro.name for facts in index.facts.values() for macro in facts.macros}
    overrides = Overrides(index.rules.overrides)
    for judged in Classifier(index, table).all():
        _decide(work, judged, overrides)
    _note_existing(work)
    _define(work)
    _include(work)
    _add_wrappers(work)
    return Plan(
        NAME,
        draft.title,
        tuple(sorted(work.edits)),
        tuple(sorted(work.new_files, key=lambda new: new.path)),
        tuple(sorted(work.sites)),
        whole=frozenset(table.by_variable),
    )


def _decide(work: _Work, judged: ClassifiedToken, overrides: Overrides) -> None:
    token = judged.token
    if judged.answer is CommonSkip.EXCLUDED:
        _record(work, judged, Verdict.SKIPPED, CommonSkip.EXCLUDED)
        return
    override = overrides.find(judged.path, token.function, token.name)
    if isinstance(judged.answer, Skip):
        _record(work, judged, Verdict.SKIPPED, judged.answer)
    elif override is not None and keeps(override, token):
        _record(work, judged, Verdict.SKIPPED, CommonSkip.KEPT, override.reason)
    elif isinstance(judged.answer, Refusal):
        _record(work, judged, Verdict.REFUSED, judged.answer)
    else:
        _rewrite(work, judged, judged.answer, override)


def _record(
    work: _Work,
    judged: ClassifiedToken,
    verdict: Verdict,
    reason: Skip | Refusal | Evidence,
    detail: str = "",
) -> None:
    token = judged.token
    detail = detail or judged.detail
    work.sites.append(
        Site(judged.path, token.start, token.line, token.name, verdict, reason, detail)
    )


def _rewrite(
    work: _Work, judged: ClassifiedToken, known: Virtualised, override: Override | None
) -> None:
    token = judged.token
    form = known.macro
    if override is not None:
        rendered = override.render(known.symbol.name, known.container)
        form = rendered if rendered is not None else form
        _check_form(work, form, override)
        _want(work, override.define)
    start, end = token.start, token.start + len(token.name)
    replacement = form.encode()
    if form.endswith(token.name):
        # A pure insertion: the identifier itself stays untouched.
        replacement, end = form[: -len(token.name)].encode(), start
    reason = f"{token.name} denotes the virtualised variable of {known.symbol.file}"
    work.edits.append(Edit(judged.path, start, end, replacement, NAME, reason))
    _record(work, judged, Verdict.REWRITTEN, Evidence.BOUND, "" if override is None else form)
    define = None if override is None else override.define
    if define is not None and define.header != work.rules.prefix.header:
        return  # the wrapper's own header brings what it needs
    _use(work, judged.path, token.start, token.macro, known.macro)


def _check_form(work: _Work, form: str, override: Override) -> None:
    """Refuse a form whose macro nothing defines: the tree would not compile any more."""
    macro = _FORM_NAME.match(form)
    if macro is None or macro[0] in work.known_macros:
        return
    text = override.define.text if override.define is not None else ""
    if macro[0] not in _WORD.findall(text):
        detail = f"the macro `{macro[0]}` of the override for {override.path}; give it a `define`"
        raise VrefactorError(RULES_NAME, detail, path=work.rules.origin)
    work.known_macros.add(macro[0])


def _want(work: _Work, define: Define | None) -> None:
    """Note a definition that an override's form needs, once."""
    if define is not None:
        texts = work.wrappers.setdefault(define.header, [])
        if define.text not in texts:
            texts.append(define.text)


def _use(work: _Work, path: str, start: int, macro: str | None, prefixed: str) -> None:
    work.used.setdefault(path, set()).add(prefixed)
    if macro is not None:
        work.carried.add((path, macro))
        if path.endswith(".h"):
            return  # whoever expands the macro needs the header, not who defines it
    work.users.setdefault(path, []).append(start)


def _note_existing(work: _Work) -> None:
    """Count the uses of the macros that the tree already has: step 1 may be half done."""
    macros = work.table.macros
    header = work.rules.prefix.header
    for path, facts in work.index.facts.items():
        for site in facts.sites:
            if site.name in macros and site.role is Role.USE and path != header:
                _use(work, path, site.start, site.macro, site.name)


def _define(work: _Work) -> None:
    """Make the header of the macros, or add to it those that the tree does not define."""
    prefix = work.rules.prefix
    defined = _defined_macros(work.index, work.table.macros)
    missing = {
        macro: known.variable.name
        for macro, known in work.table.macros.items()
        if macro not in defined
    }
    extra = tuple(work.wrappers.pop(prefix.header, ()))
    if prefix.header not in work.index.tree:
        content = new_header(work.rules.vocabulary, prefix.guard, missing, extra)
        work.new_files.append(NewFile(prefix.header, content, NAME, "the macros of step 1"))
        return
    data = work.index.tree.read(prefix.header)
    facts = work.index.facts.get(prefix.header, FileFacts(prefix.header))
    present = {
        decl.name: decl.start
        for decl in facts.decls
        if decl.kind is DeclKind.MACRO and decl.name in work.table.macros
    }
    lacking = tuple(text for text in extra if not _has_block(data, text))
    lines = {
        macro: define_line(work.rules.vocabulary, macro, name) for macro, name in missing.items()
    }
    for at, text in additions(data, present, lines, lacking).items():
        work.edits.append(Edit(prefix.header, at, at, text, NAME, "macros that were missing"))


def _defined_macros(index: Index, macros: Collection[str]) -> set[str]:
    return {
        decl.name
        for facts in index.facts.values()
        for decl in facts.decls
        if decl.kind is DeclKind.MACRO and decl.name in macros
    }


def _has_block(data: bytes, text: str) -> bool:
    """Say whether a header has a wrapper's last definition already."""
    lines = [line for line in text.encode().splitlines() if line.startswith(b"#define")]
    return lines[-1].split()[:2] in [line.split()[:2] for line in data.splitlines()]


def _include(work: _Work) -> None:
    header = work.rules.prefix.header
    # The containers' headers count on it as their users do.
    hosts = {container.header for container in work.rules.containers if not container.host}
    macros_mentioning = ExpansionClosure(work.index, work.carried)
    portable = [
        (path_matcher([portability.path]), portability) for portability in work.rules.portability
    ]
    for path in sorted(work.index.facts):
        if path == header or path in hosts or not _needs(work, path, macros_mentioning):
            continue
        guard = next((portability for matches, portability in portable if matches(path)), None)
        _include_in(work, path, guard)


def _needs(work: _Work, path: str, macros_mentioning: ExpansionClosure) -> bool:
    """Say whether a file has to include the header of the macros by name, and does not."""
    if path not in work.users and not macros_mentioning.used_by(path):
        return False
    header = work.rules.prefix.header
    named = any(include.name == header for include in work.index.facts[path].includes)
    if named or header in work.index.includes.direct(path):
        return False
    return path in work.users or header not in work.index.includes.closure(path)


def _include_in(work: _Work, path: str, guard: Portability | None) -> None:
    header = work.rules.prefix.header
    data = work.index.tree.read(path)
    includes = work.index.facts[path].includes
    at = insertion_point(path, data, includes, header, work.users.get(path, ()))
    text = f"#include <{header}>\n"
    if guard is not None:
        names = {known.macro: known.variable.name for known in work.table.by_variable.values()}
        lines = (f"#define\t{macro} {names[macro]}\n" for macro in sorted(work.used.get(path, ())))
        text = guard.render(header, "".join(lines))
    encoded = text.encode()
    if b"\r\n" in data[:at]:
        encoded = encoded.replace(b"\n", b"\r\n")
    if at and not data[:at].endswith(b"\n"):
        encoded = b"\n" + encoded
    work.edits.append(Edit(path, at, at, encoded, NAME, f"uses macros of <{header}>"))


def _add_wrappers(work: _Work) -> None:
    """Put the definitions that overrides ask for into their headers."""
    for path, texts in sorted(work.wrappers.items()):
        if path not in work.index.tree:
            detail = f"the header {path}, which an override wants to define its form in"
            raise VrefactorError(RULES_NAME, detail, path=work.rules.origin)
        data = work.index.tree.read(path)
        lacking = tuple(text for text in texts if not _has_block(data, text))
        for at, text in additions(data, {}, {}, lacking).items():
            work.edits.append(Edit(path, at, at, text, NAME, "a form that the rules ask for"))
