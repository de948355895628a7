"""Running the build graph with ninja, and reading what became of each compile.

No process of ours runs for a single file: the shell that ninja starts anyway keeps the exit
status and the head of the output beside each object, and they are read when all is done.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import ninja

from vrefactor.build.compilers import check_compiler
from vrefactor.build.model import CompileCommand
from vrefactor.errors import BUILD_DIR_UNWRITABLE, LAUNCHER_MISSING, NINJA_FAILED, VrefactorError
from vrefactor.verify.build_dir import Side, put, writing
from vrefactor.verify.graph import TOOLCHAIN, BuildEdge, ninja_file, prefix_maps
from vrefactor.verify.sandbox import sandbox_words

Progress = Callable[[int, int], None]
"""Is told how many compiles are done, and how many there are."""

_STATUS = re.compile(rb"^\[(\d+)/(\d+)\] ")
_ERROR = re.compile(rb"(?:fatal )?error\b|undefined|No space left", re.I)
_CRASH = re.compile(rb"internal compiler error|PLEASE submit a bug report|Segmentation fault")
_NOT_IN_NINJA = re.compile(r"[\n\r|]")
"""What a ninja file has no way to say in a path."""
_DISK_FULL = b"No space left on device"
_TIMEOUT_STATUS = frozenset({124, 137, 128 + 24})
"""timeout(1) gives 124, or 137 when it had to kill; the shell's limit ends in SIGXCPU."""


class CompileOutcome(StrEnum):
    """What became of one compile."""

    OK = "ok"
    FAILED = "failed"
    CRASHED = "the compiler crashed"
    TIMED_OUT = "timed out"
    MISSING = "the tree has no such file"
    NAME = "ninja takes no file of this name"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one compile: `detail` is the first error; `out` the object, if it is OK."""

    outcome: CompileOutcome
    detail: str
    out: Path

    @property
    def ok(self) -> bool:
        """Whether there is an object."""
        return self.outcome is CompileOutcome.OK


@dataclass(slots=True)
class Engine:
    """Runs compilers in the build directory `build`, `jobs` at a time.

    With `sandbox`, they have no network and write nowhere else.  `seconds` is the wall time that
    ninja and the compilers have taken so far.
    """

    build: Path
    jobs: int
    launcher: tuple[str, ...] = ()
    progress: Progress | None = None
    sandbox: bool = False
    seconds: float = 0.0

    def check(self, commands: Iterable[CompileCommand]) -> None:
        """Ask every compiler, once, whether it is there and fit, and record its version.

        Raises `VrefactorError` COMPILER_MISSING, COMPILER_UNFIT or LAUNCHER_MISSING.
        """
        if self.launcher and shutil.which(self.launcher[0]) is None:
            raise VrefactorError(LAUNCHER_MISSING, self.launcher[0])
        compilers = sorted({command.argv[0] for command in commands})
        for compiler in compilers:
            check_compiler(shlex.quote(compiler), prefix_maps(Side.BEFORE))
        with writing(self.build):
            put(f"{self.build}/{TOOLCHAIN}", b"".join(_version(name) for name in compilers))

    def run(self, name: str, edges: Sequence[BuildEdge]) -> list[Result]:
        """Bring the outputs of `edges` up to date; return what became of each, in order.

        `name` tells this graph from others in the same build directory.  Raises
        `VrefactorError` NINJA_FAILED, or BUILD_DIR_UNWRITABLE if the disk is full.
        """
        missing = [_missing(self.build, edge) for edge in edges]
        present = [edge for edge, why in zip(edges, missing, strict=True) if why is None]
        text = ninja_file(present, f".ninja-{name}", self.launcher, _timer())
        with writing(self.build):
            put(f"{self.build}/{name}.ninja", os.fsencode(text))
        if present:
            started = time.perf_counter()
            self._ninja(f"{name}.ninja")
            self.seconds += time.perf_counter() - started
        return [why or self._result(edge) for edge, why in zip(edges, missing, strict=True)]

    def _ninja(self, file: str) -> None:
        before = sandbox_words(self.build) if self.sandbox else ()
        argv = [*before, _ninja_program(), "-f", file, "-k", "0", "-j", str(self.jobs)]
        environment = {**os.environ, "LC_ALL": "C", "NINJA_STATUS": "[%f/%t] "}
        complaints: list[str] = []
        with subprocess.Popen(
            argv,
            cwd=self.build,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            assert process.stdout is not None
            try:
                for line in process.stdout:
                    self._report(line)
                    if line.startswith((b"ninja: error:", b"ninja: fatal:")):
                        complaints.append(line.decode("utf-8", "replace").strip())
            except BaseException:
                process.terminate()
                raise
        if complaints:
            raise VrefactorError(NINJA_FAILED, complaints[0], path=str(self.build))

    def _report(self, line: bytes) -> None:
        status = _STATUS.match(line)
        if status and self.progress is not None:
            self.progress(int(status[1]), int(status[2]))

    def _result(self, edge: BuildEdge) -> Result:
        out = self.build / edge.out
        try:
            status = int(Path(f"{out}.rc").read_bytes())
            log = b"" if status == 0 else Path(f"{out}.log").read_bytes()
        except (OSError, ValueError):
            return Result(CompileOutcome.FAILED, "it was not run to its end", out)
        if _DISK_FULL in log:
            raise VrefactorError(BUILD_DIR_UNWRITABLE, _DISK_FULL.decode(), path=str(self.build))
        if status == 0 and out.is_file():
            return Result(CompileOutcome.OK, "", out)
        return Result(*_failure(status, log, edge.command.timeout), out)


def _timer() -> str | None:
    """Return the timeout(1) of this machine: of GNU coreutils, or of FreeBSD's base system."""
    return shutil.which("timeout")


