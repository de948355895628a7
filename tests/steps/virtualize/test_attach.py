"""Step 3, what runs for each stack: what stays, then how a function registers itself."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.steps.virtualize.virtualizing import attached, b_c, found, rules3, unchanged, virtual
from vrefactor.rules.virtualize import Attach

STAYS = {
    "no rule names it": ("void net_up(void *p) { INIT_VNET_NET(curvnet); V_ttl = 1; }\n", "other"),
    "a prototype": ("void net_up(void *p);\nvoid net_up(void *p);\n", "net_up"),
    "of the name in another place": ("struct net_up { int a; };\n", "net_up"),
    "it registers already": (
        "#ifdef VIMAGE\nstatic int vnet_net_up_iattach(const void *p) { return (0); }\n"
        "VNET_MOD_DECLARE_STATELESS(NONE, net_up, vnet_net_up_iattach, NULL, NET);\n#endif\n"
        "void net_up(void *p)\n{\n#ifdef VIMAGE\n\tvnet_mod_register(&vnet_net_up_modinfo);\n"
        "#endif\n}\n",
        "net_up",
    ),
}


@pytest.mark.parametrize(("code", "name"), STAYS.values(), ids=STAYS.keys())
def test_stays(code: str, name: str, tmp_path: Path) -> None:
    assert unchanged(virtual(tmp_path, code, attached(name)))


PLAIN = """\
static void
net_up(void)
{
	INIT_VNET_NET(curvnet);

	V_ttl = 64;
}
"""
PLAIN_AFTER = """\
#ifdef VIMAGE
static vnet_attach_fn vnet_net_up_iattach;
VNET_MOD_DECLARE_STATELESS(NONE, net_up, vnet_net_up_iattach, NULL, NET);
static void vnet_net_up(void);
#endif

static void
net_up(void)
{
#ifdef VIMAGE

	vnet_mod_register(&vnet_net_up_modinfo);
}

static void
vnet_net_up(void)
{
#endif
	INIT_VNET_NET(curvnet);

	V_ttl = 64;
}

#ifdef VIMAGE
/* What net_up() does, for one network stack. */
static int
vnet_net_up_iattach(const void *unused)
{

	vnet_net_up();
	return (0);
}
#endif
"""


def test_a_function_registers_what_it_did(tmp_path: Path) -> None:
    assert b_c(virtual(tmp_path, PLAIN, attached("net_up"))) == PLAIN_AFTER


HEADS = {
    "an external one": (
        "void\nnet_up(void)\n{\n\tINIT_VNET_NET(curvnet);\n\n\tV_ttl = 1;\n}\n",
        "static void vnet_net_up(void);\n",
    ),
    "told something, and using it": (
        "void\nnet_up(void *p)\n{\n\tINIT_VNET_NET(curvnet);\n\n\tV_ttl = *(int *)p;\n}\n",
        '\tvnet_mod_register_multi(&vnet_net_up_modinfo, p,\n\t    "net_up");\n',
    ),
    "for each value that it is told": (
        "void\nnet_up(void *p)\n{\n\tINIT_VNET_NET(curvnet);\n\n\tV_ttl = *(int *)p;\n}\n",
        "vnet_net_up_iattach(const void *arg)\n{\n\n\tvnet_net_up((void *)(size_t)arg);\n",
    ),
    "told something that it does not use": (
        "void\nnet_up(void *p)\n{\n\tINIT_VNET_NET(curvnet);\n\n\tV_ttl = 1;\n}\n",
        "\tvnet_net_up(NULL);\n",
    ),
    "in the style of old": (
        "void\nnet_up(p)\n\tvoid *p;\n{\n\tINIT_VNET_NET(curvnet);\n\n\tV_ttl = 1;\n}\n",
        "static void\nvnet_net_up(p)\n\tvoid *p;\n{\n#endif\n",
    ),
    "its prototype in the style of old": (
        "void\nnet_up(p)\n\tvoid *p;\n{\n\tINIT_VNET_NET(curvnet);\n\n\tV_ttl = 1;\n}\n",
        "static void vnet_net_up();\n",
    ),
}


@pytest.mark.parametrize(("code", "text"), HEADS.values(), ids=HEADS.keys())
def test_head(code: str, text: str, tmp_path: Path) -> None:
    assert text in b_c(virtual(tmp_path, code, attached("net_up")))


HANDLER = """\
static int
net_event(module_t mod, int type, void *data)
{
	INIT_VNET_NET(curvnet);

	switch (type) {
	case MOD_LOAD:
		V_ttl = 64;
		break;
	case MOD_UNLOAD:
		V_ttl = 0;
		break;
	default:
		return (1);
	}
	return (0);
}
"""
EVENTS = {
    "loading registers": "\t\treturn (vnet_mod_register(&vnet_net_event_modinfo));",
    "unloading takes it back": "\t\treturn (vnet_mod_deregister(&vnet_net_event_modinfo));",
    "other events are for the first stack": "\t\tCURVNET_SET_QUIET(vnet0);\n"
    "\t\terror = vnet_net_event(mod, type, data);\n\t\tCURVNET_RESTORE();",
    "a stack is made as a module is loaded": "\treturn (vnet_net_event(NULL, MOD_LOAD, NULL));",
    "a stack goes as one is unloaded": "\treturn (vnet_net_event(NULL, MOD_UNLOAD, NULL));",
    "a long declaration is wrapped": "VNET_MOD_DECLARE_STATELESS(NONE, net_event,"
    " vnet_net_event_iattach,\n    vnet_net_event_idetach, NET);",
}


@pytest.mark.parametrize("text", EVENTS.values(), ids=EVENTS.keys())
def test_the_handler_of_a_module(text: str, tmp_path: Path) -> None:
    assert text in b_c(virtual(tmp_path, HANDLER, attached("net_event")))


def test_what_undoes_it_leaves_each_stack(tmp_path: Path) -> None:
    code = PLAIN + PLAIN.replace("net_up", "net_down").replace("64", "0")
    rule = Attach(path="net/b.c", function="net_up", detach="net_down", depends="vnet_net")
    text = b_c(virtual(tmp_path, code, rules3(attaches=(rule,))))
    assert "\tvnet_mod_deregister(&vnet_net_up_modinfo);" in text
    assert "vnet_net_up_idetach(const void *unused)\n{\n\n\tvnet_net_down();\n" in text


def test_without_a_container_it_depends_on_nothing(tmp_path: Path) -> None:
    rules = attached("net_up")
    (rule,) = rules.attaches
    rules = rules3(attaches=(msgspec.structs.replace(rule, depends=None),))
    assert ", NULL, NONE);" in b_c(virtual(tmp_path, PLAIN, rules))


FOUND = {
    "two parameters": "void net_up(int a, int b) { INIT_VNET_NET(curvnet); V_ttl = a; }\n",
    "a head under a condition": "#ifdef INET\nvoid\n#else\nvoid\n#endif\nnet_up(void)\n{\n"
    "\tINIT_VNET_NET(curvnet);\n\n\tV_ttl = 1;\n}\n",
}


@pytest.mark.parametrize("code", FOUND.values(), ids=FOUND.keys())
def test_no_form_that_can_be_registered(code: str, tmp_path: Path) -> None:
    planned = virtual(tmp_path, code, attached("net_up"), compiles=False)
    assert unchanged(planned)
    assert "no form that can be registered" in found(planned)["net_up"]


def test_a_function_that_is_not_there(tmp_path: Path) -> None:
    planned = virtual(tmp_path, "int x;\n", attached("net_up"))
    assert found(planned)["net_up"] == "the rules name it: the file defines it 0 times, not once"
