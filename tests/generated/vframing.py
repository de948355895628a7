"""Planning the framework of step 3 on a small tree, and the kernel round it to run the result."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import msgspec

from tests.generated.framing import Framed, check_conversions, framed, framework_rules
from tests.source.helpers import lay_out
from tests.steps.support import QUICK, check_patch
from vrefactor.edit.draft import Draft
from vrefactor.generated.stacks import plan_stacks
from vrefactor.index.build import build_index
from vrefactor.plan.symbols import resolve, vocabulary
from vrefactor.rules import FrameworkRules, RuleSet, VirtualRules
from vrefactor.source.tree import Tree

STEP = "virtualize"
SOURCE = "kern/kern_vimage.c"
CODE = Path(__file__).parent / "vnetkernel"
_SYS = Path(__file__).parents[2] / "examples" / "minikern" / "sys"
SYSCTL_H = b"""\
struct sysctl_oid;
struct sysctl_req;
#define	SYSCTL_HANDLER_ARGS						\\
	struct sysctl_oid *oidp, void *arg1, long arg2, struct sysctl_req *req
#define	SYSCTL_OID(parent, nbr, name, kind, a1, a2, handler, fmt, descr) \\
	int (*oid_##name)(SYSCTL_HANDLER_ARGS) = handler
#define	SYSCTL_V_INT(subs, mod, parent, nbr, name, access, sym, val, descr) \\
	SYSCTL_OID(parent, nbr, name, access, &sym, val, 0, "I", descr)
#define	CTLTYPE_INT	2
int	sysctl_handle_int(SYSCTL_HANDLER_ARGS);
"""
KERNEL = {
    **{f"sys/{path.stem}.h": path.read_bytes() for path in sorted(CODE.glob("*.h"))},
    "sys/queue.h": (_SYS / "queue.h").read_bytes(),
    "sys/sysctl.h": SYSCTL_H,
}
VIRTUAL = VirtualRules(
    malloc="test_alloc({size})",
    free="test_free({address})",
    memory="void *test_alloc(size_t);\nvoid test_free(void *);",
    memory_headers=(),
)
LOCKED = FrameworkRules(source=SOURCE, virtual=VIRTUAL)
UNLOCKED = FrameworkRules(source=SOURCE, locks=False, lookup=False, virtual=VIRTUAL)


def virtual_rules(virtual: VirtualRules = VIRTUAL, **changes: object) -> RuleSet:
    """Return rules of vnet_net, which moves, and vhost, which stays."""
    own = msgspec.structs.replace(LOCKED, virtual=virtual)
    return msgspec.structs.replace(framework_rules(framework=own), **changes)


def base(root: Path, files: Mapping[str, bytes] | None = None) -> dict[str, bytes]:
    """Return the tree after the framework of step 2.2."""
    after = framed(root, {**KERNEL, **(files or {})}, virtual_rules()).after
    return {path: after.read(path) for path in after.paths}


def planned(
    tree: Tree,
    rules: RuleSet,
    moving: tuple[str, ...] = ("vnet_net",),
    stateless: tuple[str, ...] = (),
) -> Framed:
    """Plan the framework of step 3 on a tree, and check nothing."""
    index = build_index(tree, rules, vocabulary(rules, rules.symbols), QUICK)
    containers = [container for container in rules.containers if container.name in moving]
    table = resolve(index, rules, rules.symbols)
    draft = Draft(index, table, STEP, "")
    plan_stacks(draft, containers, stateless)
    found = draft.plan()
    return Framed(found, tree, tree.with_plan(found.edits, found.new_files))


def laid_out(root: Path, files: Mapping[str, bytes], rules: RuleSet) -> Framed:
    """Plan the framework of step 3 on these files alone, and check nothing."""
    return planned(Tree.open(lay_out(root, files)), rules)


def virtual(
    root: Path,
    files: Mapping[str, bytes] | None = None,
    rules: RuleSet | None = None,
    moving: tuple[str, ...] = ("vnet_net",),
    stateless: tuple[str, ...] = (),
) -> Framed:
    """Plan the framework of step 3 behind that of step 2.2; check that the plan is sound.

    `files` replace what step 2.2 has left.  Done again it does nothing, edits lie apart, and
    git takes the patch; and the same in other encodings.
    """
    rules = rules or virtual_rules()
    own = {**base(root / "base"), **(files or {})}
    found = planned(Tree.open(lay_out(root / "tree", own)), rules, moving, stateless)
    again = planned(found.after, rules, moving, stateless).framework
    assert (again.edits, again.new_files) == ((), ())
    assert again.findings == found.framework.findings
    for edit, other in pairwise(found.framework.edits):
        assert edit.path != other.path or edit.end <= other.start
    check_patch(found.before, found.after)
    check_conversions(root / "tree", found, lambda tree: planned(tree, rules, moving, stateless))
    return found


@dataclass(frozen=True)
class Built:
    """A program of the generated framework and some code round it."""

    program: Path

    def run(self, *arguments: str) -> tuple[int, str]:
        """Return the exit status and what is printed."""
        done = subprocess.run(
            [self.program, *arguments], capture_output=True, text=True, timeout=30, check=False
        )
        return done.returncode, done.stdout


def built(root: Path, rules: RuleSet, code: str, *options: str) -> Built:
    """Compile what the framework generates, and the C file of that name; a warning is an error."""
    found = virtual(root, rules=rules, stateless=("A", "B"))
    files = {path: found.after.read(path) for path in found.after.paths}
    files |= {path.name: path.read_bytes() for path in CODE.glob("*.c")}
    kernel = lay_out(root / "kernel", files)
    flags = ["-std=gnu99", "-O1", "-Wall", "-Wextra", "-Werror"]
    inside = [*flags, "-nostdinc", "-fno-builtin", "-I.", "-D_KERNEL", "-DVIMAGE", *options]
    objects = []
    for path, how in ((SOURCE, inside), (f"{code}.c", inside), ("machine.c", flags)):
        objects.append(f"{Path(path).stem}.o")
        subprocess.run(["cc", *how, "-c", path, "-o", objects[-1]], cwd=kernel, check=True)
    subprocess.run(["cc", *objects, "-o", "run", "-lpthread"], cwd=kernel, check=True)
    return Built(kernel / "run")
