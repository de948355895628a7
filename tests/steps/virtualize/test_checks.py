"""Step 3, what a person must look at: what is right, then uses and start-up without a stack."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.steps.virtualize.virtualizing import ATTACHING, attached, found, rules3, virtual
from vrefactor.rules.types import Entry, Exclude, TreeRules

RIGHT = {
    "a use with its stub": "int f(void)\n{\n\tINIT_VNET_NET(curvnet);\n\n\treturn (V_ttl);\n}\n",
    "a use that no build compiles": "#if 0\nint f(void) { return (V_ttl); }\n#endif\n",
    "start-up of no stack": "static void up(void *p) { shared = 1; }\n"
    "SYSINIT(up, SI_SUB_PSEUDO, SI_ORDER_FIRST, up, NULL);\n",
    "start-up that calls no init function": "void f(void)\n{\n\tINIT_VNET_NET(curvnet);\n\n"
    "\tV_ttl = 1;\n}\nstatic void up(void *p) { f(); }\n"
    "SYSINIT(up, SI_SUB_PSEUDO, SI_ORDER_FIRST, up, NULL);\n",
}


@pytest.mark.parametrize("code", RIGHT.values(), ids=RIGHT.keys())
def test_nothing_found(code: str, tmp_path: Path) -> None:
    assert found(virtual(tmp_path, code)) == {}


def test_a_function_without_its_stub(tmp_path: Path) -> None:
    planned = virtual(tmp_path, "int f(void)\n{\n\n\treturn (V_ttl);\n}\n", compiles=False)
    assert found(planned) == {"f": "uses V_ttl, but has no INIT_VNET_NET()"}


def test_a_use_at_file_scope(tmp_path: Path) -> None:
    planned = virtual(tmp_path, "int *p = &V_ttl;\n", compiles=False)
    assert found(planned) == {
        "V_ttl": "is used at file scope: there is no stack that it could be of"
    }


UP = """\
static void
up(void *p)
{
	INIT_VNET_NET(curvnet);

	V_ttl = 64;
}
SYSINIT(up, SI_SUB_PSEUDO, SI_ORDER_FIRST, up, NULL);
"""
EVENT = """\
static int
event(module_t mod, int type, void *data)
{
	INIT_VNET_NET(curvnet);

	switch (type) {
	case MOD_LOAD:
		V_ttl = 64;
		break;
	}
	return (0);
}
"""
INIT = """\
void
net_init(void)
{
	INIT_VNET_NET(curvnet);

	V_ttl = 64;
}
static void
up(void *p)
{

	net_init();
}
SYSINIT(up, SI_SUB_PSEUDO, SI_ORDER_FIRST, up, NULL);
"""
FIRST_ONLY = {
    "a SYSINIT": (UP, "up", "uses V_ttl"),
    "the handler of a module": (EVENT, "event", "uses V_ttl"),
    "one that calls an init function": (INIT, "up", "calls net_init()"),
}


@pytest.mark.parametrize(("code", "name", "why"), FIRST_ONLY.values(), ids=FIRST_ONLY.keys())
def test_start_up_for_the_first_stack_only(code: str, name: str, why: str, tmp_path: Path) -> None:
    what = found(virtual(tmp_path, code))[name]
    assert what == f"runs at start-up, for the first stack only, and {why}: no [[attach]]"


def test_start_up_that_selects_a_stack_itself(tmp_path: Path) -> None:
    entry = Entry(path="net/b.c", functions=("up",))
    assert found(virtual(tmp_path, UP, rules3(entries=(entry,)))) == {}


def test_files_that_are_not_of_the_tree(tmp_path: Path) -> None:
    code = "void f(void)\n{\n\tCURVNET_SET(x->x_vnet);\n\tV_ttl = 1;\n}\n"
    assert found(virtual(tmp_path / "of it", code, compiles=False))
    tree = TreeRules(exclude=(Exclude(path="net/b.c", reason="the program round it"),))
    assert not found(virtual(tmp_path / "not", code, rules3(tree=tree), compiles=False))


def test_start_up_that_is_attached(tmp_path: Path) -> None:
    assert found(virtual(tmp_path, UP, attached("up"))) == {}


def test_start_up_that_the_rules_want_once(tmp_path: Path) -> None:
    rules = rules3(attaching=msgspec.structs.replace(ATTACHING, once=("u*",)))
    assert found(virtual(tmp_path, UP, rules)) == {}
