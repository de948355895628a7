"""What a tree may say of its own build: how it is compiled, and not what is run.

A tree may come from a stranger.  Its rules, its kernel configurations and a compilation database
in it choose the words of commands.  Those that describe are taken: macros, folders of headers,
the dialect, code generation, warnings.  Others have the compiler load code, run programs, or
read and write where it should not: these are run only for a user who trusts the tree.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from vrefactor.build.model import BuildPlan
from vrefactor.errors import BUILD_UNTRUSTED, VrefactorError

_COMPILER = re.compile(r"(?:\w[\w.]*-)*(?:cc|gcc|clang|c89|c99)(?:-\d+(?:\.\d+)*)?")
"""The name of a C compiler of this machine, perhaps of a target or a version."""

_WITH_VALUE = frozenset(
    {"-D", "-U", "-I", "-isystem", "-iquote", "-idirafter", "-include", "-imacros", "-target"}
)
_DESCRIBING = re.compile(
    r"""-[DUI].+ | -(?:isystem|iquote|idirafter|include|imacros).+
    | --target=[\w.-]+ | -std=[\w+:.-]+ | -ansi | -pedantic(?:-errors)?
    | -O(?:[0-3sgz]|fast)? | -g[0-3]? | -ggdb[0-3]? | -gdwarf(?:-[2-5])?
    | -w | -W[a-z][\w+-]*(?:=[\w-]+)?                   # those that pass on words have a comma
    | -m(?!llvm|linker)[\w.-]+(?:=[\w.,+-]+)?
    | -f(?!no-integrated|plugin|pass|dump|module|profile|auto-profile|save|opt|time|crash|use-ld
         |lto|thinlto|offload|openmp-targets|embed|callgraph|stack-usage|test-coverage|proc|xray
         |record|repo|sanitize-\w*list)[\w+-]+
    | -f(?:visibility|message-length|fp-contract|tls-model|pack-struct|inline-limit|align-\w+
         |(?:debug|macro|file)-prefix-map|(?:no-)?sanitize|cf-protection|excess-precision
         |patchable-function-entry|zero-call-used-regs|strict-flex-arrays|random-seed
         |diagnostics-color)=[^/]*
    | -c | -pipe | -pthread | -undef | -nostdinc | -nobuiltininc | -nostdlib | -Qunused-arguments
    """,
    re.VERBOSE | re.DOTALL,
)


def lies_in(path: str | Path, root: Path) -> bool:
    """Say whether a file is in the tree at `root`, links followed."""
    real, top = os.path.realpath(path), os.path.realpath(root)
    return real == top or real.startswith(top.rstrip("/") + "/")


def beyond_compiling(words: Sequence[str], *, compiler: bool = False) -> Iterator[str]:
    """Yield the words of a command that do more than describe how a file is compiled.

    With `compiler`, the first word is the compiler, which must be one by its name alone.
    """
    rest = iter(words)
    if compiler:
        first = next(rest, "")
        if not _COMPILER.fullmatch(first):
            yield first
    for word in rest:
        if word.startswith("@"):
            yield word
        elif word in _WITH_VALUE:
            value = next(rest, "")
            if not value or value.startswith("@"):
                yield f"{word} {value}".rstrip()
        elif word == "-x":
            if (language := next(rest, "")) != "c":
                yield f"-x {language}"
        elif not _DESCRIBING.fullmatch(word):
            yield word


def check_trust(plans: Iterable[BuildPlan]) -> None:
    """Raise BUILD_UNTRUSTED, with what would be run, if a tree asks for more than compiling."""
    for plan in plans:
        if plan.beyond:
            asked = ", ".join(f"`{word}`" for word in plan.beyond)
            command = next(
                (command for command in plan.commands if _has(command.argv, plan.beyond)),
                plan.commands[0],
            )
            shown = shlex.join([*command.argv, "-c", command.source])
            raise VrefactorError(BUILD_UNTRUSTED, f"{asked}, in: {shown}")


def _has(argv: Sequence[str], words: Iterable[str]) -> bool:
    return any(word in argv or word.partition(" ")[0] in argv for word in words)
