"""A small tree in which each row of a table is one source file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.steps.support import plan_step1, rules_for
from vrefactor.plan.model import Plan, Site, Verdict

SYMBOLS = dict.fromkeys(("ipstat", "foo", "bar", "tab", "hook"), "net/globals.c")
RULES = rules_for(SYMBOLS)
GLOBALS = b"""\
#include "var.h"
struct ipstat ipstat;
int foo, bar;
int tab[4];
int (*hook)(int);
"""
VAR_H = b"""\
struct ipstat { int n; };
extern struct ipstat ipstat;
extern int foo, bar, tab[4];
extern int (*hook)(int);
"""
HEAD = b'#include <sys/vimage.h>\n#include "var.h"\n'
CASE = "net/case.c"


def planned(
    root: Path, text: bytes, others: Mapping[str, bytes] | None = None
) -> tuple[bytes, Plan]:
    """Plan step 1 on the tree with `text` as one more file; return what becomes of `text`."""
    files = {"net/globals.c": GLOBALS, "net/var.h": VAR_H, CASE: HEAD + text, **(others or {})}
    stage = plan_step1(root, files, RULES)
    after = stage.after.read(CASE)
    assert after.startswith(HEAD)
    return after[len(HEAD) :], stage.plan


def sites(plan: Plan, verdict: Verdict) -> list[Site]:
    """Return the sites of the case itself with this verdict, in order."""
    return [site for site in plan.sites if site.path == CASE and site.verdict is verdict]


def unprefixed(text: str) -> str:
    """Take the prefix away again: a row is written as it should come out."""
    for name in SYMBOLS:
        text = text.replace("V_" + name, name)
    return text
