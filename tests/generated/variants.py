"""A small kernel in which every variant of every template stands, to be compiled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from tests.generated.framing import FILES, HOST, NET
from tests.generated.vframing import KERNEL, SOURCE, virtual_rules
from tests.source.helpers import lay_out
from tests.steps.support import QUICK
from vrefactor.edit.draft import Draft
from vrefactor.generated.container_macros import new_header as container_header
from vrefactor.generated.container_struct import ENDIF, instance, plain_only, struct
from vrefactor.generated.framework import plan_framework
from vrefactor.generated.header import Header
from vrefactor.generated.null_macros import null_macros
from vrefactor.generated.prefix_header import new_header as prefix_header
from vrefactor.generated.registration import registers, symbol_map
from vrefactor.generated.stack_module import StackModule
from vrefactor.generated.stacks import plan_stacks
from vrefactor.generated.sysctl_forms import give_argument, plan_forms
from vrefactor.generated.template import render
from vrefactor.index.build import build_index
from vrefactor.plan.symbols import resolve, vocabulary
from vrefactor.rules import FrameworkRules, RuleSet, VirtualRules
from vrefactor.rules.types import Style
from vrefactor.rules.vocabulary import Vocabulary
from vrefactor.source.tree import Tree

WORDS = Vocabulary(option_debug="STACK_DEBUG")


# --- a small kernel round it ------------------------------------------------------------

HEADERS = {
    "sys/types.h": b"#pragma once\n" + KERNEL["sys/types.h"],
    "sys/kernel.h": b"""\
