"""A rule set as TOML: what `vrefactor scan --emit-rules` writes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import tomli_w

from vrefactor.errors import RULES_TYPE, VrefactorError
from vrefactor.rules.basics import Table
from vrefactor.rules.types import Container, RuleSet, Symbol

_LISTS = {
    "subsystems": "subsystem",
    "overrides": "override",
    "portability": "portability",
    "registrations": "registration",
    "arguments": "argument",
    "entries": "entry",
    "moves": "move",
    "early": "early",
    "inits": "init",
    "exported": "exported",
    "fields": "field",
    "attaches": "attach",
}
_SECTIONS = (
    "fingerprint", "tree", "prefix", "vocabulary", "sysctl", "framework", "style", "macros",
    "stubs", "startup", "initializers", "attaching", "context", "build",
)  # fmt: skip


def emit(ruleset: RuleSet) -> bytes:
    """One TOML file that `load` reads as the same rule set, but for origins and digest.

    Deterministic; symbols are grouped by container, then by file, in the set's order.
    Raises VrefactorError(RULES_TYPE) when a path of the tree is not valid UTF-8: TOML
    has no way to write it.
    """
    document: dict[str, Any] = {"ruleset": {"name": ruleset.name, "title": ruleset.title}}
    for section in _SECTIONS:
        table = getattr(ruleset, section)
        if table is not None:
            document[section] = _plain(table)
    for attribute, section in _LISTS.items():
        document[section] = [_plain(table) for table in getattr(ruleset, attribute)]
    for table in document["init"]:
        del table["origin"]
    document["container"] = [_container(c, ruleset.symbols) for c in ruleset.containers]
    if not document["vocabulary"]:
        del document["vocabulary"]
    text = tomli_w.dumps({key: value for key, value in document.items() if value != []})
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        near = text[max(0, error.start - 40) : error.end + 20].encode("utf-8", "backslashreplace")
        detail = f"not UTF-8, so it cannot stand in a rule file: {near.decode()!r}"
        raise VrefactorError(RULES_TYPE, detail) from None


def _plain(table: Table) -> dict[str, Any]:
    """A table's keys; what has its default value may be left out, and None must be."""
    values = {
        field.name: getattr(table, field.name)
        for field in msgspec.structs.fields(type(table))
        if field.required or getattr(table, field.name) != field.default
    }
    built = _without_none(msgspec.to_builtins(values))
    return built if isinstance(built, dict) else {}


def _without_none(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_none(item) for item in value]
    return value


def _container(container: Container, symbols: Iterable[Symbol]) -> dict[str, Any]:
    listed: dict[str, list[str | dict[str, Any]]] = {}
    for symbol in symbols:
        if symbol.container == container.name:
            listed.setdefault(symbol.file, []).append(_symbol(symbol))
    return {**_plain(container), "symbols": listed}


def _symbol(symbol: Symbol) -> str | dict[str, Any]:
    """The name alone when there is no more to say."""
    entry: dict[str, Any] = {"name": symbol.name}
    if symbol.was is not None:
        entry["was"] = symbol.was
    if symbol.optional:
        entry["optional"] = True
    if symbol.keep_sysctl is not None:
        entry["keep_sysctl"] = symbol.keep_sysctl
    return entry if len(entry) > 1 else symbol.name
