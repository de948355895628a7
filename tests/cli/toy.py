"""A tree of one variable with its rules, and a command on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from vrefactor.cli.main import call

RULES = """\
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
"net/a.c" = ["foo"]
"""
A_C = b"#include <sys/param.h>\n\nint foo;\nint f(void) { return foo; }\n"
GOOD = {"vrefactor.toml": RULES.encode(), "net/a.c": A_C}
B_C = "net/b.c"

Capture = pytest.CaptureFixture[str]


def diff(root: Path, *more: str) -> int:
    return call(["diff", str(root), "--step", "1", "--no-cache", "--jobs", "1", *more])
