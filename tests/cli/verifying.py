"""Calling `vrefactor verify` on small trees."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.verify.building import make_tree
from vrefactor.cli.main import call

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

    def __init__(
        self,
        folder: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        self.folder = folder
        self.capsys = capsys
        self.monkeypatch = monkeypatch

    def tree(self, name: str, changes: Mapping[str, str | None] | None = None) -> str:
        """Make a tree of FILES with some changes (None: no such file); return its path."""
        files = {**FILES, **(changes or {})}
        kept = {path: text for path, text in files.items() if text is not None}
        make_tree(self.folder / name, kept)
        return str(self.folder / name)

    def verify(self, *arguments: str | Path) -> Said:
        status = call(["verify", "--no-cache", "--jobs", "2", *map(str, arguments)])
        return Said(status, *self.capsys.readouterr())
