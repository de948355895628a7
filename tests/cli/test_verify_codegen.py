"""`vrefactor verify` for variables that move into a container: `--codegen`."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.cli.verifying import IF, KERN, Shell
from tests.verify.building import CC

pytestmark = pytest.mark.skipif(shutil.which(CC) is None, reason="needs a C compiler")

BARE = {"net/if.c": IF.replace("iflimit = 7", "iflimit")}
STRUCT = """\
struct vnet_net { long pad; int _ifcount, _iflimit; };
extern struct vnet_net vnet_net_0;
#define ifcount vnet_net_0._ifcount
#define iflimit vnet_net_0._iflimit
void panic(const char *, int);
"""
INSTANCE = IF.replace("int ifcount;\nint iflimit = 7;\n", "struct vnet_net vnet_net_0;\n")
MOVED = {"net/if.h": STRUCT, "net/if.c": INSTANCE}


def test_codegen_maps_variables_to_fields(shell: Shell) -> None:
    before, after = shell.tree("before", BARE), shell.tree("after", MOVED)
    said = shell.verify(before, after, "--codegen")
    assert (said.status, said.out) == (0, ""), said.all
    assert "2 functions and 0 initialised objects proved the same, 0 not" in said.err
    assert "symbol tables: 0 plain names of virtualised variables left\n" in said.err
    assert shell.verify(before, after, "-q").status == 1


def test_what_is_not_proved_is_listed_by_cause(shell: Shell) -> None:
    wrong = {**MOVED, "kern/main.c": KERN.replace("ifcount", "iflimit")}
    report = shell.folder / "v.json"
    trees = shell.tree("before", BARE), shell.tree("wrong", wrong)
    said = shell.verify(*trees, "--codegen", "--json", report)
    assert said.status == 1
    assert "kern/main.o: main_count: " in said.out
    assert "    unexplained: without the optimiser: " in said.out
    assert "  not proved: 1, of which 1 unexplained:\n    1 unexplained\n" in said.err
    found = json.loads(report.read_text())["codegen"]
    assert {cause for cause, count in found["causes"].items() if count} == {"unexplained"}
    assert found["unproved"][0]["cause"] == "unexplained"
    assert found["unproved"][0]["evidence"].startswith("without the optimiser: ")


def test_a_plain_name_that_is_left_is_a_finding(shell: Shell) -> None:
    kept = {**MOVED, "net/old.c": "int iflimit;\n"}
    report = shell.folder / "v.json"
    trees = shell.tree("before", BARE), shell.tree("kept", kept)
    said = shell.verify(*trees, "--codegen", "--json", report)
    assert (said.status, said.out) == (1, "net/old.o: iflimit is still defined\n")
    assert "symbol tables: 1 plain names of virtualised variables left\n" in said.err
    found = json.loads(report.read_text())["codegen"]
    assert found["plain_names"] == [{"object": "net/old.o", "name": "iflimit", "defined": True}]
    assert found["unmoved"] == []
