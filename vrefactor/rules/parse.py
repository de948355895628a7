"""One rule file: bytes to a `Document`, every mistake with its line and a remedy."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property, reduce
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect

from vrefactor.errors import (
    RULES_INCOMPLETE,
    RULES_KEY,
    RULES_SYNTAX,
    RULES_TYPE,
    RULES_UNREADABLE,
    ErrorKind,
    VrefactorError,
)
from vrefactor.rules import locate
from vrefactor.rules.document import Document
from vrefactor.rules.templates import KeyPath

#: What is larger is not written by hand, nor by `vrefactor scan`.
MAX_BYTES = 16 * 2**20
_MANY_DIGITS = re.compile(r"[0-9_]{4300,}")
_SYNTAX_LINE = re.compile(r" \(at line (\d+), column \d+\)$")
_SYNTAX_END = re.compile(r" \(at end of document\)$")
_PLACE = re.compile(r" - at (?P<key>`key` in )?`\$(?P<path>[^`]*)`$")
_STEP = re.compile(r"\.(?P<name>\w+)|\[(?P<index>\d+)\]|\[(?P<any>\.\.\.)\]")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*)`$", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>.*)`$")
_EXPECTED = re.compile(r"Expected `(?P<want>.*?)`, got `(?P<got>.*)`$")
#: msgspec speaks of JSON's types; a rule file has TOML's.
_WORDS = {
    "str": "a string",
    "int": "an integer",
    "bool": "a boolean",
    "float": "a float",
    "object": "a table",
    "array": "an array",
    "null": "nothing",
}


@dataclass(frozen=True)
class RuleFile:
    """A rule file as read: where it is, its text, and its checked tables."""

    path: Path
    data: bytes
    text: str
    document: Document
    sections: tuple[str, ...]
    """The names of the sections that the file has."""

    @cached_property
    def lines(self) -> Mapping[KeyPath, int]:
        """The line of every key path."""
        return locate.lines(self.text)

    def line(self, *path: str | int) -> int:
        """The line of a key path, or of the nearest one around it."""
        return locate.nearest(self.lines, path)

    def error(self, kind: ErrorKind, detail: str, *path: str | int) -> VrefactorError:
        """An error at a key path of this file."""
        return VrefactorError(kind, detail, path=str(self.path), line=self.line(*path))


def read_file(path: Path) -> RuleFile:
    """Read and check one rule file.

    Raises VrefactorError: RULES_UNREADABLE, RULES_SYNTAX, RULES_KEY, RULES_TYPE or
    RULES_INCOMPLETE.
    """
    data = _bytes(path)
    text = _decode(path, data)
    try:
        values = _values(path, text)
        try:
            document = msgspec.convert(values, Document)
        except msgspec.ValidationError as error:
            raise _Mistake(path, text, values).explain(str(error)) from None
    except RecursionError:
        raise VrefactorError(RULES_SYNTAX, "nested too deep", path=str(path)) from None
    return RuleFile(path, data, text, document, tuple(values))


def closest(name: str, known: list[str]) -> str:
    """The hint `; did you mean ...?` for a name, or nothing when none is near."""
    matches = get_close_matches(name, known, n=1)
    return f"; did you mean `{matches[0]}`?" if matches else ""


def _bytes(path: Path) -> bytes:
    """The bytes of a regular file; nothing else is waited for, or read without an end."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise VrefactorError(RULES_UNREADABLE, "not a regular file", path=str(path))
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        detail = error.strerror or str(error)
        raise VrefactorError(RULES_UNREADABLE, detail, path=str(path)) from error
    if len(data) > MAX_BYTES:
        detail = f"more than {MAX_BYTES} bytes"
        raise VrefactorError(RULES_UNREADABLE, detail, path=str(path))
    return data


