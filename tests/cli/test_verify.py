"""`vrefactor verify`, called as from the shell, on small trees and with the machine's own `cc`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.verifying import HEADER, IF, KERN, Shell
from tests.verify.building import CC, make_tree, script, snapshot

pytestmark = pytest.mark.skipif(shutil.which(CC) is None, reason="needs a C compiler")

# --- what changes nothing -------------------------------------------------------------------


def test_step_1_changes_nothing(shell: Shell) -> None:
    tree = shell.tree("t")
    kept = snapshot(tree)
    said = shell.verify(tree, "--step", "1", "--allow-uncovered")
    assert said.status == 0
    assert "verify step 1: 2 objects: 2 the same, 0 differ, 0 not covered\n" in said.err
    assert "  files: 2 of 2 compared\n" in said.err
    assert "  coverage: 4 of 5 lines with rewritten sites compiled, 1 not\n" in said.err
    assert said.out == "net/if.c:12: not compiled\n"
    assert snapshot(tree) == kept


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("nothing", {}),
        ("a comment", {"net/if.c": IF.replace("int n)", "int n) /* how many */")}),
        ("white space", {"net/if.c": IF.replace("\tifcount +=", "    ifcount   +=")}),
        ("a macro for a name", {"net/if.h": HEADER + "#define V_ifcount ifcount\n"}),
        (
            "lines more",
            {"net/if.c": IF.replace("int iflimit", "\n/* what\n * ever */\nint iflimit")},
        ),
        ("lines fewer", {"net/if.c": IF.replace("int iflimit = 7;\n\n", "int iflimit = 7;\n")}),
        ("a new header", {"net/new.h": "#define NEW 1\n"}),
        ("a new source", {"net/new.c": "int new;\n"}),
        ("a source less", {"kern/main.c": None}),
        ("a file that is no source", {"net/README": "Read this.\n"}),
    ],
)
def test_two_trees_that_are_the_same(
    shell: Shell, name: str, changes: dict[str, str | None]
) -> None:
    before, after = shell.tree("before"), shell.tree("after", changes)
    kept = snapshot(before), snapshot(after)
    said = shell.verify(before, after, "-q")
    assert said == (0, "", "")
    assert (snapshot(before), snapshot(after)) == kept


def test_files_of_one_tree_alone_are_counted(shell: Shell) -> None:
    before = shell.tree("before")
    after = shell.tree("after", {"kern/main.c": None, "net/new.c": "int new;\n"})
    said = shell.verify(before, after)
    assert said.status == 0
    counts = "1 the same, 0 differ, 0 not covered, 1 added, 1 removed"
    assert f"verify: 3 objects: {counts}\n" in said.err


def test_names_with_blanks_and_other_letters(shell: Shell) -> None:
    before = shell.tree("a b ü", {"net/if ü $x 'q'.c": "int odd;\n"})
    after = shell.tree("c d ü", {"net/if ü $x 'q'.c": "int  odd;\n"})
    said = shell.verify(before, after, "--build-dir", shell.folder / "build ü dir")
    assert said.status == 0
    assert "3 the same" in said.err


@pytest.mark.parametrize("name", ["net/a|b.c", "net/a\nb.c", "net/a\rb.c", "net/a$b:c #.c"])
def test_names_that_ninja_does_not_take_are_not_covered(shell: Shell, name: str) -> None:
    before, after = shell.tree("before", {name: "int odd;\n"}), shell.tree("after")
    make_tree(Path(after), {name: "int odd;\n"})
    said = shell.verify(before, after)
    assert said.status == 0
    taken = "$" in name
    assert ("ninja takes no file of this name" in said.out) != taken
    assert f"{3 if taken else 2} the same, 0 differ, {0 if taken else 1} not covered" in said.err


# --- what does change something -----------------------------------------------------------------


def test_an_object_that_differs(shell: Shell) -> None:
    before = shell.tree("before")
    after = shell.tree("after", {"net/if.c": IF.replace("+= n", "-= n")})
    said = shell.verify(before, after, "--json", shell.folder / "v.json")
    assert said.status == 1
    first, second, *reasons = said.out.splitlines()
    assert first.startswith("-MD5 (net/if.o) = ") and second.startswith("+MD5 (net/if.o) = ")
    assert "    code: if_add in .text: " in reasons[0]
    assert "1 the same, 1 differ, 0 not covered" in said.err
    found = json.loads((shell.folder / "v.json").read_text())
    assert found["counts"]["different"] == 1
    objects = {one["object"]: one["verdict"] for one in found["objects"]}
    assert objects == {"kern/main.o": "same", "net/if.o": "different"}
    assert found["coverage"] == [
        {"path": "net/if.c", "line": 8, "configurations": ["default"]},
    ]


def test_findings_are_printed_by_a_quiet_run_too(shell: Shell) -> None:
    before, after = shell.tree("before"), shell.tree("after", {"net/if.c": IF + "int more = 1;\n"})
    said = shell.verify(before, after, "-q")
    assert said.status == 1
    assert "more" in said.out
    assert said.err == ""


def test_what_compiles_only_before_is_a_finding(shell: Shell) -> None:
    before, after = shell.tree("before"), shell.tree("after", {"kern/main.c": "int main_count(\n"})
    said = shell.verify(before, after)
    assert said.status == 1
    assert said.out.startswith("kern/main.o: compiles only before: kern/main.c:")
    assert "1 the same, 0 differ, 0 not covered, 1 compiles only before\n" in said.err


def test_what_never_compiles_is_named(shell: Shell) -> None:
    broken = {"kern/main.c": '#include "no_such.h"\n'}
    said = shell.verify(shell.tree("before", broken), shell.tree("after", broken))
    assert said.status == 0
    assert said.out.startswith("kern/main.o: not covered: kern/main.c:1:")
    assert "no_such.h" in said.out
    assert "  files: 1 of 2 compared\n" in said.err


def test_nothing_compared_is_nothing_proved(shell: Shell) -> None:
    broken: dict[str, str | None] = {"kern/main.c": None, "net/if.c": "int if_add(\n"}
    said = shell.verify(shell.tree("before", broken), shell.tree("after", broken))
    assert said.status == 1
    assert "1 objects: 0 the same, 0 differ, 1 not covered" in said.err


def test_a_long_list_is_cut_short(shell: Shell) -> None:
    broken = {f"kern/bad{number:02}.c": "int (\n" for number in range(25)}
    report = shell.folder / "v.json"
    trees = shell.tree("before", broken), shell.tree("after", broken)
    said = shell.verify(*trees, "--json", report)
    assert said.out.count("not covered") == 20
    assert said.out.endswith("... and 5 more (--json FILE has them all)\n")
    objects = json.loads(report.read_text())["objects"]
    assert sum(one["verdict"] == "not covered" for one in objects) == 25


# --- what can be checked by hand ----------------------------------------------------------------


def test_lists_and_counterpatch(shell: Shell) -> None:
    before = shell.tree("before")
    changed = IF.replace("int iflimit = 7;\n", "\nint iflimit = 7;\n").replace(
        "#endif\n", "#endif /**/\n"
    )
    after = shell.tree("after", {"net/if.c": changed.replace("\n\nint\n", "\nint\n")})
    lists, patch = shell.folder / "lists", shell.folder / "pad.diff"
    said = shell.verify(before, after, "--md5-files", lists, "--counterpatch", patch, "-q")
    assert said.status == 0
    old, new = ((lists / f"{side}.md5").read_text() for side in ("before", "after"))
    assert old == new
    assert [line.split(" = ")[0] for line in old.splitlines()] == [
        "MD5 (kern/main.o)",
        "MD5 (net/if.o)",
    ]
    assert patch.read_text().startswith("diff --git a/net/if.c b/net/if.c\n")
    assert (shell.folder / "pad.diff.after").read_text().startswith("diff --git a/net/if.c")


def test_the_recipe_is_a_script(shell: Shell) -> None:
    said = shell.verify("--print-recipe", "--kernconf", "GENERIC")
    assert said.status == 0
    assert said.out.startswith("#!/bin/sh\n")
    assert "CONFIGS=GENERIC\n" in said.out
    assert shell.verify("--print-recipe", "--kernconf", "LINT+X").status == 2


def test_a_kept_build_is_used_again(shell: Shell) -> None:
    log = shell.folder / "log"
    launcher = script(shell.folder / "launch", f'echo "$*" >> "{log}"\nexec "$@"')
    tree = shell.tree("t")
    kept = ("--build-dir", shell.folder / "b", "--launcher", launcher)
    call_it = (tree, "--step", "1", "-q", "--allow-uncovered", *kept)
    assert shell.verify(*call_it).status == 0
    log.unlink()
    assert shell.verify(*call_it).status == 0
    assert not log.exists()
    Path(tree, "kern/main.c").write_text(f"{KERN}/* touched */\n")
    assert shell.verify(*call_it).status == 0
    assert {line.split()[-1] for line in log.read_text().splitlines()} == {
        "a/kern/main.c",
        "b/kern/main.c",
    }
