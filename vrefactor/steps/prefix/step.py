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
from collections.abc import Mapping
from dataclasses import dataclass, field

from vrefactor.c.model import DeclKind, FileFacts, Role, TokenSite
from vrefactor.edit.draft import Draft
from vrefactor.edit.includes import include, insertion_point, missing
from vrefactor.errors import RULES_NAME, VrefactorError
from vrefactor.generated.header import Header, add_block, add_lines
from vrefactor.generated.prefix_header import define_line, new_header
from vrefactor.index.index import Index
from vrefactor.index.macro_carriers import ExpansionClosure
from vrefactor.plan.classification import ClassifiedToken, Classifier
from vrefactor.plan.model import Evidence, Plan, Refusal, Skip
from vrefactor.plan.overrides import Overrides, keeps
from vrefactor.plan.reasons import CommonSkip
from vrefactor.plan.symbols import Virtualised
from vrefactor.rules.types import Override

_FORM_NAME = re.compile(r"[A-Za-z_]\w*")
_WORD = re.compile(r"\w+")


@dataclass(slots=True)
class _MacroUses:
    """Who uses which macros: what the definitions and the `#include`s depend on."""

    draft: Draft
    overrides: Overrides
    by_file: dict[str, set[str]] = field(default_factory=dict)
    """Per file, the macros that its code and its macros use."""
    carried: set[tuple[str, str]] = field(default_factory=set)
    """The macros, by file and name, that bring those of the variables to who expands them."""
    definitions: dict[str, list[str]] = field(default_factory=dict)
    """Per header, the definitions that overrides ask for."""
    known_macros: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        facts = self.draft.index.facts.values()
        self.known_macros = {macro.name for file in facts for macro in file.macros}

    def add(self, path: str, token: TokenSite, macro: str) -> None:
        """Note that a token is, or becomes, a use of a variable's macro."""
        self.by_file.setdefault(path, set()).add(macro)
        if token.macro is not None:
            self.carried.add((path, token.macro))
            if path.endswith(".h"):
                return  # whoever expands the macro needs the header, not who defines it
        self.draft.need(path, self.draft.index.rules.prefix.header, token.start)

    def check_form(self, form: str, override: Override) -> None:
        """Refuse a form whose macro nothing defines: the tree would not compile any more."""
        macro = _FORM_NAME.match(form)
        if macro is None or macro[0] in self.known_macros:
            return
        text = override.define.text if override.define is not None else ""
        if macro[0] not in _WORD.findall(text):
            detail = (
                f"the macro `{macro[0]}` of the override for {override.path}; give it a `define`"
            )
            raise VrefactorError(RULES_NAME, detail, path=self.draft.index.rules.origin)
        self.known_macros.add(macro[0])

    def want(self, override: Override) -> None:
        """Note the definition that an override's form needs, once."""
        if override.define is not None:
            texts = self.definitions.setdefault(override.define.header, [])
            if override.define.text not in texts:
                texts.append(override.define.text)


def plan(draft: Draft) -> Plan:
    """Return the plan of step 1; see the module's docstring."""
    uses = _MacroUses(draft, Overrides(draft.index.rules.overrides))
    for classified in Classifier(draft.index, draft.table).all():
        _decide(uses, classified)
    _note_existing(uses)
    _define(draft, uses)
    _include(draft, uses)
    _add_definitions(draft, uses.definitions)
    return draft.plan(whole=frozenset(draft.table.by_variable))


def _decide(uses: _MacroUses, classified: ClassifiedToken) -> None:
    path, token, answer = classified.path, classified.token, classified.answer
    override = uses.overrides.find(path, token.function, token.name)
    if isinstance(answer, Skip):
        uses.draft.classify(path, token, answer, classified.detail)
    elif override is not None and keeps(override, token):
        detail = override.reason or classified.detail
        uses.draft.classify(path, token, CommonSkip.KEPT, detail)
    elif isinstance(answer, Refusal):
        uses.draft.classify(path, token, answer, classified.detail)
    else:
        _rewrite(uses, classified, answer, override)


