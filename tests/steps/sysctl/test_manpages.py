"""The manual page of step 1.5.3, its links, and what refers to it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest

from tests.steps.planning import Planned, plan_step
from tests.steps.support import rules_for
from tests.steps.sysctl.test_sysctl import HEADER
from vrefactor.edit.wrapping import wrapped
from vrefactor.rules import SysctlRules

SYSCTL = b"""\
#include <sys/sysctl.h>
int ttl;
SYSCTL_INT(_net, 1, t, 0, &ttl, 0, 0);
"""
PAGE = "share/man/man9/sysctl_v.9"
OTHER = b""".Dd May 1, 2008
.Dt SYSCTL_ADD_OID 9
.Os
.Sh NAME
.Nm sysctl_add_oid
.Nd runtime sysctls
.Sh SEE ALSO
.Xr sysctl 3 ,
.Xr sysctl 8 ,
.Xr sysctl_ctx_init 9
.Sh HISTORY
Old.
"""


def plan(root: Path, **pages: bytes) -> Planned:
    """Plan on a tree whose folder of manual pages holds `pages`."""
    files = {f"share/man/man9/{name.replace('_dot_', '.')}": data for name, data in pages.items()}
    files |= {"sys/sysctl.h": HEADER, "net/ip.c": SYSCTL}
    return plan_step(root, files, rules_for({"ttl": "net/ip.c"}), "1.5.3")


def test_a_tree_without_pages_gets_a_note(tmp_path: Path) -> None:
    planned = plan(tmp_path)
    assert planned.plan.new_files == ()
    assert planned.plan.notes == ("no manual page on SYSCTL_V_: share/man/man9 is not in the tree",)


def test_the_page_names_every_form(tmp_path: Path) -> None:
    text = plan(tmp_path, sysctl_add_oid_dot_9=OTHER).text(PAGE)
    for kind in ("OID", "STRING", "INT", "UINT", "STRUCT", "PROC"):
        assert f".Nm SYSCTL_V_{kind}" in text
        assert f".Fn SYSCTL_V_{kind} subs mod parent nbr name" in text
    assert ".In sys/sysctl.h\n" in text
    assert ".Dv V_NET .\n" in text
    assert ".Vt vnet_net .\n" in text
    assert text.endswith(".Sh SEE ALSO\n.Xr sysctl_add_oid 9\n")


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="there is no mandoc")
def test_mandoc_finds_nothing_wrong(tmp_path: Path) -> None:
    planned = plan(tmp_path, sysctl_add_oid_dot_9=OTHER)
    for path in (PAGE, "share/man/man9/sysctl_add_oid.9"):
        page = planned.after.read(path)
        command = ["mandoc", "-Tlint"]
        said = subprocess.run(command, input=page, capture_output=True, check=False).stdout
        # Pages that this machine has not installed are no fault of the page.
        wrong = [line for line in said.splitlines() if b"referenced manual not found" not in line]
        assert wrong == []


def test_several_containers_are_named(tmp_path: Path) -> None:
    files = {
        "share/man/man9/intro.9": b"",
        "sys/sysctl.h": HEADER,
        "net/ip.c": SYSCTL,
    }
    page = plan_step(tmp_path, files, rules_for({"ttl": "net/ip.c"}), "1.5.3").text(PAGE)
    assert "SYSCTL_V_INT(V_NET, vnet_net, _net_inet," in page
    assert ".Sh SEE ALSO" not in page


REFERENCES = {
    "behind the last entry": (OTHER, b".Xr sysctl_ctx_init 9 ,\n.Xr sysctl_v 9\n.Sh HISTORY\n"),
    "between two entries": (
        OTHER.replace(b"sysctl_ctx_init 9\n", b"timeout 9\n"),
        b".Xr sysctl 8 ,\n.Xr sysctl_v 9 ,\n.Xr timeout 9\n",
    ),
    "in a section of its own": (
        OTHER.partition(b".Sh SEE")[0] + b".Sh HISTORY\nOld.\n",
        b".Nd runtime sysctls\n.Sh SEE ALSO\n.Xr sysctl_v 9\n.Sh HISTORY\n",
    ),
    "at the end": (
        OTHER.partition(b".Sh SEE")[0],
        b".Nd runtime sysctls\n.Sh SEE ALSO\n.Xr sysctl_v 9\n",
    ),
    "not twice": (OTHER + b".Xr sysctl_v 9\n", b"Old.\n.Xr sysctl_v 9\n"),
}


@pytest.mark.parametrize(("page", "expected"), REFERENCES.values(), ids=REFERENCES.keys())
def test_sysctl_pages_refer_to_it(page: bytes, expected: bytes, tmp_path: Path) -> None:
    after = plan(tmp_path, sysctl_add_oid_dot_9=page).after.read("share/man/man9/sysctl_add_oid.9")
    assert expected in after
    assert after.count(b".Xr sysctl_v 9") == 1


def test_other_pages_do_not(tmp_path: Path) -> None:
    planned = plan(tmp_path, timeout_dot_9=OTHER)
    assert planned.text("share/man/man9/timeout.9") == OTHER.decode()


LINKS = "".join(
    f"MLINKS+=sysctl_v.9 SYSCTL_V_{kind}.9\n"
    for kind in ("OID", "STRING", "INT", "UINT", "STRUCT", "PROC")
)
MAKEFILES = {
    "behind the links of other sysctl pages": (
        "MAN=\ta.9 \\\n\tsysctl_add_oid.9\nMLINKS+=sysctl_add_oid.9 SYSCTL_ADD_INT.9 \\\n"
        "\tsysctl_add_oid.9 SYSCTL_ADD_OID.9\nMLINKS+=taskqueue.9 TASK_INIT.9\n",
        "SYSCTL_ADD_OID.9\nMAN+=\tsysctl_v.9\n" + LINKS + "MLINKS+=taskqueue.9",
    ),
    "before what it includes": (
        "MAN9=\ta.9\n\n.include <bsd.prog.mk>\n",
        "MAN9=\ta.9\n\nMAN9+=\tsysctl_v.9\n" + LINKS + "\n.include <bsd.prog.mk>\n",
    ),
    "at the end": ("# nothing\n", "# nothing\nMAN=\tsysctl_v.9\n" + LINKS),
    "at an end without a newline": (
        "# nothing",
        ("# nothing\nMAN=\tsysctl_v.9\n" + LINKS).removesuffix("\n"),
    ),
}


@pytest.mark.parametrize(("makefile", "expected"), MAKEFILES.values(), ids=MAKEFILES.keys())
def test_the_makefile_lists_it(makefile: str, expected: str, tmp_path: Path) -> None:
    planned = plan(tmp_path, Makefile=makefile.encode())
    assert expected in planned.text("share/man/man9/Makefile")
    assert planned.plan.notes == ()


def test_a_folder_without_makefile_gets_a_note(tmp_path: Path) -> None:
    planned = plan(tmp_path, intro_dot_9=b"")
    assert planned.plan.notes == ("no share/man/man9/Makefile to list sysctl_v.9 in",)


def test_a_page_that_is_there_stays(tmp_path: Path) -> None:
    planned = plan(tmp_path, sysctl_v_dot_9=b"mine\n", sysctl_add_oid_dot_9=OTHER)
    assert planned.text(PAGE) == "mine\n"
    assert planned.text("share/man/man9/sysctl_add_oid.9") == OTHER.decode()


def test_the_folder_may_be_above_the_sources(tmp_path: Path) -> None:
    header = HEADER.replace(b"_SYS_SYSCTL_H_", b"_S_")
    files = {
        "sys/sys/sysctl.h": header,
        "sys/net/ip.c": SYSCTL.replace(b"<sys/sysctl.h>", b'"../sys/sysctl.h"'),
        "share/man/man9/intro.9": b"",
    }
    rules = msgspec.structs.replace(
        rules_for({"ttl": "sys/net/ip.c"}), sysctl=SysctlRules(header="sys/sys/sysctl.h")
    )
    planned = plan_step(tmp_path, files, rules, "1.5.3")
    assert ".In sys/sysctl.h\n" in planned.text(PAGE)


def test_wrapping_does_not_read_pages_as_c(tmp_path: Path) -> None:
    planned = plan(tmp_path, sysctl_add_oid_dot_9=OTHER.replace(b"Old.", b"/* Old."))
    assert wrapped(planned.plan, planned.before, rules_for({}).style) == planned.plan
