"""Step 3, what there is one of in the machine: what is all right, what is split, what is found."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.steps.planning import Planned
from tests.steps.virtualize.virtualizing import ATTACHING, attached, b_c, found, virtual
from vrefactor.rules import RuleSet
from vrefactor.rules.types import Entry
from vrefactor.rules.virtualize import MachineCall

FIRST = "IS_DEFAULT_VNET(curvnet)"
MACHINE = (
    MachineCall(call="dev_make*", again="panics"),
    MachineCall(call="lock_init", argument=0, again="forgets who holds it"),
    MachineCall(call="zone_make", result=True, again="leaves a zone behind"),
)
DECLARED = "int\tdev_make(int, const char *);\nint\tdev_make_alias(int);\nvoid\t*pool;\n\n"


def machine(**changes: object) -> RuleSet:
    """Return rules of the calls above, and of interfaces that each stack counts for itself."""
    attaching = msgspec.structs.replace(ATTACHING, machine=MACHINE, numbers=("if_mtu",))
    return attached("net_up", attaching=attaching, **changes)


def planned(root: Path, body: str, before: str = "", **changes: object) -> Planned:
    """Plan the step for an attached function."""
    code = f"{DECLARED}{before}void\nnet_up(void *p)\n{{\n\tINIT_VNET_NET(curvnet);\n{body}}}\n"
    return virtual(root, code, machine(**changes))


def text_of(plan: Planned) -> str:
    """Return the body of the attached function after the step."""
    text = b_c(plan).partition("#endif\n\tINIT_VNET_NET(curvnet);\n")[2]
    return text.partition("\n}\n")[0] + "\n"


FINE = {
    "a zone of the stack": '\n\tV_zone = zone_make("x", 1);\n',
    "with a cast": '\n\tV_zone = (struct ifnet *)zone_make("x", 1);\n',
    "a lock of the stack": "\n\tlock_init(&V_ttl);\n",
    "a lock of what is of the stack": (
        "\tint *n;\n\n\tn = &V_ttl;\n\tlock_init(n);\n\tV_ttl = 1;\n"
    ),
    "a zone that a local holds": ('\tvoid *z;\n\n\tz = zone_make("x", 1);\n\tV_zone = z;\n'),
    "no call": "\n\tV_zone = (void *)dev_make;\n",
    "another call": "\n\tV_zone = hash_make(1, 0);\n\tzone_limit(V_zone, 1);\n",
}


@pytest.mark.parametrize("body", FINE.values(), ids=FINE.keys())
def test_each_stack_has_its_own(body: str, tmp_path: Path) -> None:
    plan = planned(tmp_path, body)
    assert (text_of(plan), found(plan)) == (body, {})


SPLIT = {
    "a device": (
        '\n\tV_ttl = 1;\n\tdev_make(0, "x");\n\tV_ttl++;\n',
        f'\n\tV_ttl = 1;\n\tif ({FIRST})\n\t\tdev_make(0, "x");\n\tV_ttl++;\n',
    ),
    "a lock": (
        "\n\tlock_init(&shared);\n\tV_ttl = 1;\n",
        f"\n\tif ({FIRST})\n\t\tlock_init(&shared);\n\tV_ttl = 1;\n",
    ),
    "a zone that each stack limits": (
        '\n\tpool = zone_make("x", 1);\n\tzone_limit(pool, V_ttl);\n',
        f'\n\tif ({FIRST})\n\t\tpool = zone_make("x", 1);\n\tzone_limit(pool, V_ttl);\n',
    ),
}


@pytest.mark.parametrize(("body", "text"), SPLIT.values(), ids=SPLIT.keys())
def test_the_first_stack_makes_it(body: str, text: str, tmp_path: Path) -> None:
    plan = planned(tmp_path, body)
    assert (text_of(plan), found(plan)) == (text, {})


PANICS = "is done for each stack: again, it panics"
FOUND = {
    "a device that a stack keeps": ('\n\tV_ttl = dev_make(0, "x");\n', "dev_make", PANICS),
    "one with a number of the stack": ('\n\tdev_make(V_ttl, "x");\n', "dev_make", PANICS),
    "by another name": ("\n\tV_ttl = dev_make_alias(0);\n", "dev_make_alias", PANICS),
    "a lock under a condition": (
        "\n\tif (V_ttl)\n\t\tlock_init(&shared);\n",
        "lock_init",
        "is done for each stack: again, it forgets who holds it",
    ),
    "a zone that all keep": (
        '\n\tpool = zone_make("x", V_ttl);\n',
        "zone_make",
        "is done for each stack: again, it leaves a zone behind",
    ),
    "a zone that nobody keeps": (
        '\n\tif (V_ttl)\n\t\tzone_make("x", 1);\n',
        "zone_make",
        "is done for each stack: again, it leaves a zone behind",
    ),
}


@pytest.mark.parametrize(("body", "name", "what"), FOUND.values(), ids=FOUND.keys())
def test_cannot_be_split(body: str, name: str, what: str, tmp_path: Path) -> None:
    plan = planned(tmp_path, body)
    assert (text_of(plan), found(plan)) == (body, {name: what})


HELPER = """\
void
help(void)
{
	INIT_VNET_NET(curvnet);

	V_ttl = 2;
	%s
}

