"""How to build, from the `[build]` table of a rule set: compiler, flags, files, option sets."""

from __future__ import annotations

from vrefactor.build.compilers import compiler_words
from vrefactor.build.model import BuildPlan, CompileCommand, SourceFiles
from vrefactor.build.trust import beyond_compiling
from vrefactor.errors import BUILD_EMPTY, VrefactorError
from vrefactor.rules.globs import path_matcher
from vrefactor.rules.types import BuildRules, OptionSet

DEFAULT = "default"
"""The name of the configuration with the common flags alone."""


def table_plan(tree: SourceFiles, build: BuildRules, *, cc: str | None = None) -> BuildPlan:
    """Every file of the table, in the configuration `default` and in every option set.

    `cc` is the user's choice of compiler, which wins over the table's.
    Raises `BUILD_EMPTY` when no file of the tree fits, and `COMPILER_MISSING`.
    """
    fits, excluded = path_matcher(build.files), path_matcher(build.exclude)
    found = [path for path in tree.paths if fits(path)]
    sources = [path for path in found if path.endswith(".c") and not excluded(path)]
    if not sources:
        raise VrefactorError(BUILD_EMPTY, f"[build] files: {', '.join(build.files)}")
    compiler = compiler_words(cc or build.cc)
    commands = tuple(
        CompileCommand(path, (*compiler, *build.flags, *option.flags), option.name, build.timeout)
        for option in (OptionSet(name=DEFAULT), *build.options)
        for path in sources
    )
    skipped = tuple((path, "excluded by the rules") for path in found if excluded(path))
    flags = [flag for option in build.options for flag in option.flags]
    words = [*([] if cc else [build.cc]), *build.flags, *flags]
    beyond = tuple(dict.fromkeys(beyond_compiling(words, compiler=not cc)))
    return BuildPlan(commands, skipped=skipped, beyond=beyond)
