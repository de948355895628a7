"""Wrapping: a no-op table, then lines that are broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.source.helpers import lay_out
from tests.steps.support import QUICK, check_patch, rules_for
from vrefactor.source.tree import Tree
from vrefactor.steps.registry import find
from vrefactor.steps.series import run_series

RULES = rules_for({"pcbinfo": "net/a.c"})
HEAD = b"struct info { int base; } pcbinfo;\nint use();\n"

UNBROKEN = {
    "short line": b"\tpcbinfo.base = use(1, 2);\n",
    "exactly 80 columns after": b"\tuse(pcbinfo.base, %s);\n" % (b"1" * 50),
    "long before": b"\tuse(pcbinfo.base, %s, 2);\n" % (b"1" * 70),
    "no place to break": b"\tpcbinfo.base = %s;\n" % (b"1" * 56),
    "comma in a string": b'\tuse(pcbinfo.base + "%s, %s");\n' % (b"a" * 20, b"b" * 26),
    "break would not help": b"\tf(1, pcbinfo.base + %s);\n" % (b"1" * 50),
}
BROKEN = {
    "after a comma": (
        b"\tpcbinfo.base = hashinit(1, MALLOC_TYPE_OF_PCB, &pcbinfo.base, WAIT_OK);\n",
        b"\tV_pcbinfo.base = hashinit(1, MALLOC_TYPE_OF_PCB, &V_pcbinfo.base,\n\t    WAIT_OK);\n",
    ),
    "before &&": (
        b"\tif (pcbinfo.base == 17 && use(pcbinfo.base) != 0 && use(12345678) != 1)\n",
        b"\tif (V_pcbinfo.base == 17 && use(V_pcbinfo.base) != 0\n\t    && use(12345678) != 1)\n",
    ),
    "a continuation keeps its indent": (
        b"\tuse(1,\n\t    pcbinfo.base + 1234567890123456789, pcbinfo.base + 1234567890123);\n",
        b"\tuse(1,\n\t    V_pcbinfo.base + 1234567890123456789,\n"
        b"\t    V_pcbinfo.base + 1234567890123);\n",
    ),
}


def _function(body: bytes) -> bytes:
    return HEAD + b"int\nf(void)\n{\n" + body + b"\t\treturn (1);\n\treturn (0);\n}\n"


def _wrapped(root: Path, source: bytes, *, wrap: bool) -> tuple[bytes, bytes]:
    tree = Tree.open(lay_out(root, {"net/a.c": source}))
    stage = run_series(tree, RULES, find("1"), (), QUICK, wrap=wrap)[-1]
    check_patch(stage.before, stage.after)
    return stage.before.read("net/a.c"), stage.after.read("net/a.c")


def test_a_break_is_as_the_line_ends_of_the_file(tmp_path: Path) -> None:
    body, expected = BROKEN["after a comma"]
    source = _function(body).replace(b"\n", b"\r\n")
    after = _wrapped(tmp_path, source, wrap=True)[1]
    assert expected.replace(b"\n", b"\r\n") in after


@pytest.mark.parametrize("body", UNBROKEN.values(), ids=UNBROKEN.keys())
def test_left_alone(tmp_path: Path, body: bytes) -> None:
    plain = _wrapped(tmp_path / "plain", _function(body), wrap=False)
    assert _wrapped(tmp_path / "wrap", _function(body), wrap=True) == plain
    assert plain[0] != plain[1]


def test_a_directive_is_left_alone(tmp_path: Path) -> None:
    macro = b"#define\tTOO_LONG(x)\t((x) + pcbinfo.base + %s, 1, 2, 3)\n" % (b"1" * 30)
    continued = b"#define\tTWO(x)\t\\\n\t((x) + pcbinfo.base + %s, 1, 2, 3, 4, 5, 6, 7)\n" % (
        b"1" * 26
    )
    source = HEAD + macro + continued
    plain = _wrapped(tmp_path / "plain", source, wrap=False)
    assert max(len(line.expandtabs(8)) for line in plain[1].split(b"\n")) > 80
    assert _wrapped(tmp_path / "wrap", source, wrap=True) == plain


@pytest.mark.parametrize(("body", "expected"), BROKEN.values(), ids=BROKEN.keys())
def test_broken(tmp_path: Path, body: bytes, expected: bytes) -> None:
    _, after = _wrapped(tmp_path, _function(body), wrap=True)
    assert expected in after
    assert max(len(line.expandtabs(8)) for line in after.split(b"\n")) <= 80
