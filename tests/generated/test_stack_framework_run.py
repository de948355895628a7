"""Step 3, the framework at work: a program is compiled from it, and tells what happens.

Every `+x1` is a constructor of `x` in stack 1, `-x1` its destructor, `!x1` one that refuses.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generated.vframing import UNLOCKED, Built, built, virtual_rules

ORDER = """\
b: [waits 0, 1 blocks]
a: [waits 0, 1 blocks]
net: +net0 +a0 +b0 [all 0, 2 blocks]
one: +net1 +a1 +b1 [made 0, 4 blocks]
two: +net2 +a2 +b2 [made 0, 6 blocks]
one: -b1 -a1 -net1 [gone 0, 4 blocks]
again: +net3 +a3 +b3 [made 0, 6 blocks]
 -b3 -a3 -net3 -b2 -a2 -net2
 -b0 -a0 -net0 [gone 0, 0 blocks]
"""
LATE = """\
 +net0 +a0 +net1 +a1
 +c0 +c1 [c 0, 5 blocks]
 +d0 +d1 [d 0, 6 blocks]
vnet: c has registered before
 [c again 17, 6 blocks]
vnet: net has registered before
 [net again 17, 6 blocks]
 [data 22, 6 blocks]
 [a is needed 16, 6 blocks]
 -c1 -c0 [c leaves 0, 5 blocks]
 [c is gone 2, 5 blocks]
 -d1 -d0 [d leaves 0, 4 blocks]
 -a1 -a0 [a leaves 0, 4 blocks]
 +a0 +a1 [a again 0, 4 blocks]
 +net2 +a2
"""
REFUSE = """\
 +net0 +a0 +net1 +a1 +net2 +a2
 +b0 +b1 !b2vnet: b does not register: error 16
 -b1 -b0 [b in two 16, 6 blocks]
 +b0 +b1 +b2 [b 0, 6 blocks]
 +net3 +a3 !b3vnet: no stack 3: b has error 16
 -a3 -net3 [three 1, 6 blocks]
 !net4vnet: no stack 4: net has error 16
 [four 1, 6 blocks]
 !b2 [b stays 16, 6 blocks]
 -b2 !b1vnet: b leaves something in stack 1: error 16
 -b0 [b leaves 0, 6 blocks]
 [no memory 1, 6 blocks]
vnet: no stack 5: net has error 12
 [no memory 1, 6 blocks]
 +net6 +a6 [no memory 0, 8 blocks]
 [no memory 12, 8 blocks]
"""
NESTED = """\
 +net0 +nested0 +a0 [nested 0, 2 blocks]
 +net1 +a1 +nested1 [one 0, 4 blocks]
selected: 0
"""
DATA = """\
 +net0 +net1
64: 64 by sysctl, default 1, symbol 0 at 4, size 16, none 2
65: 65 by sysctl, default 0, symbol 0 at 4, size 16, none 2
none: 2
 -net1, selected: 0
vnet: b waits for module 2
selected: 0
"""
THREADS = """\
read made
 +slow0 +slow1 +slow2 made
selected: 0
"""
SCENES = {
    "order": ORDER,
    "late": LATE,
    "refuse": REFUSE,
    "nested": NESTED,
    "data": DATA,
    "threads": THREADS,
}


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return built(tmp_path_factory.mktemp("stacks"), virtual_rules(), "stacks")


@pytest.mark.parametrize(("scene", "told"), SCENES.items(), ids=SCENES.keys())
def test_what_happens(scene: str, told: str, stacks: Built) -> None:
    assert stacks.run(scene) == (0, told)


WRONG = {
    "none": "none:50: network stacks: there is none",
    "within": "within:60: network stacks: one is selected within another",
    "destroyed": "destroyed:71: network stacks: this one has been destroyed",
    "restored": "restored:81: network stacks: this one is not selected any more",
    "other": "other:89: network stacks: another one is selected",
    "unselected": "unselected:97: network stacks: there is none",
    "asserted": "asserted:106: network stacks: curvnet == one",
    "first": "vnet_destroy: the default stack, and there are others",
}


@pytest.fixture(scope="module")
def checks(tmp_path_factory: pytest.TempPathFactory) -> Built:
    rules = virtual_rules(framework=UNLOCKED)
    return built(tmp_path_factory.mktemp("checks"), rules, "checks", "-DVNET_DEBUG")


def test_what_is_right_is_no_panic(checks: Built) -> None:
    assert checks.run("right") == (0, "")


@pytest.mark.parametrize(("mistake", "told"), WRONG.items(), ids=WRONG.keys())
def test_a_mistake_is_a_panic(mistake: str, told: str, checks: Built) -> None:
    assert checks.run(mistake) == (3, told + "\n")


def test_without_the_option_nothing_is_checked(tmp_path: Path) -> None:
    program = built(tmp_path, virtual_rules(framework=UNLOCKED), "checks")
    assert program.run("within") == (0, "")
    assert program.run("other") == (0, "")
