"""Step 1.5.1: file-local statics whose names collide get names of their own.

Once a variable is a member of a container, or `V_x` more than the variable `x`, a second
`x` is in the way.  Renamed: what the rules give another name (`was`), and a static that is
not virtualised where the macro `V_x` of its namesake is in view.  The latter gets a name by
the conventions of the original project: the IPv6 twin of a file gets a `6` at the end,
any other file the name of its module in front.

    static int rtq_timeout;                 static int rtq_timeout6;
    #define V_rtq_timeout6 rtq_timeout      #define V_rtq_timeout6 rtq_timeout6
    TUNABLE_INT("net.x", &rtq_timeout);     TUNABLE_INT("net.x", &rtq_timeout6);
    /* once in rtq_timeout seconds */       /* once in rtq_timeout6 seconds */

The definition, every use, the arguments of sysctls and tunables and the comments of that
file move along.  Left alone: names of sysctls and of macros, strings, other files' variables.

    SYSCTL_INT(_net, OID_AUTO, rtq_timeout, CTLFLAG_RW, &rtq_timeout6, 0, "rtq_timeout");
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from vrefactor.c.facts.extract import WantedNames, extract
from vrefactor.c.model import DeclKind, Role
from vrefactor.c.model import TokenSite as Token
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.c.preprocess.lexer import lex
from vrefactor.edit.draft import Draft
from vrefactor.index.index import Index, Miss, Variable
from vrefactor.index.macros import ArgumentRole
from vrefactor.plan.classification import ClassifiedToken, Classifier
from vrefactor.plan.model import Evidence, Plan, Refusal, Site, Skip, Verdict
from vrefactor.plan.reasons import CommonSkip
from vrefactor.plan.symbols import SymbolTable
from vrefactor.source.edits import Edit
from vrefactor.steps.statics.reasons import StaticsRefusal

NAME = "statics"

_NO_CONFLICT = (Role.TAG, Role.MEMBER, Role.LABEL, Role.DIRECTIVE, Role.EXCLUDED)
_OWN_SCOPE = (Role.LOCAL, Role.PARAMETER, Role.MACRO_PARAMETER)
_EXPORTED = (CommonSkip.SYSCTL, CommonSkip.TUNABLE)


@dataclass(frozen=True, slots=True)
class Renaming:
    """A variable that gets another name; `path` is the file that defines it."""

    variable: Variable
    path: str
    name: str
    reason: str
    by_rule: bool


@dataclass(slots=True)
class _Work:
    """The plan while it is made."""

    index: Index
    table: SymbolTable
    judge: Classifier
    renamings: dict[Variable, Renaming]
    taken: dict[Variable, str] = field(default_factory=dict)
    """Where the new name of a variable is taken already."""
    edits: list[Edit] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)


def plan(draft: Draft) -> Plan:
    """Return the plan of step 1.5.1; see the module's docstring."""
    index, table = draft.index, draft.table
    renamings = {
        renamed.variable: renamed for renamed in (*_by_rule(table), *_by_convention(index, table))
    }
    work = _Work(index, table, Classifier(index, table), renamings)
    for variable, renaming in renamings.items():
        place = _taken(index, renaming)
        if place is not None:
            work.taken[variable] = f"{renaming.name}, see {place}"
    for name in sorted({variable.name for variable in renamings}):
        for path, token in index.tokens.get(name, ()):
            _decide(work, work.judge.judge(path, token))
    _comments(work)
    notes = (
        f"{renamed.path}: {renamed.variable.name} becomes {renamed.name}: {renamed.reason}"
        for variable, renamed in renamings.items()
        if not renamed.by_rule and variable not in work.taken
    )
    edits, sites = tuple(sorted(work.edits)), tuple(sorted(work.sites))
    return Plan(NAME, draft.title, edits, (), sites, tuple(sorted(notes)), frozenset(renamings))


def _by_rule(table: SymbolTable) -> Iterator[Renaming]:
    """Yield what the rules rename."""
    for variable, known in table.by_variable.items():
        if variable.name != known.symbol.name:
            reason = f"the rules name it {known.symbol.name}"
            yield Renaming(variable, known.symbol.file, known.symbol.name, reason, True)


def _by_convention(index: Index, table: SymbolTable) -> Iterator[Renaming]:
    """Yield the statics that are not virtualised, but see the macro of a namesake that is."""
    for known in table.by_variable.values():
        name, file = known.symbol.name, known.symbol.file
        for path, variable in index.definitions(name).items():
            foreign = variable.file and variable not in table.by_variable
            if foreign and _sees_macro(index, path, known.macro):
                reason = f"{known.macro} means the variable of {file}"
                yield Renaming(variable, path, conventional(name, path, file), reason, False)


def _sees_macro(index: Index, path: str, macro: str) -> bool:
    view = index.includes.closure(path)
    return any(
        where in view and any(decl.kind is DeclKind.MACRO for decl in decls)
        for where, decls in index.declarations.get(macro, {}).items()
    )


def conventional(name: str, path: str, namesake: str) -> str:
    """Return the new name of a static `name` of the file `path` by the two conventions.

    A file is the IPv6 twin of that of its namesake if its path is the same but for the `6`s.
    """
    if "6" not in namesake and path != namesake and path.replace("6", "") == namesake:
        return name + "6"
    return f"{_module(path)}_{name}"


