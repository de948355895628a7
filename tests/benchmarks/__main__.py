"""Step 1 on a real kernel, against other ways to do (part of) the same, in one run.

`python -m tests.benchmarks TREE [--rules SET] [--rounds N] [--only DIR ...]` prints the
median wall time of each way, and ratios: only those mean something on another machine.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from vrefactor.c.preprocess.lexer import words
from vrefactor.rules import RuleSet, choose
from vrefactor.source.tree import Tree

VREFACTOR = (sys.executable, "-c", "from vrefactor.cli.main import run; run()")


def _names(rules: RuleSet) -> list[str]:
    return sorted({symbol.was or symbol.name for symbol in rules.symbols})


def _timed(command: Sequence[str], cache: Path) -> float:
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    start = time.perf_counter()
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, env=environment)
    return time.perf_counter() - start


def _candidates(tree: Path, names: list[str]) -> list[str]:
    wanted = frozenset(name.encode() for name in names)
    paths = [path for path in Tree.open(tree).paths if path.endswith((".c", ".h"))]
    return [path for path in paths if not wanted.isdisjoint(words((tree / path).read_bytes()))]


def _semantic_patch(names: list[str]) -> str:
    head = f'@@\nidentifier x = {{{", ".join(names)}}};\nfresh identifier v = "V_" ## x;\n@@\n'
    return head + "- x\n+ v\n"


def _coccinelle(tree: Path, names: list[str], work: Path) -> Callable[[], float]:
    """Return a run of Coccinelle's best form: prefiltered, in place, two processes."""
    rule = work / "prefix.cocci"
    rule.write_text(_semantic_patch(names), encoding="utf-8")
    candidates = _candidates(tree, names)

    def once() -> float:
        copy = Path(tempfile.mkdtemp(dir=work))
        for path in candidates:
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(tree / path, copy / path)
        command = ["spatch", "--sp-file", str(rule), "--in-place", "-j", "2", "--no-includes"]
        command += ["--include-headers", "--very-quiet", "--dir", str(copy)]
        return _timed(command, work)

    return once


def _ways(tree: Path, rules: str | None, work: Path) -> dict[str, Callable[[], float]]:
    opened = Tree.open(tree)
    names = _names(choose(opened, opened.read, rules, tree))
    listed = work / "names"
    listed.write_text("\n".join(names) + "\n", encoding="utf-8")
    diff = [*VREFACTOR, "diff", str(tree), "--step", "1", "-q", "-o", str(work / "patch")]
    if rules is not None:
        diff += ["--rules", rules]
    warm = work / "warm"
    _timed(diff, warm)
    floor = [sys.executable, "-m", "tests.benchmarks.floor", str(tree), str(listed)]
    ways: dict[str, Callable[[], float]] = {
        "vrefactor, cold": lambda: _timed([*diff, "--no-cache"], work / "none"),
        "vrefactor, unchanged": lambda: _timed(diff, warm),
        "floor (b)": lambda: _timed(floor, work),
    }
    if shutil.which("rg"):
        search = ["rg", "-l", "-w", "-F", "-f", str(listed), str(tree)]
        ways["ripgrep (a)"] = lambda: _timed(search, work)
    if shutil.which("spatch"):
        ways["Coccinelle (c)"] = _coccinelle(tree, names, work)
    return ways


def _subset(tree: Path, only: Sequence[str], work: Path) -> Path:
    """Return a copy of some folders of the tree, or the tree itself."""
    if not only:
        return tree
    copy = work / "subset"
    for folder in only:
        shutil.copytree(tree / folder, copy / folder, symlinks=True)
    return copy


def _measure(ways: dict[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, once in ways.items():
            times[name].append(once())
    return {name: statistics.median(values) for name, values in times.items()}


def main() -> None:
    """Measure every way that this machine can run and print a table of ratios."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--rules", help="name or path of the rule set")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=[], help="only these folders of the tree")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        tree = _subset(arguments.tree, arguments.only, work)
        medians = _measure(_ways(tree, arguments.rules, work), arguments.rounds)
    base = medians["vrefactor, cold"]
    for name, seconds in medians.items():
        print(f"{name:24}{seconds:8.2f} s   vrefactor, cold / this = {base / seconds:6.2f}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(f"largest process: {peak // 1024} MiB")


if __name__ == "__main__":
    main()
