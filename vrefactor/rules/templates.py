"""Texts of rules in which a name in braces stands for something else.

In every template it may be a word of the vocabulary, which is filled in when a rule set is
made; some have names of their own, which a step fills in at each site.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from msgspec import Struct, inspect
from msgspec.structs import replace

KeyPath = tuple[str | int, ...]
_S = TypeVar("_S", bound=Struct)

_IN_BRACES = re.compile(r"\{(\w+)\}")
_EXTRA = "template"


@dataclass(frozen=True, slots=True)
class Template:
    """What the braces of a text can hold: `names`, and words of the vocabulary.

    Where it is not `strict`, anything else in braces is plain text.
    """

    names: tuple[str, ...] = ()
    strict: bool = True

    def mark(self) -> dict[str, Template]:
        """Return what says, as `extra` of a type's `Meta`, that its values are templates."""
        return {_EXTRA: self}


def placeholders(template: str) -> list[str]:
    """The names in braces of a template, in order; other braces are plain text."""
    return _IN_BRACES.findall(template)


def fill(template: str, **values: str) -> str:
    """The template with each `{name}` replaced; all its placeholders must be given."""
    return _IN_BRACES.sub(lambda match: values[match[1]], template)


def with_words(table: _S, words: Mapping[str, str]) -> _S:
    """Return a table whose templates have the names of the vocabulary for its words."""
    changed = changed_by_words(table, words)
    return replace(table, **changed) if changed else table


def changed_by_words(table: Struct, words: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of a table that differ once the words have their names."""
    changed: dict[str, Any] = {}
    for name, declared in _holding_templates(type(table)):
        value = getattr(table, name)
        filled = filled_in(value, declared, words)
        if filled != value:
            changed[name] = filled
    return changed


def differing(table: Struct, words: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of a table that are required, or have not their default value."""
    return {
        field.name: value
        for field in _fields(type(table))
        if (value := getattr(table, field.name)) != filled_in(field.default, field.type, words)
    }


def filled_in(value: object, declared: inspect.Type, words: Mapping[str, str]) -> object:
    """Return a value of a declared type with the names of the vocabulary for its words."""
    template = _template(declared)
    if isinstance(value, str):
        return _named(value, template, words) if template is not None else value
    if isinstance(value, tuple):
        item = _item(declared)
        return tuple(filled_in(entry, item, words) for entry in value)
    return with_words(value, words) if isinstance(value, Struct) else value


def _named(text: str, template: Template, words: Mapping[str, str]) -> str:
    known = {name: text for name, text in words.items() if name not in template.names}
    return _IN_BRACES.sub(lambda found: known.get(found[1], found[0]), text)


def templates(value: object, declared: inspect.Type) -> Iterator[tuple[KeyPath, str, Template]]:
    """Yield the templates in a value of a declared type, each with its key path."""
    template = _template(declared)
    if isinstance(value, str):
        if template is not None:
            yield (), value, template
    elif isinstance(value, tuple):
        for index, entry in enumerate(value):
            for path, text, kind in templates(entry, _item(declared)):
                yield (index, *path), text, kind
    elif isinstance(value, Struct):
        keys = {field.name: field.encode_name for field in _fields(type(value))}
        for name, inner in _holding_templates(type(value)):
            for path, text, kind in templates(getattr(value, name), inner):
                yield (keys[name], *path), text, kind


@cache
def _fields(table: type[Struct]) -> tuple[inspect.Field, ...]:
    declared = inspect.type_info(table)
    assert isinstance(declared, inspect.StructType)
    return declared.fields


@cache
def _holding_templates(table: type[Struct]) -> tuple[tuple[str, inspect.Type], ...]:
    return tuple((field.name, field.type) for field in _fields(table) if _holds(field.type))


def _holds(declared: inspect.Type) -> bool:
    """Say whether values of a type hold templates, or tables that do."""
    if _template(declared) is not None:
        return True
    if isinstance(declared, inspect.StructType):
        return bool(_holding_templates(declared.cls))
    if isinstance(declared, inspect.UnionType):
        return any(_holds(kind) for kind in declared.types)
    return isinstance(declared, inspect.VarTupleType) and _holds(declared.item_type)


def _template(declared: inspect.Type) -> Template | None:
    kinds = declared.types if isinstance(declared, inspect.UnionType) else (declared,)
    for kind in kinds:
        if isinstance(kind, inspect.Metadata):
            return (kind.extra or {}).get(_EXTRA)
    return None


def _item(declared: inspect.Type) -> inspect.Type:
    """Return the type of the items of an array."""
    return declared.item_type if isinstance(declared, inspect.VarTupleType) else declared
