"""The struct of a container, its one instance, and the guard of the plain variables."""

from __future__ import annotations

import re
from collections.abc import Sequence

from vrefactor.c.preprocess.lexer import lex, matching
from vrefactor.edit.draft import Draft
from vrefactor.generated.template import render
from vrefactor.index.index import Index
from vrefactor.rules.types import Container
from vrefactor.rules.vocabulary import Vocabulary

ENDIF = b"#endif\n"
"""What stands behind plain variables."""


def struct(container: Container, members: Sequence[Sequence[bytes]], words: Vocabulary) -> bytes:
    """Return the definition of a container's struct, and the declaration of its instance.

    `members` are the members by file, each the text of its declaration.
    """
    declared = instance(container, words, "extern ")
    values = {"members": member_lines(members), "instance": declared}
    return render("containers/struct", words, name=container.name, **values)


def member_lines(members: Sequence[Sequence[bytes]]) -> bytes:
    """Return members as lines; an empty one stands between those of two files."""
    return b"\n".join(b"".join(b"\t" + text + b"\n" for text in own) for own in members)


def instance(container: Container, words: Vocabulary, storage: str = "") -> bytes:
    """Return the lines that define, or declare, the one instance that there is as yet."""
    return render("containers/instance", words, name=container.name, storage=storage)


def instance_name(container: Container) -> bytes:
    """Return the name of a container's one instance."""
    return container.name.encode() + b"_0"


def plain_only(words: Vocabulary) -> bytes:
    """Return the line in front of plain variables; `ENDIF` stands behind them."""
    return render("containers/plain", words)


def struct_braces(code: bytes, container: Container) -> tuple[int, int] | None:
    """Return where the struct of a container begins and ends in code that defines it."""
    found = re.search(rb"(?<!\w)struct\s+%s\s*(\{)" % container.name.encode(), code)
    return (found.start(1), matching(code, found.start(1))) if found is not None else None


def has_struct(index: Index, container: Container) -> bool:
    """Say whether step 2.2 has been done for a container: its header defines the struct."""
    path = container.header
    return path in index.tree and bool(
        struct_braces(lex(path, index.tree.read(path)).code, container)
    )


def instance_at(draft: Draft, path: str, container: Container) -> int | None:
    """Return where a source defines the instance of a container; None if it does not."""
    name = instance_name(container)
    if name not in draft.files.read(path):
        return None
    pattern = rb"^struct\s+%s\s+%s\s*;" % (container.name.encode(), name)
    match = re.search(pattern, draft.files.plain(path), re.M)
    return None if match is None else match.start()
