"""Random programs of Csmith through the steps: they must compile and print what they did.

    python -m tests.fuzz.csmith FIRST COUNT [SHAPE ...]

prints what became of each seed, and the sums.  The rules are what `scan --emit-rules` proposes.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from enum import Enum
from io import StringIO
from pathlib import Path

from vrefactor.cli.main import call
from vrefactor.errors import VrefactorError, VrefactorErrors
from vrefactor.index.pool import RunOptions
from vrefactor.rules import RuleSet, load
from vrefactor.source.tree import Tree
from vrefactor.source.write import write_tree
from vrefactor.steps.registry import find
from vrefactor.steps.series import Stage, run_series

RUNTIME = Path("/usr/include/csmith")
"""Where Debian's package puts the headers of the programs."""

_SECTION = re.compile(r"^/\* --- ([A-Z][A-Za-z/ ]*) --- \*/\n", re.M)
_BODY = re.compile(r"^\{.*?^\}\n", re.M | re.S)
_SECONDS = 10


class Shape(Enum):
    """How a program is laid out as a tree."""

    ONE = "one"
    """One source file; what it includes is not in the tree."""
    MOVE = "move"
    """The same, with a rule by which its types move to a header."""
    HEADERS = "headers"
    """The same, and the headers that it includes are in the tree."""
    TWO = "two"
    """Two source files, with a header of types, variables and functions."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one program: a word for it, and the refusals of all steps by reason."""

    what: str
    refused: Counter[str] = field(default_factory=Counter)
    detail: str = ""

    @property
    def failed(self) -> bool:
        """Whether the steps did harm, or did not run."""
        return self.what not in ("same", "no program")


def run(seed: int, shape: Shape, through: str, root: Path) -> Outcome:
    """Take one program through the steps, in the empty folder `root`."""
    tree = root / "tree"
    _lay_out(tree, _program(seed), shape)
    before = _outputs(tree, root / "before", [[]])
    if len(before) != 1 or not before[0].startswith("checksum"):
        return Outcome("no program")
    try:
        rules, stages = _refactor(tree, root / "rules", shape, through)
    except (VrefactorError, VrefactorErrors) as error:
        return Outcome("error", detail=str(error))
    reasons = Counter(
        f"{stage.step.name}: {site.reason}" for stage in stages for site in stage.plan.refused
    )
    write_tree(stages[-1].after)
    variants = [[], [f"-D{rules.vocabulary.option_globals}"]]
    for variant, printed in zip(
        variants * 2, _outputs(tree, root / "after", variants), strict=False
    ):
        if printed != before[0]:
            what = "prints something else" if printed.startswith("checksum") else "does not compile"
            return Outcome(what, reasons, f"{variant}: {printed}")
    return Outcome("same", reasons)


def _program(seed: int) -> str:
    command = ["csmith", "--seed", str(seed), "--max-funcs", "6"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _lay_out(tree: Path, program: str, shape: Shape) -> None:
    folder = tree / "prog"
    folder.mkdir(parents=True)
    if shape is Shape.HEADERS:
        for header in sorted(RUNTIME.glob("*.h")):
            shutil.copy(header, tree / header.name)
    files = _split(program) if shape is Shape.TWO else {"a.c": program}
    for name, text in files.items():
        (folder / name).write_text(text)


def _split(program: str) -> dict[str, str]:
    """Return a program as two files and a header: each has every second function."""
    parts = _SECTION.split(program)
    head, sections = parts[0], dict(zip(parts[1::2], parts[2::2], strict=True))
    types = sections.get("Struct/Union Declarations", "")
    variables = _external(sections.get("GLOBAL VARIABLES", ""))
    prototypes = _external(sections.get("FORWARD DECLARATIONS", ""))
    declared = "".join(f"extern {line}\n" for line in _declarations(variables))
    header = f"#ifndef P_H\n#define P_H\n{types}{declared}{prototypes}#endif\n"
    lead = f'{head}#include "prog/p.h"\n'
    functions = _external(sections.get("FUNCTIONS", ""))
    ends = [match.end() for match in _BODY.finditer(functions)]
    texts = [functions[start:end] for start, end in zip([0, *ends], [*ends, None], strict=True)]
    first = f"{lead}{variables}{''.join(texts[::2])}"
    return {"p.h": header, "a.c": first, "b.c": lead + "".join(texts[1::2])}


def _external(text: str) -> str:
    return re.sub(r"^static ", "", text, flags=re.M).replace("inline ", "")


def _declarations(variables: str) -> Iterator[str]:
    """Yield the declarations of variables, one a line, without their values."""
    for line in variables.splitlines():
        declared = line.partition("=")[0].partition(";")[0].strip()
        if declared and not declared.startswith("/*"):
            yield declared + ";"


def _refactor(
    tree: Path, proposed: Path, shape: Shape, through: str
) -> tuple[RuleSet, list[Stage]]:
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        call(["scan", str(tree), "--emit-rules", str(proposed), "-q"])
    if shape is Shape.MOVE:
        moves = '[[move]]\npath = "prog/a.c"\nheader = "prog/a.h"\n'
        (proposed / "z.toml").write_text(moves)
    options = RunOptions(jobs=1, cache=False)
    rules = load(proposed)
    return rules, run_series(Tree.open(tree), rules, find(through), (), options)


def _outputs(tree: Path, objects: Path, variants: list[list[str]]) -> list[str]:
    """Return what the program prints, optimised or not and with each of the options.

    In place of that the compiler's first error.
    """
    sources = [str(path) for path in sorted(tree.rglob("*.c"))]
    found: list[str] = []
    for level in ("-O0", "-O2") if objects.name == "after" else ("-O0",):
        for options in variants:
            command = ["cc", "-w", level, *options, "-D_KERNEL", f"-I{tree}", f"-I{RUNTIME}"]
            done = subprocess.run(
                [*command, *sources, "-o", str(objects)],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                errors = [line for line in done.stderr.splitlines() if "error:" in line]
                found.append(next(iter(errors), done.stderr[:200]))
                continue
            try:
                ran = subprocess.run(
                    [objects], capture_output=True, text=True, timeout=_SECONDS, check=False
                )
                found.append(ran.stdout or f"exit {ran.returncode}")
            except subprocess.TimeoutExpired:
                found.append("no end")
    return found


def main(first: int, count: int, shapes: list[Shape], through: str = "2.2") -> int:
    """Print what becomes of some seeds; return how many failed."""
    sums: Counter[tuple[str, str]] = Counter()
    refused: Counter[str] = Counter()
    programs = 0
    for seed in range(first, first + count):
        for shape in shapes:
            with tempfile.TemporaryDirectory() as folder:
                outcome = run(seed, shape, through, Path(folder))
            sums[shape.value, outcome.what] += 1
            programs += bool(outcome.refused)
            refused.update(outcome.refused)
            if outcome.failed:
                print(f"{seed} {shape.value}: {outcome.what}: {outcome.detail[:300]}", flush=True)
    for (shape_name, what), number in sorted(sums.items()):
        print(f"{shape_name}: {what}: {number}")
    print(f"programs with a refusal: {programs}")
    for reason, number in refused.most_common():
        print(f"  {number} {reason}")
    return sum(number for (_, what), number in sums.items() if Outcome(what).failed)


if __name__ == "__main__":
    wanted = [Shape(word) for word in sys.argv[3:]] or list(Shape)
    sys.exit(min(1, main(int(sys.argv[1]), int(sys.argv[2]), wanted)))