#define	SYSINIT(name, subsystem, order, f, arg)				\\
	extern void (*const name ## _at_start)(void *);			\\
	void (*const name ## _at_start)(void *) = (f)
#define	SYSUNINIT(name, subsystem, order, f, arg)			\\
	extern void (*const name ## _at_stop)(void *);		\\
	void (*const name ## _at_stop)(void *) = (f)
""",
    "sys/malloc.h": b"""\
#define	MALLOC_DEFINE(type, name, descr)	static const char type[] = name
#define	malloc(size, type, flags)	kernel_malloc(size, type, flags)
#define	free(address, type)	kernel_free(address, type)
enum { M_WAITOK, M_ZERO };
void	*kernel_malloc(size_t, const char *, int);
void	 kernel_free(void *, const char *);
""",
    "sys/machine.h": b"struct vnet;\nextern struct vnet *machine_vnet;\n",
    "sys/test.h": b"void *test_alloc(size_t);\nvoid test_free(void *);\n",
    "sys/sysctl.h": KERNEL["sys/sysctl.h"].partition(b"#define\tSYSCTL_V_INT")[0]
    + b"""\
#define	SYSCTL_INT(parent, nbr, name, access, ptr, val, descr)		\\
	SYSCTL_OID(parent, nbr, name, access, ptr, val, sysctl_handle_int, "I", descr)
#define	SYSCTL_PROC(parent, nbr, name, access, ptr, arg, handler, fmt, descr) \\
	SYSCTL_OID(parent, nbr, name, access, ptr, arg, handler, fmt, descr)
#define	CTLTYPE_INT	2
struct sysctl_oid {
	void	*oid_arg1;
};
int	sysctl_handle_int(SYSCTL_HANDLER_ARGS);
""",
}
FLAGS = ("locks", "lookup", "curvnet", "begin", "done", "end", "memory")
"""What the rules can say of the framework, or not."""


def choices() -> Iterator[frozenset[str]]:
    """Yield sets of flags: all and none of them, and either with each flag the other way."""
    for start in (frozenset(FLAGS), frozenset[str]()):
        yield start
        yield from (start ^ {flag} for flag in FLAGS)


def rules_of(flags: frozenset[str]) -> RuleSet:
    """Return rules that say what is in `flags`."""
    order = "SI_SUB_VIMAGE, SI_ORDER_FIRST"
    orders = {name: order for name in ("begin", "done", "end") if name in flags}
    memory: dict[str, object] = {
        "malloc": "test_alloc({size})",
        "free": "test_free({address})",
        "memory": "",
        "memory_headers": ("sys/test.h",),
    }
    virtual = msgspec.structs.replace(
        VirtualRules(headers=("sys/machine.h",)),
        curvnet="machine_vnet" if "curvnet" in flags else None,
        **orders,
        **({} if "memory" in flags else memory),
    )
    own = FrameworkRules(
        source=SOURCE, locks="locks" in flags, lookup="lookup" in flags, virtual=virtual
    )
    return virtual_rules(framework=own, vocabulary=WORDS)


# --- C in which the texts stand ----------------------------------------------------------

HEAD = b"""\
#include <sys/types.h>
#include <sys/systm.h>
#include <sys/linker.h>
#include <sys/kernel.h>
#include <sys/sysctl.h>
#include <sys/vimage.h>

struct vnet;

"""
USE = b"""\
int	use(struct vnet *);
int
use(struct vnet *vnet)
{
	CURVNET_SET(vnet);
	INIT_VNET_NET(curvnet);
	VNET_ITERATOR_DECL(other);

	VNET_LIST_RLOCK();
	VNET_FOREACH(other) {
		CURVNET_SET_QUIET(other);
		INIT_VNET_NET(curvnet);

		V_ttl++;
		CURVNET_RESTORE();
	}
	VNET_LIST_RUNLOCK();
	VNET_ASSERT(!IS_DEFAULT_VNET(curvnet));
	V_rtstat[0]++;
	CURVNET_RESTORE();
	return (0);
}
"""


def container() -> bytes:
    """Return a source of a container: its instance, its variables, what registers it."""
    plain = b"struct list ifnet;\nint rtstat[4];\nint ttl;\n"
    return b"".join((
        _container_head(),
        instance(NET, WORDS),
        plain_only(WORDS) + plain + ENDIF,
        symbol_map(WORDS, NET, {"ifnet", "rtstat"}),
        registers(WORDS, NET, "SI_SUB_VIMAGE, SI_ORDER_ANY", declared=True, leaves=True),
        b"void if_init(void);\nvoid\nif_init(void)\n{\n",
        render("registration/call", WORDS, name=NET.name),
        b"}\n",
        b'SYSCTL_V_INT(V_NET, vnet_net, _net, 1, ttl, 0, ttl, 0, "");\n',
    ))  # fmt: skip


def _container_head() -> bytes:
    members = [[b"struct list _ifnet;", b"int _rtstat[4];"], [b"int _ttl;"]]
    own = b"struct list { int first; };\n" + struct(NET, members, WORDS)
    plain = b"extern struct list ifnet;\nextern int rtstat[4], ttl;\n"
    return HEAD + own + plain_only(WORDS) + plain + ENDIF + b"#include <net/vnet.h>\n"


def use() -> bytes:
    """Return a source that selects stacks, and uses the variables of a container."""
    return _container_head() + USE


def other_containers() -> bytes:
    """Return a source of containers that have no symbol map."""
    parts = [HEAD]
    for own, leaves in ((NET, False), (HOST, True)):
        parts.append(struct(own, [[b"int _name;"]], WORDS))
        parts.append(
            registers(WORDS, own, "SI_SUB_VIMAGE, SI_ORDER_ANY", declared=False, leaves=leaves)
        )
    return b"".join(parts)


def modules() -> bytes:
    """Return a source of what runs for each stack, in all its forms."""
    return b"".join((HEAD, MODULES_HEAD, render("option", WORDS, lines=_modules())))


MODULES_HEAD = b"enum { MOD_LOAD, MOD_UNLOAD };\n#define\tINIT_VNET_X(vnet)\t(void)(vnet)\n"


def _modules() -> bytes:
    parts = []
    for name, attach, detach in (("a", True, True), ("b", True, False), ("c", False, True)):
        module = StackModule(virtual_rules(), name)
        parts.append(b"static int vnet_%s(void *, int, void *);\n" % name.encode())
        parts.append(module.declared(attach=attach, detach=detach))
        if attach:
            call = f"vnet_{name}((void *)(size_t)arg, MOD_LOAD, NULL)"
            parts.append(
                module.attaches("iattach", f"{name}()", call, told=True, answers=name == "a")
            )
        if detach:
            parts.append(
                module.undoes(
                    ["INIT_VNET_X(curvnet);"], [f"(void)vnet_{name}(NULL, MOD_UNLOAD, NULL);"]
                )
            )
        parts += _split(module, name.encode())
    return b"".join(parts)


def _split(module: StackModule, name: bytes) -> Iterator[bytes]:
    """Yield a function that runs for each stack, and one that only ends."""
    registering = {
        b"a": b"\n" + module.events("event", "m, event, data"),
        b"b": module.registers("register", "m") + b"\treturn (0);\n",
        b"c": module.registers("register", None) + b"\treturn (0);\n",
    }[name]
    parameters = b"(void *m, int event, void *data)"
    yield b"int %s%s;\nint\n%s%s\n{" % (name, parameters, name, parameters)
    yield module.split(registering, name.decode(), b"int", parameters)
    yield b"\n\treturn (m == data ? event : 0);\n}\n"
    yield b"int %s_gone(void *);\nint\n%s_gone(void *m)\n{\n" % (name, name)
    yield module.registers_first()
    yield module.registers("deregister", "m" if name == b"b" else None)
    yield b"\treturn (m == NULL);\n}\n"


def init_functions() -> bytes:
    """Return a source of functions that step 2.1 makes."""
    parts = [HEAD, b"int ttl;\nvoid a_init(void);\n#define\tINIT_VNET_X(vnet)\t(void)(vnet)\n"]
    for static, name, order in (
        (False, "a_init", None),
        (True, "b_init", "SI_SUB_X, SI_ORDER_ANY"),
    ):
        parts.append(
            render(
                "initializers/function",
                WORDS,
                static=static,
                function=name,
                parameters="void *dummy" if order else "void",
                selections="\tINIT_VNET_X(curvnet);\n",
                assignments="\tttl = 64;\n",
                order=order,
            )
        )
    return b"".join(parts)


def sysctl_handler() -> bytes:
    """Return a source of a handler that reads what it is handed."""
    return (
        HEAD
        + b"""\
int handler(SYSCTL_HANDLER_ARGS);
int
handler(SYSCTL_HANDLER_ARGS)
{

	(void)arg2;
	(void)req;
	return (SYSCTL_V_ARG1(oidp, arg1) == NULL);
}
"""
    )


SOURCES = {
    "net/container.c": container,
    "net/use.c": use,
    "net/others.c": other_containers,
    "net/modules.c": modules,
    "net/inits.c": init_functions,
    "net/handler.c": sysctl_handler,
}


# --- the kernel after each step -----------------------------------------------------------


def kernels(root: Path, flags: frozenset[str]) -> tuple[Path, Path]:
    """Lay out the kernel after steps 2.2 and 3, as rules with these flags make it."""
    rules = rules_of(flags)
    tree = Tree.open(lay_out(root / "before", {**FILES, **KERNEL, **HEADERS, **_made()}))
    tree = _after(tree, rules, lambda draft: plan_forms(draft, ("SYSCTL_INT",)))
    members = _after(tree, rules, lambda draft: plan_framework(draft, (NET, HOST)))
    stacks = _after(members, rules, _plan_step3)
    return _laid_out(root / "members", members), _laid_out(root / "stacks", stacks)


def _made() -> dict[str, bytes]:
    """Return the headers as they are after step 1.5.2."""
    null = null_macros(WORDS, Header.read("", b"")).decode()
    macros = {f"V_{name}": name for name in ("ifnet", "rtstat", "ttl")}
    return {
        "sys/vimage.h": prefix_header(WORDS, "_SYS_VIMAGE_H_", {"V_other": "other"}, (null,)),
        "net/vnet.h": container_header(WORDS, NET, macros, Style()),
        "host/vhost.h": container_header(WORDS, HOST, {"V_name": "name"}, Style()),
    }


def _plan_step3(draft: Draft) -> None:
    plan_stacks(draft, (NET, HOST), ("A",))
    give_argument(draft)


def _after(tree: Tree, rules: RuleSet, step: Callable[[Draft], object]) -> Tree:
    index = build_index(tree, rules, vocabulary(rules, rules.symbols), QUICK)
    draft = Draft(index, resolve(index, rules, rules.symbols), "step", "")
    step(draft)
    plan = draft.plan()
    assert plan.findings == ()
    return tree.with_plan(plan.edits, plan.new_files)


def _laid_out(root: Path, tree: Tree) -> Path:
    own = {path: tree.read(path) for path in tree.paths}
    return lay_out(root, {**own, **{path: text() for path, text in SOURCES.items()}})
