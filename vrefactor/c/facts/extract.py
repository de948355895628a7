"""From the bytes of one file to its facts."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from vrefactor.c.model import (
    DeclKind,
    EnclosingCall,
    FileDecl,
    FileFacts,
    IncludeFact,
    Role,
    TokenSite,
)
from vrefactor.c.parse.binding import BoundDeclaration, bind
from vrefactor.c.parse.enclosing import enclosing_calls
from vrefactor.c.parse.macro_bodies import MacroBody, parse_define, read_body
from vrefactor.c.parse.tokens import Reading
from vrefactor.c.parse.variant_readings import VariantReading, read_code
from vrefactor.c.preprocess.conditionals import Conditionals, includes, parse_conditionals
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.lexer import Source, check_readable, find_names, lex, words
from vrefactor.errors import VrefactorError

_PREVIOUS = re.compile(rb"((?<!\.)\.|->|(?<!\w)(?:struct|union|enum|goto))\s*\Z")
_LEXICAL = {
    b".": Role.MEMBER,
    b"->": Role.MEMBER,
    b"struct": Role.TAG,
    b"union": Role.TAG,
    b"enum": Role.TAG,
    b"goto": Role.LABEL,
}
_SCOPED = frozenset((Role.LOCAL, Role.PARAMETER, Role.DECLARATION, Role.AMBIGUOUS))
_HIDDEN = {Role.AMBIGUOUS: "hidden by what may be a local"}
_BOUND = frozenset((Role.USE, Role.TYPE))


@dataclass(frozen=True, slots=True)
class WantedNames:
    """What to look for: candidate names, and macros whose uses are of interest."""

    names: frozenset[bytes]
    macros: frozenset[bytes] = frozenset()

    def found_in(self, data: bytes) -> tuple[frozenset[bytes], frozenset[bytes]]:
        """Return the names and the macros that are words of `data`, a name being no macro."""
        found = words(data)
        if self.names.isdisjoint(found) and self.macros.isdisjoint(found):
            return frozenset(), frozenset()
        names = self.names.intersection(found)
        return names, self.macros.intersection(found) - names


@dataclass(slots=True)
class _FileReading:
    """What is known of one file while its facts are made."""

    source: Source
    conditionals: Conditionals
    macros: MacroMatcher
    defined: Mapping[int, MacroBody]
    """The macro definitions, by the offset of the directive."""
    sites: list[TokenSite] = field(default_factory=list)
    decls: list[FileDecl] = field(default_factory=list)
    bodies: dict[int, tuple[MacroBody, list[tuple[int, bytes]]]] = field(default_factory=dict)
    macro_uses: set[str] = field(default_factory=set)


def extract(path: str, data: bytes, wanted: WantedNames, macros: MacroMatcher) -> FileFacts | None:
    """Return the facts of one file, or None if it holds nothing of what is wanted.

    Raises the errors of `lex` and `parse_conditionals`; SOURCE_BINARY also for a file
    that holds nothing of it, because then that can't be known.
    """
    check_readable(path, data)
    names, uses = wanted.found_in(data)
    if not names and not uses:
        return None
    source = lex(path, data)
    if not uses and not path.endswith(".h"):
        settled = _settled_lexically(source, names)
        if settled is not None:
            return FileFacts(path, sites=settled)
    conditionals = parse_conditionals(source)
    defined = {
        directive.start: body
        for directive in conditionals.directives
        if directive.keyword == b"define" and (body := parse_define(source, directive)) is not None
    }
    work = _FileReading(source, conditionals, macros, defined)
    names = _with_aliases(names, defined.values())
    pending = _sort_tokens(work, names, uses - names)
    _read_bodies(work)
    _read_pending(work, pending)
    return _facts(work)


def extract_excluded(path: str, data: bytes, names: frozenset[bytes]) -> FileFacts | None:
    """Return the candidate tokens of an excluded file, none of them read further.

    In a file that is no C the words count wherever they stand: that may be why it is excluded.
    """
    present = names.intersection(words(data))
    if not present:
        return None
    text = data.replace(b"\0", b" ")
    try:
        source = lex(path, text)
    except VrefactorError:
        source = Source(path, text, text, ())
    found = [
        TokenSite(at, source.line(at), name.decode(), Role.EXCLUDED)
        for at, name in find_names(source.code, present)
    ]
    return FileFacts(path, sites=tuple(found)) if found else None


def _settled_lexically(source: Source, names: frozenset[bytes]) -> tuple[TokenSite, ...] | None:
    """Return the sites of a file if each token before its candidates settles what they are.

    Most files that hold a candidate only hold `struct ifnet *`: they need no parse, and
    nothing else of them matters.
    """
    if b"##" in source.code:
        return None
    sites: list[TokenSite] = []
    for at, name in find_names(source.code, names):
        before = _PREVIOUS.search(source.code, max(0, at - 48), at)
        if before is None:
            return None
        sites.append(TokenSite(at, source.line(at), name.decode(), _LEXICAL[before[1]]))
    return tuple(sites)


def _with_aliases(names: frozenset[bytes], defined: Iterable[MacroBody]) -> frozenset[bytes]:
    """Return the names, and the macros that stand for one: what they are, their uses tell."""
    aliases: dict[bytes, list[bytes]] = {}
    for body in defined:
        if body.target is not None:
            aliases.setdefault(body.target, []).append(body.name)
    found, pending = set(names), list(names)
    while pending:
        added = [alias for alias in aliases.get(pending.pop(), ()) if alias not in found]
        found.update(added)
        pending += added
    return frozenset(found)


def _facts(work: _FileReading) -> FileFacts:
    return FileFacts(
        path=work.source.path,
        includes=include_facts(work.source, work.conditionals),
        decls=tuple(sorted(work.decls, key=lambda decl: decl.start)),
        sites=tuple(sorted(work.sites, key=lambda site: site.start)),
        macros=tuple(body.fact() for body in work.defined.values()),
        macro_uses=tuple(sorted(work.macro_uses)),
    )


def include_facts(source: Source, conditionals: Conditionals) -> tuple[IncludeFact, ...]:
    """Return the `#include`s of a file, in order."""
    groups = conditionals.groups
    return tuple(
        IncludeFact(
            include.name.decode("latin-1"),
            include.angled,
            include.start,
            include.end,
            any(not groups[index].guard for index, _ in conditionals.chain(include.start)),
        )
        for include in includes(source, conditionals)
    )


def _sort_tokens(
    work: _FileReading, names: frozenset[bytes], uses: frozenset[bytes]
) -> list[tuple[int, bytes]]:
    """Settle what directives and the previous token say; return the tokens to be parsed."""
    code = work.source.code
    directives = work.conditionals.directives
    starts = [directive.start for directive in directives]
    pending: list[tuple[int, bytes]] = []
    for at, name in find_names(code, names | uses):
        index = bisect_right(starts, at) - 1
        if index >= 0 and at < directives[index].end:
            if name in names:
                _in_directive(work, index, at, name)
        elif name in uses:
            work.macro_uses.add(name.decode())
        else:
            before = _PREVIOUS.search(code, max(0, at - 48), at)
            if before:
                _add(work, at, name, _LEXICAL[before[1]])
            else:
                pending.append((at, name))
    return pending


def _in_directive(work: _FileReading, index: int, at: int, name: bytes) -> None:
    directive = work.conditionals.directives[index]
    if directive.keyword in (b"include", b"include_next", b"import"):
        return
    if directive.keyword == b"undef":
        _add(work, at, name, Role.MACRO_NAME)
        return
    body = work.defined.get(directive.start)
    if body is None:
        _add(work, at, name, Role.DIRECTIVE)
    elif at == body.name_at:
        _add(work, at, name, Role.MACRO_NAME)
        line = work.source.line(at)
        work.decls.append(FileDecl(at, line, name.decode(), DeclKind.MACRO))
    elif at < body.start:
        _add(work, at, name, Role.MACRO_PARAMETER)
    else:
        entry = work.bodies.setdefault(index, (body, []))
        entry[1].append((at - body.start, name))


def _read_bodies(work: _FileReading) -> None:
    for body, found in work.bodies.values():
        macro = body.name.decode("latin-1")
        for at, name, role, access in read_body(body, found, work.macros):
            inner = at - body.start
            calls = enclosing_calls(body.text, inner, inner + len(name))
            line = work.source.line(at)
            site = TokenSite(at, line, name.decode(), role, access, macro=macro, calls=calls)
            work.sites.append(site)


def _read_pending(work: _FileReading, pending: Sequence[tuple[int, bytes]]) -> None:
    if not pending:
        return
    offsets = [at for at, _ in pending]
    seen = read_code(work.source.code, work.conditionals, offsets, work.macros)
    values = _no_types(pending, seen)
    seen = {
        at: [_doubted(other_seen, values) for other_seen in found] for at, found in seen.items()
    }
    in_scope: dict[bytes, list[tuple[BoundDeclaration, ...]]] = {}
    for at, name in pending:
        # In order: what has ended here is of no use to what follows.
        declared = [item for item in in_scope.get(name, ()) if _reaches(item, at)]
        _settle(work, at, name, seen[at], declared)
        own = _declared(work, at, seen[at])
        in_scope[name] = [*declared, own] if own else declared


def _no_types(
    pending: Sequence[tuple[int, bytes]], seen: Mapping[int, Sequence[VariantReading]]
) -> frozenset[int]:
    """Return the offsets of the tokens that no typedef of this file makes a type."""
    typedefs: dict[bytes, list[tuple[int, int] | None]] = {}
    for at, name in pending:
        for other_seen in seen[at]:
            if other_seen.reading.declares and other_seen.reading.kind is DeclKind.TYPEDEF:
                typedefs.setdefault(name, []).append(other_seen.reading.scope)
    return frozenset(
        at
        for at, name in pending
        if not any(scope is None or scope[0] <= at < scope[1] for scope in typedefs.get(name, ()))
    )


def _doubted(seen: VariantReading, values: Container[int]) -> VariantReading:
    """Return what was seen of a token, ambiguous if its type is a candidate and no type.

    `a * b;` declares `b` if `a` is a type, and is a product if `a` is a variable.
    """
    reading = seen.reading
    if reading.role not in (Role.LOCAL, Role.DECLARATION) or reading.type_at not in values:
        return seen
    detail = "its type would be another candidate"
    return replace(seen, reading=replace(reading, role=Role.AMBIGUOUS, detail=detail))


def _reaches(declared: Iterable[BoundDeclaration], at: int) -> bool:
    return any(at < declaration.scope[1] for declaration in declared)


def _declared(
    work: _FileReading, at: int, seen: Sequence[VariantReading]
) -> tuple[BoundDeclaration, ...]:
    """Return the scoped declarations that a token makes, each as its readings have it.

    Braces under a condition give a declaration one scope here and another there.
    """
    condition = work.conditionals.condition(at)
    found = {
        # `extern` in a block brings the outer variable back into view.
        BoundDeclaration(at, Role.USE if role is Role.DECLARATION else role, scope, condition): None
        for role, scope in ((other.reading.role, other.reading.scope) for other in seen)
        if scope is not None and role in _SCOPED
    }
    return tuple(found)


def _settle(
    work: _FileReading,
    at: int,
    name: bytes,
    seen: Sequence[VariantReading],
    declared: Sequence[tuple[BoundDeclaration, ...]],
) -> None:
    """Merge what the variants say of one token, bind it, and record it."""
    parsed = [other_seen for other_seen in seen if other_seen.reading.role is not Role.UNPARSED]
    roles = {other_seen.reading.role for other_seen in parsed}
    if not parsed:
        _add(work, at, name, Role.UNPARSED)
        return
    if len(roles) > 1:
        said = " or ".join(sorted(role.name.lower() for role in roles))
        _add(work, at, name, Role.AMBIGUOUS, detail=f"{said}, by #if branch")
        return
    reading = parsed[0].reading
    if reading.role is Role.DECLARATION and not work.conditionals.is_dead(at):
        _declare(work, at, name, reading)
    role: Role | None = reading.role
    if role in _BOUND:
        role = _bind(work, at, reading.role, declared)
    if role is None:
        _add(work, at, name, Role.AMBIGUOUS, detail="hidden by a local under some #if only")
        return
    calls = _calls(parsed, at, at + len(name))
    conditional = bool(work.conditionals.condition(at))
    line = work.source.line(at)
    work.sites.append(
        TokenSite(
            at,
            line,
            name.decode(),
            role,
            reading.access,
            reading.function,
            calls=calls,
            detail=reading.detail or _HIDDEN.get(role, ""),
            conditional=conditional,
        )
    )


def _calls(seen: Sequence[VariantReading], start: int, end: int) -> tuple[EnclosingCall, ...]:
    """Return the calls around a token, those that only another variant shows behind them."""
    found: dict[EnclosingCall, None] = {}
    for other_seen in seen:
        found.update(dict.fromkeys(enclosing_calls(other_seen.text, start, end)))
    return tuple(found)


def _bind(
    work: _FileReading, at: int, role: Role, declared: Sequence[tuple[BoundDeclaration, ...]]
) -> Role | None:
    condition = work.conditionals.condition(at)
    answers = {bind(at, condition, [item[pick] for item in declared]) for pick in (0, -1)}
    if len(answers) > 1 and not answers.isdisjoint((Role.USE, Role.AMBIGUOUS, None)):
        return None
    bound = answers.pop()
    return role if bound is Role.USE else bound


def _declare(work: _FileReading, at: int, name: bytes, reading: Reading) -> None:
    work.decls.append(
        FileDecl(
            at,
            work.source.line(at),
            name.decode(),
            reading.kind,
            reading.storage,
            reading.has_initializer,
            bool(work.conditionals.condition(at)),
        )
    )


def _add(work: _FileReading, at: int, name: bytes, role: Role, detail: str = "") -> None:
    line = work.source.line(at)
    work.sites.append(TokenSite(at, line, name.decode(), role, detail=detail))
