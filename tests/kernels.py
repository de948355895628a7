"""The example kernel after a step: made once in a run of the suite, for all workers."""

from __future__ import annotations

import fcntl
import shutil
from dataclasses import dataclass
from pathlib import Path

from vrefactor.index.pool import RunOptions
from vrefactor.rules import load
from vrefactor.source.tree import Tree
from vrefactor.source.write import write_tree
from vrefactor.steps.registry import find
from vrefactor.steps.series import run_series

MINIKERN = Path(__file__).resolve().parent.parent / "examples" / "minikern"


@dataclass(frozen=True)
class SteppedKernels:
    """The kernels that were made; a test builds them elsewhere, and writes nothing into them."""

    folder: Path

    def after(self, step: str) -> Path:
        """Return the kernel after all steps up to this one."""
        place = self.folder / step
        with (self.folder / f"{step}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not place.exists():
                _make(self.folder / f"{step}.new", step)
                (self.folder / f"{step}.new").rename(place)
        return place / "minikern"


def _make(folder: Path, step: str) -> None:
    root = folder / "minikern"
    shutil.copytree(MINIKERN, root, ignore=shutil.ignore_patterns("build"))
    rules = load(root / "vrefactor.toml")
    stages = run_series(Tree.open(root), rules, find(step), (), RunOptions(cache=False))
    assert not any(stage.plan.refused for stage in stages[1:])
    write_tree(stages[-1].after)
