"""`vrefactor scan` through the command line: a table, JSON, rules, exit status."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.source.helpers import lay_out
from vrefactor.cli.main import call
from vrefactor.cli.proposal import FILE
from vrefactor.rules import load
from vrefactor.rules.loader import rules_root

MINIKERN = Path(__file__).parents[2] / "examples" / "minikern"
GOLDEN = Path(__file__).parent / "golden"
FILES = {
    "net/var.h": b"extern int counter;\n",
    "net/a.c": b'#include "var.h"\n\nint counter = 0;\nstatic struct mtx lock;\n'
    b'SYSCTL_INT(_net, OID_AUTO, counter, CTLFLAG_RW, &counter, 0, "how many");\n\n'
    b"void\nf(void)\n{\n\tg(&lock);\n\tcounter++;\n}\n",
    "netinet/a_file_with_a_rather_long_name_as_they_come.c": b'#include "../net/var.h"\n'
    b"static struct a_structure_with_a_name_that_goes_on_and_on *"
    b"a_variable_with_a_name_that_goes_on_and_on[AS_MANY_AS_THERE_ARE];\n"
    b"u_long limit;\n\nvoid\nlimit_init(void)\n{\n\tlimit = counter;\n"
    b"}\n\nvoid\ng(int i)\n{\n\ta_variable_with_a_name_that_goes_on_and_on[i] = 0;\n}\n",
}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small tree without rules, and a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return lay_out(tmp_path / "tree", FILES)


def scanned(*arguments: str | Path) -> dict[str, Any]:
    """Scan with `--json` and return what it says."""
    assert call(["scan", *map(str, arguments), "-q", "--json", "out.json"]) == 0
    content: dict[str, Any] = json.loads(Path("out.json").read_bytes())
    return content


def test_the_table_is_this(tree: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert call(["scan", str(tree)]) == 0
    out, err = capfdbinary.readouterr()
    assert out == (GOLDEN / "small.txt").read_bytes()
    assert err.decode().splitlines() == [
        "scan: 4 variables in 3 files: 2 virtualise, 1 ask, 1 leave",
        "  classes: 2 state, 1 lock, 1 tunable",
        "  parse: 473 bytes, 0 (0.000 %) that no variant parses",
    ]


def test_the_json_is_this(tree: Path) -> None:
    scanned(tree)
    assert Path("out.json").read_bytes() == (GOLDEN / "small.json").read_bytes()


@pytest.mark.parametrize("root", [None, MINIKERN], ids=["small", "minikern"])
def test_the_table_fits_a_hundred_columns(
    tree: Path, root: Path | None, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert call(["scan", str(root or tree), "-q"]) == 0
    out, err = capfdbinary.readouterr()
    assert err == b""
    assert max(len(line) for line in out.decode().splitlines()) <= 100


def test_the_table_can_go_to_a_file(tree: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert call(["scan", str(tree), "-q", "-o", "table.txt"]) == 0
    assert capfdbinary.readouterr() == (b"", b"")
    assert Path("table.txt").read_bytes() == (GOLDEN / "small.txt").read_bytes()


def test_a_subsystem_is_one_of_the_rules_or_a_folder(tree: Path) -> None:
    names = [item["name"] for item in scanned(tree, "--subsystem", "net")["variables"]]
    assert names == ["counter", "lock"]


def test_an_unknown_subsystem_is_refused(
    tree: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert call(["scan", str(tree), "--subsystem", "nett"]) == 2
    out, err = capfdbinary.readouterr()
    assert out == b""
    assert b"subsystem `nett`; there are: net, netinet" in err


def test_jobs_and_cache_change_nothing(tree: Path) -> None:
    scanned(tree, "--jobs", "1", "--no-cache")
    alone = Path("out.json").read_bytes()
    for arguments in (("--jobs", "2", "--no-cache"), (), ()):
        scanned(tree, *arguments)
        assert Path("out.json").read_bytes() == alone


def test_a_region_outside_of_functions_that_does_not_parse_is_a_finding(
    tree: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    (tree / "net/b.c").write_bytes(b"int a;\nint b) = 1;\nint f(void) { return (a $ 1); }\n")
    assert call(["scan", str(tree), "--json", "out.json"]) == 1
    assert (
        b"net/b.c: does not parse outside of functions, at line 2\n"
        in (capfdbinary.readouterr()[1])
    )
    parse = json.loads(Path("out.json").read_bytes())["parse"]
    regions = [(item["path"], item["line"], item["file_scope"]) for item in parse["regions"]]
    assert ("net/b.c", 2, True) in regions
    assert ("net/b.c", 3, False) in regions
    assert parse["error_bytes"] > 0


def test_diff_accepts_the_emitted_rules(
    tree: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    for _ in range(2):  # an earlier proposal is overwritten
        assert call(["scan", str(tree), "-q", "--emit-rules", "rules"]) == 0
    assert os.listdir("rules") == [FILE]
    assert {symbol.name for symbol in load(Path("rules")).symbols} == {
        "counter",
        "a_variable_with_a_name_that_goes_on_and_on",
    }
    assert call(["diff", str(tree), "--step", "1", "--rules", "rules", "-o", "a.diff"]) == 0
    assert b"+\tV_counter++;" in Path("a.diff").read_bytes()
    capfdbinary.readouterr()


@pytest.mark.parametrize(
    "files",
    [
        {"notes.txt": b""},
        {FILE: b"[ruleset]\n"},
        {FILE: b"# Proposed by `vrefactor scan`.\n", "mine.toml": b""},
    ],
    ids=["something else", "rules of one's own", "a proposal and something else"],
)
def test_a_folder_that_holds_something_else_is_left_alone(
    tree: Path, files: dict[str, bytes], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    folder = lay_out(Path("rules"), files)
    assert call(["scan", str(tree), "--emit-rules", "rules"]) == 2
    out, err = capfdbinary.readouterr()
    assert out == b""
    assert b"rules: the directory for the proposed rules holds something else" in err
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files


def test_a_file_in_place_of_the_folder_is_refused(tree: Path) -> None:
    Path("rules").write_bytes(b"")
    assert call(["scan", str(tree), "--emit-rules", "rules"]) == 2
    assert Path("rules").read_bytes() == b""


def test_a_tree_that_is_none_is_refused(tree: Path) -> None:
    assert call(["scan", str(tree / "nothing")]) == 3


def test_minikern_is_classified_like_this(tree: Path) -> None:
    found = scanned(MINIKERN)
    assert found["parse"]["error_bytes"] == 0
    lines = [
        f"{item['defined'][0]['path']} {item['name']}: {item['class']}, {item['proposal']}"
        for item in found["variables"]
    ]
    assert lines == (GOLDEN / "minikern.txt").read_text().splitlines()


def test_step_1_takes_what_is_proposed_for_minikern(tree: Path) -> None:
    assert call(["scan", str(MINIKERN), "-q", "-o", os.devnull, "--emit-rules", "rules"]) == 0
    arguments = ["--step", "1", "--rules", "rules", "-q", "--json", "out.json", "-o", "a.diff"]
    assert call(["diff", str(MINIKERN), *arguments]) in (0, 1)
    (step,) = json.loads(Path("out.json").read_bytes())["steps"]
    assert step["rewritten"] > 300


def test_the_scan_finds_what_the_freebsd_project_chose(tree: Path) -> None:
    folder = os.environ.get("VREFACTOR_SYS")
    if folder is None:
        pytest.skip("VREFACTOR_SYS names no kernel tree")
    where = ("net", "netinet", "netinet6", "netipsec", "netgraph")
    arguments = [argument for name in where for argument in ("--subsystem", name)]
    assert call(["scan", folder, *arguments, "-q", "-o", os.devnull, "--json", "out.json"]) in (
        0,
        1,
    )
    found = json.loads(Path("out.json").read_bytes())
    defined = {(item["defined"][0]["path"], item["name"]): item for item in found["variables"]}
    chosen = {
        (symbol.file, name)
        for symbol in load(rules_root() / "freebsd").symbols
        for name in (symbol.name, symbol.was)
        if (symbol.file, name) in defined
    }
    proposed = {key for key, item in defined.items() if item["proposal"] == "virtualise"}
    assert len(chosen & proposed) >= 0.97 * len(chosen)
    assert len(chosen & proposed) >= 0.60 * len(proposed)
    assert all(item["reason"] for item in found["variables"])
    assert found["parse"]["error_bytes"] < 0.005 * found["parse"]["bytes"]


def test_a_file_that_is_no_c_is_left_out_and_excluded_by_the_proposal(
    tree: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    (tree / "net/firmware.h").write_bytes(b'char *text = "of\nseveral lines";\nint counter;\n')
    assert call(["scan", str(tree), "--emit-rules", "rules"]) == 1
    said = capfdbinary.readouterr().err.decode().splitlines()
    assert len(said) == 4
    assert said[-1].startswith("vrefactor: net/firmware.h:1: unterminated")
    assert said[-1].endswith(": left out")
    assert call(["diff", str(tree), "--rules", "rules", "--step", "1", "-q"]) == 0
    assert b"V_counter++" in capfdbinary.readouterr().out


def test_with_rules_a_file_that_is_no_c_is_an_error(tree: Path) -> None:
    assert call(["scan", str(tree), "-q", "--emit-rules", "rules"]) == 0
    (tree / "net/firmware.h").write_bytes(b"int a;\0")
    assert call(["scan", str(tree), "-q", "--rules", "rules"]) == 3
