"""Step 3, when a stack goes: what nothing has to undo, then what the rules say how to undo."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.steps.virtualize.virtualizing import (
    ATTACHING,
    UNDO,
    attached,
    b_c,
    found,
    rules3,
    virtual,
)

RULES = msgspec.structs.replace(ATTACHING, undo=UNDO)


def net_up(root: Path, body: str) -> tuple[str, dict[str, str]]:
    """Return what undoes an attached function with that body, and what is found."""
    code = f"void\nnet_up(void)\n{{\n\tINIT_VNET_NET(curvnet);\n{body}}}\n"
    planned = virtual(root, code, attached("net_up", attaching=RULES))
    return b_c(planned).partition("vnet_net_up_idetach(const void *unused)\n")[2], found(planned)


NOTHING = {
    "a value": "\n\tV_ttl = 64;\n",
    "a timer that is armed": "\n\tcallout_reset(&V_timer, hz, NULL, NULL);\n",
    "what is of no stack": "\n\tzone_x = 1;\n\tV_ttl = 2;\n",
}


@pytest.mark.parametrize("body", NOTHING.values(), ids=NOTHING.keys())
def test_nothing_to_undo(body: str, tmp_path: Path) -> None:
    assert net_up(tmp_path, body) == ("", {})


UNDONE = {
    "by its value": (
        '\n\tV_zone = zone_make("a", 1);\n',
        "\tif (V_zone != NULL)\n\t\tzone_free(V_zone);\n",
    ),
    "by its value and what an argument points to": (
        "\n\tV_table = hash_make(8, &V_mask);\n",
        "\tif (V_table != NULL)\n\t\thash_free(V_table, V_mask);\n",
    ),
    "by an argument": ("\n\tcallout_init(&V_timer, 1);\n", "\tcallout_drain(&V_timer);\n"),
    "a long line": (
        "\n\tmutex_init(&V_table, &shared);\n",
        "\ta_function_with_a_name_that_is_far_too_long(&V_table, &shared,\n\t    &V_table);\n",
    ),
    "behind a cast": (
        '\n\tV_zone = (void *)zone_make("a", 1);\n',
        "\tif (V_zone != NULL)\n\t\tzone_free(V_zone);\n",
    ),
    "the last first": (
        '\n\tcallout_init(&V_timer, 1);\n\tV_zone = zone_make("a", 1);\n',
        "\tif (V_zone != NULL)\n\t\tzone_free(V_zone);\n\tcallout_drain(&V_timer);\n",
    ),
}


@pytest.mark.parametrize(("body", "lines"), UNDONE.values(), ids=UNDONE.keys())
def test_undone(body: str, lines: str, tmp_path: Path) -> None:
    text, findings = net_up(tmp_path, body)
    assert text == f"{{\n\tINIT_VNET_NET(curvnet);\n\n{lines}\treturn (0);\n}}\n#endif\n"
    assert not {name for name in findings if name != "shared"}


REST = {
    "a head": ("\n\tLIST_INIT(&V_ifnet);\n", "LIST_INIT(&V_ifnet)"),
    "in a loop": (
        "\tint i;\n\n\tfor (i = 0; i < 2; i++)\n\t\tcallout_init(&V_timer, 1);\n",
        "callout_init(&V_timer, 1)",
    ),
    "under a condition": (
        "\n#ifdef INET\n\tcallout_init(&V_timer, 1);\n#endif\n\tV_ttl = 1;\n",
        "callout_init(&V_timer, 1)",
    ),
    "a long one by its name": (
        '\n\tV_zone = zone_make("a text that is too long for a list of calls",\n'
        "\t    1) ? &V_ttl : NULL;\n",
        "zone_make()",
    ),
}


@pytest.mark.parametrize(("body", "call"), REST.values(), ids=REST.keys())
def test_what_is_left_to_a_person(body: str, call: str, tmp_path: Path) -> None:
    text, findings = net_up(tmp_path, body)
    assert text == ""
    assert findings["net_up"] == f"a stack that goes leaves what these made: {call}"


CALLED = """\
void
net_init(void)
{
	INIT_VNET_NET(curvnet);

	V_zone = zone_make("a", 1);
}
struct protosw netsw[] = { { .pr_type = 1, .pr_init = net_init } };
"""
REGISTERED = """\
	INIT_VNET_NET(curvnet);

#ifdef VIMAGE
	if (IS_DEFAULT_VNET(curvnet))
		vnet_mod_register(&vnet_net_init_modinfo);
#endif
	V_zone"""


def test_init_functions_in_tables_register_what_undoes_them(tmp_path: Path) -> None:
    text = b_c(virtual(tmp_path, CALLED, rules3(attaching=RULES)))
    assert "VNET_MOD_DECLARE_STATELESS(NONE, net_init, NULL, vnet_net_init_idetach, NONE);" in text
    assert REGISTERED in text
    assert "\t\tzone_free(V_zone);\n\treturn (0);\n}\n#endif\n" in text


def test_without_rules_nothing_is_undone(tmp_path: Path) -> None:
    assert "idetach" not in b_c(virtual(tmp_path, CALLED))
