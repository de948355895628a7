"""A small rule set to start from, and what the tests do with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from vrefactor.errors import ErrorKind, VrefactorError
from vrefactor.rules import load

BASE = """\
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
"net/if.c" = [
    "if_index",  # a comment
    { name = "net_timeout", was = "timeout" },
    "ifnet",
]
"""
SECOND = """
[[container]]
name = "vnet_two"
subsystem = "net"
header = "net/two.h"
accessor = "VNET_TWO"
init = "INIT_VNET_TWO"
module = "VNET_MOD_TWO"
"""
OVERRIDE = """
[[override]]
path = "net/**"
names = ["ifnet"]
form = "G_{name}"
reason = "because"
"""
BUILD = """
[build]
files = ["**/*.c"]
options = [{ name = "A" }, { name = "B" }]
"""
WHOLE = BASE + SECOND + OVERRIDE + BUILD


def write(folder: Path, text: str, name: str = "rules.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def failure(path: Path) -> VrefactorError:
    with pytest.raises(VrefactorError) as caught:
        load(path)
    return caught.value


def check_mistake(
    folder: Path, old: str, new: str, kind: ErrorKind, marker: str, detail: str
) -> None:
    """Put `new` in the place of `old`: that is an error on the last line with `marker`."""
    assert WHOLE.count(old) == 1
    text = WHOLE.replace(old, new)
    error = failure(write(folder, text))
    assert error.kind is kind
    assert detail in error.detail
    assert error.path == str(folder / "rules.toml")
    lines = [n for n, line in enumerate(text.split("\n"), 1) if marker in line]
    assert error.line == lines[-1]
