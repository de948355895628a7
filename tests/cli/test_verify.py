"""`vrefactor verify`, called as from the shell, on small trees and with the machine's own `cc`."""

from __future__ import annotations

import json
import resource
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.verify.building import CC, make_tree, script
from vrefactor.cli.main import call

pytestmark = pytest.mark.skipif(shutil.which(CC) is None, reason="needs a C compiler")

RULES = """
[ruleset]
name = "toy"
[[subsystem]]
name = "net"
paths = ["net"]
[[container]]
name = "vnet_net"
subsystem = "net"
header = "net/vnet.h"
accessor = "VNET_NET"
init = "INIT_VNET_NET"
module = "VNET_MOD_NET"
[container.symbols]
"net/if.c" = ["ifcount", "iflimit"]
[build]
flags = ["-O1", "-fno-pic", "-I{tree}", "-D_KERNEL"]
files = ["**/*.c"]
timeout = 30
"""
HEADER = "extern int ifcount, iflimit;\nvoid panic(const char *, int);\n"
IF = """\
#include <net/if.h>
int ifcount;
int iflimit = 7;

int
if_add(int n)
{
	ifcount += n;
	if (ifcount > iflimit)
		panic("if_add", __LINE__);
#ifdef NEVER
	iflimit++;
#endif
	return (ifcount);
}
"""
KERN = "#include <net/if.h>\nint main_count(void) { return (ifcount); }\n"
FILES = {"vrefactor.toml": RULES, "net/if.h": HEADER, "net/if.c": IF, "kern/main.c": KERN}


class Said(NamedTuple):
    """The exit status of a call, and what it printed."""

    status: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err


