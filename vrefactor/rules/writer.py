"""A rule set as TOML: what `vrefactor scan --emit-rules` writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import tomli_w

from vrefactor.errors import RULES_TYPE, VrefactorError
from vrefactor.rules.basics import Table
from vrefactor.rules.document import SHARED_SECTIONS, SymbolEntry
from vrefactor.rules.templates import differing
from vrefactor.rules.types import Container, RuleSet, Symbol, is_list, sections


def emit(ruleset: RuleSet) -> bytes:
    """One TOML file that `load` reads as the same rule set, but for origins and digest.

    Deterministic; symbols are grouped by container, then by file, in the set's order.
    Raises VrefactorError(RULES_TYPE) when a path of the tree is not valid UTF-8: TOML
    has no way to write it.
    """
    words = ruleset.vocabulary.words()
    document: dict[str, Any] = {"ruleset": {"name": ruleset.name, "title": ruleset.title}}
    for section in sections():
        value = getattr(ruleset, section.name)
        if is_list(section):
            document[section.encode_name] = [_plain(table, words) for table in value]
        elif value is not None:
            document[section.encode_name] = _plain(value, words)
    for table, container in zip(document["container"], ruleset.containers, strict=True):
        table["symbols"] = _symbols(container, ruleset.symbols)
    told = {key: value for key, value in document.items() if value or key in SHARED_SECTIONS}
    text = tomli_w.dumps(told)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        near = text[max(0, error.start - 40) : error.end + 20].encode("utf-8", "backslashreplace")
        detail = f"not UTF-8, so it cannot stand in a rule file: {near.decode()!r}"
        raise VrefactorError(RULES_TYPE, detail) from None


def _plain(table: Table, words: Mapping[str, str]) -> dict[str, Any]:
    """A table's keys; what has its default value may be left out, and None must be."""
    values = differing(table, words)
    values.pop("origin", None)
    built = _without_none(msgspec.to_builtins(values))
    return built if isinstance(built, dict) else {}


def _without_none(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_none(item) for item in value]
    return value


def _symbols(container: Container, symbols: Iterable[Symbol]) -> dict[str, Any]:
    listed: dict[str, list[str | dict[str, Any]]] = {}
    for symbol in symbols:
        if symbol.container == container.name:
            listed.setdefault(symbol.file, []).append(_symbol(symbol))
    return listed


def _symbol(symbol: Symbol) -> str | dict[str, Any]:
    """The name alone when there is no more to say."""
    entry = _plain(symbol, {})
    kept = {key: entry[key] for key in SymbolEntry.__struct_fields__ if key in entry}
    return kept if len(kept) > 1 else symbol.name
