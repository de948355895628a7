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
from vrefactor.c.preprocess.lexer import Source, lex
from vrefactor.edit.lines import FileLines
from vrefactor.generated.container_macros import guard
from vrefactor.source.edits import Edit
from vrefactor.steps.containers.type_headers import HeaderBook

_TYPES = frozenset((Space.TAG, Space.TYPEDEF))


def unguarded(
    book: HeaderBook, header: str, chosen: Iterable[str], users: Iterable[str]
) -> list[str]:
    """Return the headers that a user of a container would read twice, and must not, sorted.

    `header` is the container's, `chosen` are what it is going to include, `users` the sources.
    Raises the errors of `lex` and `parse_conditionals`.
    """
    brought = frozenset[str]().union(*(book.closure(path) for path in chosen))
    found = []
    for path in sorted(name for name in brought if _needs_guard(book, name)):
        includers = {name for name in brought if path in book.direct(name)}
        if path in chosen:
            includers.add(header)
        if any(_reads_again(book, user, path, includers) for user in users):
            found.append(path)
    return found


def _reads_again(book: HeaderBook, user: str, path: str, includers: Collection[str]) -> bool:
    """Tell whether a source reads a header once more when it gets these files that include it.

    Those that it reads by now have a guard, or are found on their own.
    """
    includes = book.index.includes
    old = {name for name in includes.closure(user) if path in includes.direct(name)}
    new = set(includers) - old
    return bool(new) and len(old | new) > 1


def _needs_guard(book: HeaderBook, path: str) -> bool:
    if path not in book.index.tree or not path.endswith(".h"):
        return False
    types = any(name.space in _TYPES for name in book.names(path).defined)
    return types and not book.guarded(path)


def guard_edits(book: HeaderBook, path: str, step: str) -> tuple[Edit, Edit]:
    """Return the edits that open and close the include guard of a header.

    At their places they come first and last.
    """
    data = book.index.tree.read(path)
    source = lex(path, data)
    newline, name = FileLines(source).newline, guard(path).encode()
    start = _first_line(source)
    opening = b"#ifndef %s%s#define\t%s%s%s" % (name, newline, name, newline, newline)
    missing = b"" if data.endswith(b"\n") else newline
    closing = missing + newline + b"#endif /* !%s */" % name + newline
    reason = "a container's header includes it too"
    end = len(data)
    return (
        Edit(path, start, start, opening, step, reason),
        Edit(path, end, end, closing, step, reason),
    )


def _first_line(source: Source) -> int:
    """Return the start of the first line with code, behind what is only a comment."""
    at = len(source.code) - len(source.code.lstrip())
    return FileLines(source).start(at)
