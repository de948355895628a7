"""Step 3, the init split: what each stack does, then what only the first one does."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.steps.virtualize.virtualizing import ATTACHING, attached, b_c, found, virtual
from vrefactor.rules import RuleSet
from vrefactor.rules.context import CallbackCall, CallbackClass, ContextRules
from vrefactor.rules.types import Entry

ONCE = "IS_DEFAULT_VNET"


def split(root: Path, body: str, rules: RuleSet | None = None, before: str = "") -> str:
    """Return the body of an attached function after the step."""
    code = f"{before}void\nnet_up(void *p)\n{{\n\tINIT_VNET_NET(curvnet);\n{body}}}\n"
    text = b_c(virtual(root, code, rules or attached("net_up")))
    return text.partition("#endif\n\tINIT_VNET_NET(curvnet);\n")[2].partition("\n}\n")[0] + "\n"


EACH = {
    "a value of its own": "\n\tV_ttl = 64;\n",
    "through a macro of its own": "\n\tLIST_INIT(&V_ifnet);\n",
    "what another statement of it reads": "\tint n;\n\n\tn = chance();\n\tV_ttl = n;\n",
    "a local that comes from it": "\tint *n;\n\n\tn = &V_ttl;\n\t*n = 3;\n",
    "what a pointer leads to": "\tvoid (*f)(void) = 0;\n\n\tV_ttl = 1;\n\t(*f)();\n",
    "what may leave": "\n\tif (shared)\n\t\treturn;\n\tV_ttl = 1;\n",
    "what a pointer that it needs leads to": (
        "\tstruct ifnet *i;\n\n\ti = zalloc(8);\n\ti->if_mtu = 1;\n\ti[0].if_mtu += 2;\n"
        "\tLIST_INSERT_HEAD(&V_ifnet, i, if_link);\n"
    ),
    "a local that a macro sets": (
        "\tint *n;\n\n\tMAKE(n, 4);\n\tif (n == 0)\n\t\treturn;\n\t*n = V_ttl;\n"
    ),
    "what is about that": ("\tint *n;\n\n\tMAKE(n, 4);\n\tlock_init(n);\n\tV_ttl = *n;\n"),
    "all about a variable that each sets": (
        "\n\tshared = 0;\n\tif (shared)\n\t\treturn;\n\tlock_init(&shared);\n\tV_ttl = 1;\n"
    ),
    "a local that it gets by its address": '\tint n;\n\n\tgetenv_int("x", &n);\n\tV_ttl = n;\n',
}


@pytest.mark.parametrize("body", EACH.values(), ids=EACH.keys())
def test_for_each_stack(body: str, tmp_path: Path) -> None:
    macro = "#define\tMAKE(p, size)\t(p) = (int *)zalloc(size)\n"
    assert split(tmp_path, body, before=macro) == body


FIRST = {
    "at the end": (
        "\n\tV_ttl = 1;\n\tlock_init(&shared);\n",
        "\n\tV_ttl = 1;\n\tif (!IS_DEFAULT_VNET(curvnet))\n\t\treturn;\n\n\tlock_init(&shared);\n",
    ),
    "the comment above it too": (
        "\n\tV_ttl = 1;\n\n\t/* One. */\n\tshared = 2;\n",
        "\n\tV_ttl = 1;\n\n\tif (!IS_DEFAULT_VNET(curvnet))\n\t\treturn;\n\n"
        "\t/* One. */\n\tshared = 2;\n",
    ),
    "one before it": (
        "\n\tshared = 2;\n\tV_ttl = 1;\n",
        "\n\tif (IS_DEFAULT_VNET(curvnet))\n\t\tshared = 2;\n\tV_ttl = 1;\n",
    ),
    "two before it": (
        "\n\tshared = 2;\n\tzone_x = 3;\n\tV_ttl = 1;\n",
        "\n\tif (IS_DEFAULT_VNET(curvnet)) {\n\t\tshared = 2;\n\t\tzone_x = 3;\n\t}\n"
        "\tV_ttl = 1;\n",
    ),
    "a loop": (
        "\tint i;\n\n\tfor (i = 0; i < 4; i++)\n\t\tshared += i;\n\tV_ttl = 1;\n",
        "\tint i;\n\n\tif (IS_DEFAULT_VNET(curvnet))\n\t\tfor (i = 0; i < 4; i++)\n"
        "\t\t\tshared += i;\n\tV_ttl = 1;\n",
    ),
    "under a condition": (
        "\n#ifdef INET\n\tshared = 2;\n#endif\n\tV_ttl = 1;\n",
        "\n#ifdef INET\n\tif (IS_DEFAULT_VNET(curvnet))\n\t\tshared = 2;\n#endif\n\tV_ttl = 1;\n",
    ),
    "under the other condition": (
        "\n#ifdef INET\n\tshared = 2;\n#else\n\tshared = 3;\n#endif\n\tV_ttl = 1;\n",
        "\n#ifdef INET\n\tif (IS_DEFAULT_VNET(curvnet))\n\t\tshared = 2;\n#else\n"
        "\tif (IS_DEFAULT_VNET(curvnet))\n\t\tshared = 3;\n#endif\n\tV_ttl = 1;\n",
    ),
    "what another condition may need": (
        "\n\tV_ttl = 1;\n#ifdef INET\n\tV_ttl++;\n#else\n\tV_ttl--;\n#endif\n\tshared = 3;\n",
        "\n\tV_ttl = 1;\n#ifdef INET\n\tV_ttl++;\n#else\n\tV_ttl--;\n#endif\n"
        "\tif (IS_DEFAULT_VNET(curvnet))\n\t\tshared = 3;\n",
    ),
    "what a pointer leads to that is the same for all": (
        "\tstruct ifnet *i = p;\n\n\ti->if_mtu = 2;\n\tV_ttl = i->if_mtu;\n",
        "\tstruct ifnet *i = p;\n\n\tif (IS_DEFAULT_VNET(curvnet))\n\t\ti->if_mtu = 2;\n"
        "\tV_ttl = i->if_mtu;\n",
    ),
    "a local that nothing of a stack needs": (
        "\tint n;\n\n\tn = chance();\n\tshared = n;\n\tV_ttl = 1;\n",
        "\tint n;\n\n\tif (IS_DEFAULT_VNET(curvnet)) {\n\t\tn = chance();\n\t\tshared = n;\n\t}\n"
        "\tV_ttl = 1;\n",
    ),
}


@pytest.mark.parametrize(("body", "text"), FIRST.values(), ids=FIRST.keys())
def test_for_the_first_stack(body: str, text: str, tmp_path: Path) -> None:
    assert split(tmp_path, body) == text


HELPER = "void help(void)\n{\n\tINIT_VNET_NET(curvnet);\n\n\tV_ttl = 2;\n}\n\n"
CALLS = "\n\thelp();\n\tshared = 1;\n"


def test_what_leads_to_a_stack_by_a_call(tmp_path: Path) -> None:
    text = split(tmp_path, CALLS, before=HELPER)
    assert text.startswith("\n\thelp();\n\tif (!IS_DEFAULT_VNET(curvnet))\n")


def test_what_walks_over_all_stacks_does_not_lead_to_one(tmp_path: Path) -> None:
    entry = Entry(path="net/b.c", functions=("help",))
    text = split(tmp_path, CALLS + "\tV_ttl = 1;\n", attached("net_up", entries=(entry,)), HELPER)
    assert text.startswith("\n\tif (IS_DEFAULT_VNET(curvnet)) {\n\t\thelp();\n")


def test_what_a_function_is_told_is_one_for_all(tmp_path: Path) -> None:
    use = (
        "void use(struct ifnet *ifp)\n{\n\tINIT_VNET_NET(curvnet);\n\n\tV_ttl = ifp->if_mtu;\n}\n\n"
    )
    body = "\tstruct ifnet *ifp;\n\n\tifp = (struct ifnet *)p;\n\tifp->if_mtu = 1;\n\tuse(ifp);\n"
    text = split(tmp_path, body, before=use)
    once = "\tif (IS_DEFAULT_VNET(curvnet))\n\t\tifp->if_mtu = 1;\n"
    assert f"\tifp = (struct ifnet *)p;\n{once}\tuse(ifp);\n" in text


def test_what_the_rules_want_once(tmp_path: Path) -> None:
    attaching = msgspec.structs.replace(ATTACHING, once=("he*",))
    rules = attached("net_up", attaching=attaching)
    text = split(tmp_path, "\n\thelp();\n\tV_ttl = 1;\n", rules, HELPER)
    assert text.startswith("\n\tif (IS_DEFAULT_VNET(curvnet))\n\t\thelp();\n")


CALLED = """\
void
net_init(void)
{
	INIT_VNET_NET(curvnet);

	shared = 1;
	V_ttl = 64;
}

