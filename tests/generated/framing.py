"""Planning the framework of step 2.2 on a small tree, with what must hold of every such plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import msgspec

from tests.source.helpers import lay_out
from tests.steps.conversions import CONVERSIONS
from tests.steps.planning import contents
from tests.steps.support import CONTAINER, QUICK, check_patch, rules_for
from vrefactor.edit.draft import Draft
from vrefactor.generated.container_macros import new_header as container_header
from vrefactor.generated.framework import plan_framework
from vrefactor.generated.header import Header
from vrefactor.generated.null_macros import null_macros
from vrefactor.generated.prefix_header import new_header as prefix_header
from vrefactor.index.build import build_index
from vrefactor.plan.model import Plan
from vrefactor.plan.symbols import resolve, vocabulary
from vrefactor.rules import Container, FrameworkLine, FrameworkRules, RuleSet, Style, Subsystem
from vrefactor.rules.vocabulary import Vocabulary
from vrefactor.source.tree import Tree

STEP = "containers"
PREFIX = "sys/vimage.h"
WORDS = Vocabulary()
NULL = null_macros(WORDS, Header.read("", b"")).decode()
VIMAGE_H = prefix_header(WORDS, "_SYS_VIMAGE_H_", {}, (NULL,))
NET = msgspec.structs.replace(CONTAINER, init_function="if_init", symmap=("rtstat", "ifnet"))
HOST = Container(
    name="vhost",
    subsystem="host",
    header="host/vhost.h",
    accessor="VHOST",
    init="INIT_VHOST",
    module="HOST_MOD",
)
IF_C = b"""\
#include <sys/vimage.h>
#include <net/vnet.h>

struct list { int first; };
struct list ifnet;
int rtstat[4];
int ttl;

void if_init(void);
void
if_init(void)
{
	INIT_VNET_NET(curvnet);

	V_ttl = 64;
}
"""
FILES = {
    PREFIX: VIMAGE_H,
    "net/vnet.h": container_header(
        WORDS, NET, {f"V_{name}": name for name in ("ifnet", "rtstat", "ttl")}, Style()
    ),
    "host/vhost.h": container_header(WORDS, HOST, {"V_name": "name"}, Style()),
    "net/if.c": IF_C,
    "sys/types.h": b"typedef unsigned long size_t;\n#define NULL ((void *)0)\n",
    **{f"sys/{name}.h": b"" for name in ("systm", "kernel", "linker", "lock", "mutex", "queue")},
    "sys/param.h": b"#include <sys/types.h>\n",
}


def framework_rules(*lines: FrameworkLine, **changes: object) -> RuleSet:
    """Return rules of two containers, vnet_net that moves, and vhost that stays."""
    rules = rules_for(dict.fromkeys(("ifnet", "rtstat", "ttl"), "net/if.c"))
    rules = msgspec.structs.replace(
        rules,
        subsystems=(*rules.subsystems, Subsystem(name="host", paths=("host",))),
        containers=(NET, HOST),
        framework=FrameworkRules(source="kern/kern_vimage.c", line=lines),
    )
    return msgspec.structs.replace(rules, **changes)


@dataclass(frozen=True)
class Framed:
    """A framework, and the tree before and after it."""

    framework: Plan
    before: Tree
    after: Tree

    def text(self, path: str) -> str:
        return self.after.read(path).decode("latin-1")

    def changed(self) -> list[str]:
        """The files that it changes or adds."""
        new = [file.path for file in self.framework.new_files]
        return sorted({*new, *(edit.path for edit in self.framework.edits)})


def framed_tree(tree: Tree, rules: RuleSet, moving: tuple[str, ...] = ("vnet_net",)) -> Framed:
    """Plan the framework on a tree, and check nothing."""
    index = build_index(tree, rules, vocabulary(rules, rules.symbols), QUICK)
    containers = [container for container in rules.containers if container.name in moving]
    draft = Draft(index, resolve(index, rules, rules.symbols), STEP, "")
    plan_framework(draft, containers)
    planned = draft.plan()
    return Framed(planned, tree, tree.with_plan(planned.edits, planned.new_files))


def check_conversions(root: Path, found: Framed, plan: Callable[[Tree], Framed]) -> None:
    """The tree in other encodings gets the same changes in those."""
    before, after = contents(found.before), contents(found.after)
    for kind, conversion in CONVERSIONS.items():
        files = {path: conversion.convert(data) for path, data in before.items()}
        if files != before:
            tree = Tree.open(lay_out(root.with_name(f"{root.name} {kind}"), files))
            assert contents(plan(tree).after) == conversion.expected(before, after), kind


def framed(
    root: Path,
    files: Mapping[str, bytes] | None = None,
    rules: RuleSet | None = None,
    moving: tuple[str, ...] = ("vnet_net",),
) -> Framed:
    """Plan the framework on `FILES` and `files`; check that the plan is sound.

    Done again it does nothing, edits lie apart, and git takes the patch; and the same in other
    encodings.
    """
    rules = rules or framework_rules()
    found = framed_tree(Tree.open(lay_out(root, {**FILES, **(files or {})})), rules, moving)
    again = framed_tree(found.after, rules, moving).framework
    assert (again.edits, again.new_files) == ((), ())
    assert again.findings == found.framework.findings
    for edit, other in pairwise(found.framework.edits):
        assert edit.path != other.path or edit.end <= other.start
    check_patch(found.before, found.after)
    check_conversions(root, found, lambda tree: framed_tree(tree, rules, moving))
    return found
