from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.build.freebsd.minitree import MINIKERNEL, Files, entries_of
from vrefactor.build.freebsd.files import read_files
from vrefactor.build.freebsd.generate import generate
from vrefactor.errors import AWK_MISSING, GENERATOR_FAILED, VrefactorError


def made(tree: Files, *methods: str, trust: bool = True) -> dict[str, bytes]:
    entries = read_files(tree, "amd64")
    return {item.path: item.content for item in generate(tree, entries, methods, trust=trust)}


def test_nothing_to_make_needs_no_awk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert made(Files({"a.c": ""})) == {}


def test_rules_interfaces_and_vnode_operations() -> None:
    assert made(MINIKERNEL, "dev/bus_if.m") == {
        "bus_if.c": b'#include "bus_if.h"\n',
        "bus_if.h": b"/* ../tree/dev/bus_if.m: INTERFACE bus; */\n",
        "ids.h": b"#define ID 7\n",
        **{f"vnode-{letter}.h": f"-{letter}\n".encode() for letter in "chpq"},
    }


NOT_RUN = {
    "a shell script": "sh $S/tools/x.sh",
    "a pipe": "${AWK} -f $S/x.awk $S/in | sort",
    "two commands": "${AWK} -f $S/x.awk $S/in; touch a",
    "redirected": "${AWK} -f $S/x.awk $S/in > out",
    "a substitution": "${AWK} -f $S/x.awk `id`",
    "a variable": "${AWK} -f $S/x.awk ${FILES}",
    "a script that is not there": "${AWK} -f $S/none.awk $S/in",
}


@pytest.mark.parametrize("rule", NOT_RUN.values(), ids=NOT_RUN)
def test_rules_that_are_not_run(rule: str) -> None:
    tree = Files({"x.awk": 'BEGIN { print > "out.h" }', "in": ""})
    assert (
        generate(tree, entries_of(f'a.h standard compile-with "{rule}" no-obj\n'), (), trust=True)
        == ()
    )


def test_missing_awk_names_the_script(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(VrefactorError) as caught:
        made(MINIKERNEL)
    assert caught.value.kind is AWK_MISSING
    assert caught.value.detail == "tools/ids.awk needs it"


def test_a_script_that_fails_says_why() -> None:
    tree = MINIKERNEL.plus({"tools/ids.awk": 'BEGIN { print "bad ids" > "/dev/stderr"; exit 1 }'})
    with pytest.raises(VrefactorError) as caught:
        made(tree)
    assert caught.value.kind is GENERATOR_FAILED
    assert (caught.value.path, caught.value.detail) == ("tools/ids.awk", "bad ids")


def test_a_script_outside_the_tree_is_refused() -> None:
    tree = Files({"../x.awk": "", "in": ""})
    entries = entries_of('a.h standard compile-with "${AWK} -f $S/../x.awk $S/in" no-obj\n')
    with pytest.raises(VrefactorError, match="lies outside the tree"):
        generate(tree, entries, (), trust=True)


def test_temporary_folders_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert made(MINIKERNEL)
    assert list(tmp_path.iterdir()) == []
