"""`vrefactor audit`: what it prints, what it writes, how it leaves."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.audit.planting import VNET
from tests.source.helpers import lay_out
from vrefactor.cli.main import call

BAD = b"#include <net/vnet.h>\nvoid f(void *a)\n{\n\tCURVNET_SET(a);\n}\n"
GOOD = b"#include <net/vnet.h>\nvoid f(void *a)\n{\n\tCURVNET_SET(a);\n\tCURVNET_RESTORE();\n}\n"


def tree(root: Path, source: bytes) -> str:
    lay_out(root, {"net/vnet.h": VNET.encode(), "net/toy.c": source, "kern/x.c": BAD})
    return str(root)


def test_findings_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["audit", tree(tmp_path, BAD), "--no-cache", "--check", "context"]) == 1
    printed, said = capsys.readouterr()
    what = "kept: f: leaves the block here with the stack still set that line 4 set"
    assert printed == f"kern/x.c:5: {what}\nnet/toy.c:5: {what}\n"
    assert said == (
        "audit context: 5 names that need a stack\n"
        "  uses: 2: 1 inside a SET, 1 reached with a stack set only\n"
        "  SETs and RESTOREs: 4: 2 paired on every way, 2 not paired on every way\n"
        "  findings: 2: 2 kept\n"
    )


def test_a_folder_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tree(tmp_path, GOOD)
    assert call(["audit", root, "--no-cache", "--subsystem", "net"]) == 0
    assert capsys.readouterr().out == ""
    assert call(["audit", root, "--no-cache", "--subsystem", "kern", "-q"]) == 1
    printed, said = capsys.readouterr()
    assert (printed.count("\n"), said) == (1, "")


def test_as_json(tmp_path: Path) -> None:
    target = tmp_path / "found.json"
    root = tree(tmp_path / "t", BAD)
    output = tmp_path / "found.txt"
    call(["audit", root, "--no-cache", "-q", "--json", str(target), "-o", str(output)])
    found = json.loads(target.read_text())
    assert [(one["kind"], one["path"], one["line"]) for one in found["findings"]] == [
        ("kept", "kern/x.c", 5),
        ("kept", "net/toy.c", 5),
    ]
    assert (found["check"], found["names"], found["notes"]) == ("context", 5, [])
    counts = found["totals"]["SET or RESTORE"]
    assert counts == {"fine": 2, "finding": 2, "accepted": 0, "unknown": 0}
    totals = {subject: sum(each.values()) for subject, each in found["totals"].items()}
    assert totals == Counter(one["subject"] for one in found["candidates"])
    assert output.read_text().count("\n") == 2


def test_a_check_that_does_not_exist(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["audit", tree(tmp_path, GOOD), "--check", "nonsense"]) == 2
    assert "'nonsense' is not 'context'" in capsys.readouterr().err


def test_a_tree_that_does_not_exist(tmp_path: Path) -> None:
    assert call(["audit", str(tmp_path / "none")]) == 3


def test_a_subsystem_that_does_not_exist(tmp_path: Path) -> None:
    assert call(["audit", tree(tmp_path, GOOD), "--no-cache", "--subsystem", "none"]) == 2


def test_a_file_that_is_no_c_is_a_note(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tree(tmp_path, GOOD + b"void g(void) { V_count++; f(0); } /*")
    call(["audit", root, "--no-cache", "--subsystem", "net"])
    assert "net/toy.c can't be read, so what it needs is not known" in capsys.readouterr().err


def test_rules_without_macros(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tree(tmp_path / "t", GOOD)
    rules = tmp_path / "toy.toml"
    rules.write_text('[ruleset]\nname = "toy"\n[context]\nalso_set = ["ENTER"]\n')
    assert call(["audit", root, "--no-cache", "--rules", str(rules)]) == 2
    printed, said = capsys.readouterr()
    assert printed == ""
    assert f"{rules}: a key is missing: `accessors` of [context]\n" in said


def test_a_tree_without_stacks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.c").write_text("int x;\n")
    assert call(["audit", str(tmp_path), "--no-cache"]) == 0
    assert "note: no name of this tree stands for one of VNET, VNET_*" in capsys.readouterr().err
