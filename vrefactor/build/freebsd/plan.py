"""The build plan of a FreeBSD kernel tree in one configuration."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vrefactor.build.compilers import check_compiler, compiler_words
from vrefactor.build.freebsd.files import FileEntry, is_taken, make_count_headers, read_files
from vrefactor.build.freebsd.flags import (
    architecture,
    config_flags,
    extra_flags,
    kernel_flags,
    target_flags,
    unlisted_flags,
)
from vrefactor.build.freebsd.generate import generate, unknown_rule
from vrefactor.build.freebsd.kernconf import DEFAULT_NOOPTIONS, KernelConfig, read_config
from vrefactor.build.freebsd.options import (
    make_option_headers,
    option_headers,
    unlisted_headers,
)
from vrefactor.build.model import BuildPlan, CompileCommand, Generated, SourceFiles
from vrefactor.build.trust import beyond_compiling
from vrefactor.errors import BUILD_EMPTY, USAGE, VrefactorError
from vrefactor.rules.globs import path_matcher


@dataclass(frozen=True, slots=True)
class _Selection:
    """The files of a build, each with its own extra flags, and those left out, with why."""

    extra: dict[str, tuple[str, ...]]
    skipped: dict[str, str]

    def reasons(self) -> tuple[tuple[str, str], ...]:
        return tuple(sorted(self.skipped.items()))


def check_kernel_compiler(cc: str, arch: str = "amd64") -> None:
    """Raises `COMPILER_MISSING` or `COMPILER_UNFIT` unless `cc` can build kernels of `arch`."""
    check_compiler(cc, target_flags(architecture(arch)))


def kernel_plan(
    tree: SourceFiles,
    kernconf: str,
    *,
    arch: str = "amd64",
    cc: str,
    extra_options: Sequence[str] = (),
    no_options: Sequence[str] = DEFAULT_NOOPTIONS,
    also: Sequence[str] = (),
    timeout: float,
    trust: bool = False,
) -> BuildPlan:
    """How the kernel `kernconf` of a tree is built, and its generated headers.

    `kernconf` is the name of a configuration, which may be followed by options to set and to
    take out: `LINT+TCP_SIGNATURE~INET6`.  `extra_options` are `NAME` or `NAME=VALUE`, as in
    `options`, or `-DNAME[=VALUE]` for a macro that conf/options does not know; options to set
    win over `no_options`.  `also` are patterns of .c files to build beyond the configuration's;
    the path of a file of the tree stands for that file alone.
    `timeout` is in seconds for each file.  With `trust`, the tree's own scripts make the
    generated headers; else our own reading of their inputs does.

    Raises `KERNCONF_MISSING`, `KERNEL_CONF`, `KERNEL_OPTION`, `AWK_MISSING`,
    `GENERATOR_FAILED`, `COMPILER_MISSING`, `USAGE`, and `BUILD_EMPTY` when no file is left.
    """
    target = architecture(arch)
    name, added, removed = split_kernconf(kernconf)
    config = read_config(tree, arch, name)
    config.without([*no_options, *removed])
    macros = _set_options(config, [*extra_options, *added])
    entries = read_files(tree, arch)
    taken = [entry for entry in entries if is_taken(entry, config)]
    selection = _select(tree, entries, taken, also)
    if not trust:
        unmade = "made by a script of the tree, which is not run without --trust-build"
        selection.skipped.update((entry.path, unmade) for entry in taken if unknown_rule(entry))
    label = re.sub(r"[^\w.+~=-]", "_", kernconf)
    argv = (*compiler_words(cc), *kernel_flags(tree, target, config))
    commands = tuple(
        CompileCommand(path, (*argv, *extra), label, timeout)
        for path, extra in sorted(selection.extra.items())
    )
    if not commands:
        raise VrefactorError(BUILD_EMPTY, f"kernel configuration {kernconf}")
    headers = make_option_headers(config, option_headers(tree, arch), macros)
    generated = (
        *(unlisted_headers(tree, {item.path for item in headers}) if also else ()),
        *headers,
        *make_count_headers(entries, config),
        *generate(tree, entries, _methods(tree, taken, entries), trust=trust),
    )
    own_words = [*config_flags(config), *(w for words in selection.extra.values() for w in words)]
    beyond = tuple(dict.fromkeys(beyond_compiling(own_words)))
    return BuildPlan(commands, _by_path(generated), _links(config), selection.reasons(), beyond)


def _by_path(files: Iterable[Generated]) -> tuple[Generated, ...]:
    """Each path once, the last one made winning, sorted."""
    last = {item.path: item for item in files}
    return tuple(last[path] for path in sorted(last))


def split_kernconf(kernconf: str) -> tuple[str, list[str], list[str]]:
    """The name of a configuration, the options to set (`+A=1`), and those to take out (`~B`)."""
    name, *parts = re.split(r"(?=[+~])", kernconf)
    added = [part[1:] for part in parts if part[0] == "+"]
    return name, added, [part[1:] for part in parts if part[0] == "~"]


def _set_options(config: KernelConfig, options: Sequence[str]) -> dict[str, str]:
    """Set the caller's options; return the plain macros among them."""
    config.with_options([option for option in options if not option.startswith("-D")])
    return dict(_macro(option) for option in options if option.startswith("-D"))


