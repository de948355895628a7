"""conf/files*: which source files a kernel configuration takes, and how they are compiled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vrefactor.build.freebsd.kernconf import KernelConfig
from vrefactor.build.freebsd.words import Line, logical_lines
from vrefactor.build.model import Generated, SourceFiles

_FLAGS = frozenset(
    {"no-obj", "no-implicit-rule", "before-depend", "local", "nowerror", "no-ctfconvert"}
    | {"config-dependent", "device-driver", "count"}
)
_WITH_ARGUMENT = frozenset(["compile-with", "dependency", "clean", "warning", "obj-prefix"])
_INCLUSION = frozenset({"standard", "optional", "mandatory"})
_PROFILING = "profiling-routine"


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One line of conf/files.

    `alternatives` are the requirements: the file is taken when all names of one alternative
    are configured.  `arguments` holds what follows `compile-with` and its like.
    """

    path: str
    inclusion: str
    alternatives: tuple[tuple[str, ...], ...]
    flags: frozenset[str]
    arguments: tuple[tuple[str, str], ...]
    line: Line

    def argument(self, keyword: str) -> str | None:
        """What follows a keyword such as `compile-with`, if it is there."""
        return dict(self.arguments).get(keyword)


def read_files(tree: SourceFiles, arch: str) -> tuple[FileEntry, ...]:
    """The entries of conf/files and conf/files.ARCH, in their order.

    Raises `KERNEL_CONF` for a line that config(8) would not take.
    """
    entries: list[FileEntry] = []
    for path in ("conf/files", f"conf/files.{arch}"):
        if path in tree:
            entries += _read(tree, path, ())
    return tuple(entries)


def _read(tree: SourceFiles, path: str, stack: tuple[str, ...]) -> Iterator[FileEntry]:
    for line in logical_lines(tree.read(path), path):
        if line.words[0] != "include":
            yield _entry(line)
            continue
        target = line.words[1] if len(line.words) == 2 else ""
        target = target.removeprefix("$S/")
        if target not in tree or target in (path, *stack):
            raise line.error(f"include: not a file of the tree, or in a circle: {target}")
        yield from _read(tree, target, (*stack, path))


def _entry(line: Line) -> FileEntry:
    path, *words = line.words
    if not words or words[0] not in _INCLUSION:
        raise line.error(f"{path} must be optional, mandatory or standard")
    inclusion, rest = words[0], iter(words[1:])
    flags: set[str] = set()
    arguments: dict[str, str] = {}
    alternatives: list[list[str]] = [[]]
    for word in rest:
        if word in _WITH_ARGUMENT:
            arguments[word] = next(rest, "")
            if not arguments[word]:
                raise line.error(f"{path}: {word} needs a string after it")
        elif word in _FLAGS:
            flags.add(word)
        elif word == "|":
            alternatives.append([])
        else:
            alternatives[-1].append(word)
    _check(line, inclusion, alternatives)
    tuples = tuple(map(tuple, alternatives))
    return FileEntry(path, inclusion, tuples, frozenset(flags), tuple(arguments.items()), line)


def _check(line: Line, inclusion: str, alternatives: list[list[str]]) -> None:
    path = line.words[0]
    if len(alternatives) > 1 and not all(alternatives):
        raise line.error(f"{path}: syntax error at |: a name is missing")
    if inclusion == "standard" and alternatives != [[]]:
        raise line.error(f"{path}: a standard file has no conditions: {alternatives[0][:1]}")
    if inclusion == "optional" and not alternatives[0]:
        raise line.error(f"{path}: an optional file needs a device or an option")


def is_taken(entry: FileEntry, config: KernelConfig) -> bool:
    """Does the configuration take this file?

    Raises `KERNEL_CONF` when a mandatory device is not configured.
    """
    names = set(config.devices) | {name.lower() for name in config.options}
    if config.profile:
        names.add(_PROFILING)
    taken = any(all(_holds(word, names) for word in words) for words in entry.alternatives)
    if entry.inclusion == "mandatory" and not taken:
        needs = " ".join(entry.alternatives[0])
        raise entry.line.error(f"{entry.path} needs a device that is not configured: {needs}")
    return taken


def _holds(word: str, names: set[str]) -> bool:
    if word.startswith("!"):
        return not _holds(word[1:], names)
    return word in names or word.lower() in names


def make_count_headers(
    entries: tuple[FileEntry, ...], config: KernelConfig
) -> tuple[Generated, ...]:
    """`NAME.h` with the number of devices, for entries with the old keyword `count`."""
    names = {e.alternatives[0][0] for e in entries if "count" in e.flags and e.alternatives[0]}
    return tuple(
        Generated(f"{name}.h", f"#define N{name.upper()} {config.devices.get(name, 0)}\n".encode())
        for name in sorted(names)
    )
