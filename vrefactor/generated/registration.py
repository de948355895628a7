"""How a container registers: what declares that it does, and what does it.

In step 2.2 one does that has a symbol map, by a call in its init function.  In step 3 all do,
by a SYSINIT: from then on every stack has their data.

    #ifdef VIMAGE
    VNET_MOD_DECLARE(INET, inet, NULL, NULL, NONE, NULL);

    static void
    vnet_inet_register(void *unused)
    {

            vnet_mod_register(&vnet_inet_modinfo);
    }
    SYSINIT(vnet_inet, SI_SUB_VIMAGE, SI_ORDER_ANY, vnet_inet_register, NULL);
    #endif
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from vrefactor.c.parse.functions import Function
from vrefactor.c.parse.statements import Statement, statements
from vrefactor.c.preprocess.conditionals import Conditionals
from vrefactor.c.preprocess.lexer import Source, argument_texts, matching
from vrefactor.edit.draft import Draft
from vrefactor.edit.lines import FileLines
from vrefactor.generated.header import is_without, opening
from vrefactor.generated.template import render
from vrefactor.plan.symbols import SymbolTable
from vrefactor.rules.types import Container
from vrefactor.rules.vocabulary import Vocabulary

_CALL = rb"(?<!\w)vnet_mod_register\s*\(\s*&\s*%s_modinfo\s*\)"


def members(table: SymbolTable, container: Container) -> frozenset[str]:
    """Return the names of a container's members, as `symbol_map` wants them."""
    return frozenset(
        known.variable.name
        for known in table.by_variable.values()
        if known.container.name == container.name
    )


def symbol_map(words: Vocabulary, container: Container, symbols: Collection[str]) -> bytes:
    """Return the symbol map of a container and the declaration of what registers it.

    They stand at file scope, behind the container's instance.  `symbols` are the names of
    the symbols that are members; without one that the rules want in the map it is empty.
    """
    names = [name for name in container.symmap if name in symbols]
    if not names:
        return b""
    lower = container.name.removeprefix(words.container_lead)
    entries = [render("registration/symbol", words, lower=lower, symbol=name) for name in names]
    table = f"{container.name}_symmap"
    return render(
        "registration/symbol_map",
        words,
        table=table,
        entries=b"".join(entries),
        declaration=_declaration(words, container, table),
    )


def _declaration(words: Vocabulary, container: Container, table: str = "NULL") -> bytes:
    short = container.name.startswith(words.container_lead) and container.module.startswith(
        words.module
    )
    return render(
        "registration/declaration",
        words,
        short=short,
        upper=container.module.removeprefix(words.module),
        lower=container.name.removeprefix(words.container_lead),
        name=container.name,
        container_module=container.module,
        table=table,
    )


def registers(
    words: Vocabulary, container: Container, when: str, *, declared: bool, leaves: bool
) -> bytes:
    """Return what registers a container, at the start-up that `when` says (step 3).

    It declares that unless that is `declared` already; with `leaves` it ends that at shutdown.
    """
    return render(
        "registration/sysinit",
        words,
        declaration=b"" if declared else _declaration(words, container),
        name=container.name,
        when=when,
        leaves=leaves,
    )


def is_registered(draft: Draft, path: str, container: Container) -> bool:
    """Say whether a file has what registers a container by a SYSINIT (step 3)."""
    return bool(draft.files.functions(path, f"{container.name}_register"))


def declared_in(draft: Draft, path: str, container: Container) -> tuple[int, int] | None:
    """Return where a file declares that a container registers, and the line behind that.

    Behind the end of the conditions, too, that are there for it.  None if it does not.
    """
    words = draft.index.rules.vocabulary
    declare = words.declare_module.encode()
    code = draft.files.plain(path)
    for match in re.finditer(rb"^%s(?:_STRUCT)?\s*(\()" % declare, code, re.M):
        arguments = argument_texts(code, match.start(1)) or ()
        if arguments[1:2] in (
            (container.name,),
            (container.name.removeprefix(words.container_lead),),
        ):
            end = matching(code, match.start(1))
            return match.start(), behind_conditions(draft, path, end)
    return None


