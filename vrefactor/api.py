"""The library: what a script does with a tree, by the functions that the commands use.

Nothing here prints, and nothing but `write_tree` changes a file of a tree.  What a user can
meet is raised as `VrefactorError`: its `kind` has a stable `code` and says what to do.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from vrefactor.audit.model import Audit
from vrefactor.audit.run import audit
from vrefactor.build.options import BuildOptions
from vrefactor.errors import VrefactorError
from vrefactor.index.pool import RunOptions
from vrefactor.plan.model import Plan, Site, Verdict
from vrefactor.rules import RuleSet, bare, choose
from vrefactor.scan.model import Scan
from vrefactor.scan.run import scan
from vrefactor.scan.scope import unruled
from vrefactor.source.diff import unified_diff
from vrefactor.source.tree import Tree
from vrefactor.source.write import write_tree
from vrefactor.steps.registry import find
from vrefactor.steps.series import Stage, run_series
from vrefactor.verify.change import Change, verify_change
from vrefactor.verify.report import VerifyReport
from vrefactor.verify.run import VerifyOptions

__all__ = [
    "Audit",
    "BuildOptions",
    "Plan",
    "RuleSet",
    "RunOptions",
    "Scan",
    "Site",
    "Stage",
    "Tree",
    "Verdict",
    "VerifyOptions",
    "VerifyReport",
    "VrefactorError",
    "audit_tree",
    "diff_trees",
    "load_rules",
    "open_tree",
    "plan_steps",
    "scan_tree",
    "verify_trees",
    "write_tree",
]

_RUN = RunOptions()
_BUILD = BuildOptions()
_VERIFY = VerifyOptions()


def open_tree(root: Path | str) -> Tree:
    """Return the directory `root` as a tree: a snapshot; files are read when they are needed.

    Raises `VrefactorError` as `Tree.open` does.
    """
    return Tree.open(Path(root))


def load_rules(tree: Tree, wanted: str | None = None) -> RuleSet:
    """Return the rule set of a tree.

    The one `wanted` (the name of a shipped one, or a path); else the tree's own
    `vrefactor.toml`; else the shipped one that fits.  Raises `VrefactorError` if there is none,
    or if it is not valid.
    """
    return choose(tree, tree.read, wanted, tree.root)


def scan_tree(
    tree: Tree,
    rules: RuleSet | None = None,
    subsystems: Collection[str] = (),
    options: RunOptions = _RUN,
) -> Scan:
    """Return the file-scope variables of a tree, classified, each with a proposal.

    `subsystems` are those of the rules or folders of the tree; all, if none is named.  Of a
    tree without rules (None), files that cannot be read as C are left out and named.
    Raises `VrefactorError` as `scan.run.scan` does.
    """
    free = rules is None
    return scan(tree, rules or unruled(tree), subsystems, options, leave_out=free)


def plan_steps(
    tree: Tree,
    rules: RuleSet,
    through: str,
    subsystems: Collection[str] = (),
    options: RunOptions = _RUN,
    *,
    wrap: bool = False,
) -> list[Stage]:
    """Plan all steps up to `through` (a number or a name), each on the result of the one before.

    The last stage is that of the step that is named.  A stage has the `plan`, and the tree
    `before` and `after` it.  Nothing is written.  With `wrap`, lines that get too long are
    broken.  Raises `VrefactorError` as `run_series` does, and USAGE for an unknown step.
    """
    return run_series(tree, rules, find(through), subsystems, options, wrap=wrap)


def diff_trees(before: Tree, after: Tree, context: int = 3) -> bytes:
    """Return the patch from a tree to one that was made of it, for `patch -p1`.

    Each hunk has `context` lines around it.  The patch is empty if nothing has changed.
    """
    return unified_diff(before, after, context)


def verify_trees(
    before: Tree,
    after: Tree,
    rules: RuleSet | None = None,
    building: BuildOptions = _BUILD,
    options: VerifyOptions = _VERIFY,
    *,
    subsystems: Collection[str] = (),
    everything: bool = False,
    codegen: bool = False,
) -> VerifyReport:
    """Build two trees, from anywhere, and compare the objects; neither tree is written to.

    `rules` may say how they are built, and so does `building`.  Of a kernel, the files of the
    `subsystems` and those that differ are built; with `everything`, all files.  With `codegen`,
    the variables of the rules have moved into their containers, and machine code is compared
    function by function.  Raises `VrefactorError` as `verify_change` does.
    """
    return verify_change(
        Change(before, after, rules or bare("none")),
        building,
        options,
        subsystems,
        everything=everything,
        codegen=codegen,
    )


def audit_tree(
    tree: Tree,
    rules: RuleSet | None = None,
    subsystems: Collection[str] = (),
    options: RunOptions = _RUN,
) -> Audit:
    """Check a tree with virtual network stacks: what needs a current stack and has none?

    The whole tree is read; findings are those in `subsystems`, if any is named.
    Raises `VrefactorError` as `audit.run.audit` does.
    """
    return audit(tree, rules or unruled(tree), subsystems, options)