def _rewrite(
    uses: _MacroUses, classified: ClassifiedToken, known: Virtualised, override: Override | None
) -> None:
    path, token, draft = classified.path, classified.token, uses.draft
    form, detail = known.macro, classified.detail
    if override is not None:
        form = override.render(known.symbol.name, known.container) or form
        detail = form
        uses.check_form(form, override)
        uses.want(override)
    reason = f"{token.name} denotes the virtualised variable of {known.symbol.file}"
    draft.rename(path, token.start, token.name, form, reason)
    draft.classify(path, token, Evidence.BOUND, detail)
    define = None if override is None else override.define
    # The header of another form brings what that needs.
    if define is None or define.header == draft.index.rules.prefix.header:
        uses.add(path, token, known.macro)


def _note_existing(uses: _MacroUses) -> None:
    """Count the uses of the macros that the tree already has: step 1 may be half done."""
    macros = uses.draft.table.macros
    header = uses.draft.index.rules.prefix.header
    for path, facts in uses.draft.index.facts.items():
        for site in facts.sites:
            if site.name in macros and site.role is Role.USE and path != header:
                uses.add(path, site, site.name)


def _define(draft: Draft, uses: _MacroUses) -> None:
    """Make the header of the macros, or add to it those that the tree does not define."""
    prefix = draft.index.rules.prefix
    defined = _defined_macros(draft.index, draft.table.macros)
    missing = {
        macro: known.variable.name
        for macro, known in draft.table.macros.items()
        if macro not in defined
    }
    extra = tuple(uses.definitions.pop(prefix.header, ()))
    if prefix.header not in draft.index.tree:
        content = new_header(draft.index.rules.vocabulary, prefix.guard, missing, extra)
        draft.new_file(prefix.header, content, "the macros of the variables")
        return
    facts = draft.index.facts.get(prefix.header, FileFacts(prefix.header))
    present = {
        decl.name: decl.start
        for decl in facts.decls
        if decl.kind is DeclKind.MACRO and decl.name in draft.table.macros
    }
    words = draft.index.rules.vocabulary
    lines = {macro: define_line(words, macro, name) for macro, name in missing.items()}
    _add(draft, prefix.header, present, lines, extra)


def _defined_macros(index: Index, macros: Mapping[str, Virtualised]) -> set[str]:
    return {
        decl.name
        for facts in index.facts.values()
        for decl in facts.decls
        if decl.kind is DeclKind.MACRO and decl.name in macros
    }


def _add(
    draft: Draft,
    path: str,
    present: Mapping[str, int],
    lines: Mapping[str, bytes],
    extra: tuple[str, ...],
) -> None:
    """Add definitions to a header that is there, but for those of `extra` that it has."""
    header, reason = Header.open(draft, path), "macros that were missing"
    add_lines(draft, header, present, lines, reason)
    for text in extra:
        if not _has_block(header.source.data, text):
            add_block(draft, header, text.encode(), reason)


def _has_block(data: bytes, text: str) -> bool:
    """Say whether a header has the last definition of a text already."""
    lines = [line for line in text.encode().splitlines() if line.startswith(b"#define")]
    return lines[-1].split()[:2] in [line.split()[:2] for line in data.splitlines()]


def _include(draft: Draft, uses: _MacroUses) -> None:
    """Plan the `#include`s of the header, in who uses a macro and who expands one that does."""
    index, rules = draft.index, draft.index.rules
    header = rules.prefix.header
    expanded = ExpansionClosure(index, uses.carried)
    for path in index.facts.keys() - draft.needs.keys():
        if expanded.used_by(path) and header not in index.includes.closure(path):
            draft.need(path, header)
    # The containers' headers count on it as their users do.
    for container in rules.containers:
        if not container.host:
            draft.needs.pop(container.header, None)
    names = {known.macro: known.variable.name for known in draft.table.by_variable.values()}

    def defines(path: str) -> str:
        macros = sorted(uses.by_file.get(path, ()))
        return "".join(f"#define\t{macro} {names[macro]}\n" for macro in macros)

    include(draft, missing(draft, insertion_point, by_name=True), defines)


def _add_definitions(draft: Draft, definitions: Mapping[str, list[str]]) -> None:
    """Put the definitions that overrides ask for into their headers."""
    for path, texts in sorted(definitions.items()):
        if path not in draft.index.tree:
            detail = f"the header {path}, which an override wants to define its form in"
            raise VrefactorError(RULES_NAME, detail, path=draft.index.rules.origin)
        _add(draft, path, {}, {}, tuple(texts))