def _module(path: str) -> str:
    """Return the name of a file's module: its first word if a folder bears it too, or all."""
    *folders, file = path.split("/")
    stem = re.sub(r"\W", "_", file.rpartition(".")[0])
    first = stem.partition("_")[0]
    return first if first in folders else stem


def _taken(index: Index, renaming: Renaming) -> str | None:
    """Return where the new name is visible to the variable's file, as `path:line`."""
    for path, token in _namesakes(index, renaming):
        own = path == renaming.path
        if token.role in _NO_CONFLICT or (token.role in _OWN_SCOPE and not own):
            continue
        exported = token.role is Role.MACRO_ARGUMENT and bool(token.calls)
        if exported and token.calls[0].sole and not _is_expression(index, path, token):
            continue
        return f"{path}:{token.line}"
    return None


def _is_expression(index: Index, path: str, token: Token) -> bool:
    """Say whether a macro's argument ends up as an expression: else it makes a name."""
    calls = [call for call in token.calls if index.macros.definitions(call.name, path)]
    return not calls or any(
        ArgumentRole.EXPRESSION in index.macros.role(call, path) for call in calls
    )


def _namesakes(index: Index, renaming: Renaming) -> Iterator[tuple[str, Token]]:
    """Yield the tokens with the new name in the files that see the variable or that it sees.

    The rules' names are in the index; for a name by convention the files are read again.
    """
    view = set(index.includes.closure(renaming.path))
    view.update(path for path in index.facts if renaming.path in index.includes.closure(path))
    if not renaming.variable.file:
        yield from index.tokens.get(renaming.name, ())
    elif renaming.by_rule:
        for path, token in index.tokens.get(renaming.name, ()):
            if path in view:
                yield path, token
    else:
        matcher = MacroMatcher(index.rules.macros)
        wanted = WantedNames(frozenset((renaming.name.encode(),)))
        for path in sorted(view):
            found = extract(path, index.tree.read(path), wanted, matcher)
            for token in found.sites if found is not None else ():
                yield path, token


def _decide(work: _Work, judged: ClassifiedToken) -> None:
    """Rename one token, or record why it stays."""
    token, path = judged.token, judged.path
    if judged.answer in _EXPORTED and token.role is Role.MACRO_ARGUMENT:
        judged = work.judge.exported(path, token)
    renaming = _meant(work, judged)
    if renaming is None:
        why = judged.answer if isinstance(judged.answer, Skip) else CommonSkip.FOREIGN
        _record(work, judged, Verdict.SKIPPED, why, judged.detail)
    elif isinstance(judged.answer, Refusal):
        _record(work, judged, Verdict.REFUSED, judged.answer, judged.detail)
    elif renaming.variable in work.taken:
        detail = work.taken[renaming.variable]
        _record(work, judged, Verdict.REFUSED, StaticsRefusal.NAME_TAKEN, detail)
    else:
        reason = f"{token.name} of {renaming.path}: {renaming.reason}"
        work.edits.append(_edit(path, token.start, renaming, reason))
        _record(work, judged, Verdict.REWRITTEN, Evidence.BOUND, renaming.name)


def _meant(work: _Work, judged: ClassifiedToken) -> Renaming | None:
    """Return the renaming of the variable that a token denotes or may denote, if any."""
    token, answer = judged.token, judged.answer
    if token.macro in work.table.macros and token.role in (Role.ALIAS, Role.USE):
        variable = work.table.macros[token.macro].variable
        return work.renamings.get(variable) if variable.name == token.name else None
    if isinstance(answer, Skip) and answer not in (CommonSkip.FOREIGN, CommonSkip.DECLARATION):
        return None
    found = work.index.denotes(judged.path, token.name)
    if found is Miss.UNDECLARED and not isinstance(answer, Skip | Refusal):
        return work.renamings.get(answer.variable)
    return work.renamings.get(found) if isinstance(found, Variable) else None


def _edit(path: str, start: int, renaming: Renaming, reason: str) -> Edit:
    """Return the edit that renames the word at `start`: an insertion where that is enough."""
    old, new = renaming.variable.name, renaming.name
    if new.startswith(old):
        end = start + len(old)
        return Edit(path, end, end, new[len(old) :].encode(), NAME, reason)
    if new.endswith(old):
        return Edit(path, start, start, new[: -len(old)].encode(), NAME, reason)
    return Edit(path, start, start + len(old), new.encode(), NAME, reason)


def _record(
    work: _Work,
    judged: ClassifiedToken,
    verdict: Verdict,
    reason: Skip | Refusal | Evidence,
    detail: str,
) -> None:
    token = judged.token
    site = Site(judged.path, token.start, token.line, token.name, verdict, reason, detail)
    work.sites.append(site)


def _comments(work: _Work) -> None:
    """Rename the words of comments in the files that define what is renamed."""
    by_path: dict[str, list[Renaming]] = {}
    for variable, renaming in work.renamings.items():
        if variable not in work.taken:
            by_path.setdefault(renaming.path, []).append(renaming)
    for path, renamings in sorted(by_path.items()):
        source = lex(path, work.index.tree.read(path))
        for renaming in renamings:
            # A word behind a dot or an arrow is a member, or part of a sysctl's name.
            old = re.escape(renaming.variable.name.encode())
            word = re.compile(rb"(?<![\w.])(?<!->)" + old + rb"(?!\w)")
            for start, end in source.comments:
                for match in word.finditer(source.data, start, end):
                    reason = f"a comment on {renaming.variable.name}"
                    work.edits.append(_edit(path, match.start(), renaming, reason))
