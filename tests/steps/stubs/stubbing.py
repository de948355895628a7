"""Planning step 1.5.2 on a small tree, with what must hold of every such plan."""

from __future__ import annotations

import subprocess
from itertools import pairwise
from pathlib import Path

import msgspec

from tests.source.helpers import lay_out
from tests.steps.planning import plan_on
from tests.steps.support import PARALLEL, QUICK, rules_for
from vrefactor.plan.model import Site, Verdict
from vrefactor.rules import (
    Assertion,
    Container,
    Entry,
    FunctionArgument,
    Registration,
    RuleSet,
    StubArgument,
    StubRules,
    Subsystem,
    Symbol,
)
from vrefactor.source.diff import unified_diff
from vrefactor.source.tree import Tree
from vrefactor.steps.registry import find
from vrefactor.steps.series import Stage, run_series

HEADER = b"extern int ttl, ttl6;\nextern struct list ifnet;\n"
DEFINITIONS = b'#include "var.h"\nint ttl;\nstruct list ifnet;\nint ttl6;\n'
VAR = '#include "net/var.h"\n'


def two_containers(**changes: object) -> RuleSet:
    """Return rules of `ttl` and `ifnet` in vnet_net, and of `ttl6` in vnet_inet6."""
    plain = rules_for({"ttl": "net/def.c", "ifnet": "net/def.c"})
    inet6 = Container(
        name="vnet_inet6",
        subsystem="net6",
        header="net6/vinet6.h",
        accessor="VNET_INET6",
        init="INIT_VNET_INET6",
        module="VNET_MOD_INET6",
    )
    rules = msgspec.structs.replace(
        plain,
        subsystems=(*plain.subsystems, Subsystem(name="net6", paths=("net6",))),
        containers=(*plain.containers, inet6),
        symbols=(
            *plain.symbols,
            Symbol(name="ttl6", file="net/def.c", container="vnet_inet6", origin=("t", 9)),
        ),
        stubs=StubRules(assertions=(Assertion(macros=("*_ASSERT",), condition="INVARIANTS"),)),
        registrations=(
            Registration(name="usrreqs", tables=("pr_usrreqs",)),
            Registration(
                name="callout", calls=(FunctionArgument(call="callout_reset", argument=2),)
            ),
        ),
        arguments=(
            StubArgument(parameter="SYSCTL_HANDLER_ARGS", argument="curvnet"),
            StubArgument(
                registrations=("usrreqs",),
                parameter="struct socket *",
                argument="{parameter}->so_vnet",
            ),
            StubArgument(function="local_*", argument="ifp->if_vnet"),
            StubArgument(containers=("vnet_inet6",), function="six_*", argument="sixth"),
            StubArgument(parameter="struct ifnet *", argument="{parameter}->if_vnet"),
        ),
    )
    return msgspec.structs.replace(rules, **changes)


def stage_of(root: Path, code: str, rules: RuleSet | None = None, **more: str) -> Stage:
    """Plan the series up to 1.5.2 on a file `net/a.c`; check that the last plan is sound.

    It is the same for any number of workers, done again it does nothing, edits lie apart,
    and git takes the patch.
    """
    rules = rules or two_containers()
    files = {"net/var.h": HEADER, "net/def.c": DEFINITIONS, "net/a.c": (VAR + code).encode()}
    files |= {path.replace("__", "/").replace("_dot_", "."): t.encode() for path, t in more.items()}
    tree = Tree.open(lay_out(root, files))
    (step,) = find("1.5.2")
    stage = run_series(tree, rules, [step], (), QUICK)[-1]
    assert plan_on(stage.before, rules, step, PARALLEL).plan == stage.plan
    again = plan_on(stage.after, rules, step).plan
    assert (again.edits, again.new_files) == ((), ())
    for edit, other in pairwise(stage.plan.edits):
        assert edit.path != other.path or edit.end <= other.start
    check = ["git", "apply", "-p1", "--check"]
    lay_out(root / "before", {path: stage.before.read(path) for path in stage.before.paths})
    diff = unified_diff(stage.before, stage.after)
    subprocess.run(check, cwd=root / "before", input=diff, check=True, capture_output=True)
    return stage


def rewritten(root: Path, code: str, rules: RuleSet | None = None, **more: str) -> str:
    """Return the code of `net/a.c` after step 1.5.2, without its includes."""
    stage = stage_of(root, code, rules, **more)
    text = stage.after.read("net/a.c").decode()
    return "".join(
        line for line in text.splitlines(keepends=True) if not line.startswith("#include")
    )


def refused(stage: Stage) -> list[Site]:
    return [site for site in stage.plan.sites if site.verdict is Verdict.REFUSED]


def entry(*functions: str, vnet: str | None = None, **more: object) -> RuleSet:
    """Return the rules with an entry in `net/a.c`."""
    other_entry = Entry(path="net/a.c", functions=functions, vnet=vnet)
    return two_containers(entries=(msgspec.structs.replace(other_entry, **more),))
