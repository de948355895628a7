"""Step 3, the containers register: what stays, then where and how they do."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tests.steps.virtualize.virtualizing import ATTACHING, rules3, virtual

REGISTER = """\
#ifdef VIMAGE
VNET_MOD_DECLARE(NET, net, NULL, NULL, NONE, NULL);

static void
vnet_net_register(void *unused)
{

	vnet_mod_register(&vnet_net_modinfo);
}
SYSINIT(vnet_net, SI_SUB_TUNABLES, SI_ORDER_MIDDLE,
    vnet_net_register, NULL);
"""


def test_only_the_file_of_its_instance_registers_it(tmp_path: Path) -> None:
    assert "register" not in virtual(tmp_path, "int x;\n").text("net/b.c")


def test_a_container_registers_where_its_instance_is(tmp_path: Path) -> None:
    text = virtual(tmp_path, "int x;\n").text("net/if.c")
    assert f"struct vnet_net vnet_net_0;\n#endif\n#endif\n\n{REGISTER}#endif\n" in text


def test_it_leaves_if_the_rules_want_it(tmp_path: Path) -> None:
    when = "SI_SUB_TUNABLES, SI_ORDER_MIDDLE + {module}"
    attaching = msgspec.structs.replace(ATTACHING, sysinit=when, sysuninit=True)
    text = virtual(tmp_path, "int x;\n", rules3(attaching=attaching)).text("net/if.c")
    assert "SYSUNINIT(vnet_net, SI_SUB_TUNABLES, SI_ORDER_MIDDLE + VNET_MOD_NET,\n" in text
    assert "\tvnet_mod_deregister(&vnet_net_modinfo);\n" in text


def test_rules_that_do_not_say_when(tmp_path: Path) -> None:
    attaching = msgspec.structs.replace(ATTACHING, sysinit=None)
    planned = virtual(tmp_path, "int x;\n", rules3(attaching=attaching))
    assert "vnet_net_register" not in planned.text("net/if.c")
    whats = {finding.name: finding.what for finding in planned.plan.findings}
    assert (
        whats["vnet_net"] == "[attaching] `sysinit` does not say when it registers: do it by hand"
    )
