"""Planning step 3 on a small tree after step 2.2, with what must hold of every such plan."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from tests.source.helpers import lay_out
from tests.steps.planning import Planned, plan_on
from tests.steps.support import QUICK, check_patch, rules_for
from vrefactor.rules import FrameworkRules, RuleSet
from vrefactor.rules.basics import FunctionArgument
from vrefactor.rules.framework import VirtualRules
from vrefactor.rules.initializers import HookTable
from vrefactor.rules.types import Entry, Registration
from vrefactor.rules.virtualize import Attach, AttachRules, FieldSet, StackField, Undo
from vrefactor.source.tree import Tree
from vrefactor.steps.registry import find
from vrefactor.steps.series import run_series

_SYS = Path(__file__).parents[3] / "examples" / "minikern" / "sys"
_INCLUDES = """\
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/queue.h>
#include <sys/sysctl.h>
"""
_IF_C = (
    _INCLUDES
    + """\
#include <net/if_var.h>

int ttl;
struct callout timer;
void *zone;
void *table;
u_long mask;
struct iflist ifnet;
static int handle(SYSCTL_HANDLER_ARGS);
SYSCTL_PROC(_net, 9, ttl_x, CTLTYPE_INT | CTLFLAG_RW, &ttl, 0, handle, "I", "");
static int handle(SYSCTL_HANDLER_ARGS) { return (0); }
"""
)
_IF_VAR_H = """\
#ifndef _NET_IF_VAR_H_
#define	_NET_IF_VAR_H_
struct protosw {
	int	pr_type;
	void	(*pr_init)(void);
};
struct ifnet {
	LIST_ENTRY(ifnet) if_link;
	int	if_mtu;
};
LIST_HEAD(iflist, ifnet);
extern struct iflist ifnet;
extern int shared, zone_x;
void	*zone_make(const char *, int);
void	 zone_free(void *);
void	 zone_limit(void *, int);
void	*hash_make(int, u_long *);
void	 hash_free(void *, u_long);
void	 lock_init(int *);
void	 mutex_init(void *, int *);
void	 a_function_with_a_name_that_is_far_too_long(void *, int *, void *);
int	 chance(void);
void	*zalloc(size_t);
void	 zfree(void *);
#endif
"""
_SYMBOLS = dict.fromkeys(("ttl", "timer", "zone", "table", "mask", "ifnet"), "net/if.c")
_FRAMEWORK = FrameworkRules(
    source="kern/kern_vimage.c",
    headers=("sys/param.h", "sys/systm.h", "sys/kernel.h"),
    declarations=("sys/param.h", "sys/queue.h"),
    locks=False,
    lookup=False,
    virtual=VirtualRules(
        storage="",
        malloc="zalloc({size})",
        free="zfree({address})",
        memory="void *zalloc(size_t);\nvoid zfree(void *);",
        memory_headers=(),
    ),
)
ATTACHING = AttachRules(
    tables=(HookTable(table="protosw", member="pr_init"),),
    functions=("*_init",),
    sysinit="SI_SUB_TUNABLES, SI_ORDER_MIDDLE",
)
UNDO = (
    Undo(call="zone_make", undo="zone_free({result})"),
    Undo(call="hash_make", undo="hash_free({result}, {*1})"),
    Undo(call="callout_init*", undo="callout_drain({0})"),
    Undo(call="mutex_init", undo="a_function_with_a_name_that_is_far_too_long({0}, {1}, {0})"),
    Undo(call="callout_reset"),
)
CALLOUTS = (
    Registration(name="callout", calls=(FunctionArgument(call="callout_reset", argument=2),)),
)
BEGIN = _INCLUDES + "#include <sys/vimage.h>\n#include <net/if_var.h>\n#include <net/vnet.h>\n\n"


def rules3(**changes: object) -> RuleSet:
    """Return rules of one container, with a framework for a program of one thread."""
    rules = rules_for(_SYMBOLS, framework=_FRAMEWORK, attaching=ATTACHING, registrations=CALLOUTS)
    return msgspec.structs.replace(rules, **changes)


def attached(function: str, **changes: object) -> RuleSet:
    """Return rules by which a function of net/b.c runs for each stack."""
    rule = Attach(path="net/b.c", function=function, depends="vnet_net")
    return rules3(attaches=(rule,), **changes)


def told(function: str) -> RuleSet:
    """Return rules by which a callout of net/b.c is told its stack."""
    vnet = "(struct vnet *) {parameter}"
    return rules3(entries=(Entry(path="net/b.c", functions=(function,), vnet=vnet),))


def with_field(*places: FieldSet, **changes: object) -> RuleSet:
    """Return rules by which an interface knows its stack."""
    field = StackField(struct="ifnet", name="if_vnet", path="net/if_var.h", set=places)
    return rules3(fields=(msgspec.structs.replace(field, **changes),))


@cache
def _base() -> dict[str, bytes]:
    """Return a small tree after step 2.2."""
    files = {f"sys/{path.name}": path.read_bytes() for path in sorted(_SYS.glob("*.h"))}
    files |= {"net/if.c": _IF_C.encode(), "net/if_var.h": _IF_VAR_H.encode()}
    with TemporaryDirectory() as root:
        tree = Tree.open(lay_out(Path(root) / "base", files))
        after = run_series(tree, rules3(), find("2.2"), (), QUICK)[-1].after
        return {path: after.read(path) for path in after.paths}


def virtual(
    root: Path, code: str, rules: RuleSet | None = None, *, compiles: bool = True
) -> Planned:
    """Plan step 3 on the small tree and a file `net/b.c`; check that the plan is sound.

    Done again it does nothing, no site has two verdicts, edits lie apart, and git takes the
    patch.  With `compiles`, the file compiles after it, with option VIMAGE and without.
    """
    rules = rules or rules3()
    tree = Tree.open(lay_out(root / "tree", _base() | {"net/b.c": (BEGIN + code).encode()}))
    (step,) = find("3")
    planned = plan_on(tree, rules, step)
    again = plan_on(planned.after, rules, step).plan
    assert (again.edits, again.new_files) == ((), ())
    places = [(site.path, site.start, site.detail) for site in planned.plan.sites]
    assert len(set(places)) == len(places)
    for edit, other in pairwise(planned.plan.edits):
        assert edit.path != other.path or edit.end <= other.start
    check_patch(tree, planned.after)
    if compiles:
        _compile(root / "after", planned.after)
    return planned


def _compile(root: Path, tree: Tree) -> None:
    lay_out(root, {path: tree.read(path) for path in tree.paths})
    compiler = shutil.which("cc")
    assert compiler is not None
    flags = ["-std=gnu99", "-nostdinc", "-Wall", "-Werror", "-Wno-unused", "-I.", "-D_KERNEL"]
    for options in ([], ["-DVIMAGE"]):
        command = [compiler, "-fsyntax-only", *flags, *options, "net/b.c"]
        done = subprocess.run(command, cwd=root, capture_output=True, check=False)
        assert done.returncode == 0, (options, done.stderr.decode())


def b_c(planned: Planned) -> str:
    """Return what follows the includes of net/b.c after the step."""
    return planned.text("net/b.c").partition("#include <net/vnet.h>\n\n")[2]


def unchanged(planned: Planned) -> bool:
    """Say whether the step leaves net/b.c as it is."""
    return planned.before.read("net/b.c") == planned.after.read("net/b.c")


def found(planned: Planned) -> dict[str, str]:
    """Return what the step finds in net/b.c, by name."""
    return {
        finding.name: finding.what for finding in planned.plan.findings if finding.path == "net/b.c"
    }
