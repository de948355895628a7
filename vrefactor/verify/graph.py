"""The build graph: one ninja edge for each object of each side.

Every compile runs in the build directory with relative paths, and `-ffile-prefix-map` takes the
name of the side off them: `__FILE__` and debug information are the same on both sides, and do
not depend on where the build directory is.
"""

from __future__ import annotations

import math
import os
import re
import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from vrefactor.build.model import BuildPlan, CompileCommand, expand_marks
from vrefactor.verify.build_dir import Builds, Side, generated_dir

LOG_BYTES = 65536
"""What is kept of the output of one compile; the rest is read and dropped."""

TOOLCHAIN = "toolchain"
"""The file that says which compilers are used; all edges depend on it."""

_DEPENDENCY_FLAGS = frozenset({"-M", "-MM", "-MD", "-MMD", "-MG", "-MP", "-MV"})
_DEPENDENCY_PAIRS = frozenset({"-MF", "-MT", "-MQ", "-MJ"})

_COMMAND = (
    "{ $limit $args -MD -MF $out.d -o $out $in; echo $$? > $out.rc; } 2>&1 | "
    f"{{ head -c {LOG_BYTES} > $out.log; cat > /dev/null; }}; "
    "read status < $out.rc; test $$status = 0 || rm -f $out; "
    "test -z $links || ! grep -qs '/\\.\\./' $out.d || "
    "{ sed $links $out.d > $out.d.new && mv $out.d.new $out.d; }; exit $$status"
)


@dataclass(frozen=True, slots=True)
class BuildEdge:
    """One run of the compiler: `args` are all but the source and the output.

    `name` is the object's name in lists, the same on both sides; `out` is where it goes.
    `links` are the links to directories in the include path, each with its target.
    """

    name: str
    side: Side
    command: CompileCommand
    args: tuple[str, ...]
    out: str
    links: tuple[tuple[str, str], ...] = ()

    @property
    def source(self) -> str:
        """The source as the compiler sees it, relative to the build directory."""
        return f"{self.side}/{self.command.source}"


def object_edges(builds: Builds, extra: Sequence[str] = ()) -> list[BuildEdge]:
    """Return the edges that make the objects of both sides, with `extra` flags at the end."""
    keys = {side: list(_keyed(builds, side)) for side in Side}
    name = _namer({(key[0], key[1]) for side in Side for key, _, _ in keys[side]})
    return [
        _edge(name(key), side, number, builds.of(side)[number], command, extra)
        for side in Side
        for key, number, command in keys[side]
    ]


_Key = tuple[str, str, int]


def _keyed(builds: Builds, side: Side) -> Iterator[tuple[_Key, int, CompileCommand]]:
    """Yield each command with what pairs it with one of the other side."""
    seen: Counter[tuple[str, str]] = Counter()
    for plan, found in enumerate(builds.of(side)):
        for command in found.commands:
            key = (command.configuration, command.source)
            seen[key] += 1
            yield (*key, seen[key]), plan, command


def _namer(keys: set[tuple[str, str]]) -> Callable[[_Key], str]:
    """Return what names an object by nothing but its key and the set of all keys."""
    plain = {configuration.partition("+")[0] for configuration, _ in keys} == {"default"}
    stems = Counter((key[0], os.path.splitext(key[1])[0]) for key in keys)

    def name(key: _Key) -> str:
        configuration, source, occurrence = key
        stem = os.path.splitext(source)[0]
        base = stem if stems[configuration, stem] == 1 else source
        folder = "" if plain and configuration == "default" else f"{configuration}/"
        return f"{folder}{base}{'' if occurrence == 1 else f'.{occurrence}'}.o"

    return name


def _edge(
    name: str,
    side: Side,
    number: int,
    plan: BuildPlan,
    command: CompileCommand,
    extra: Sequence[str],
) -> BuildEdge:
    gen = generated_dir(side, number)
    argv = expand_marks(without_dependency_flags(command.argv), tree=str(side), gen=gen)
    args = (*argv, *extra, "-c", *prefix_maps(side))
    links = tuple(
        (f"{gen}/{link}", expand_marks([at], tree=str(side), gen=gen)[0]) for link, at in plan.links
    )
    return BuildEdge(name, side, command, args, f"obj/{side}/{name}", links)


def prefix_maps(side: Side) -> tuple[str, ...]:
    """Return the flags that take the side out of all paths that reach an object."""
    return f"-ffile-prefix-map={side}/=", f"-ffile-prefix-map=gen/{side}/=gen/"


def preprocess_edge(edge: BuildEdge) -> BuildEdge:
    """Return the edge that preprocesses what `edge` compiles, keeping its `#define`s."""
    args = (*(arg for arg in edge.args if arg != "-c"), "-E", "-dD")
    out = f"cpp/{edge.side}/{edge.name.removesuffix('.o')}.i"
    return replace(edge, args=args, out=out)


def without_dependency_flags(argv: Iterable[str]) -> Iterator[str]:
    """Yield `argv` without the flags that write dependency files: the graph has its own."""
    skip = False
    for arg in argv:
        if skip or arg in _DEPENDENCY_PAIRS:
            skip = not skip
        elif arg not in _DEPENDENCY_FLAGS and arg[:3] not in _DEPENDENCY_PAIRS:
            yield arg


def ninja_file(
    edges: Iterable[BuildEdge], log: str, launcher: Sequence[str], timer: str | None
) -> str:
    """Return the text of a ninja file; `log` is where ninja keeps its own records.

    `timer` is the timeout(1) of this machine.  Without one (macOS), the limit is on processor
    time, which a shell can set by itself: it stops a compiler that loops, not one that sleeps.
    """
    lines = [f"builddir = {log}", "rule cc", f"  command = {_COMMAND}"]
    lines += ["  depfile = $out.d", "  deps = gcc"]
    shared: dict[str, str] = {}
    for edge in edges:
        words = shlex.join([*launcher, *edge.args]).replace("$", "$$")
        if words not in shared:
            shared[words] = f"args{len(shared)}"
            lines.append(f"{shared[words]} = {words}")
        inputs = f"{_escape(edge.source)} | {TOOLCHAIN} {edge.side}.paths"
        lines.append(f"build {_escape(edge.out)}: cc {inputs}")
        lines.append(f"  args = ${shared[words]}")
        lines.append(f"  limit = {_limit(edge.command.timeout, timer)}")
        lines.append(f"  links = {_links(edge.links)}")
    return "\n".join([*lines, ""])


def _links(links: Iterable[tuple[str, str]]) -> str:
    """Return the words for sed that take `LINK/../` out of a list of dependencies.

    The compiler goes to the parent of the link's target; ninja would take the parent of the
    link, find no such file, and build again in every run.
    """
    found = [
        f"s,{_basic(link)}/\\.\\./,{_basic(os.path.dirname(target))}/,g" for link, target in links
    ]
    return shlex.quote(";".join(found)).replace("$", "$$")


def _basic(path: str) -> str:
    """Return `path` with what means something in sed's basic expressions, or between commas."""
    return re.sub(r"[.*\[\]^$\\,&]", r"\\\g<0>", path)


def _limit(seconds: float, timer: str | None) -> str:
    if timer is None:
        return f"ulimit -t {math.ceil(seconds)} &&"
    return f"{shlex.quote(timer)} -k 5 {seconds:g}".replace("$", "$$")


def _escape(path: str) -> str:
    return path.replace("$", "$$").replace(" ", "$ ").replace(":", "$:")
