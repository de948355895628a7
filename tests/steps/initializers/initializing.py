"""Planning step 2.1 on one small file with an init function, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from tests.steps.planning import Planned, plan_step
from tests.steps.support import rules_for
from vrefactor.plan.model import Refusal, Verdict
from vrefactor.rules import Init, RuleSet

NAMES = ("x", "y", "z", "s", "arr", "head", "pair", "ptr", "fn")
TYPES = """\
#include "sys/types.h"
"""
HEADER = b"""\
#define NULL 0
#define MAX 16
#define PAIR { 1, 2 }
#define LIST_HEAD(name, type) struct name { struct type *lh_first; }
#define LIST_HEAD_INITIALIZER(head) { NULL }
#define LIST_INIT(head) ((head)->lh_first = NULL)
#define TUNABLE_INT(path, var) extern int tunable_dummy
#define TUNABLE_INT_FETCH(path, var) fetch(path, var)
#define TUNABLE_LONG(path, var) extern int tunable_dummy
struct in { int i; const int k; };
struct pair { int a; struct in b; char *c; struct pair *next; };
struct odd { int bit : 1; int rest; };
LIST_HEAD(xhead, pair);
int start(void);
int fetch(const char *, int *);
void *memcpy(void *, const void *, unsigned long);
unsigned long strlcpy(char *, const char *, unsigned long);
void bzero(void *, unsigned long);
"""
FUNCTION = """
void
ip_init(void)
{
\tINIT_VNET_NET(curvnet);

%s\tstart();
}
"""

INPUT = "\n/* Take it. */\nvoid\nip_input(m)\n\tint m;\n{\n}\n"


def rule(function: str = "ip_init", path: str = "net/ip.c", **changes: object) -> Init:
    """Return a rule for the values of `net/ip.c`."""
    plain = Init(
        function=function, path=path, files=("net/ip.c",), reason="so", origin=("toy.toml", 7)
    )
    return msgspec.structs.replace(plain, **changes)


def rules(*inits: Init, names: tuple[str, ...] = NAMES, **changes: object) -> RuleSet:
    """Return rules with these destinations, or with `ip_init` alone."""
    plain = rules_for(dict.fromkeys(names, "net/ip.c"), **changes)
    symbols = tuple(msgspec.structs.replace(symbol, optional=True) for symbol in plain.symbols)
    return msgspec.structs.replace(plain, symbols=symbols, inits=inits or (rule(),))


def plan(
    root: Path,
    definitions: str,
    function: str = FUNCTION % "",
    more: Mapping[str, bytes] | None = None,
    ruleset: RuleSet | None = None,
) -> Planned:
    """Plan the step on `net/ip.c`, made of definitions and a function."""
    text = TYPES + definitions + function
    files = {"sys/types.h": HEADER, "net/ip.c": text.encode(), **(more or {})}
    return plan_step(root, files, ruleset or rules(), "2.1")


def parts(planned: Planned, function: str = FUNCTION % "") -> tuple[str, str]:
    """Return the definitions as they are now, and the lines that went into the function."""
    text = planned.text("net/ip.c").removeprefix(TYPES)
    head, tail = function.split("\tstart();")
    definitions, _, rest = text.partition(head)
    assert rest.endswith("\tstart();" + tail), text
    return definitions, rest.removesuffix("\tstart();" + tail)


def refusals(planned: Planned) -> list[tuple[str, Refusal]]:
    return [
        (site.name, site.reason)
        for site in planned.sites(Verdict.REFUSED)
        if isinstance(site.reason, Refusal)
    ]