class Shell:
    """Calls `vrefactor verify` and keeps what it says."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.capsys = capsys

    def tree(self, name: str, changes: Mapping[str, str | None] | None = None) -> str:
        """Make a tree of FILES with some changes (None: no such file); return its path."""
        files = {**FILES, **(changes or {})}
        kept = {path: text for path, text in files.items() if text is not None}
        make_tree(self.folder / name, kept)
        return str(self.folder / name)

    def verify(self, *arguments: str | Path) -> Said:
        status = call(["verify", "--no-cache", "--jobs", "2", *map(str, arguments)])
        return Said(status, *self.capsys.readouterr())


@pytest.fixture
def shell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Shell:
    monkeypatch.delenv("CC", raising=False)
    if CC != "cc":
        monkeypatch.setenv("CC", CC)
    return Shell(tmp_path, capsys)


def snapshot(root: str) -> dict[str, tuple[int, int, bytes]]:
    """Every entry below `root`: its time stamp, its links, its bytes."""
    return {
        str(path): (
            path.lstat().st_mtime_ns,
            path.lstat().st_nlink,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in sorted(Path(root).rglob("*"))
    }


# --- what changes nothing -------------------------------------------------------------------


def test_step_1_changes_nothing(shell: Shell) -> None:
    tree = shell.tree("t")
    kept = snapshot(tree)
    said = shell.verify(tree, "--step", "1")
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
    call_it = (tree, "--step", "1", "-q", "--build-dir", shell.folder / "b", "--launcher", launcher)
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


def test_codegen_maps_variables_to_fields(shell: Shell) -> None:
    moved = {
        "net/if.h": "struct vnet_net { long pad; int _ifcount, _iflimit; };\n"
        "extern struct vnet_net vnet_net_0;\n#define ifcount vnet_net_0._ifcount\n"
        "#define iflimit vnet_net_0._iflimit\nvoid panic(const char *, int);\n",
        "net/if.c": IF.replace("int ifcount;\nint iflimit = 7;\n", "struct vnet_net vnet_net_0;\n"),
    }
    bare = {"net/if.c": IF.replace("iflimit = 7", "iflimit")}
    before, after = shell.tree("before", bare), shell.tree("after", moved)
    said = shell.verify(before, after, "--codegen")
    assert (said.status, said.out) == (0, ""), said.all
    assert "2 functions and 0 initialised objects proved the same, 0 not" in said.err
    assert shell.verify(before, after, "-q").status == 1
    wrong = {**moved, "kern/main.c": KERN.replace("ifcount", "iflimit")}
    said = shell.verify(before, shell.tree("wrong", wrong), "--codegen", "-q")
    assert said.status == 1
    assert "kern/main.o: main_count: " in said.out


# --- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        ([], 2, "give TREE and --step S, or the trees BEFORE and AFTER"),
        (["t"], 2, "give either --step S or --through S"),
        (["t", "t", "--step", "1"], 2, "for one tree, not for two"),
        (["t", "t", "t"], 2, "give TREE and --step S"),
        (["t", "none"], 3, "no such tree"),
        (["t", "--step", "9"], 2, "no step `9`"),
        (["t", "t", "--subsystem", "gnu"], 2, "gnu"),
        (["t", "t", "--cc", "no-such-cc"], 2, "no-such-cc"),
        (["t", "t", "--cc", "'"], 2, "No closing quotation"),
        (["t", "t", "--launcher", "no-such-launcher"], 2, "no-such-launcher"),
        (["t", "t", "--launcher", "'"], 2, "--launcher: No closing quotation"),
        (["t", "t", "--build-dir", "t/build"], 2, "it lies in the tree"),
        (["t", "t", "--compile-commands", "none.json"], 2, "none.json"),
        (["t", "t", "--kernconf", "GENERIC"], 2, "GENERIC"),
        (["t", "t", "--rules", "no-such-rules"], 2, "no-such-rules"),
    ],
)
def test_wrong_calls(
    shell: Shell,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    status: int,
    says: str,
) -> None:
    kept = snapshot(shell.tree("t"))
    monkeypatch.chdir(shell.folder)
    said = shell.verify(*arguments)
    assert (said.status, said.out) == (status, ""), said.all
    assert says in said.err
    assert snapshot(str(shell.folder / "t")) == kept


def test_how_the_trees_are_built_must_be_known(shell: Shell) -> None:
    trees = [shell.tree(name, {"vrefactor.toml": None}) for name in ("before", "after")]
    said = shell.verify(*trees)
    assert said.status == 2
    assert "it is not known how this tree is built" in said.err
    assert "--compile-commands" in said.err


def test_a_build_of_nothing(shell: Shell) -> None:
    rules = RULES.replace("**/*.c", "none/*.c")
    trees = [shell.tree(name, {"vrefactor.toml": rules}) for name in ("before", "after")]
    said = shell.verify(*trees)
    assert said.status == 2
    assert "nothing to build" in said.err


BAD_COMPILER = f"""\
case "$*" in
*kern/hang.c*) sleep 60 ;;
*kern/crash.c*) kill -SEGV $$ ;;
*kern/talk.c*) yes "kern/talk.c:1: error: blah blah" | head -n 200000; exit 1 ;;
esac
exec {CC} "$@"
"""


def test_compilers_that_misbehave(shell: Shell) -> None:
    bad = {f"kern/{name}.c": "int x;\n" for name in ("hang", "crash", "talk")}
    rules = RULES.replace("timeout = 30", "timeout = 2")
    trees = [shell.tree(name, {"vrefactor.toml": rules, **bad}) for name in ("before", "after")]
    cc = script(shell.folder / "badcc", BAD_COMPILER)
    said = shell.verify(*trees, "--cc", cc)
    assert said.status == 0
    lines = said.out.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("kern/crash.o: not covered: the compiler crashed")
    assert lines[1] == "kern/hang.o: not covered: timed out: after 2 s"
    assert lines[2] == "kern/talk.o: not covered: kern/talk.c:1: error: blah blah"
    assert "2 the same, 0 differ, 3 not covered" in said.err


@pytest.mark.parametrize(
    ("name", "text", "status", "says"),
    [
        (
            "no ELF",
            'for out; do case $out in obj/*/net/if.o) echo text > "$out"; exit;; esac; done',
            2,
            "not an ELF object",
        ),
        (
            "the compiler's disk is full",
            'case "$*" in *net/if.c*) echo "if.s: No space left on device"; exit 1;; esac',
            3,
            "No space left on device",
        ),
        ("it makes nothing at all", "exit 0", 2, "cannot build for the target"),
    ],
)
def test_compilers_that_are_no_use(
    shell: Shell, name: str, text: str, status: int, says: str
) -> None:
    trees = shell.tree("before"), shell.tree("after")
    kept = snapshot(trees[0]), snapshot(trees[1])
    cc = script(shell.folder / "cc", f'{text}\nexec {CC} "$@"')
    said = shell.verify(*trees, "--cc", cc)
    assert (said.status, said.out) == (status, ""), said.all
    assert says in said.err
    assert (snapshot(trees[0]), snapshot(trees[1])) == kept


def test_a_full_disk(shell: Shell) -> None:
    big = {"net/big.h": "/* long */\n" * 100_000}
    trees = [shell.tree(name, big) for name in ("before", "after")]
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        said = shell.verify(*trees, "--build-dir", shell.folder / "b")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (said.status, said.out) == (3, "")
    assert "the build directory cannot be written" in said.err
    assert shell.verify(*trees, "--build-dir", shell.folder / "b", "-q").status == 0


# --- compile_commands.json ------------------------------------------------------------------------


def database(shell: Shell, *entries: Mapping[str, object]) -> Path:
    path = shell.folder / "before" / "out" / "compile_commands.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(entries))
    return path


def test_a_compilation_database_is_for_both_trees(shell: Shell) -> None:
    bare: dict[str, str | None] = {"vrefactor.toml": None, "net/if.c": IF}
    before = shell.tree("before", bare)
    after = shell.tree("after", {**bare, "net/if.c": IF.replace("+= n", "-= n")})
    flags = "-O1 -I.. -DQUOTED='\"a b\"'"
    found = database(
        shell,
        {"directory": ".", "file": "../net/if.c", "command": f"{CC} {flags} -c ../net/if.c -o x.o"},
        {"directory": f"{before}/kern", "file": "main.c", "arguments": [CC, "-I..", "main.c"]},
        {"directory": ".", "file": "../net/gone.c", "command": f"{CC} -c ../net/gone.c"},
        {"directory": ".", "file": "/elsewhere/x.c", "command": f"{CC} -c /elsewhere/x.c"},
    )
    said = shell.verify(before, before, "--compile-commands", found)
    assert said.status == 0
    assert said.out.splitlines() == [
        "/elsewhere/x.c: not built: outside the tree",
        "net/gone.c: not built: not in the tree",
    ]
    said = shell.verify(before, after, "--compile-commands", found)
    assert said.status == 1
    assert "-MD5 (net/if.o)" in said.out
    assert "1 the same, 1 differ" in said.err


def test_a_database_that_is_none(shell: Shell) -> None:
    before = shell.tree("before")
    found = database(shell)
    for text, says in (
        ('[{"directory": ".", "file": "x.c"', "compile_commands.json: not a usable"),
        ("[]", "it lists no command"),
        ('[{"directory": ".", "file": "../net/if.c", "command": "cc \'"}]', "No closing quotation"),
    ):
        found.write_text(text)
        said = shell.verify(before, before, "--compile-commands", found)
        assert (said.status, said.out) == (2, ""), text
        assert says in said.err
