"""A kernel configuration: ARCH/conf/NAME, or LINT made from NOTES (config(5))."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from vrefactor.build.freebsd.words import Line, decode
from vrefactor.build.model import SourceFiles
from vrefactor.errors import KERNCONF_MISSING, VrefactorError

DEFAULT_NOOPTIONS: tuple[str, ...] = (
    "INVARIANTS",
    "INVARIANT_SUPPORT",
    "WITNESS",
    "WITNESS_KDB",
    "WITNESS_SKIPSPIN",
    "DIAGNOSTIC",
    "DEBUG_LOCKS",
    "DEBUG_VFS_LOCKS",
    "MUTEX_DEBUG",
    "LOCK_PROFILING",
    "MUTEX_PROFILING",
)
"""Options that record file names and line numbers, which the original recipe turns off."""

_LINT_WORDS = frozenset(
    {"machine", "ident", "cpu", "nocpu", "maxusers", "profile"}
    | {"device", "nodevice", "nodevices", "option", "options", "nooption", "nooptions"}
    | {"makeoption", "makeoptions", "nomakeoption", "nomakeoptions"}
)
"""The lines that conf/makeLINT.sed takes from NOTES, and their later spellings."""

_STATEMENT = re.compile(r"(?P<indent>\s*)(?P<word>[a-z]+)(?=\s|$)(?P<rest>.*)", re.DOTALL)
_MAX_INCLUDES = 32


@dataclass(frozen=True, slots=True)
class Option:
    """One kernel option, its value, and where it was set (None: by the caller)."""

    name: str
    value: str
    path: str | None = None
    line: int | None = None


@dataclass(slots=True)
class KernelConfig:
    """What a kernel configuration says; filled statement by statement, in order."""

    machine: str = ""
    machine_arch: str = ""
    ident: str = ""
    maxusers: str = "0"
    profile: bool = False
    cpus: set[str] = field(default_factory=set)
    devices: dict[str, int] = field(default_factory=dict)
    options: dict[str, Option] = field(default_factory=dict)
    makeoptions: dict[str, str] = field(default_factory=dict)

    def without(self, names: Sequence[str]) -> None:
        """Apply the caller's `nooptions`; a name that is not set is not an error."""
        for name in names:
            self.options.pop(name, None)

    def with_options(self, settings: Sequence[str]) -> None:
        """Apply the caller's options, each `NAME` or `NAME=VALUE`."""
        for setting in settings:
            name, _, value = setting.partition("=")
            self.options[name] = Option(name, value if "=" in setting else "1")


def read_config(tree: SourceFiles, arch: str, name: str) -> KernelConfig:
    """The kernel configuration `name` of `arch`, with DEFAULTS in front as config(8) does.

    `LINT` is made from conf/NOTES and ARCH/conf/NOTES where the tree has no file of that name.
    Raises `KERNCONF_MISSING`, naming those that exist, and `KERNEL_CONF` for a bad line.
    """
    folder = f"{arch}/conf"
    path = posixpath.normpath(f"{folder}/{name}")
    reader = _Reader(tree, KernelConfig())
    if f"{folder}/DEFAULTS" in tree:
        reader.read(f"{folder}/DEFAULTS", ())
    notes = [note for note in ("conf/NOTES", f"{folder}/NOTES") if note in tree]
    if path in tree:
        reader.read(path, ())
    elif name == "LINT" and notes:
        for note in notes:
            reader.read(note, (), only=_LINT_WORDS)
    else:
        raise _missing(tree, folder, name)
    reader.config.machine = reader.config.machine or arch
    return reader.config


def _missing(tree: SourceFiles, folder: str, name: str) -> VrefactorError:
    known = sorted(
        path.rpartition("/")[2]
        for path in tree.paths
        if posixpath.dirname(path) == folder
        and not re.search(r"\.hints$|/(Makefile|NOTES|DEFAULTS)$", path)
    )
    listing = ", ".join(known) or "none"
    return VrefactorError(KERNCONF_MISSING, f"{name}; {folder} has: {listing}", path=folder)


