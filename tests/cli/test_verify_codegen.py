"""`vrefactor verify` for variables that move into a container: `--codegen` and `--define`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.build.freebsd.minitree import MINIKERNEL
from tests.cli.verifying import IF, KERN, RULES, Shell
from tests.verify.building import CC, make_tree
from vrefactor.build.options import BuildOptions
from vrefactor.build.plans import build_plans
from vrefactor.rules.loader import bare

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
EITHER = {
    "net/if.h": "#ifdef VIMAGE_GLOBALS\nextern int ifcount, iflimit;\n"
    f"void panic(const char *, int);\n#else\n{STRUCT}#endif\n",
    "net/if.c": INSTANCE.replace(
        "struct vnet_net vnet_net_0;\n",
        "#ifdef VIMAGE_GLOBALS\nint ifcount;\nint iflimit;\n#else\n"
        "struct vnet_net vnet_net_0;\n#endif\n",
    ),
}


def test_codegen_maps_variables_to_fields(shell: Shell) -> None:
    before, after = shell.tree("before", BARE), shell.tree("after", MOVED)
    said = shell.verify(before, after, "--codegen")
    assert (said.status, said.out) == (0, ""), said.all
    proved = "code: 2 of 2 functions (100.0 %) and 0 of 0 initialised objects proved the same\n"
    assert proved in said.err
    assert "symbol tables: 0 plain names of virtualised variables left\n" in said.err
    assert shell.verify(before, after, "-q").status == 1


def test_what_is_not_proved_is_listed_by_cause(shell: Shell) -> None:
    wrong = {**MOVED, "net/if.h": STRUCT + "#undef ifcount\n#define ifcount vnet_net_0._iflimit\n"}
    report = shell.folder / "v.json"
    trees = shell.tree("before", BARE), shell.tree("wrong", wrong)
    said = shell.verify(*trees, "--codegen", "--json", report)
    assert said.status == 1
    assert "kern/main.o: main_count: " in said.out
    assert "    unexplained: without the optimiser: " in said.out
    assert (
        "  not proved: 2 functions and 0 objects, 2 of them unexplained:\n    2 unexplained\n"
        in said.err
    )
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


def test_variables_that_have_not_moved_are_counted(shell: Shell) -> None:
    rules = (
        RULES
        + """
[[container]]
name = "vprocg"
subsystem = "net"
header = "net/vprocg.h"
accessor = "VPROCG"
init = "INIT_VPROCG"
module = "VPROCG_MOD"
[container.symbols]
"kern/main.c" = ["host"]
"""
    )
    host = {"vrefactor.toml": rules, "kern/main.c": KERN + "int host;\n"}
    trees = shell.tree("before", {**BARE, **host}), shell.tree("after", {**MOVED, **host})
    said = shell.verify(*trees, "--codegen")
    assert (said.status, said.out) == (0, ""), said.all
    assert "  not moved, as no object names the instance: variables of vprocg_0 (1)\n" in said.err


@pytest.mark.parametrize("define", ["VIMAGE_GLOBALS", "VIMAGE_GLOBALS=1"])
def test_a_macro_is_defined_on_both_sides(shell: Shell, define: str) -> None:
    before, after = shell.tree("before", BARE), shell.tree("after", EITHER)
    assert shell.verify(before, after, "-q").status == 1
    said = shell.verify(before, after, "-q", "--define", define)
    assert said == (0, "", "")


def test_a_macro_has_its_value(shell: Shell) -> None:
    changed = {"kern/main.c": f"{KERN}const char *said = WHAT;\nint plain = FLAG;\n"}
    trees = shell.tree("before", changed), shell.tree("after", changed)
    options = "--define", 'WHAT="a b"', "--define", "FLAG", "-q"
    assert shell.verify(*trees, *options) == (0, "", "")


def test_macros_are_defined_for_a_compilation_database_too(shell: Shell) -> None:
    before, after = shell.tree("before", BARE), shell.tree("after", EITHER)
    entry = {"directory": before, "file": "net/if.c", "arguments": [CC, "-I.", "-c", "net/if.c"]}
    database = shell.folder / "compile_commands.json"
    database.write_text(json.dumps([entry]))
    options = "--compile-commands", database, "-q"
    assert shell.verify(before, after, *options).status == 1
    assert shell.verify(before, after, *options, "--define", "VIMAGE_GLOBALS").status == 0


@pytest.mark.parametrize("define", ["", "=1", "2X", "a-b", "F(x)=x"])
def test_a_macro_needs_a_name(shell: Shell, define: str) -> None:
    said = shell.verify(shell.tree("before"), shell.tree("after"), "--define", define)
    assert said.status == 2
    assert "--define takes NAME or NAME=VALUE" in said.err


def test_a_recipe_takes_no_macros(shell: Shell) -> None:
    assert shell.verify("--print-recipe", "--define", "X").status == 2


def test_macros_are_defined_for_kernels_too(tmp_path: Path) -> None:
    """Though their conf/options may not list them."""
    tree = make_tree(tmp_path, MINIKERNEL.files)
    defines = ("VIMAGE_GLOBALS", "N=2")
    options = BuildOptions(kernconfs=("GENERIC", "LINT"), cc=CC, defines=defines)
    plans = build_plans(tree, bare("none"), options)
    argvs = [command.argv for plan in plans for command in plan.commands]
    assert len(plans) == 2 and argvs
    assert {argv[-2:] for argv in argvs} == {("-DVIMAGE_GLOBALS", "-DN=2")}
