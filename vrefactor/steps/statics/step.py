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
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from vrefactor.c.facts.extract import WantedNames, extract
from vrefactor.c.model import DeclKind, Role
from vrefactor.c.model import TokenSite as Token
from vrefactor.c.preprocess.known_macros import MacroMatcher
from vrefactor.edit.draft import Draft
from vrefactor.index.index import Index, Miss, Variable
from vrefactor.index.macros import ArgumentRole
from vrefactor.plan.classification import ClassifiedToken, Classifier
from vrefactor.plan.model import Evidence, Plan, Refusal, Skip
from vrefactor.plan.reasons import CommonSkip
from vrefactor.plan.symbols import SymbolTable
from vrefactor.steps.statics.reasons import StaticsRefusal

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


def plan(draft: Draft) -> Plan:
    """Return the plan of step 1.5.1; see the module's docstring."""
    index, table = draft.index, draft.table
    renamings = {
        renaming.variable: renaming
        for renaming in (*_by_rule(table), *_by_convention(index, table))
    }
    taken = {
        variable: f"{renaming.name}, see {place}"
        for variable, renaming in renamings.items()
        if (place := _taken(index, renaming)) is not None
    }
    classifier = Classifier(index, table)
    for name in sorted({variable.name for variable in renamings}):
        for path, token in index.tokens.get(name, ()):
            classified = _classified(classifier, path, token)
            _decide(draft, classified, _meant(draft, renamings, classified), taken)
    done = [renaming for variable, renaming in renamings.items() if variable not in taken]
    _comments(draft, done)
    notes = (
        f"{renaming.path}: {renaming.variable.name} becomes {renaming.name}: {renaming.reason}"
        for renaming in done
        if not renaming.by_rule
    )
    for note in sorted(notes):
        draft.note(note)
    return draft.plan(whole=frozenset(renamings))


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


def _classified(classifier: Classifier, path: str, token: Token) -> ClassifiedToken:
    classified = classifier.classify(path, token)
    if classified.answer in _EXPORTED and token.role is Role.MACRO_ARGUMENT:
        return classifier.classify_exported(path, token)
    return classified


def _meant(
    draft: Draft, renamings: Mapping[Variable, Renaming], classified: ClassifiedToken
) -> Renaming | None:
    """Return the renaming of the variable that a token denotes or may denote, if any."""
    token, answer = classified.token, classified.answer
    if token.macro in draft.table.macros and token.role in (Role.ALIAS, Role.USE):
        variable = draft.table.macros[token.macro].variable
        return renamings.get(variable) if variable.name == token.name else None
    if isinstance(answer, Skip) and answer not in (CommonSkip.FOREIGN, CommonSkip.DECLARATION):
        return None
    found = draft.index.denotes(classified.path, token.name)
    if found is Miss.UNDECLARED and not isinstance(answer, Skip | Refusal):
        return renamings.get(answer.variable)
    return renamings.get(found) if isinstance(found, Variable) else None


def _decide(
    draft: Draft,
    classified: ClassifiedToken,
    renaming: Renaming | None,
    taken: Mapping[Variable, str],
) -> None:
    """Rename one token, or record why it stays."""
    path, token, answer = classified.path, classified.token, classified.answer
    if renaming is None:
        why = answer if isinstance(answer, Skip) else CommonSkip.FOREIGN
        draft.classify(path, token, why, classified.detail)
    elif isinstance(answer, Refusal):
        draft.classify(path, token, answer, classified.detail)
    elif renaming.variable in taken:
        draft.classify(path, token, StaticsRefusal.NAME_TAKEN, taken[renaming.variable])
    else:
        reason = f"{token.name} of {renaming.path}: {renaming.reason}"
        draft.rename(path, token.start, token.name, renaming.name, reason)
        draft.classify(path, token, Evidence.BOUND, renaming.name)


def _comments(draft: Draft, renamings: Iterable[Renaming]) -> None:
    """Rename the words of comments in the files that define what is renamed."""
    for renaming in renamings:
        old = renaming.variable.name
        # A word behind a dot or an arrow is a member, or part of a sysctl's name.
        word = re.compile(rb"(?<![\w.])(?<!->)" + re.escape(old.encode()) + rb"(?!\w)")
        source = draft.files.open(renaming.path)[0]
        for start, end in source.comments:
            for match in word.finditer(source.data, start, end):
                reason = f"a comment on {old}"
                draft.rename(renaming.path, match.start(), old, renaming.name, reason)
