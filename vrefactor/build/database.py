"""How to build, from a `compile_commands.json`.

The format: https://clang.llvm.org/docs/JSONCompilationDatabase.html
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from vrefactor.build.compilers import compiler_words, require_program
from vrefactor.build.model import TREE_MARK, BuildPlan, CompileCommand, SourceFiles
from vrefactor.build.trust import beyond_compiling
from vrefactor.errors import BUILD_EMPTY, COMPDB_INVALID, VrefactorError

_FOLDER_OPTIONS = ("-I", "-isystem", "-iquote", "-idirafter", "-isysroot", "--sysroot")
"""Options of gcc and clang that take a folder, in the next word or in the same one."""

_FILE_OPTIONS = frozenset({"-include", "-imacros"})
"""Options that take a file, which may also be found in the include path."""

_DROPPED = frozenset({"-c", "--", "-M", "-MM", "-MD", "-MMD", "-MG", "-MP", "-MV"})
_DROPPED_WITH_VALUE = ("-o", "-MF", "-MT", "-MQ", "-MJ")
_DROPPED_PREFIXES = (*_DROPPED_WITH_VALUE, "-Wp,-M")
"""The engine names the output and asks for dependencies itself."""


class _Entry(msgspec.Struct, frozen=True):
    """One object of the database; keys that are not needed here are not looked at."""

    directory: str
    file: str
    arguments: tuple[str, ...] | None = None
    command: str | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a command runs, and where the tree was when the database was made."""

    directory: str
    roots: tuple[str, ...]

    def absolute(self, path: str) -> str:
        return os.path.normpath(os.path.join(self.directory, path))

    def inside(self, path: str) -> str | None:
        """The path relative to the tree, or None for one outside; the root itself is `.`."""
        absolute = self.absolute(path)
        for root in self.roots:
            if absolute == root or absolute.startswith(root.rstrip("/") + "/"):
                return os.path.relpath(absolute, root)
        return None

    def marked(self, path: str) -> str:
        """The path as it stands in a build plan."""
        inside = self.inside(path)
        if inside is None:
            return self.absolute(path)
        return TREE_MARK if inside == "." else f"{TREE_MARK}/{inside}"


def compdb_plan(
    tree: SourceFiles, database: Path, root: Path, *, cc: str | None = None, timeout: float
) -> BuildPlan:
    """The build of a tree after a database that was made at `root`.

    `root` is the directory that the database's paths mean when they mean the tree; the tree
    itself may be another one, such as the same after a patch.  `cc` replaces the compiler of
    every command; `timeout` is in seconds for each file.  Commands for files that the tree has
    not, that lie outside it, or that are not C are listed as skipped.

    Raises `COMPDB_INVALID` with the file and line, `BUILD_EMPTY` when no command is left,
    and `COMPILER_MISSING`.
    """
    base = os.path.abspath(database.parent)
    roots = tuple(dict.fromkeys((os.path.abspath(root), os.path.realpath(root))))
    entries = _load(database)
    compiler = compiler_words(cc) if cc else ()
    commands: dict[CompileCommand, None] = {}
    skipped: dict[str, str] = {}
    for number, entry in enumerate(entries, 1):
        place = _Place(os.path.normpath(os.path.join(base, entry.directory)), roots)
        words = _words(entry, number, database)
        source = place.inside(entry.file)
        reason = _unfit(tree, source, words)
        if source is None or reason is not None:
            skipped[source or place.absolute(entry.file)] = reason or "outside the tree"
            continue
        argv = (*(compiler or (_program(words[0], place),)), *_flags(words[1:], entry, place))
        commands[CompileCommand(source, argv, "default", timeout)] = None
    if not commands:
        why = "; ".join(f"{path}: {reason}" for path, reason in list(skipped.items())[:3])
        raise VrefactorError(BUILD_EMPTY, why or "it lists no command", path=str(database))
    for program in sorted({command.argv[0] for command in commands}):
        require_program(program)
    beyond: dict[str, None] = {}
    for command in commands:
        words = command.argv[len(compiler) :]
        beyond |= dict.fromkeys(beyond_compiling(words, compiler=not compiler))
    reasons = tuple(sorted(skipped.items()))
    return BuildPlan(tuple(commands), skipped=reasons, beyond=tuple(beyond))


def _load(database: Path) -> list[_Entry]:
    try:
        data = database.read_bytes()
    except OSError as error:
        detail = error.strerror or str(error)
        raise VrefactorError(COMPDB_INVALID, detail, path=str(database)) from None
    try:
        return msgspec.json.decode(data, type=list[_Entry])
    except msgspec.DecodeError as error:
        at = re.search(r"\(byte (\d+)\)", str(error))
        line = data.count(b"\n", 0, int(at[1])) + 1 if at else None
        raise VrefactorError(COMPDB_INVALID, str(error), path=str(database), line=line) from None


def _words(entry: _Entry, number: int, database: Path) -> Sequence[str]:
    """The command as words; `command` is quoted as for a shell."""
    try:
        words = entry.arguments or shlex.split(entry.command or "")
    except ValueError as error:
        detail = f"entry {number} ({entry.file}): {error}: {entry.command}"
        raise VrefactorError(COMPDB_INVALID, detail, path=str(database)) from None
    if not words:
        detail = f"entry {number} ({entry.file}) has neither `arguments` nor `command`"
        raise VrefactorError(COMPDB_INVALID, detail, path=str(database))
    return words


def _unfit(tree: SourceFiles, source: str | None, words: Sequence[str]) -> str | None:
    """Why an entry is left out, or None."""
    if source is None:
        return "outside the tree"
    if not source.endswith(".c"):
        return "not C"
    if source not in tree:
        return "not in the tree"
    if any(word.startswith("@") for word in words):
        return "its command is in a response file (@file)"
    return None


def _program(word: str, place: _Place) -> str:
    """A compiler named by a relative path is relative to the command's directory."""
    return place.absolute(word) if "/" in word else word


def _flags(words: Sequence[str], entry: _Entry, place: _Place) -> Iterator[str]:
    """The words without source and output, with the paths inside the tree marked."""
    source = place.absolute(entry.file)
    rest = iter(words)
    for word in rest:
        if word in _DROPPED_WITH_VALUE:
            next(rest, None)
        elif word in _FOLDER_OPTIONS:
            yield from (word, place.marked(next(rest, ".")))
        elif word in _FILE_OPTIONS:
            yield from (word, _forced_include(next(rest, ""), place))
        elif not _is_dropped(word) and (word.startswith("-") or place.absolute(word) != source):
            yield _mark_joined(word, place)


def _is_dropped(word: str) -> bool:
    return word in _DROPPED or word.startswith(_DROPPED_PREFIXES)


def _forced_include(path: str, place: _Place) -> str:
    """The compiler looks where it runs first, and then in the include path."""
    return place.marked(path) if os.path.exists(place.absolute(path)) else path


def _mark_joined(word: str, place: _Place) -> str:
    """`-Ipath` and `--sysroot=path` with the path marked; any other word as it is."""
    joined = re.fullmatch(r"(-I|-isystem|-iquote|-idirafter|--sysroot=)(?!=)(.+)", word, re.DOTALL)
    return joined[1] + place.marked(joined[2]) if joined else word
