"""Step 2.2, headers without an include guard: a container's header may bring one in again.

Old programs have headers that each source includes once, with no guard.  A container's header
includes what its fields need, and so do the sources: a type would be defined twice.

    typedef struct fsm {                  #ifndef _PPP_FSM_H_
            int unit;                     #define _PPP_FSM_H_
    } fsm;                                typedef struct fsm {
                                                  int unit;
                                          } fsm;
                                          #endif /* !_PPP_FSM_H_ */

Left alone: headers with a guard, those that define no type, and those that only one file
includes, which has a guard itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from vrefactor.c.facts.type_names import Space
from vrefactor.c.preprocess.lexer import Source
from vrefactor.edit.draft import Draft
from vrefactor.edit.lines import FileLines
from vrefactor.generated.container_macros import include_guard
from vrefactor.steps.containers.type_index import TypeIndex

_TYPES = frozenset((Space.TAG, Space.TYPEDEF))


def read_twice(
    types: TypeIndex, header: str, chosen: Iterable[str], users: Iterable[str]
) -> list[str]:
    """Return the headers that a user of a container would read twice, and must not, sorted.

    `header` is the container's, `chosen` are what it is going to include, `users` the sources.
    Raises the errors of `lex` and `parse_conditionals`.
    """
    brought = frozenset[str]().union(*(types.closure(path) for path in chosen))
    found = []
    for path in sorted(name for name in brought if _needs_guard(types, name)):
        includers = {name for name in brought if path in types.direct(name)}
        if path in chosen:
            includers.add(header)
        if any(_reads_again(types, user, path, includers) for user in users):
            found.append(path)
    return found


def _reads_again(types: TypeIndex, user: str, path: str, includers: Collection[str]) -> bool:
    """Tell whether a source reads a header once more when it gets these files that include it.

    Those that it reads by now have a guard, or are found on their own.
    """
    includes = types.index.includes
    old = {name for name in includes.closure(user) if path in includes.direct(name)}
    new = set(includers) - old
    return bool(new) and len(old | new) > 1


def _needs_guard(types: TypeIndex, path: str) -> bool:
    if path not in types.index.tree or not path.endswith(".h"):
        return False
    defined = any(name.space in _TYPES for name in types.names(path).defined)
    return defined and not types.guarded(path)


def guard_header(draft: Draft, path: str) -> None:
    """Put an include guard around a header and around all that the draft inserts in it."""
    source, _ = draft.files.open(path)
    opening, closing = include_guard(draft.index.rules.vocabulary, path)
    reason = "a container's header includes it too"
    draft.insert(path, _first_line(source), opening, reason, ahead=True)
    draft.insert(path, len(source.data), closing, reason)
    draft.note(f"{path}: gets an include guard, being included twice from now on")


def _first_line(source: Source) -> int:
    """Return the start of the first line with code, behind what is only a comment."""
    at = len(source.code) - len(source.code.lstrip())
    return FileLines(source).start(at)
