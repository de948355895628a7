"""The words of a rule set: names, paths, globs, texts, templates, and tables of them."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from vrefactor.rules.templates import Template

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
#: A macro: a C identifier, or the word of the vocabulary that names it.
MacroName = Annotated[
    str,
    Meta(
        pattern=r"^(?:[A-Za-z_][A-Za-z0-9_]*|\{\w+\})\Z",
        description="a C identifier, or a word of the vocabulary in braces",
        extra=Template().mark(),
    ),
]
#: A glob over names, in which `{word}` stands for a name of the vocabulary.
NameGlob = Annotated[
    str,
    Meta(
        pattern=r"\S",
        description="a glob over names that is not empty",
        extra=Template().mark(),
    ),
]
#: C in which `{word}` stands for a name of the vocabulary; all else in braces is plain text.
Code = Annotated[
    str,
    Meta(
        pattern=r"\S",
        description="a template that is not empty",
        extra=Template(strict=False).mark(),
    ),
]
#: A count of columns.
Columns = Annotated[int, Meta(ge=1, le=1000, description="a count of columns, 1 to 1000")]


def template(*names: str) -> Meta:
    """Return what a text is in which braces hold a word of the vocabulary or one of `names`."""
    return Meta(
        pattern=r"\S", description="a template that is not empty", extra=Template(names).mark()
    )


class Table(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A TOML table: every key is known, and a value never changes."""


class FunctionArgument(Table, frozen=True, kw_only=True):
    """A call that takes a function: a glob over names, and which argument, from 0."""

    call: NameGlob
    argument: Annotated[int, Meta(ge=0, le=99)]
