"""RULES.md against the types: a key that is missing, misplaced or stale fails here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from msgspec import inspect

from vrefactor.rules import load
from vrefactor.rules.document import Document

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = (ROOT / "RULES.md").read_text(encoding="utf-8")
HEADING = re.compile(r"^#{2,3} `\[*(?P<path>[a-z_.]+)\]*`$", re.MULTILINE)
ROW = re.compile(
    r"^\| `(?P<key>\w+)` \| (?P<type>[^|]+?) \| *(?P<default>(?:\\\||[^|])*?) *\|", re.MULTILINE
)
WORDS = {
    "a C identifier": "identifier",
    "a path relative to the tree's root, without `.` and `..`": "path",
    "a glob relative to the tree's root, without `.` and `..`": "glob",
    "a text that is not empty": "text",
    "a C identifier, or a word of the vocabulary in braces": "macro",
    "a glob over names that is not empty": "name glob",
    "a template that is not empty": "template",
}

Row = tuple[str, str, str]


def documented() -> dict[str, list[Row]]:
    """The rows of each section of RULES.md: key, type, default."""
    parts = HEADING.split(REFERENCE)[1:]
    return {
        path: [(m["key"], m["type"], m["default"].replace("\\|", "|")) for m in ROW.finditer(body)]
        for path, body in zip(parts[::2], parts[1::2], strict=True)
    }


def declared() -> dict[str, list[Row]]:
    """The same from the types."""
    return {
        path: [(f.encode_name, words(f.type), default(f)) for f in table.fields]
        for path, table in tables("", inspect.type_info(Document))
        if path
    }


def tables(path: str, declared: inspect.Type) -> Iterator[tuple[str, inspect.StructType]]:
    """Every table that a rule file can hold, by the path of its key."""
    if isinstance(declared, inspect.StructType):
        yield path, declared
        for field in declared.fields:
            yield from tables(f"{path}.{field.encode_name}".lstrip("."), field.type)
    elif isinstance(declared, inspect.UnionType):
        for type_ in declared.types:
            yield from tables(path, type_)
    elif isinstance(declared, inspect.VarTupleType):
        yield from tables(path, declared.item_type)
    elif isinstance(declared, inspect.DictType):
        yield from tables(path, declared.value_type)


def words(declared: inspect.Type) -> str:
    """A type as RULES.md spells it."""
    if isinstance(declared, inspect.Metadata):
        description = str((declared.extra_json_schema or {})["description"])
        return WORDS.get(description) or words(declared.type)
    if isinstance(declared, inspect.UnionType):
        return words(next(t for t in declared.types if not isinstance(t, inspect.NoneType)))
    if isinstance(declared, inspect.VarTupleType):
        return f"array of {words(declared.item_type)}"
    return {
        inspect.StrType: "string",
        inspect.IntType: "integer",
        inspect.BoolType: "boolean",
        inspect.StructType: "table",
        inspect.DictType: "table",
    }[type(declared)]


def default(field: inspect.Field) -> str:
    """A default value as RULES.md spells it."""
    if field.required:
        return ""
    if field.default is None:
        return "none"
    if field.default is msgspec.NODEFAULT:
        return "`{}`"
    value = msgspec.json.encode(field.default).decode().replace('","', '", "')
    return f"`{value}`"


@pytest.mark.parametrize("path", sorted(declared()))
def test_a_section_documents_its_keys_in_order(path: str) -> None:
    assert documented().get(path) == declared()[path]


def test_no_section_is_documented_that_does_not_exist() -> None:
    assert sorted(documented()) == sorted(declared())


def test_the_example_is_a_rule_set(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", REFERENCE, re.DOTALL)
    (tmp_path / "toy.toml").write_text(example, encoding="utf-8")
    ruleset = load(tmp_path / "toy.toml")
    assert [symbol.name for symbol in ruleset.symbols] == [
        "if_index",
        "ifnet",
        "rtstat",
        "net_timeout",
    ]