def _decode(path: Path, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        detail = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise VrefactorError(RULES_SYNTAX, detail, path=str(path), line=line) from None


def _values(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        match = _SYNTAX_LINE.search(message)
        line = int(match[1]) if match else text.count("\n") + 1
        detail = _SYNTAX_END.sub("", _SYNTAX_LINE.sub("", message))
        raise VrefactorError(RULES_SYNTAX, detail, path=str(path), line=line) from None
    except ValueError:
        # Python reads no integer of so many digits; tomllib does not say where it stands.
        match = _MANY_DIGITS.search(text)
        line = text.count("\n", 0, match.start()) + 1 if match else 1
        detail = "an integer has too many digits"
        raise VrefactorError(RULES_SYNTAX, detail, path=str(path), line=line) from None


class _Mistake:
    """What msgspec says is wrong with a file, turned into a user's error."""

    def __init__(self, path: Path, text: str, values: dict[str, Any]) -> None:
        self.path = path
        self.text = text
        self.values = values

    def explain(self, message: str) -> VrefactorError:
        """The error for msgspec's message, at its key."""
        place = _PLACE.search(message)
        what = _PLACE.sub("", message)
        path = self._resolve(place, message) if place else ()
        if match := _UNKNOWN.match(what):
            hint = closest(match["name"], _fields(_plain(_type_at(path))))
            return self._error(RULES_KEY, f"`{match['name']}`{hint}", (*path, match["name"]))
        if match := _MISSING.match(what):
            owner = f" in {_spell(path)}" if path else ""
            return self._error(RULES_INCOMPLETE, f"`{match['name']}`{owner}", path)
        wrong = self._wrong(what, path, is_key=bool(place and place["key"]))
        return self._error(RULES_TYPE, f"{_spell(path)}: {wrong}", path)

    def _error(self, kind: ErrorKind, detail: str, path: KeyPath) -> VrefactorError:
        line = locate.nearest(locate.lines(self.text), path)
        return VrefactorError(kind, detail, path=str(self.path), line=line)

    def _resolve(self, place: re.Match[str], message: str) -> KeyPath:
        """msgspec's path with the keys of dictionaries, which it leaves out, put in."""
        path: KeyPath = ()
        for step in _STEP.finditer(place["path"]):
            if step["name"]:
                path = (*path, step["name"])
            elif step["index"]:
                path = (*path, int(step["index"]))
            else:
                path = (*path, self._culprit(path, message))
        if place["key"]:
            path = (*path, self._culprit(path, message))
        return path

    def _culprit(self, path: KeyPath, message: str) -> str:
        """The key of the dictionary at `path` whose entry alone gives the same message."""
        entries = _value_at(self.values, path)
        alone = entries if isinstance(entries, dict) else {}
        return next(
            (key for key in alone if self._complaint(path, {key: alone[key]}) == message), ""
        )

    def _complaint(self, path: KeyPath, value: object) -> str:
        """What msgspec says of the file with `value` at `path`; nothing when it is right."""
        try:
            msgspec.convert(_replaced(self.values, path, value), Document)
        except msgspec.ValidationError as error:
            return str(error)
        return ""

    def _wrong(self, what: str, path: KeyPath, *, is_key: bool) -> str:
        if match := _EXPECTED.match(what):
            want = " or ".join(_WORDS.get(word, word) for word in match["want"].split(" | "))
            return f"expected {want}, found {_WORDS.get(match['got'], match['got'])}"
        if is_key:
            owner = _plain(_type_at(path[:-1]))
            declared = owner.key_type if isinstance(owner, inspect.DictType) else owner
            return f"{path[-1]!r} is not {_meaning(declared) or what}"
        return f"{_value_at(self.values, path)!r} is not {_meaning(_type_at(path)) or what}"


def _value_at(value: object, path: KeyPath) -> object:
    return reduce(_item, path, value)


def _item(value: object, step: str | int) -> object:
    if isinstance(value, dict):
        return value[step]
    if isinstance(value, list) and isinstance(step, int):
        return value[step]
    return None


def _replaced(value: object, path: KeyPath, new: object) -> object:
    """A copy of `value` with `new` at `path`."""
    if not path:
        return new
    if isinstance(value, dict):
        return {**value, path[0]: _replaced(value[path[0]], path[1:], new)}
    if isinstance(value, list):
        return [
            _replaced(item, path[1:], new) if index == path[0] else item
            for index, item in enumerate(value)
        ]
    return value


def _type_at(path: KeyPath) -> inspect.Type:
    """The type that the rules declare for the value at a key path."""
    current = inspect.type_info(Document)
    for step in path:
        table = _plain(current)
        if isinstance(table, inspect.StructType):
            current = next(f.type for f in table.fields if f.encode_name == step)
        elif isinstance(table, inspect.VarTupleType):
            current = table.item_type
        elif isinstance(table, inspect.DictType):
            current = table.value_type
    return current


def _plain(declared: inspect.Type) -> inspect.Type:
    """Of several types, the one that has parts: a table, or the first but `None`."""
    if not isinstance(declared, inspect.UnionType):
        return declared
    types = [t for t in declared.types if not isinstance(t, inspect.NoneType)]
    tables = [t for t in types if isinstance(t, inspect.StructType)]
    return (tables or types)[0]


def _fields(declared: inspect.Type) -> list[str]:
    if isinstance(declared, inspect.StructType):
        return [field.encode_name for field in declared.fields]
    return []


def _meaning(declared: inspect.Type) -> str:
    """What a value of the type is, in words."""
    types = declared.types if isinstance(declared, inspect.UnionType) else (declared,)
    for type_ in types:
        if isinstance(type_, inspect.Metadata):
            return str((type_.extra_json_schema or {}).get("description", ""))
    return ""


def _spell(path: KeyPath) -> str:
    """A key path as a user reads it: `container[3].symbols."net/if.c"[2]`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif re.fullmatch(r"[A-Za-z0-9_-]+", step):
            text += f".{step}"
        else:
            text += f'."{step}"'
    return f"`{text.removeprefix('.')}`" if text else "the file"
