"""Step 3, where a stack is known: what stays, then members, their values, and what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.steps.virtualize.virtualizing import b_c, found, rules3, unchanged, virtual, with_field
from vrefactor.rules import RuleSet
from vrefactor.rules.virtualize import FieldSet

KNOWN = FieldSet(path="net/b.c", function="make", object="ifp")
MAKE = """\
struct ifnet *
make(void)
{
	struct ifnet *ifp;

	ifp = zalloc(sizeof(*ifp));
%s	ifp->if_mtu = 1500;
	return (ifp);
}
"""
SET = "#ifdef VIMAGE\n\tifp->if_vnet = curvnet;\n#endif\n"
STAYS = {
    "no rule": (MAKE % "", rules3()),
    "another function": (MAKE % "", with_field(FieldSet(path="net/c.c", function="f", object="x"))),
    "it is set already": (MAKE % SET, with_field(KNOWN)),
    "a member of another that is named like it": (
        "struct mine { struct vnet *if_vnet; };\nint f(struct mine *m) { return !m->if_vnet; }\n",
        with_field(),
    ),
}


@pytest.mark.parametrize(("code", "rules"), STAYS.values(), ids=STAYS.keys())
def test_stays(code: str, rules: RuleSet, tmp_path: Path) -> None:
    assert unchanged(virtual(tmp_path, code, rules, compiles="if_vnet" not in code))


def test_a_member_at_the_end_of_its_structure(tmp_path: Path) -> None:
    text = virtual(tmp_path, MAKE % "", with_field(KNOWN)).text("net/if_var.h")
    assert "\tint\tif_mtu;\n#ifdef VIMAGE\n\tstruct vnet\t*if_vnet;\n#endif\n};\n" in text


def test_a_member_that_is_there_already(tmp_path: Path) -> None:
    rules = with_field(path="net/b.c", struct="mine")
    code = "struct mine {\n\tint a;\n#ifdef VIMAGE\n\tstruct vnet *if_vnet;\n#endif\n};\n"
    assert unchanged(virtual(tmp_path, code, rules))


def test_a_file_that_mentions_it_elsewhere(tmp_path: Path) -> None:
    rules = with_field(path="net/b.c", struct="mine")
    code = "struct mine {\n\tint a;\n};\n\nvoid f(struct mine *m)\n{\n"
    code += "\tCURVNET_SET(m->if_vnet);\n\tCURVNET_RESTORE();\n}\n"
    assert "\tint a;\n#ifdef VIMAGE\n\tstruct vnet\t*if_vnet;\n#endif\n};\n" in b_c(
        virtual(tmp_path, code, rules)
    )


def test_a_macro_that_leads_to_another_object(tmp_path: Path) -> None:
    rules = with_field(via="if_link.le_next->if_vnet")
    text = virtual(tmp_path, "int x;\n", rules).text("net/if_var.h")
    assert "#ifdef VIMAGE\n#define\tif_vnet\tif_link.le_next->if_vnet\n#endif\n" in text


PLACES = {
    "behind what makes it": (KNOWN, MAKE % "", MAKE % SET),
    "behind the guard that leaves without it": (
        KNOWN,
        MAKE % "\tif (ifp == NULL)\n\t\treturn (NULL);\n",
        MAKE % f"\tif (ifp == NULL)\n\t\treturn (NULL);\n{SET}",
    ),
    "behind a line": (
        FieldSet(path="net/b.c", function="make", object="ifp", after="ifp->if_mtu = 1500;"),
        MAKE % "",
        (MAKE % "").replace("1500;\n", f"1500;\n{SET}"),
    ),
    "a parameter": (
        FieldSet(path="net/b.c", function="join", object="ifp"),
        "void\njoin(struct ifnet *ifp)\n{\n\tint n = 1;\n\n\tifp->if_mtu = n;\n}\n",
        f"void\njoin(struct ifnet *ifp)\n{{\n\tint n = 1;\n\n{SET}\tifp->if_mtu = n;\n}}\n",
    ),
    "an object, with a value of its own": (
        FieldSet(
            path="net/b.c", function="join", object="one.", value="vnet0", after="one.if_mtu = 1;"
        ),
        "static struct ifnet one;\nvoid\njoin(void)\n{\n\n\tone.if_mtu = 1;\n}\n",
        "static struct ifnet one;\nvoid\njoin(void)\n{\n\n\tone.if_mtu = 1;\n"
        "#ifdef VIMAGE\n\tone.if_vnet = vnet0;\n#endif\n}\n",
    ),
}


@pytest.mark.parametrize(("place", "code", "text"), PLACES.values(), ids=PLACES.keys())
def test_where_it_is_set(place: FieldSet, code: str, text: str, tmp_path: Path) -> None:
    assert b_c(virtual(tmp_path, code, with_field(place))) == text


def test_what_nobody_sets(tmp_path: Path) -> None:
    planned = virtual(tmp_path, "int x;\n", with_field())
    whats = {finding.name: finding.what for finding in planned.plan.findings}
    assert whats["if_vnet"] == "no [[field.set]] says where it gets its value"


ARGUMENTS = {
    "a stub": "\tINIT_VNET_NET(so->so_vnet);\n",
    "a selection": "\tCURVNET_SET(so->so_vnet);\n\tCURVNET_RESTORE();\n",
}


@pytest.mark.parametrize("body", ARGUMENTS.values(), ids=ARGUMENTS.keys())
def test_a_stack_that_is_taken_from_what_no_rule_declares(body: str, tmp_path: Path) -> None:
    code = f"struct socket;\nvoid f(struct socket *so)\n{{\n{body}}}\n"
    planned = virtual(tmp_path, code, with_field(KNOWN), compiles=False)
    assert found(planned)["so_vnet"] == "a stack is taken from it, but no [[field]] declares it"


NOWHERE = {
    "no such structure": (with_field(struct="other"), "does not define struct other"),
    "no such file": (with_field(path="net/none.h"), "there is no such file"),
}


@pytest.mark.parametrize(("rules", "what"), NOWHERE.values(), ids=NOWHERE.keys())
def test_nowhere(rules: RuleSet, what: str, tmp_path: Path) -> None:
    planned = virtual(tmp_path, "int x;\n", rules)
    assert any(what in finding.what for finding in planned.plan.findings)


def test_no_place_where_the_object_is_known(tmp_path: Path) -> None:
    place = FieldSet(path="net/b.c", function="make", object="ifp")
    code = "static struct ifnet one;\n"
    code += "void make(void) { struct ifnet *ifp; ifp = &one; ifp->if_mtu = 1; }\n"
    planned = virtual(tmp_path, code, with_field(place))
    assert found(planned)["if_vnet"] == "make() has no place behind which ifp is known"