def _macro(option: str) -> tuple[str, str]:
    name, equals, value = option[2:].partition("=")
    if not name.isidentifier():
        raise VrefactorError(USAGE, f"expected -DNAME or -DNAME=VALUE: {option}")
    return name, value if equals else "1"


def _select(
    tree: SourceFiles, entries: Iterable[FileEntry], taken: Iterable[FileEntry], also: Sequence[str]
) -> _Selection:
    selection = _Selection({}, {})
    for entry in taken:
        if entry.path.endswith((".c", ".S", ".s")) and "no-obj" not in entry.flags:
            _add(tree, entry, selection)
    listed = {entry.path: extra_flags(entry.argument("compile-with")) for entry in entries}
    unlisted = unlisted_flags(tree)
    for pattern in also:
        fits = path_matcher([pattern])
        inside = (pattern,) if pattern in tree else filter(fits, tree.paths)
        wanted = [path for path in inside if path.endswith(".c")]
        if not wanted:
            raise VrefactorError(BUILD_EMPTY, f"the tree has no .c file that fits {pattern}")
        for path in wanted:
            selection.extra.setdefault(path, listed.get(path, unlisted))
    return selection


def _add(tree: SourceFiles, entry: FileEntry, selection: _Selection) -> None:
    """Take an entry, or say why not: the tree may be partial, and only C is compiled."""
    if not entry.path.endswith(".c"):
        selection.skipped[entry.path] = "assembly: no C in it to compare"
    elif "local" in entry.flags:
        selection.skipped[entry.path] = "generated by a rule that needs more than awk"
    elif entry.path not in tree:
        selection.skipped[entry.path] = "named in conf/files, but not in the tree"
    else:
        selection.extra.setdefault(entry.path, extra_flags(entry.argument("compile-with")))


def _methods(
    tree: SourceFiles, taken: Iterable[FileEntry], entries: Iterable[FileEntry]
) -> tuple[str, ...]:
    """The interface descriptions (*.m), one of each base name, configured ones first."""
    chosen: dict[str, str] = {}
    for entry in (*taken, *entries):
        if entry.path.endswith(".m") and entry.path in tree:
            chosen.setdefault(entry.path.rpartition("/")[2], entry.path)
    return tuple(sorted(chosen.values()))


def _links(config: KernelConfig) -> tuple[tuple[str, str], ...]:
    """`machine`, and where it differs the architecture too (conf/kern.post.mk, _ILINKS)."""
    links = {"machine": f"{{tree}}/{config.machine}/include"}
    if config.machine_arch and config.machine_arch != config.machine:
        links[config.machine_arch] = f"{{tree}}/{config.machine_arch}/include"
    return tuple(links.items())
