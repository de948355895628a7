"""Planning step 2.2 on a small tree, with what must hold of every such plan."""

from __future__ import annotations

import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import msgspec

from tests.source.helpers import lay_out
from tests.steps.planning import plan_on
from tests.steps.support import CONTAINER, PARALLEL, QUICK, rules_for
from vrefactor.plan.model import Site, Verdict
from vrefactor.rules import RuleSet
from vrefactor.source.diff import unified_diff
from vrefactor.source.tree import Tree
from vrefactor.steps.registry import find
from vrefactor.steps.series import Stage, run_series

PARAM = """\
#ifndef _SYS_PARAM_H_
#define _SYS_PARAM_H_
typedef unsigned int u_int;
#define NULL ((void *)0)
#endif
"""
QUEUE = """\
#ifndef _SYS_QUEUE_H_
#define _SYS_QUEUE_H_
#define LIST_HEAD(name, type) struct name { struct type *lh_first; }
#define LIST_ENTRY(type) struct { struct type *le_next, **le_prev; }
#endif
"""
SYSCTL = """\
#ifndef _SYS_SYSCTL_H_
#define _SYS_SYSCTL_H_
struct oid { const char *name; void *pointer; };
#define SYSCTL_INT(parent, nbr, name, access, ptr, val, descr) \\
    struct oid oid_##name = { #name, ptr }
#endif
"""
HEADERS = {"sys/param.h": PARAM, "sys/queue.h": QUEUE, "sys/sysctl.h": SYSCTL}
INCLUDES = "#include <sys/param.h>\n#include <sys/queue.h>\n#include <sys/sysctl.h>\n\n"


def stage_of(
    root: Path,
    code: str,
    *symbols: str,
    rules: RuleSet | None = None,
    compiles: bool = True,
    **more: str,
) -> Stage:
    """Plan the series up to 2.2 on a file `net/a.c` that defines `symbols`.

    Checks that the last plan is sound: the same for any number of workers, empty when done
    again, with edits that lie apart and that git takes.  With `compiles`, the tree compiles
    after it, with the plain variables and without, and no warning.
    """
    rules = rules or rules_for(dict.fromkeys(symbols, "net/a.c"))
    files = {**HEADERS, "net/a.c": INCLUDES + code, **_paths(more)}
    tree = Tree.open(lay_out(root / "tree", {path: t.encode() for path, t in files.items()}))
    (step,) = find("2.2")
    stage = run_series(tree, rules, [step], (), QUICK)[-1]
    assert plan_on(stage.before, rules, step, PARALLEL).plan == stage.plan
    _check_again(root / "again", stage.after, rules)
    for edit, other in pairwise(stage.plan.edits):
        assert edit.path != other.path or edit.end <= other.start
    places = [(site.path, site.start, site.name) for site in stage.plan.sites]
    assert len(set(places)) == len(places)
    _check_patch(root / "before", stage)
    if compiles:
        _compile(root / "after", stage.after)
    return stage


def _paths(more: dict[str, str]) -> dict[str, str]:
    return {path.replace("__", "/").replace("_dot_", "."): text for path, text in more.items()}


def _check_again(root: Path, tree: Tree, rules: RuleSet) -> None:
    """Check that the whole chain has nothing left to do."""
    done = Tree.open(lay_out(root, {path: tree.read(path) for path in tree.paths}))
    for stage in run_series(done, rules, find("2.2"), (), QUICK):
        assert (stage.plan.edits, stage.plan.new_files) == ((), ()), stage.step


def _check_patch(root: Path, stage: Stage) -> None:
    lay_out(root, {path: stage.before.read(path) for path in stage.before.paths})
    diff = unified_diff(stage.before, stage.after)
    if diff:
        command = ["git", "apply", "-p1", "--check"]
        subprocess.run(command, cwd=root, input=diff, check=True, capture_output=True)


def _compile(root: Path, tree: Tree) -> None:
    lay_out(root, {path: tree.read(path) for path in tree.paths})
    compiler = shutil.which("cc")
    assert compiler is not None
    for options in ([], ["-DVIMAGE_GLOBALS"]):
        for path in tree.paths:
            if path.endswith(".c"):
                flags = ["-std=gnu99", "-nostdinc", "-Wall", "-Werror", "-Wno-unused", "-I."]
                command = [compiler, "-fsyntax-only", *flags, "-D_KERNEL", *options, path]
                done = subprocess.run(command, cwd=root, capture_output=True, check=False)
                assert done.returncode == 0, (options, done.stderr.decode())


def after(stage: Stage, path: str = "net/a.c") -> str:
    """Return a file after the step; of `net/a.c` what follows its first includes."""
    text = stage.after.read(path).decode()
    if path != "net/a.c":
        return text
    instance = "struct vnet_net vnet_net_0;\n#endif\n#endif\n"
    return text.partition(instance)[2] if instance in text else text.partition("vnet.h>\n")[2]


def fields(stage: Stage, header: str = "net/vnet.h") -> list[str]:
    """Return the lines between the braces of the container's struct, without their indent."""
    text = stage.after.read(header).decode()
    body = text.partition("struct vnet_net {\n")[2].partition("\n};")[0]
    return [line.removeprefix("\t") for line in body.splitlines()]


def refused(stage: Stage) -> dict[str, Site]:
    """Return the refused sites by name."""
    return {site.name: site for site in stage.plan.sites if site.verdict is Verdict.REFUSED}


def with_container(rules: RuleSet, **changes: object) -> RuleSet:
    """Return the rules with a changed container."""
    return msgspec.structs.replace(
        rules, containers=(msgspec.structs.replace(CONTAINER, **changes),)
    )
