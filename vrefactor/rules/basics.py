"""The words of a rule set: names, paths, globs, texts, templates, and tables of them."""

from __future__ import annotations

import re
from typing import Annotated

from msgspec import Meta, Struct

#: A C identifier.
Ident = Annotated[str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*\Z", description="a C identifier")]
#: A file or folder of the tree: relative to its root, with `/`, no `.` or `..` parts.
TreePath = Annotated[
    str,
    Meta(
        pattern=r"^(?!/)(?!(?:.*/)?\.{1,2}(?:/|\Z))[^\n\0]+\Z",
        description="a path relative to the tree's root, without `.` and `..`",
    ),
]
#: A glob over tree paths (`vrefactor.rules.globs`).
Glob = Annotated[
    str,
    Meta(
        pattern=r"^(?!/)(?!(?:.*/)?\.{1,2}(?:/|\Z))[^\n\0]+\Z",
        description="a glob relative to the tree's root, without `.` and `..`",
    ),
]
#: Text that says something: reasons and titles.
Text = Annotated[str, Meta(pattern=r"\S", description="a text that is not empty")]
#: A count of columns.
Columns = Annotated[int, Meta(ge=1, le=1000, description="a count of columns, 1 to 1000")]


_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def placeholders(template: str) -> list[str]:
    """The names in braces of a template, in order; other braces are plain text."""
    return _PLACEHOLDER.findall(template)


def fill(template: str, **values: str) -> str:
    """The template with each `{name}` replaced; all its placeholders must be given."""
    return _PLACEHOLDER.sub(lambda match: values[match[1]], template)


class Table(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A TOML table: every key is known, and a value never changes."""


class Handed(Table, frozen=True, kw_only=True):
    """A call that takes a function: a glob over names, and which argument, from 0."""

    call: Text
    argument: Annotated[int, Meta(ge=0, le=99)]
