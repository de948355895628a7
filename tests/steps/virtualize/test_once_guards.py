"""Step 3, functions that do their work once: what stays so, then what each stack does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.steps.virtualize.virtualizing import attached, b_c, found, virtual

FIRST = "IS_DEFAULT_VNET(curvnet)"


def guarded(root: Path, body: str, before: str = "", after: str = "") -> tuple[str, dict[str, str]]:
    """Return the body of a function that an attached one calls, and what the step finds."""
    code = (
        f"{before}void\nnet_init(void)\n{{\n\tINIT_VNET_NET(curvnet);\n{body}}}\n\n"
        f"void\nnet_up(void *p)\n{{\n\n\tnet_init();\n}}\n{after}"
    )
    planned = virtual(root, code, attached("net_up"))
    text = b_c(planned).partition("net_init(void)\n{\n\tINIT_VNET_NET(curvnet);\n")[2]
    return text.partition("\n}\n")[0] + "\n", found(planned)


STAYS = {
    "an error that a call returns": (
        "\tint error;\n\n\terror = chance();\n\tif (error)\n\t\treturn;\n\terror = 1;\n"
        "\tV_ttl = error;\n"
    ),
    "a variable of a stack": "\n\tif (V_ttl)\n\t\treturn;\n\tV_ttl = 1;\n",
    "a variable that the function does not set": ("\n\tif (shared)\n\t\treturn;\n\tV_ttl = 1;\n"),
    "a switch that is turned off": (
        "\n\tif (shared)\n\t\treturn;\n\tV_ttl = 1;\n\tif (V_ttl)\n\t\tshared = 0;\n"
    ),
    "a second way": (
        "\n\tif (shared)\n\t\treturn;\n\telse\n\t\tV_ttl = 1;\n\tif (V_ttl)\n\t\tshared = 1;\n"
    ),
    "more than the variable": (
        "\n\tif (shared && zone_x)\n\t\treturn;\n\tV_ttl = 1;\n\tif (V_ttl)\n\t\tshared = 1;\n"
    ),
    "a limit": "\n\tif (shared > 3)\n\t\treturn;\n\tV_ttl = 1;\n\tif (V_ttl)\n\t\tshared++;\n",
    "a block that may be left": (
        "\n\tif (!shared) {\n\t\tV_ttl = 1;\n\t\tshared = 1;\n\t\treturn;\n\t}\n\tV_ttl = 2;\n"
    ),
    "a block that has nothing of a stack": (
        "\n\tV_ttl = 1;\n\tif (V_ttl && !zone_x) {\n\t\tlock_init(&shared);\n\t\tzone_x = 1;\n\t}\n"
    ),
}


@pytest.mark.parametrize("body", STAYS.values(), ids=STAYS.keys())
def test_stays(body: str, tmp_path: Path) -> None:
    assert guarded(tmp_path, body)[0] == body


def test_a_block_that_is_all_for_the_first_stack(tmp_path: Path) -> None:
    block = "if (!shared) {\n%s\t\tlock_init(&zone_x);\n%s\t\tshared = 1;\n%s\t}\n"
    body = f"\n\t{block % ('', '', '')}\tV_ttl = 1;\n"
    wrapped = block % ("\t", "\t", "\t")
    assert guarded(tmp_path, body)[0] == f"\n\tif ({FIRST})\n\t\t{wrapped}\tV_ttl = 1;\n"


STATIC = "\tstatic int done;\n\n"
SET = f"\tif ({FIRST})\n\t\t%s\n"
OPENED = {
    "a static variable": (
        STATIC + "\tif (done)\n\t\treturn;\n\tdone = 1;\n\tV_ttl = 1;\n",
        STATIC + f"\tif ({FIRST} && done)\n\t\treturn;\n{SET % 'done = 1;'}\tV_ttl = 1;\n",
    ),
    "with a message": (
        STATIC + "\tif (done != 0) {\n\t\tlock_init(&shared);\n\t\treturn;\n\t}\n"
        "\tdone++;\n\tV_ttl = 1;\n",
        STATIC + f"\tif ({FIRST} && done != 0) {{\n\t\tlock_init(&shared);\n\t\treturn;\n\t}}\n"
        f"{SET % 'done++;'}\tV_ttl = 1;\n",
    ),
    "a variable of the file": (
        "\n\tif (shared == 1)\n\t\treturn;\n\tV_ttl = 1;\n\tshared = 1;\n",
        f"\n\tif ({FIRST} && shared == 1)\n\t\treturn;\n\tV_ttl = 1;\n"
        f"\tif (!{FIRST})\n\t\treturn;\n\n\tshared = 1;\n",
    ),
    "a block": (
        STATIC + "\tif (!done) {\n\t\tdone = 1;\n\t\tlock_init(&shared);\n\t\tV_ttl = 1;\n\t}\n"
        "\tV_ttl++;\n",
        STATIC + f"\tif (!{FIRST} || !done) {{\n\t\tif ({FIRST}) {{\n\t\t\tdone = 1;\n"
        "\t\t\tlock_init(&shared);\n\t\t}\n\t\tV_ttl = 1;\n\t}\n\tV_ttl++;\n",
    ),
    "a block that ends with the mark": (
        STATIC + "\tif (done == 0) {\n\t\tV_ttl = 1;\n\t\tdone = 1;\n\t}\n\tV_ttl++;\n",
        STATIC + f"\tif (!{FIRST} || done == 0) {{\n\t\tV_ttl = 1;\n\t\tif ({FIRST})\n"
        "\t\t\tdone = 1;\n\t}\n\tV_ttl++;\n",
    ),
}


@pytest.mark.parametrize(("body", "text"), OPENED.values(), ids=OPENED.keys())
def test_each_stack_does_it(body: str, text: str, tmp_path: Path) -> None:
    assert guarded(tmp_path, body) == (text, {})


WITHOUT = "further stacks go without what net_init() does: it is done once, and "


def test_called_from_two_places(tmp_path: Path) -> None:
    """The guard keeps it from running twice for one stack, too."""
    body = STATIC + "\tif (done)\n\t\treturn;\n\tdone = 1;\n\tV_ttl = 1;\n"
    after = "\nvoid\nagain(void)\n{\n\n\tnet_init();\n}\n"
    assert guarded(tmp_path, body, after=after) == (body, {"done": WITHOUT + "runs in 2 places"})


def test_only_what_it_calls_is_of_a_stack(tmp_path: Path) -> None:
    """It may be meant to be one for all."""
    help_ = "void help(void)\n{\n\tINIT_VNET_NET(curvnet);\n\n\tV_ttl = 2;\n}\n\n"
    body = STATIC + "\tif (done)\n\t\treturn;\n\tdone = 1;\n\tshared = 2;\n\thelp();\n"
    what = WITHOUT + "uses no variable of one itself"
    assert guarded(tmp_path, body, before=help_) == (body, {"done": what})