"""
ATTACH = HELPER.replace("help", "attach")
THROUGH = ATTACH % 'dev_make(0, "x");' + HELPER % "attach();"


def test_what_it_calls_does(tmp_path: Path) -> None:
    plan = planned(tmp_path, "\n\thelp();\n", THROUGH)
    (finding,) = plan.plan.findings
    code = plan.before.read("net/b.c")
    line = code.count(b"\n", 0, code.index(b"\tdev_make(0")) + 1
    assert (finding.name, finding.line, finding.what) == ("dev_make", line, PANICS)
    assert [link.partition(", ")[0] for link in finding.chain] == [
        "net_up runs for each stack",
        "calls help",
        "calls attach",
    ]


ELSEWHERE = {
    "its lock": HELPER % "lock_init(&V_ttl);",
    "for the first stack only": HELPER % f'if ({FIRST})\n\t\tdev_make(0, "x");',
    "behind where the others leave": HELPER % f'if (!{FIRST})\n\t\treturn;\n\tdev_make(0, "x");',
    "in what nobody calls": ATTACH % 'dev_make(0, "x");' + HELPER % "V_ttl++;",
}


@pytest.mark.parametrize("before", ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_what_it_calls_does_not(before: str, tmp_path: Path) -> None:
    assert found(planned(tmp_path, "\n\thelp();\n", before)) == {}


def test_what_walks_over_all_stacks_is_one_for_all(tmp_path: Path) -> None:
    entry = Entry(path="net/b.c", functions=("help",))
    plan = planned(tmp_path, "\n\thelp();\n\tV_ttl = 1;\n", THROUGH, entries=(entry,))
    assert found(plan) == {}


NUMBERED = {
    "a member": "ifp->if_mtu",
    "a member of a structure": "(*ifp).if_mtu",
    "in an expression": "(ifp->if_mtu << 2) | 1",
}
UNPARSED = "#define\tBEGIN\tif (1) {\n#define\tEND\t}\n"
ADD = 'void\nadd(struct ifnet *ifp)\n{\n\n\tdev_make(%s, "x");\n}\n\n'


@pytest.mark.parametrize("number", NUMBERED.values(), ids=NUMBERED.keys())
def test_a_number_of_a_stack(number: str, tmp_path: Path) -> None:
    what = "is told if_mtu, which each stack counts for itself: again, it panics"
    assert found(planned(tmp_path, "\n\tV_ttl = 1;\n", ADD % number)) == {"dev_make": what}


def test_a_number_in_a_function_that_does_not_parse(tmp_path: Path) -> None:
    code = (ADD % "ifp->if_mtu").replace("\tdev", "\tBEGIN dev").replace(");", "); END")
    assert "dev_make" in found(planned(tmp_path, "\n\tV_ttl = 1;\n", UNPARSED + code))


PLAIN = {
    "another number": ADD % "shared",
    "for the first stack only": ADD.replace("\tdev", f"\tif ({FIRST})\n\t\tdev") % "ifp->if_mtu",
    "of what is no such call": "int\nadd(struct ifnet *ifp)\n{\n\n\treturn (ifp->if_mtu);\n}\n\n",
}


@pytest.mark.parametrize("before", PLAIN.values(), ids=PLAIN.keys())
def test_no_number_of_a_stack(before: str, tmp_path: Path) -> None:
    assert found(planned(tmp_path, "\n\tV_ttl = 1;\n", before)) == {}
