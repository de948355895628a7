"""diff, apply and series on a small tree, through the command line."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.source.helpers import lay_out
from vrefactor.cli.main import call

RULES = b"""
[ruleset]
name = "small"
title = "A small tree"

[[subsystem]]
name = "net"
paths = ["net"]

[[subsystem]]
name = "netinet"
paths = ["netinet"]

[[container]]
name = "vnet_net"
subsystem = "net"
header = "net/vnet.h"
accessor = "VNET_NET"
init = "INIT_VNET_NET"
module = "VNET_MOD_NET"
[container.symbols]
"net/if.c" = ["if_index"]

[[container]]
name = "vnet_inet"
subsystem = "netinet"
header = "netinet/vinet.h"
accessor = "VNET_INET"
init = "INIT_VNET_INET"
module = "VNET_MOD_INET"
[container.symbols]
"netinet/ip.c" = ["ipstat"]
"""
FILES = {
    "vrefactor.toml": RULES,
    "sys/param.h": b"",
    "net/if.h": b"extern int if_index;\n",
    "net/if.c": b"#include <sys/param.h>\n#include <net/if.h>\n\nint if_index = 0;\n",
    "netinet/ip.c": b"#include <sys/param.h>\n#include <net/if.h>\n\n"
    b"static int ipstat;\n\nint\nf(void)\n{\n\treturn (ipstat + if_index);\n}\n",
}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small tree with rules of its own, and a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return lay_out(tmp_path / "tree", FILES)


def _content(tree: Path) -> dict[str, bytes]:
    files = (path for path in tree.rglob("*") if path.is_file())
    return {str(path.relative_to(tree)): path.read_bytes() for path in files}


def test_diff_prints_a_patch_that_applies(
    tree: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert call(["diff", str(tree), "--step", "1"]) == 0
    printed = capfdbinary.readouterr()
    assert b"+\treturn (V_ipstat + V_if_index);\n" in printed.out
    assert b"step 1 prefix: 2 sites in 1 files: 2 rewritten, 0 refused" in printed.err
    subprocess.run(["git", "apply", "-p1", "--check"], input=printed.out, cwd=tree, check=True)
    assert _content(tree) == FILES


def test_apply_does_what_diff_says_and_then_nothing_is_left(
    tree: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    other = lay_out(tmp_path / "other", FILES)
    patch = tmp_path / "step1.diff"
    assert call(["diff", str(tree), "--step", "prefix", "-q", "-o", str(patch)]) == 0
    subprocess.run(["patch", "-p1", "-s", "-i", str(patch)], cwd=other, check=True)
    assert call(["apply", str(tree), "--step", "1", "-q"]) == 0
    assert _content(tree) == _content(other)
    assert call(["diff", str(tree), "--step", "1", "-q"]) == 0
    assert capfdbinary.readouterr().out == b""


def test_a_subsystem_alone(tree: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert call(["diff", str(tree), "--step", "1", "--subsystem", "net", "-q"]) == 0
    patch = capfdbinary.readouterr().out
    assert b"+\treturn (ipstat + V_if_index);\n" in patch
    assert b"V_ipstat" not in patch


def test_series_is_a_folder_that_git_am_takes(tree: Path, tmp_path: Path) -> None:
    folder = tmp_path / "patches"
    assert call(["series", str(tree), "-o", str(folder), "--step", "1", "-q"]) == 0
    assert (folder / "series").read_text().splitlines()[-1] == "0001-prefix.patch"
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@localhost"]
    subprocess.run([*git, "init", "-q"], cwd=tree, check=True)
    subprocess.run([*git, "add", "-A"], cwd=tree, check=True)
    subprocess.run([*git, "commit", "-qm", "before"], cwd=tree, check=True)
    subprocess.run([*git, "am", "-q", str(folder / "0001-prefix.patch")], cwd=tree, check=True)
    assert b"V_ipstat" in (tree / "netinet/ip.c").read_bytes()


def test_json_has_every_candidate(tree: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    assert call(["diff", str(tree), "--step", "1", "-q", "--json", str(report)]) == 0
    (step,) = json.loads(report.read_text())["steps"]
    assert step["candidates"] == len(step["sites"]) == 5
    assert step["rewritten"] == 2
    assert step["skipped"] == {"declaration": 3}


def test_a_second_run_reads_the_cache_and_says_the_same(
    tree: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert call(["diff", str(tree), "--step", "1", "-q"]) == 0
    first = capfdbinary.readouterr().out
    assert call(["diff", str(tree), "--step", "1", "-q"]) == 0
    assert capfdbinary.readouterr().out == first
    assert call(["diff", str(tree), "--step", "1", "-q", "--no-cache"]) == 0
    assert capfdbinary.readouterr().out == first


USAGE_ERRORS = {
    "no step": (["diff", "TREE"], b"--step"),
    "both step and through": (["diff", "TREE", "--step", "1", "--through", "1"], b"--step"),
    "unknown step": (["diff", "TREE", "--step", "9"], b"no step `9`"),
    "unknown subsystem": (["diff", "TREE", "--step", "1", "--subsystem", "x"], b"there are: net"),
    "unknown rules": (["diff", "TREE", "--step", "1", "--rules", "none"], b"none"),
    "unknown command": (["dif", "TREE"], b"dif"),
    "unknown option": (["diff", "TREE", "--stop", "1"], b"--stop"),
    "series without folder": (["series", "TREE"], b"-o"),
}


@pytest.mark.parametrize(("arguments", "said"), USAGE_ERRORS.values(), ids=USAGE_ERRORS.keys())
def test_a_wrong_call_is_one_clear_message_and_status_2(
    tree: Path, capfdbinary: pytest.CaptureFixture[bytes], arguments: list[str], said: bytes
) -> None:
    assert call([str(tree) if argument == "TREE" else argument for argument in arguments]) == 2
    printed = capfdbinary.readouterr()
    assert printed.out == b""
    assert said in printed.err
    assert b"Traceback" not in printed.err


def test_an_unwritable_output_is_an_error(
    tree: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    missing = tmp_path / "no" / "such" / "folder" / "patch"
    assert call(["diff", str(tree), "--step", "1", "-q", "-o", str(missing)]) == 2
    assert str(missing).encode() in capfdbinary.readouterr().err
