"""Step 3, functions that attached ones call through tables, for each stack and every entry.

    for (pr = dp->dom_protosw; pr < dp->dom_protoswNPROTOSW; pr++)
            if (pr->pr_init)
                    (*pr->pr_init)();

The tables may be of any file of the tree: what an entry holds runs for each stack, whether it
has to do with one or not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from vrefactor.c.query.initializer_elements import table_entries
from vrefactor.edit.draft import Draft
from vrefactor.edit.registered_functions import RegisteredFunctions
from vrefactor.index.questions import WordsQuestion
from vrefactor.rules.globs import path_matcher


def table_functions(draft: Draft, registered: RegisteredFunctions) -> Counter[tuple[str, str]]:
    """Return the functions, with their files, that attached functions call through tables.

    With how many entries hold each of them.
    """
    tags = {table.table.encode() for table in draft.index.rules.attaching.tables}
    others = _others(draft)
    named: Counter[tuple[str, str]] = Counter()
    for path in sorted({*draft.files.sources, *_holding(draft, others, tags)}):
        if any(tag in draft.files.read(path) for tag in tags):
            named.update((path, name) for name in _named(draft, registered, path))
    found: Counter[tuple[str, str]] = Counter()
    elsewhere: Counter[str] = Counter()
    for (path, name), count in named.items():
        own = draft.files.functions(path, name)
        homes = [path] if own else draft.files.defining(name)
        found.update(dict.fromkeys(((home, name) for home in homes), count))
        elsewhere.update({} if homes else {name: count})
    for path in _holding(draft, others, {name.encode() for name in elsewhere}):
        for name in elsewhere:
            if draft.files.functions(path, name):
                found[path, name] += elsewhere[name]
    return found


def _named(draft: Draft, registered: RegisteredFunctions, path: str) -> Iterator[str]:
    """Yield the names that the tables of a file hold for functions that are called."""
    wanted = {(table.table, table.member) for table in draft.index.rules.attaching.tables}
    code = draft.files.plain(path)
    for entry in table_entries(code, frozenset(tag.encode() for tag, _ in wanted)):
        pairs = zip(registered.names(path, entry), entry.elements, strict=False)
        for member, element in pairs:
            name = code[element.start : element.end].strip(b"& \t\r\n").decode("latin-1")
            if (entry.tag, member) in wanted and name.isidentifier() and not name.isupper():
                yield name


def _others(draft: Draft) -> list[str]:
    """Return the C sources of the tree that are of no subsystem."""
    excluded = path_matcher([exclude.path for exclude in draft.index.rules.tree.exclude])
    own = set(draft.files.sources)
    return [
        path
        for path in draft.index.tree.paths
        if path.endswith(".c") and path not in own and not excluded(path)
    ]


def _holding(draft: Draft, paths: list[str], words: Collection[bytes]) -> list[str]:
    """Return those of some files that hold one of some words."""
    if not words:
        return []
    answers = draft.index.ask(paths, WordsQuestion(frozenset(words)), bool)
    return [path for path, holds in zip(paths, answers, strict=True) if holds]
