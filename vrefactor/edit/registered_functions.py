"""Functions that are registered to initialise a file: in tables, for start-up, for a module."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from vrefactor.c.facts.registrations import RegistrationFinder
from vrefactor.c.parse.functions import find_functions
from vrefactor.c.query.initializer_elements import Element, TableEntry, table_entries
from vrefactor.edit.files import Files
from vrefactor.rules.types import Registration

_NAME = re.compile(rb"&?\s*([A-Za-z_]\w*)\Z")


@dataclass(frozen=True, slots=True)
class RegisteredFunction:
    """A function that runs when its file is initialised; `load`: at an event, in a `case`."""

    function: str
    load: bool


@dataclass(frozen=True, slots=True)
class TableFunction:
    """A function in an entry of a table: the table's file, the entry, and the member."""

    function: str
    path: str
    entry: TableEntry
    member: str


@dataclass(slots=True)
class RegisteredFunctions:
    """The registered functions of a tree, each question answered once."""

    files: Files
    _entered: tuple[TableFunction, ...] | None = None
    _members: dict[str, str] = field(default_factory=dict)
    _handlers: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rules = self.files.index.rules.initializers
        self._members = {table.table: table.member for table in rules.tables}

    def of(self, path: str) -> list[RegisteredFunction]:
        """Return those of a file: of the first kind that it has, sorted by name."""
        for find in (self._in_tables, self._started, self.loaded):
            names = {name for name in find(path) if self.files.functions(path, name)}
            if names:
                return [RegisteredFunction(name, find == self.loaded) for name in sorted(names)]
        return []

    @property
    def in_tables(self) -> tuple[TableFunction, ...]:
        """Every function in a table that could name an init function."""
        if self._entered is None:
            found = (entered for path in self.files.sources for entered in self._of(path))
            self._entered = tuple(found)
        return self._entered

    def _of(self, path: str) -> Iterator[TableFunction]:
        tags = frozenset(tag.encode() for tag in self._members)
        data = self.files.index.tree.read(path)
        if not any(b"struct " + tag in data or b"struct\t" + tag in data for tag in tags):
            return
        code = self.files.plain(path)
        for entry in table_entries(code, tags):
            names = self.names(path, entry)
            for number, element in enumerate(entry.elements):
                match = _NAME.match(code, element.start, element.end)
                if match is not None and match.end() == element.end and number < len(names):
                    yield TableFunction(match[1].decode(), path, entry, names[number])

    def names(self, path: str, entry: TableEntry) -> list[str]:
        """Return the members that the elements of an entry are for; none if that is not known."""
        if all(element.member for element in entry.elements):
            return [element.member for element in entry.elements]
        members = self.files.members(path, entry.tag)
        if members is None or any(element.member for element in entry.elements):
            return []
        return list(members)

    def member(self, tag: str) -> str:
        """Return the member of a table that is the init function."""
        return self._members[tag]

    def slot(self, path: str, entry: TableEntry) -> Element | None:
        """Return the element of an entry that is its init function, if it has one."""
        wanted = self.member(entry.tag)
        pairs = zip(self.names(path, entry), entry.elements, strict=False)
        return next((element for name, element in pairs if name == wanted), None)

    def _in_tables(self, path: str) -> set[str]:
        return {
            entered.function
            for entered in self.in_tables
            if entered.member == self.member(entered.entry.tag)
        }

    def _started(self, path: str) -> set[str]:
        calls = self.files.index.rules.initializers.calls
        seeker = RegistrationFinder([Registration(name="start", calls=calls)])
        return {registered.function for registered in seeker.find(self.files.plain(path))}

    def loaded(self, path: str) -> set[str]:
        """Return the functions of a file that do something at the event of loading."""
        if path not in self._handlers:
            self._handlers[path] = self._find_loaded(path)
        return self._handlers[path]

    def _find_loaded(self, path: str) -> set[str]:
        source, conditionals = self.files.open(path)
        label = label_of(self.files.index.rules.initializers.load)
        at = [match.start() for match in label.finditer(source.code)]
        found = find_functions(source.code, conditionals, at)
        return {function.name for function in found.functions.values()}

    def handles(self, path: str, function: str) -> bool:
        """Say whether a function of a file is a module's handler."""
        return function in self.loaded(path)

    def beside(self, path: str) -> list[TableFunction]:
        """Return what tables in the file itself hold of its functions, in entries with no init."""
        return [
            entered
            for entered in self.in_tables
            if entered.path == path and self.files.functions(path, entered.function)
            if self.is_free(entered)
        ]

    def is_free(self, entered: TableFunction) -> bool:
        """Say whether an entry has no init function yet."""
        slot = self.slot(entered.path, entered.entry)
        code = self.files.plain(entered.path)
        return slot is None or code[slot.start : slot.end] in (b"NULL", b"0")


def label_of(load: str) -> re.Pattern[bytes]:
    """Return the pattern of the label behind which a module is initialised."""
    return re.compile(rb"(?<!\w)case\s+%s\s*:" % re.escape(load.encode()))