def behind_conditions(draft: Draft, path: str, at: int) -> int:
    """Return the line behind a place, and behind the conditions that end right there."""
    source, conditionals = draft.files.open(path)
    lines = FileLines(source)
    behind = lines.next(at)
    for number, _ in conditionals.chain(at):
        group = conditionals.groups[number]
        if group.guard or not lines.is_blank(behind, group.branches[-1].end):
            break
        behind = lines.next(group.end)
    return behind


def guarded_calls(draft: Draft, path: str, container: Container) -> Iterator[tuple[int, int]]:
    """Yield the `#if` lines that a file has for nothing but the call of step 2.2."""
    call = re.compile(_CALL % container.name.encode() + rb"\s*;")
    source, conditionals = draft.files.open(path)
    option = draft.index.rules.vocabulary.option_globals
    for match in call.finditer(source.code):
        owner = conditionals.owner(match.start())
        if owner is None:
            continue
        group = conditionals.groups[owner[0]]
        branch = group.branches[owner[1]]
        rest = source.code[branch.start : match.start()] + source.code[match.end() : branch.end]
        if is_without(option, branch.condition) and not rest.strip():
            yield opening(source, group)


def plan_call(draft: Draft, container: Container) -> None:
    """Plan the call that registers a container, in its init function, behind the locals.

    None if it is there; a finding if there is no one such function, or no place in it.
    """
    name = container.init_function or ""
    found = [
        (path, function)
        for path in _subsystem_sources(draft, container)
        for function in draft.files.functions(path, name)
    ]
    if not found:
        what = f"no file of subsystem {container.subsystem} defines it"
        _find(draft, container, container.header, None, what)
        return
    path, function = found[0]
    file = draft.files.open(path)[0]
    if len(found) > 1:
        others = ", ".join(
            f"{path}:{draft.files.open(path)[0].line(other.name_at)}" for path, other in found[1:]
        )
        what = f"it is defined elsewhere too ({others})"
        _find(draft, container, path, function.name_at, what)
        return
    call = re.compile(_CALL % container.name.encode())
    if call.search(file.code, function.open, function.close):
        return
    at = _behind_locals(draft, path, function)
    if at is None:
        _find(draft, container, path, function.name_at, "its statements can't be told apart")
        return
    text = b"\n" + render("registration/call", draft.index.rules.vocabulary, name=container.name)
    following = file.data[at : FileLines(file).next(at)].strip()
    text += b"\n" if following not in (b"", b"}") else b""
    draft.insert(path, at, text, f"{container.name} has variables that programs look up")


def _find(draft: Draft, container: Container, path: str, at: int | None, what: str) -> None:
    todo = f"{what}: call vnet_mod_register(&{container.name}_modinfo) by hand, once"
    draft.find(path, at, container.init_function or container.name, todo)


def _subsystem_sources(draft: Draft, container: Container) -> list[str]:
    paths = next(
        subsystem.paths
        for subsystem in draft.index.rules.subsystems
        if subsystem.name == container.subsystem
    )
    folders = tuple(text + "/" for text in paths)
    return [
        path
        for path in draft.index.tree.paths
        if path.endswith(".c") and (path in paths or path.startswith(folders))
    ]


def _behind_locals(draft: Draft, path: str, function: Function) -> int | None:
    """Return the line behind a body's declarations and INIT calls; None if it has no such."""
    found = statements(function, draft.macros)
    if found is None:
        return None
    inits = tuple(f"{container.init}(".encode() for container in draft.index.rules.containers)
    last = function.open
    for statement in found:
        if not statement.declaration and not _text(function, statement).startswith(inits):
            break
        last = statement.end - 1
    source, conditionals = draft.files.open(path)
    at = FileLines(source).next(last)
    return _outside_of_groups(conditionals, source, function, at)


def _text(function: Function, statement: Statement) -> bytes:
    return function.text[statement.start : statement.end]


def _outside_of_groups(
    conditionals: Conditionals, source: Source, function: Function, at: int
) -> int | None:
    """Return the line from `at` on that is under no `#if` but the function's own ones."""
    outer = conditionals.owner(function.open)
    while at < function.close and (owner := conditionals.owner(at)) != outer:
        if owner is None:
            return None
        at = FileLines(source).next(conditionals.groups[owner[0]].end)
    return at if at <= function.close else None
