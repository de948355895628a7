"""Step 1.5.2, headers: what they hold, where it goes in one that is there, who includes them."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from tests.steps.planning import plan_on
from tests.steps.stubs.stubbing import stage_of, two_containers
from vrefactor.generated.container_macros import guard, macro_lines
from vrefactor.generated.null_macros import null_heads
from vrefactor.rules import Container, Portability, RuleSet, Style
from vrefactor.rules.vocabulary import Vocabulary
from vrefactor.steps.registry import find
from vrefactor.steps.series import Stage

USER = "int\nf(void)\n{\n\n\treturn (ttl + ttl6);\n}\n"


def changed(**changes: object) -> RuleSet:
    """Return the rules with another vnet_net."""
    rules = two_containers()
    net, *others = rules.containers
    containers = (msgspec.structs.replace(net, **changes), *others)
    return msgspec.structs.replace(rules, containers=containers)


def text(stage: Stage, path: str) -> str:
    return stage.after.read(path).decode()


def test_a_header_of_its_own(tmp_path: Path) -> None:
    assert text(stage_of(tmp_path, USER), "net/vnet.h") == (
        "#ifndef _NET_VNET_H_\n#define\t_NET_VNET_H_\n\n"
        "/*\n * The variables of vnet_net: V_x is the member x of the one that\n"
        " * INIT_VNET_NET() has selected.\n */\n"
        "#define\tINIT_VNET_NET(vnet) \\\n"
        "\tINIT_FROM_VNET(vnet, VNET_MOD_NET, struct vnet_net, vnet_net)\n\n"
        "#define\tVNET_NET(sym)\tVSYM(vnet_net, sym)\n\n"
        "#define\tV_ifnet\tVNET_NET(ifnet)\n#define\tV_ttl\tVNET_NET(ttl)\n\n"
        "#endif /* !_NET_VNET_H_ */\n"
    )


def test_the_null_macros_stay_in_the_header_of_step_1(tmp_path: Path) -> None:
    vimage = text(stage_of(tmp_path, USER), "sys/vimage.h")
    for head in null_heads(Vocabulary()).values():
        assert vimage.count(f"#define\t{head}") == 1
    assert not re.findall(r"#define\s+V_", vimage)
    assert "\n\n\n" not in vimage


NAMES = {
    "short ones": (["V_a", "V_bb"], 16),
    "longer ones": (["V_a", "V_three_four"], 24),
    "one of ten is too long": ([f"V_{n}" for n in range(9)] + ["V_" + "x" * 30], 16),
}


@pytest.mark.parametrize(("names", "column"), NAMES.values(), ids=NAMES)
def test_the_list_is_aligned_and_in_order(names: list[str], column: int) -> None:
    container = changed().containers[0]
    lines = macro_lines(Vocabulary(), container, {name: name[2:] for name in names}, Style())
    assert list(lines) == sorted(names)
    for line in lines.values():
        shown = line.decode().expandtabs()
        assert shown.index("VNET_NET(") in (column, shown.index("V_") + len(shown.split()[1]) + 1)
    assert any(line.decode().expandtabs().index("VNET_NET(") == column for line in lines.values())


def test_guards() -> None:
    assert guard("netinet6/vinet6.h") == "_NETINET6_VINET6_H_"


HOSTS = {
    "in the kernel's part": (
        "#ifndef H\n#define H\nint a;\n#ifdef _KERNEL\nint b;\n#endif /* _KERNEL */\n"
        "int c;\n#endif\n",
        "int b;\n\n{}\n#endif /* _KERNEL */\nint c;\n#endif\n",
    ),
    "in the last of several": (
        "#ifndef H\n#define H\n#ifdef _KERNEL\nint a;\n#endif\n#ifndef _KERNEL\nint x;\n#endif\n"
        "#ifdef _KERNEL\nint b;\n#endif\n#ifndef _KERNEL\nint y;\n#endif\n#endif\n",
        "int b;\n\n{}\n#endif\n#ifndef _KERNEL\nint y;",
    ),
    "in the guard": ("#ifndef H\n#define H\nint b;\n\n#endif\n", "int b;\n\n{}\n#endif\n"),
    "without a guard": ("int b;\n", "int b;\n\n{}"),
}


@pytest.mark.parametrize(("header", "expected"), HOSTS.values(), ids=HOSTS)
def test_an_include_in_the_central_header(tmp_path: Path, header: str, expected: str) -> None:
    rules = changed(central="net/all.h")
    stage = stage_of(tmp_path, '#include "net/all.h"\n' + USER, rules, net__all_dot_h=header)
    assert expected.format("#include <net/vnet.h>\n") in text(stage, "net/all.h")
    assert "vnet.h" not in text(stage, "net/a.c")


@pytest.mark.parametrize(("header", "expected"), HOSTS.values(), ids=HOSTS)
def test_a_block_in_a_header_that_hosts(tmp_path: Path, header: str, expected: str) -> None:
    rules = changed(header="net/all.h", host=True)
    stage = stage_of(tmp_path, '#include "net/all.h"\n' + USER, rules, net__all_dot_h=header)
    found = text(stage, "net/all.h")
    start, end = (re.escape(part) for part in expected.split("{}"))
    assert re.search(start + r"/\*\n \* The variables.*VNET_NET\(ttl\)\n" + end, found, re.S)


def test_who_does_not_see_the_central_header_includes_it_himself(tmp_path: Path) -> None:
    rules = changed(central="net/all.h")
    stage = stage_of(tmp_path, USER, rules, net__all_dot_h="int b;\n")
    assert "#include <net/vnet.h>\n" in text(stage, "net/a.c")
    assert any(note.startswith("net/a.c: ") for note in stage.plan.notes)


def test_a_central_header_that_is_not_there_is_noted(tmp_path: Path) -> None:
    stage = stage_of(tmp_path, USER, changed(central="net/gone.h"))
    assert "#include <net/vnet.h>\n" in text(stage, "net/a.c")
    assert any("net/gone.h" in note for note in stage.plan.notes)


def test_a_container_in_the_header_of_step_1(tmp_path: Path) -> None:
    stage = stage_of(tmp_path, USER, changed(header="sys/vimage.h", host=True))
    vimage = text(stage, "sys/vimage.h")
    assert "#define\tV_ttl\tVNET_NET(ttl)\n" in vimage
    assert "V_ttl6" not in vimage


def test_a_shared_file_includes_in_its_own_way(tmp_path: Path) -> None:
    block = "#if NEW\n#include <{header}>\n#else\n{defines}#endif\n"
    shared = (Portability(path="net/a.c", reason="shared", text=block),)
    rules = msgspec.structs.replace(two_containers(), portability=shared)
    found = text(stage_of(tmp_path, USER, rules), "net/a.c")
    assert "#if NEW\n#include <net/vnet.h>\n#else\n#endif\n" in found
    assert (
        "#define\tV_ttl6 ttl6\n#define\tINIT_VNET_NET(vnet)\n#define\tINIT_VNET_INET6(vnet)\n"
        "#endif\n"
    ) in found


def test_a_macro_that_a_header_lacks_is_added_in_its_place(tmp_path: Path) -> None:
    stage = stage_of(tmp_path, USER)
    data = stage.after.read("net/vnet.h")
    line = next(
        splitline for splitline in data.splitlines(keepends=True) if b"V_ifnet" in splitline
    )
    lacking = tmp_path / "lacking"
    for path in stage.after.paths:
        place = lacking / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(stage.after.read(path).replace(line, b""))
    (step,) = find("1.5.2")
    again = plan_on(type(stage.after).open(lacking), two_containers(), step)
    assert again.after.read("net/vnet.h") == data


def test_only_the_chosen_container_moves(tmp_path: Path) -> None:
    rules = two_containers()
    alone = msgspec.structs.replace(rules, symbols=rules.symbols[:2])
    stage = stage_of(tmp_path, "int f(void) { return ttl; }\n", alone)
    assert "net6/vinet6.h" not in stage.after
    assert isinstance(rules.containers[1], Container)