def _ninja_program() -> str:
    """Return the ninja of the `ninja` package, which is of a known version."""
    return os.path.join(ninja.BIN_DIR, "ninja")


def _version(compiler: str) -> bytes:
    run = subprocess.run([compiler, "--version"], capture_output=True, check=False)
    return b"%s\n%s\n" % (os.fsencode(compiler), run.stdout)


def _missing(build: Path, edge: BuildEdge) -> Result | None:
    """Return why an edge cannot be run, if it cannot."""
    if _NOT_IN_NINJA.search(edge.source):
        return Result(CompileOutcome.NAME, repr(edge.command.source), build / edge.out)
    if not os.path.exists(build / edge.source):
        return Result(CompileOutcome.MISSING, edge.command.source, build / edge.out)
    return None


def _failure(status: int, log: bytes, timeout: float) -> tuple[CompileOutcome, str]:
    if status in _TIMEOUT_STATUS:
        return CompileOutcome.TIMED_OUT, f"after {timeout:g} s"
    if _CRASH.search(log):
        return CompileOutcome.CRASHED, _first(log, _CRASH)
    if status > 128:
        return CompileOutcome.CRASHED, f"signal {status - 128}"
    if status == 0:
        return CompileOutcome.FAILED, "exit status 0, but no object"
    return CompileOutcome.FAILED, _first(log, _ERROR) or f"exit status {status}"


def _first(log: bytes, pattern: re.Pattern[bytes]) -> str:
    """Return the first line that `pattern` finds, or else the first line that says anything."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    found = next((line for line in lines if pattern.search(line)), lines[0] if lines else b"")
    return _without_side(found).decode("utf-8", "replace")


def _without_side(line: bytes) -> bytes:
    """Show a message with the path relative to the tree, not to the build directory."""
    return re.sub(rb"^[ab]/", b"", line)


def included(engine: Engine, name: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each output of the graph `name` with all files that it was made from."""
    argv = [_ninja_program(), "-f", f"{name}.ninja", "-t", "deps"]
    run = subprocess.run(argv, cwd=engine.build, capture_output=True, check=False)
    for block in os.fsdecode(run.stdout).split("\n\n"):
        head, *lines = block.split("\n")
        if lines:
            yield head.rpartition(": #deps")[0], [line.strip() for line in lines]
