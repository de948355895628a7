"""Step 3, callouts and handlers of one stack: what stays, then what they are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.steps.virtualize.virtualizing import b_c, found, told, unchanged, virtual

TICK = """\
void
tick(void *arg)
{
	CURVNET_SET((struct vnet *) arg);
	INIT_VNET_NET((struct vnet *) arg);

	V_ttl++;
	callout_reset(&V_timer, hz, tick, %s);
	CURVNET_RESTORE();
}
"""
STAYS = {
    "it is told its stack": TICK % "curvnet",
    "it hands over what it is told": TICK % "arg",
    "another function": "static void other(void *p) { }\nstatic struct callout c;\n"
    "void f(void)\n{\n\n\tcallout_reset(&c, hz, other, NULL);\n}\n",
    "a prototype": "void tick(void *);\nvoid tick(void *arg);\n",
    "a member of its name": "struct s { void (*tick)(void *); };\n"
    "void f(struct s *s)\n{\n\n\ts->tick(NULL);\n}\n",
}


@pytest.mark.parametrize("code", STAYS.values(), ids=STAYS.keys())
def test_stays(code: str, tmp_path: Path) -> None:
    planned = virtual(tmp_path, code, told("tick"))
    assert unchanged(planned)
    assert found(planned) == {}


TOLD = {
    "armed with nothing": (TICK % "NULL", TICK % "curvnet"),
    "armed with zero": (TICK % "0", TICK % "curvnet"),
    "called": (
        "void tick(void *);\nvoid f(void)\n{\n\n\ttick(NULL);\n}\n",
        "void tick(void *);\nvoid f(void)\n{\n\n\ttick(curvnet);\n}\n",
    ),
}


@pytest.mark.parametrize(("code", "text"), TOLD.values(), ids=TOLD.keys())
def test_told_its_stack(code: str, text: str, tmp_path: Path) -> None:
    assert b_c(virtual(tmp_path, code, told("tick"))) == text


def test_told_something_else(tmp_path: Path) -> None:
    what = found(virtual(tmp_path, TICK % "&V_ttl", told("tick")))["tick"]
    assert what == "is told &V_ttl, which need not be a network stack"


HANDLER = """\
static int
handle(SYSCTL_HANDLER_ARGS)
{

	return (sysctl_handle_int(oidp, %s, oidp->oid_arg2, req));
}
SYSCTL_%s(%s_net, 1, ttl, CTLTYPE_INT | CTLFLAG_RW, %sttl, 0, %shandle, "I", "");
"""
OWN = ("V_PROC", "V_NET, vnet_net, ", "")
HANDLED = {
    "of a sysctl of the machine": (
        "int ttl;\n" + HANDLER % ("oidp->oid_arg1", "PROC", "", "&", ""),
        "int ttl;\n" + HANDLER % ("oidp->oid_arg1", "PROC", "", "&", ""),
    ),
    "that reads what it is handed": (
        HANDLER % ("arg1", *OWN, ""),
        HANDLER % ("arg1", *OWN, ""),
    ),
    "that reads the sysctl": (
        HANDLER % ("oidp->oid_arg1", *OWN, ""),
        HANDLER % ("SYSCTL_V_ARG1(oidp, arg1)", *OWN, ""),
    ),
    "by its address": (
        HANDLER % ("oidp->oid_arg1", *OWN, "&"),
        HANDLER % ("SYSCTL_V_ARG1(oidp, arg1)", *OWN, "&"),
    ),
}


@pytest.mark.parametrize(("code", "text"), HANDLED.values(), ids=HANDLED.keys())
def test_a_handler(code: str, text: str, tmp_path: Path) -> None:
    assert b_c(virtual(tmp_path, code)) == text


def test_the_macro_of_handlers_is_defined_where_it_is_needed(tmp_path: Path) -> None:
    plain = virtual(tmp_path / "plain", "int x;\n").text("sys/sysctl.h")
    assert "SYSCTL_V_ARG1" not in plain
    code = HANDLER % ("oidp->oid_arg1", *OWN, "")
    assert (
        virtual(tmp_path / "read", code).text("sys/sysctl.h").count("#define\tSYSCTL_V_ARG1") == 2
    )
