"""The C text that step 2.2 writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vrefactor.generated.container_macros import guard
from vrefactor.rules.types import Container
from vrefactor.rules.vocabulary import Vocabulary

_LEAD = b"""\
/*
 * The variables of %s, one member for each.  None stands under a
 * condition: the layout is the same whatever options a kernel has.
 */
"""
ENDIF = b"#endif\n"


def struct(container: Container, members: Sequence[Sequence[bytes]], words: Vocabulary) -> bytes:
    """Return the definition of a container's struct, and the declaration of its instance.

    `members` are the members by file, each the text of its declaration.
    """
    name = container.name.encode()
    body = member_lines(members)
    declared = instance(container, words, b"extern ")
    return _LEAD % name + b"struct %s {\n%s};\n\n" % (name, body) + declared + b"\n"


def member_lines(members: Sequence[Sequence[bytes]]) -> bytes:
    """Return members as lines; an empty one stands between those of two files."""
    return b"\n".join(b"".join(b"\t" + text + b"\n" for text in own) for own in members)


def instance(container: Container, words: Vocabulary, storage: bytes = b"") -> bytes:
    """Return the lines that define, or declare, the one instance that there is as yet."""
    option, name = words.option_globals.encode(), container.name.encode()
    head = b"#ifndef %s\n#ifndef %s\n" % (words.option.encode(), option)
    return head + b"%sstruct %s %s_0;\n" % (storage, name, name) + ENDIF + ENDIF


def instance_name(container: Container) -> bytes:
    """Return the name of a container's one instance."""
    return container.name.encode() + b"_0"


def guard_open(words: Vocabulary) -> bytes:
    """Return the line in front of plain variables; `ENDIF` stands behind them."""
    return b"#ifdef %s\n" % words.option_globals.encode()


def include_lines(paths: Iterable[str]) -> bytes:
    """Return the lines that include headers of the tree."""
    return b"".join(b"#include <%s>\n" % path.encode() for path in paths)


def tag_lines(names: Iterable[str]) -> bytes:
    """Return the lines that declare tags of structures."""
    return b"".join(b"struct %s;\n" % name.encode() for name in sorted(names))


def include_guard(path: str) -> tuple[bytes, bytes]:
    """Return the lines that open and close the include guard of a header."""
    name = guard(path).encode()
    return b"#ifndef %s\n#define\t%s\n\n" % (name, name), b"\n#endif /* !%s */\n" % name