class _Reader:
    """Reads configuration files into one `KernelConfig`, following `include`."""

    def __init__(self, tree: SourceFiles, config: KernelConfig) -> None:
        self.tree = tree
        self.config = config
        self.handlers: dict[str, Callable[[Line, str], None]] = {
            "machine": self._machine,
            "ident": self._ident,
            "maxusers": self._maxusers,
            "profile": self._profile,
            "cpu": self._cpu,
            "nocpu": self._nocpu,
            "device": self._device,
            "nodevice": self._nodevice,
            "nodevices": self._nodevice,
            "option": self._option,
            "options": self._option,
            "nooption": self._nooption,
            "nooptions": self._nooption,
            "makeoption": self._makeoption,
            "makeoptions": self._makeoption,
            "nomakeoption": self._nomakeoption,
            "nomakeoptions": self._nomakeoption,
        }
        for ignored in ("hints", "env", "envvar", "nomachine", "config", "files"):
            self.handlers[ignored] = self._ignore

    def read(self, path: str, stack: tuple[str, ...], only: frozenset[str] | None = None) -> None:
        """Read one file; `only` limits it to lines that start with one of these words."""
        for number, text in enumerate(decode(self.tree.read(path)).split("\n"), 1):
            line = Line(path, number, ())
            match = _STATEMENT.match(text)
            if only is not None and (match is None or match["indent"] or match["word"] not in only):
                continue
            if match is not None:
                self._statement(line, match["word"], _uncomment(match["rest"], line), stack)
            elif text.strip() and not text.lstrip().startswith("#"):
                raise line.error(f"not a configuration statement: {text.strip()}")

    def _statement(self, line: Line, word: str, rest: str, stack: tuple[str, ...]) -> None:
        if word == "include":
            self._include(line, rest, stack)
        elif word in self.handlers:
            self.handlers[word](line, rest)
        else:
            raise line.error(f"unknown keyword: {word}")

    def _include(self, line: Line, rest: str, stack: tuple[str, ...]) -> None:
        name = rest.strip().strip('"')
        target = posixpath.normpath(posixpath.join(posixpath.dirname(line.path), name))
        if target not in self.tree:
            raise line.error(f"include: the tree has no {target}")
        if target in (line.path, *stack) or len(stack) > _MAX_INCLUDES:
            raise line.error(f"include: {target} includes itself")
        self.read(target, (*stack, line.path))

    def _machine(self, line: Line, rest: str) -> None:
        words = rest.replace('"', "").split()
        if not 1 <= len(words) <= 2:
            raise line.error("expected: machine NAME [ARCHITECTURE]")
        self.config.machine, self.config.machine_arch = words[0], words[-1]

    def _ident(self, line: Line, rest: str) -> None:
        self.config.ident = _one(line, rest)

    def _maxusers(self, line: Line, rest: str) -> None:
        self.config.maxusers = _one(line, rest)

    def _profile(self, line: Line, rest: str) -> None:
        self.config.profile = _one(line, rest) != "0"

    def _cpu(self, line: Line, rest: str) -> None:
        self.config.cpus.add(_one(line, rest))

    def _nocpu(self, line: Line, rest: str) -> None:
        self.config.cpus.discard(_one(line, rest))

    def _device(self, line: Line, rest: str) -> None:
        for item in _items(line, rest):
            name, *count = item.split()
            self.config.devices[name] = int(count[0]) if count and count[0].isdigit() else 1

    def _nodevice(self, line: Line, rest: str) -> None:
        for item in _items(line, rest):
            self.config.devices.pop(item, None)

    def _option(self, line: Line, rest: str) -> None:
        for item in _items(line, rest):
            name, equals, value = (part.strip() for part in item.partition("="))
            if not re.fullmatch(r"\w+", name):
                raise line.error(f"not an option: {item}")
            self.config.options[name] = Option(
                name, value if equals else "1", line.path, line.number
            )

    def _nooption(self, line: Line, rest: str) -> None:
        for item in _items(line, rest):
            self.config.options.pop(item.partition("=")[0], None)

    def _makeoption(self, line: Line, rest: str) -> None:
        for item in _items(line, rest):
            name, _, value = item.partition("=")
            self.config.makeoptions[name.strip()] = value.strip()

    def _nomakeoption(self, line: Line, rest: str) -> None:
        for item in _items(line, rest):
            self.config.makeoptions.pop(item, None)

    def _ignore(self, line: Line, rest: str) -> None:
        """A statement that does not change what is compiled."""


_PIECE = re.compile(r'\\"|"[^"]*"|"|#|[^"\\#]+|\\')


def _uncomment(text: str, line: Line) -> str:
    """The text up to a comment; a `#` inside quotes is text.  Raises on an open quote."""
    kept: list[str] = []
    for piece in _PIECE.findall(text):
        if piece == "#":
            break
        if piece == '"':
            raise line.error(f"a quoted string is not closed: {text.strip()}")
        kept.append(piece)
    return "".join(kept).strip()


def _items(line: Line, rest: str) -> list[str]:
    """The comma-separated items; quotes are taken off, but `\\"` gives a real quote."""
    items: list[str] = [""]
    for piece in re.findall(r'\\"|"[^"]*"|\([^)]*\)|,|[^",(\\]+|.', rest):
        if piece == ",":
            items.append("")
        elif piece == '\\"':
            items[-1] += '"'
        else:
            items[-1] += piece[1:-1] if piece[0] == '"' else piece
    stripped = [item.strip() for item in items]
    if not all(stripped):
        raise line.error("a name is missing")
    return stripped


def _one(line: Line, rest: str) -> str:
    items = _items(line, rest)
    if len(items) != 1 or len(items[0].split()) != 1:
        raise line.error(f"expected one value: {rest}")
    return items[0]