"""


def test_init_functions_that_are_called(tmp_path: Path) -> None:
    code = CALLED + "void\nnet_up(void *p)\n{\n\n\tnet_init();\n}\n"
    text = b_c(virtual(tmp_path, code, attached("net_up")))
    assert "\tif (IS_DEFAULT_VNET(curvnet))\n\t\tshared = 1;\n\tV_ttl = 64;\n" in text


def test_init_functions_in_tables(tmp_path: Path) -> None:
    code = CALLED + "struct protosw netsw[] = {\n\t{ .pr_type = 1, .pr_init = net_init },\n};\n"
    text = b_c(virtual(tmp_path, code))
    assert "\tif (IS_DEFAULT_VNET(curvnet))\n\t\tshared = 1;\n\tV_ttl = 64;\n" in text


def test_what_calls_through_tables_leads_to_a_stack(tmp_path: Path) -> None:
    code = (
        "void each(struct protosw *pr)\n{\n\t(*pr->pr_init)();\n}\n\n"
        "void\nnet_up(void *p)\n{\n\n\tshared = 1;\n\teach((struct protosw *)p);\n}\n"
    )
    text = b_c(virtual(tmp_path, code, attached("net_up")))
    assert "\tif (IS_DEFAULT_VNET(curvnet))\n\t\tshared = 1;\n\teach(" in text


EVENT = """\
static int
net_event(module_t mod, int type, void *data)
{
	INIT_VNET_NET(curvnet);
	int error = 0;

	switch (type) {
	case MOD_LOAD:
		V_ttl = 64;
		lock_init(&shared);
		break;
	case MOD_UNLOAD:
		error = 1;
		break;
	case MOD_SHUTDOWN:
		shared = 3;
		break;
	}
	return (error);
}
"""


def test_the_events_of_a_module(tmp_path: Path) -> None:
    text = b_c(virtual(tmp_path, EVENT, attached("net_event")))
    assert "\t\tV_ttl = 64;\n\t\tif (IS_DEFAULT_VNET(curvnet))\n\t\t\tlock_init(&shared);\n" in text
    assert "\tcase MOD_UNLOAD:\n\t\terror = 1;\n\t\tbreak;\n" in text  # read behind the switch
    assert "\tcase MOD_SHUTDOWN:\n\t\tshared = 3;\n" in text


def test_a_function_of_a_stack_that_is_handed_over_once(tmp_path: Path) -> None:
    timer = "static struct callout one;\n"
    tick = HELPER.replace("help(void)", "help(void *p)")
    body = "\n\tV_ttl = 1;\n\tcallout_reset(&one, 1, help, NULL);\n"
    code = f"{timer}{tick}void\nnet_up(void)\n{{\n\tINIT_VNET_NET(curvnet);\n{body}}}\n"
    what = found(virtual(tmp_path, code, attached("net_up")))["help"]
    assert what == "is handed over once, but uses variables of a stack: which is it to be?"


def test_who_selects_a_stack_may_be_handed_its_function_once(tmp_path: Path) -> None:
    queue = CallbackClass(
        name="queue", stack=True, calls=(CallbackCall(call="q_register", argument=1),)
    )
    body = "\n\tV_ttl = 1;\n\tq_register(7, help, %s);\n"
    declared = "void q_register(int, void (*)(void), void (*)(void));\n"
    start = declared + HELPER + "void\nnet_up(void)\n{\n\tINIT_VNET_NET(curvnet);\n"
    rules = attached("net_up", context=ContextRules(callbacks=(queue,)))
    assert "help" not in found(virtual(tmp_path / "a", f"{start}{body % 0}}}\n", rules))
    assert "help" in found(virtual(tmp_path / "b", f"{start}{body % 'help'}}}\n", rules))
    assert "help" in found(virtual(tmp_path / "c", f"{start}{body % 0}}}\n", attached("net_up")))


def test_a_line_for_both(tmp_path: Path) -> None:
    code = "void net_up(void)\n{\n\tINIT_VNET_NET(curvnet);\n\n\tshared = 1; V_ttl = 1;\n}\n"
    what = found(virtual(tmp_path, code, attached("net_up")))["net_up"]
    assert what == "runs for each stack, and shares its line with what does so"


SHARED = {
    "set from it": ("\n\tshared = V_ttl;\n", "shared", "is set"),
    "set, and then needed": ("\n\tshared = 2;\n\tV_ttl = shared;\n", "shared", "is set"),
    "handed over": ('\n\tV_ttl = getenv_int("x", &shared);\n', "shared", "is handed over"),
}


@pytest.mark.parametrize(("body", "name", "how"), SHARED.values(), ids=SHARED.keys())
def test_what_is_one_for_all(body: str, name: str, how: str, tmp_path: Path) -> None:
    code = f"void net_up(void)\n{{\n\tINIT_VNET_NET(curvnet);\n{body}}}\n"
    what = found(virtual(tmp_path, code, attached("net_up")))[name]
    assert what == f"{how} for each stack, but is one for all"


OWN = {
    "a local": "\tint n;\n\n\tn = V_ttl;\n\tV_ttl = n;\n",
    "a local that is handed over": '\tint n;\n\n\tgetenv_int("x", &n);\n\tV_ttl = n;\n',
    "a variable of the stack": '\n\tgetenv_int("x", &V_ttl);\n',
}


@pytest.mark.parametrize("body", OWN.values(), ids=OWN.keys())
def test_what_is_of_the_stack_is_not_shared(body: str, tmp_path: Path) -> None:
    code = f"void net_up(void)\n{{\n\tINIT_VNET_NET(curvnet);\n{body}}}\n"
    assert found(virtual(tmp_path, code, attached("net_up"))) == {}
