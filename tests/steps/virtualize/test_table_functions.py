"""Step 3, functions in tables: what runs for each stack, and what has nothing to do with one."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.source.helpers import lay_out
from tests.steps.planning import Planned, plan_on
from tests.steps.virtualize.virtualizing import ATTACHING, b_c, found, rules3, virtual
from vrefactor.rules.initializers import HookTable
from vrefactor.source.tree import Tree
from vrefactor.steps.registry import find

TABLE = "\nstruct protosw netsw[] = {\n\t{ .pr_type = 1, .pr_init = net_init },\n};\n"
LEAVES = "\tif (!IS_DEFAULT_VNET(curvnet))\n\t\treturn;\n\n"


def tabled(root: Path, code: str) -> Planned:
    """Plan the step for a function of a table."""
    return virtual(root, code + TABLE)


STAYS = {
    "nothing in it": "void\nnet_init(void)\n{\n}\n",
    "in no table": "void net_init(void);\nvoid\nother_init(void)\n{\n\n\tshared = 1;\n}\n",
    "another member": "void net_init(void);\nvoid\nother_init(void)\n{\n\n\tshared = 1;\n}\n"
    "struct ifnet *list[] = { (struct ifnet *)other_init };\n",
    "all of it is of a stack": "void\nnet_init(void)\n{\n\tINIT_VNET_NET(curvnet);\n\n"
    "\tV_ttl = 1;\n}\n",
    "it is left already": f"void\nnet_init(void)\n{{\n\n{LEAVES}\tshared = 1;\n}}\n",
    "what a pointer leads to": "void (*hook)(void);\nvoid\nnet_init(void)\n{\n\n\t(*hook)();\n}\n",
}


@pytest.mark.parametrize("code", STAYS.values(), ids=STAYS.keys())
def test_stays(code: str, tmp_path: Path) -> None:
    planned = tabled(tmp_path, code)
    assert (b_c(planned), found(planned)) == (code + TABLE, {})


LEFT = {
    "what is done once": ("void\nnet_init(void)\n{\n\n%s\tshared = 1;\n}\n"),
    "behind its locals": (
        "void\nnet_init(void)\n{\n\tint i;\n\n%s\tfor (i = 0; i < 3; i++)\n\t\tshared += i;\n}\n"
    ),
    "a way out": (
        "void\nnet_init(void)\n{\n\n%s\tif (zone_x)\n\t\treturn;\n\tlock_init(&shared);\n}\n"
    ),
    "a static guard": (
        "void\nnet_init(void)\n{\n\tstatic int done;\n\n%s\tif (done)\n\t\treturn;\n\tdone = 1;\n"
        "\tlock_init(&shared);\n}\n"
    ),
    "a comment": "void\nnet_init(void)\n{\n\n%s\t/* One. */\n\tshared = 1;\n}\n",
}


@pytest.mark.parametrize("code", LEFT.values(), ids=LEFT.keys())
def test_further_stacks_leave(code: str, tmp_path: Path) -> None:
    planned = tabled(tmp_path, code % "")
    assert (b_c(planned), found(planned)) == (code % LEAVES + TABLE, {})


def test_what_its_parameters_are_about_is_done_for_each_stack(tmp_path: Path) -> None:
    code = "int\nnet_init(int *at)\n{\n\n%s\t*at = 2;\n\treturn (0);\n}\n"
    code = "struct row { int (*init)(int *); };\n\n" + code
    table = "struct row rows[] = {\n\t{ .init = net_init },\n};\n"
    attaching = replace(ATTACHING, tables=(HookTable(table="row", member="init"),))
    planned = virtual(tmp_path, code % "\tshared = 1;\n" + table, rules3(attaching=attaching))
    once = "\tif (IS_DEFAULT_VNET(curvnet))\n\t\tshared = 1;\n"
    assert (b_c(planned), found(planned)) == (code % once + table, {})


AGAIN = "runs again for each stack, though it has nothing to do with one"
FOUND = {
    "it returns something": "int\nnet_init(void)\n{\n\n\tshared = 1;\n\treturn (0);\n}\n",
    "it begins under a condition": (
        "void\nnet_init(void)\n{\n\n#ifdef INET\n\tshared = 1;\n#endif\n\tzone_x = 2;\n}\n"
    ),
    "it is on one line": "void net_init(void) { shared = 1; }\n",
}


@pytest.mark.parametrize("code", FOUND.values(), ids=FOUND.keys())
def test_further_stacks_can_not_leave(code: str, tmp_path: Path) -> None:
    planned = virtual(tmp_path, code + TABLE, compiles=False)
    assert (b_c(planned), found(planned)) == (code + TABLE, {"net_init": AGAIN})


def test_files_of_no_subsystem(tmp_path: Path) -> None:
    """The table is in one file, the function in another, and none of both is of a subsystem."""
    table = "#include <net/if_var.h>\nvoid un_init(void);\n" + TABLE.replace("net", "un")
    code = "#include <sys/param.h>\n\nint un;\n\nvoid\nun_init(void)\n{\n\n%s\tun = 1;\n}\n"
    base = virtual(tmp_path, "int x;\n").before
    files = {path: base.read(path) for path in base.paths}
    files |= {"dev/un_proto.c": table.encode(), "dev/un.c": (code % "").encode()}
    planned = plan_on(Tree.open(lay_out(tmp_path / "more", files)), rules3(), find("3")[-1])
    assert planned.text("dev/un_proto.c") == table
    assert planned.text("dev/un.c") == (code % LEAVES).replace(
        "#include <sys/param.h>\n", "#include <sys/param.h>\n#include <sys/vimage.h>\n"
    )
