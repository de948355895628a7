"""The structure of a container, and the one instance that there is of it after step 2.2."""

from __future__ import annotations

import re

from vrefactor.c.preprocess.lexer import lex
from vrefactor.edit.draft import Draft
from vrefactor.generated.template import render
from vrefactor.index.index import Index
from vrefactor.rules.types import Container
from vrefactor.rules.vocabulary import Vocabulary


def has_struct(index: Index, container: Container) -> bool:
    """Say whether step 2.2 has been done for a container: its header defines the struct."""
    if container.header not in index.tree:
        return False
    code = lex(container.header, index.tree.read(container.header)).code
    return re.search(rb"(?<!\w)struct\s+%s\s*\{" % container.name.encode(), code) is not None


def struct(words: Vocabulary, name: str, fields: bytes) -> bytes:
    """Return what defines a struct with the lines `fields`, and declares its instance."""
    return render("container/struct", words, name=name, fields=fields, instance=instance(words, name, declared=True))


def instance(words: Vocabulary, name: str, *, declared: bool = False) -> bytes:
    """Return the lines that define, or declare, the one instance that there is as yet."""
    storage = "extern " if declared else ""
    return render("container/instance", words, storage=storage, name=name)


def instance_at(draft: Draft, path: str, container: Container) -> int | None:
    """Return where a source defines the instance of a container; None if it does not."""
    name = container.name.encode()
    if b"%s_0" % name not in draft.files.read(path):
        return None
    pattern = rb"^(?:static\s+)?struct\s+%s\s+%s_0\s*;" % (name, name)
    match = re.search(pattern, draft.files.plain(path), re.M)
    return None if match is None else match.start()
